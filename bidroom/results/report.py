"""What is asked for of a room's results, as one value: every format is written from it, also where a server gave it."""

from typing import Literal, get_args

from msgspec import UNSET, Struct, UnsetType

from bidroom.results.items import ItemTotal, SellerTotal, UnsoldItem, item_totals, seller_totals, unsold
from bidroom.results.purchases import CheckoutPurchase, Purchase, public_purchases, purchases
from bidroom.results.statements import Balance, Statement, owed, statements
from bidroom.rules.state import RoomState

What = Literal["all", "purchases", "statements", "owed", "items", "sellers", "unsold"]
Format = Literal["csv", "json", "html"]

WHATS: tuple[What, ...] = get_args(What)
FORMATS: tuple[Format, ...] = get_args(Format)


class PublicReport(Struct, frozen=True):
    """The purchases of a room as everyone may see them. `total` is what they come to."""

    room: str
    name: str
    currency: str
    finished: bool
    total: int
    purchases: list[Purchase]


class Report(Struct, frozen=True):
    """The results of a room for its auctioneer: those parts that were asked for. `at` is the time of its last event."""

    room: str
    name: str
    currency: str
    at: int
    finished: bool
    total: int
    purchases: list[CheckoutPurchase] | UnsetType = UNSET
    statements: list[Statement] | UnsetType = UNSET
    owed: list[Balance] | UnsetType = UNSET
    items: list[ItemTotal] | UnsetType = UNSET
    sellers: list[SellerTotal] | UnsetType = UNSET
    unsold: list[UnsoldItem] | UnsetType = UNSET


def report(state: RoomState, what: What = "all") -> Report:
    """The part of a room's results that is asked for; the room is open."""
    assert state.terms is not None, "the room is open"

    def asked(part: What) -> bool:
        return what in ("all", part)

    return Report(
        room=state.terms.id,
        name=state.terms.name,
        currency=state.terms.currency,
        at=state.at,
        finished=state.finished,
        total=_total(state),
        purchases=purchases(state) if asked("purchases") else UNSET,
        statements=statements(state) if asked("statements") else UNSET,
        owed=owed(state) if asked("owed") else UNSET,
        items=item_totals(state) if asked("items") else UNSET,
        sellers=seller_totals(state) if asked("sellers") else UNSET,
        unsold=unsold(state) if asked("unsold") else UNSET,
    )


def public_report(state: RoomState) -> PublicReport:
    """What everyone may know of a room's results; the room is open."""
    terms = state.terms
    assert terms is not None, "the room is open"
    return PublicReport(terms.id, terms.name, terms.currency, state.finished, _total(state), public_purchases(state))


def _total(state: RoomState) -> int:
    return sum(sale.amount for sale in state.sales.values())
