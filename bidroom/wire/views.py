"""A room's state as participants see it."""

from hashlib import sha256

import msgspec

from bidroom.rules.item import Item, ItemPhase, RoomTerms
from bidroom.rules.state import RoomState
from bidroom.wire.messages import ItemView, RoomView


class CatalogueEntry(msgspec.Struct, frozen=True):
    """What never moves of an item, and is fetched once."""

    id: str
    description: str


def catalogue_bytes(terms: RoomTerms) -> bytes:
    """The descriptions as JSON."""
    return msgspec.json.encode([CatalogueEntry(item.id, item.description) for item in terms.items])


def catalogue_hash(terms: RoomTerms) -> str:
    """Names the content of `catalogue_bytes`: another catalogue has another hash."""
    return sha256(catalogue_bytes(terms)).hexdigest()[:16]


def room_view(state: RoomState, catalogue: str) -> RoomView:
    """The room as it stands. `catalogue` is its `catalogue_hash`, which never changes."""
    assert state.terms is not None, "only an open room is shown"
    return RoomView(
        id=state.terms.id,
        name=state.terms.name,
        currency=state.terms.currency,
        finished=state.finished,
        catalogue=catalogue,
        items=[item_view(item) for item in state.items.values()],
    )


def item_view(item: Item) -> ItemView:
    """The item as it stands."""
    terms = item.terms
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
        ends_at=item.due_at if item.phase is ItemPhase.OPEN else None,
        opens_at=item.due_at if item.phase is ItemPhase.BETWEEN else None,
    )
