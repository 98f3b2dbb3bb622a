"""The room of a catalogue, with all its items, whichever kind of file their tables come from."""

from collections.abc import Callable, Sequence
from typing import Any

from bidroom.catalogue import fields
from bidroom.catalogue.items import MAX_UNITS, Ids, read_item
from bidroom.catalogue.problems import Report
from bidroom.catalogue.reading import Catalogue
from bidroom.catalogue.selling import SELLING_KEYS, Sale, Selling
from bidroom.catalogue.tables import Table
from bidroom.limits import Limits
from bidroom.rules.item import RoomTerms

ROOM_KEYS = {
    "id": "what programs call the room",
    "name": "what the sale is called",
    "currency": "an ISO 4217 code",
    "order": '"together" or "one-by-one"',
    "next_item": '"by-itself" or "by-hand"',
    "opens": '"at-once" or "by-hand"',
    "opens_at": "when bidding opens",
    "units_each": "how many units of the sale one bidder may buy",
    "registration": '"open" or "invite"',
    "bidders": '"names" or "paddles"',
    **SELLING_KEYS,
}

_WAYS: dict[str, Callable[[Any], Any]] = {
    "order": fields.choice("together", "one-by-one"),
    "next_item": fields.choice("by-itself", "by-hand"),
    "opens": fields.choice("at-once", "by-hand"),
    "opens_at": fields.moment,
    "units_each": fields.count(MAX_UNITS),
    "registration": fields.choice("open", "invite"),
    "bidders": fields.choice("names", "paddles"),
}


def read_room(report: Report, room: Table, items: Sequence[Table], ids: Ids, limits: Limits, now_ms: int) -> Catalogue:
    """The catalogue that these tables describe. Raises CatalogueError with everything that is wrong."""
    name = room.require("name", fields.name, 'write what the sale is called: name = "Office surplus"')
    id = room.read("id", fields.identifier) or fields.slug(name or "") or "room"
    currency = room.require("currency", fields.currency, 'write an ISO 4217 code: currency = "EUR"')
    ways = _ways(room)
    if currency is None:  # without it no amount can be read
        report.raise_if_any()
        raise AssertionError("a room without a currency is a problem")
    sale = Sale(currency, now_ms, ways.get("order") == "one-by-one", ways.get("opens_at"))
    selling = Selling(room, sale)
    read = [read_item(table, number, sale, selling, ids) for number, table in enumerate(items, start=1)]
    report.raise_if_any()
    offers = [offer for offer in read if offer is not None]
    terms = RoomTerms(
        id=id,
        name=name or "",
        currency=currency,
        items=tuple(offer.terms for offer in offers),
        defaults=selling.defaults(),
        **ways,
    )
    reserves = {offer.terms.id: offer.reserve for offer in offers if offer.reserve is not None}
    return Catalogue(terms, limits, reserves)


def _ways(room: Table) -> dict[str, Any]:
    """How the room goes about the sale, as far as the file says it; for the rest the terms have their defaults."""
    said = {key: room.read(key, convert) for key, convert in _WAYS.items()}
    if said["next_item"] is not None and said["order"] != "one-by-one":
        room.problem("next_item", 'is only for order = "one-by-one"; otherwise all items open together')
    return {key: value for key, value in said.items() if value is not None}
