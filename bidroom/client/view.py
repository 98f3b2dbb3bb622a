"""The room as one participant sees it: a fold of the server's messages, and nothing else. No sockets, no clock.

Prices, minima and deadlines come from the server; the view applies no rule of the room by itself. Its invariant:
`items` is the room after event `seq`, whose hash is `head`. An update that doesn't follow on `seq` is never folded: it
raises `GapError`, and the client comes back with `after`.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from bidroom.rules.events import (
    BidAccepted,
    DeadlinesMoved,
    ItemFinished,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    UnitSold,
)
from bidroom.wire.messages import ItemView, PublicEvent, RoomView, Sales, State, Update, Welcome


class GapError(Exception):
    """An update doesn't follow on what is known."""


class ItemState(Struct, kw_only=True):
    """An item as it stands. Amounts are minor units of the room's currency, times are milliseconds of room time.

    The fields are those of `ItemView`, and what was heard besides: `last_price` is what the last unit sold for (None:
    no sale was heard of), `bids` counts the accepted bids of the current round that were heard of.
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
    last_price: int | None = None
    bids: int = 0

    def takes_bids(self, now: int) -> bool:
        """Whether a bid that arrives at `now` (room time, ms) is in time."""
        return self.state == "open" and (self.ends_at is None or now < self.ends_at)


class View:
    """A room, kept up to date by `fold`. `me` is the bidder whose view this is; None for one who only watches."""

    def __init__(self, room: RoomView, seq: int, head: str, me: str | None = None) -> None:
        self.id = room.id
        self.name = room.name
        self.currency = room.currency
        self.catalogue = room.catalogue
        self.me = me
        self.items: dict[str, ItemState] = {}
        self.sales: list[UnitSold] = []
        self.bids = 0
        """How many accepted bids were heard of."""
        self._heard_sales: set[int] = set()
        self._show(room, seq, head)

    def fold(self, message: Welcome | Update | State | Sales) -> list[PublicEvent]:
        """Take one message in. Gives the events that it is the first to tell of. Raises GapError, and then nothing
        has changed."""
        match message:
            case Update():
                return self._update(message)
            case Sales():
                return list(self.note_sales(message.events))
            case _:
                # A welcome to one who resumes shows no room: what was missed follows it.
                if isinstance(message.room, RoomView):
                    self._show(message.room, message.seq, message.head)
                return []

    def leading(self, item: str) -> bool:
        """Whether I lead the item's open round, and so may not bid."""
        seen = self.items[item]
        return self.me is not None and seen.leader == self.me and seen.state == "open"

    @property
    def my_purchases(self) -> list[UnitSold]:
        """The units that I bought, as far as heard of, in order."""
        return [sale for sale in self.sales if sale.bidder == self.me]

    @property
    def committed(self) -> int:
        """What I have paid and what I would pay if every round that I lead ended now."""
        paid = sum(sale.amount for sale in self.my_purchases)
        return paid + sum(item.price or 0 for item in self.items.values() if self.leading(item.id))

    def _show(self, room: RoomView, seq: int, head: str) -> None:
        for shown in room.items:
            item = self.items.get(shown.id)
            if item is None:
                self.items[shown.id] = ItemState(**msgspec.structs.asdict(shown))
                continue
            if item.unit != shown.unit:
                item.bids = 0
            # In place, so that whoever holds the item sees it move.
            for field in ItemView.__struct_fields__:
                setattr(item, field, getattr(shown, field))
        self.finished = room.finished
        self.seq, self.head = seq, head

    def _update(self, update: Update) -> list[PublicEvent]:
        if update.first != self.seq + 1:
            raise GapError(f"events {update.first} to {update.seq} don't follow on {self.seq}")
        for event in update.events:
            _FOLDS[type(event)](self, event)
        self.seq, self.head = update.seq, update.head
        return update.events

    def note_sales(self, sales: Iterable[UnitSold]) -> list[UnitSold]:
        """Record sales that may have been heard of before. Gives the new ones."""
        new = [sale for sale in sales if sale.seq not in self._heard_sales]
        self._heard_sales.update(sale.seq for sale in new)
        in_order = not self.sales or not new or new[0].seq > self.sales[-1].seq
        self.sales += new
        if not in_order:
            self.sales.sort(key=lambda sale: sale.seq)
        for sale in new if in_order else self.sales:
            self.items[sale.item].last_price = sale.amount
        return new


def _room_opened(_view: View, _event: RoomOpened) -> None:
    """Nothing: a view begins with the items of a room that is open."""


def _round_opened(view: View, event: RoundOpened) -> None:
    item = view.items[event.item]
    item.state = "open"
    item.unit = event.unit
    item.price = item.leader = item.opens_at = None
    item.minimum = event.minimum
    item.ends_at = event.ends_at
    item.bids = 0


def _bid_accepted(view: View, event: BidAccepted) -> None:
    item = view.items[event.item]
    item.price = event.amount
    item.leader = event.bidder
    item.minimum = event.minimum
    item.ends_at = event.ends_at
    item.bids += event.bids
    view.bids += event.bids


def _unit_sold(view: View, event: UnitSold) -> None:
    item = view.items[event.item]
    item.state = "between"
    item.units_left -= 1
    item.ends_at = None
    item.opens_at = event.opens_at
    if event.opens_at is not None:
        item.minimum = item.starting_price  # where the next round begins
    view.note_sales([event])


def _item_finished(view: View, event: ItemFinished) -> None:
    item = view.items[event.item]
    item.state = "finished"
    item.ends_at = item.opens_at = None


def _room_finished(view: View, _event: RoomFinished) -> None:
    view.finished = True


def _deadlines_moved(view: View, event: DeadlinesMoved) -> None:
    for moved in event.rounds:
        view.items[moved.item].ends_at = moved.ends_at


_FOLDS: dict[type[PublicEvent], Callable[[View, Any], None]] = {
    RoomOpened: _room_opened,
    RoundOpened: _round_opened,
    BidAccepted: _bid_accepted,
    UnitSold: _unit_sold,
    ItemFinished: _item_finished,
    RoomFinished: _room_finished,
    DeadlinesMoved: _deadlines_moved,
}
