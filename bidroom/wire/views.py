"""A room's state as participants see it."""

from hashlib import sha256

import msgspec
from msgspec import Struct

from bidroom.rules.events import Announced
from bidroom.rules.item import Closing, Item, ItemPhase, ItemTerms
from bidroom.rules.money import exponent
from bidroom.rules.pictures import picture_link
from bidroom.rules.state import Bidder, RoomState


class ItemView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What moves of an item. `price` and `leader` are null before the round's first bid.

    `state` is "between" (the next unit opens at `opens_at`; null: not by the clock), "open" (until `ends_at`; null: no
    deadline before the first bid) or "finished". `unit` is the unit of the current or last round; 0 before the first.
    `minimum` is the least that the next bid must be. `reserve` is "not_met" or "met" where there is one; `buy_now` the
    fixed price while it can be taken; `bid` the number of the standing bid's event; while `paused`, no bids are taken
    and no clock runs.
    """

    id: str
    name: str
    state: str
    unit: int
    units: int
    units_left: int
    starting_price: int
    price: int | None
    leader: str | None
    minimum: int
    ends_at: int | None
    opens_at: int | None
    reserve: str = ""
    buy_now: int | None = None
    bid: int | None = None
    paused: bool = False


class OfferView(Struct, frozen=True):
    """A unit that is the bidder's at this amount if they take it."""

    item: str
    unit: int
    bidder: str
    amount: int


class AnnouncementView(Struct, frozen=True):
    """What the auctioneer, or whoever was at the desk, told everyone last, and when (room time)."""

    text: str
    at: int
    by: str


class RoomView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What moves of a room. `closing`: nothing new opens any more. `decimals` is how many the currency has.

    `catalogue` is the content hash of the descriptions at /api/rooms/{room}/catalogue.
    """

    id: str
    name: str
    currency: str
    decimals: int
    finished: bool
    catalogue: str
    items: list[ItemView]
    paused: bool = False
    closing: bool = False
    offers: list[OfferView] = []
    announcement: AnnouncementView | None = None


class MaximumView(Struct, frozen=True):
    """A maximum of your own: the room bids up to `amount` until `units` more units are yours."""

    item: str
    amount: int
    units: int


class You(Struct, frozen=True, omit_defaults=True):
    """Who the server takes you for: `name` is what events call you. `last_id` is where your ids go on from.

    `role` is "auctioneer" or "clerk" for those, and empty for bidders. What follows is for your eyes only.
    """

    name: str
    last_id: int
    role: str = ""
    paddle: int | None = None
    budget: int | None = None
    maximums: list[MaximumView] = []


class CatalogueEntry(Struct, frozen=True, omit_defaults=True):
    """What never moves of an item, and is fetched once. `picture` is an address, or a path on this server."""

    id: str
    description: str
    closing: Closing
    category: str = ""
    seller: str | None = None
    units_each: int | None = None
    picture: str = ""


def catalogue_bytes(state: RoomState) -> bytes:
    """The descriptions of all items as JSON."""
    return msgspec.json.encode([_entry(item.terms) for item in state.items.values()])


def _entry(terms: ItemTerms) -> CatalogueEntry:
    return CatalogueEntry(
        id=terms.id,
        description=terms.description,
        closing=terms.closing,
        category=terms.category,
        seller=terms.seller,
        units_each=terms.units_each,
        picture=picture_link(terms.picture),
    )


def content_hash(catalogue: bytes) -> str:
    """Names the content of `catalogue_bytes`: another catalogue has another hash."""
    return sha256(catalogue).hexdigest()[:16]


def room_view(state: RoomState, catalogue: str) -> RoomView:
    """The room as it stands. `catalogue` is the content hash of its descriptions."""
    assert state.terms is not None, "only an open room is shown"
    return RoomView(
        id=state.terms.id,
        name=state.terms.name,
        currency=state.terms.currency,
        decimals=exponent(state.terms.currency),
        finished=state.finished,
        catalogue=catalogue,
        items=[item_view(item) for item in state.items.values()],
        paused=state.paused,
        closing=state.closing,
        offers=[OfferView(offer.item, offer.unit, offer.bidder, offer.amount) for offer in state.offers],
        announcement=None if state.announcement is None else announcement_view(state.announcement),
    )


def announcement_view(event: Announced) -> AnnouncementView:
    """What was announced."""
    return AnnouncementView(event.text, event.at, event.by)


def item_view(item: Item) -> ItemView:
    """The item as it stands."""
    terms = item.terms
    is_open = item.phase is ItemPhase.OPEN
    return ItemView(
        id=terms.id,
        name=terms.name,
        state=item.phase.value,
        unit=item.unit,
        units=terms.units,
        units_left=item.units_left,
        starting_price=terms.starting_price,
        price=item.highest_bid,
        leader=item.highest_bidder,
        minimum=item.minimum,
        ends_at=item.alarm if is_open else None,
        opens_at=item.alarm if item.phase is ItemPhase.BETWEEN else None,
        reserve=item.reserve_sign(item.highest_bid),
        buy_now=terms.buy_now if is_open and item.highest_bidder is None else None,
        bid=item.bids[-1].seq if is_open and item.bids else None,
        paused=item.paused,
    )


def maximum_views(bidder: Bidder) -> list[MaximumView]:
    """What a bidder has left."""
    return [MaximumView(item, left.amount, left.units_left) for item, left in bidder.maximums.items()]
