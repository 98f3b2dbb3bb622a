"""The items of a catalogue, whichever kind of file their tables come from."""

from collections.abc import Collection

from msgspec import Struct

from bidroom.catalogue import fields
from bidroom.catalogue.selling import SELLING_KEYS, Sale, Selling
from bidroom.catalogue.tables import Table
from bidroom.rules.item import ItemTerms
from bidroom.rules.money import format_plain

MAX_ITEMS = 10_000
MAX_UNITS = 100_000

ITEM_KEYS = {
    "id": "what programs call the item",
    "name": "what it is",
    "description": "more about it",
    "picture": "what it looks like: a file in the folder of pictures, or an address",
    "category": "what kind of thing it is",
    "seller": "who sells it, and may not bid for it",
    "starting_price": "the least first bid",
    "reserve": "the amount below which a unit isn't sold; private",
    "buy_now": "the price at which a unit is gone at once",
    "units": "how many identical ones",
    "units_each": "how many of them one bidder may buy",
    **SELLING_KEYS,
}


class Offer(Struct, frozen=True):
    """An item with what its terms don't tell: the amount of its reserve."""

    terms: ItemTerms
    reserve: int | None


class Ids:
    """Gives every item an id of its own: the one in the file, or else one made from its name.

    `numbered`: a made id that is taken gets a number, and leaves the `given` ones alone; otherwise it is a problem.
    """

    def __init__(self, numbered: bool = False, given: Collection[str] = ()) -> None:
        self._numbered = numbered
        self._given = frozenset(given)
        self._holders: dict[str, str] = {}
        self._last_numbers: dict[str, int] = {}

    def take(self, table: Table, given: str | None, name: str, number: int) -> str:
        """The id for the item of this table, the `number`th; two with the same one are a problem."""
        id = given or fields.slug(name) or f"item-{number}"
        if given is None and self._numbered:
            id = self._free(id)
        holder = self._holders.setdefault(id, table.where)
        if holder != table.where:
            table.problem("id", f"{id!r} is the id of {holder}, too; give one another id")
        return id

    def _free(self, id: str) -> str:
        made = id
        while made in self._holders or made in self._given:
            self._last_numbers[id] = self._last_numbers.get(id, 1) + 1
            made = f"{id}-{self._last_numbers[id]}"
        return made


def read_item(table: Table, number: int, sale: Sale, room: Selling, ids: Ids) -> Offer | None:
    """The item that a table describes, the `number`th of the room; None where something is wrong, which is noted."""
    name = table.require("name", fields.name, 'write what it is: name = "Desk lamp"')
    given_id = table.read("id", fields.identifier)
    price = table.require(
        "starting_price", fields.money(sale.currency), "write the first price: starting_price = 120.00"
    )
    units = table.read("units", fields.count(MAX_UNITS)) or 1
    units_each = table.read("units_each", fields.count(MAX_UNITS))
    selling = Selling(table, sale, room)
    closing = selling.terms(units, first=number == 1)
    reserve, buy_now = _other_prices(table, price, sale.currency)
    description = table.read("description", fields.description) or ""
    picture = table.read("picture", fields.picture) or ""
    category = table.read("category", fields.name) or ""
    seller = table.read("seller", fields.name)
    if selling.increment is None and table.fit:
        table.problem("increment", "is missing; write it here, or in [room] for all items: increment = 5.00")
    if not table.fit:
        return None
    assert name is not None, "it was required"
    assert price is not None, "it was required"
    assert selling.increment is not None, "it was required"
    terms = ItemTerms(
        id=ids.take(table, given_id, name, number),
        name=name,
        starting_price=price,
        increment=selling.increment,
        units=units,
        closing=closing,
        pause_ms=selling.pause,
        description=description,
        category=category,
        seller=seller,
        reserve=reserve is not None,
        buy_now=buy_now,
        units_each=units_each,
        picture=picture,
    )
    return Offer(terms, reserve)


def _other_prices(table: Table, starting_price: int | None, currency: str) -> tuple[int | None, int | None]:
    """The reserve and the price to buy at once, held against the starting price and each other."""
    reserve = table.read("reserve", fields.money(currency))
    buy_now = table.read("buy_now", fields.money(currency))
    start = starting_price or 0

    def plain(amount: int) -> str:
        return format_plain(amount, currency)

    if reserve is not None and reserve < start:
        table.problem(
            "reserve", f"{plain(reserve)} is below the starting price, {plain(start)}; raise it, or leave it out"
        )
    if buy_now is not None and buy_now <= start:
        table.problem("buy_now", f"{plain(buy_now)} is not above the starting price, {plain(start)}; raise it")
    if buy_now is not None and reserve is not None and buy_now < reserve:
        table.problem(
            "buy_now", f"{plain(buy_now)} is below the reserve, {plain(reserve)}; raise it, or lower the reserve"
        )
    return reserve, buy_now
