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
    Announced,
    BidAccepted,
    BidderRemoved,
    BidVoided,
    DeadlinesMoved,
    ItemAdded,
    ItemFinished,
    ItemReopened,
    OfferDeclined,
    OfferMade,
    Paused,
    Resumed,
    RoomClosing,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    SaleCancelled,
    UnitSold,
)
from bidroom.wire.messages import PublicEvent, Sales, State, Update, Welcome
from bidroom.wire.views import ItemView, OfferView, RoomView


class GapError(Exception):
    """An update doesn't follow on what is known."""


class ItemState(Struct, kw_only=True):
    """An item as it stands. Amounts are minor units of the room's currency, times are milliseconds of room time.

    The fields are those of `ItemView`, and what was heard besides: while `stopped`, the item or the whole room is
    paused; `last_price` is what the last unit sold for (None: no sale was heard of); `bids` counts the accepted bids of
    the current round that were heard of.
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
    stopped: bool = False
    last_price: int | None = None
    bids: int = 0

    def takes_bids(self, now: int) -> bool:
        """Whether a bid that arrives at `now` (room time, ms) is in time."""
        return self.state == "open" and not self.stopped and (self.ends_at is None or now < self.ends_at)


class View:
    """A room, kept up to date by `fold`. `me` is the bidder whose view this is; None for one who only watches."""

    def __init__(self, room: RoomView, seq: int, head: str, me: str | None = None) -> None:
        self.id = room.id
        self.name = room.name
        self.currency = room.currency
        self.catalogue = room.catalogue
        self.me = me
        self.items: dict[str, ItemState] = {}
        self.paused = self.closing = False
        self.offers: list[OfferView] = []
        self.sales: list[UnitSold] = []
        """The purchases that stand, as far as heard of, in order."""
        self.bids = 0
        """How many accepted bids were heard of."""
        self._heard_sales: set[int] = set()
        self._cancelled: set[int] = set()
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
                item = self.items[shown.id] = ItemState(**msgspec.structs.asdict(shown))
            if item.unit != shown.unit:
                item.bids = 0
            # In place, so that whoever holds the item sees it move.
            for field in ItemView.__struct_fields__:
                setattr(item, field, getattr(shown, field))
            item.stopped = shown.paused or room.paused
        self.finished = room.finished
        self.paused = room.paused
        self.closing = room.closing
        self.offers = room.offers
        self.seq, self.head = seq, head

    def _update(self, update: Update) -> list[PublicEvent]:
        if update.first != self.seq + 1:
            raise GapError(f"events {update.first} to {update.seq} don't follow on {self.seq}")
        for event in update.events:
            _FOLDS[type(event)](self, event)
        self.seq, self.head = update.seq, update.head
        return update.events

    def note_sales(self, sales: Iterable[UnitSold | SaleCancelled]) -> list[UnitSold | SaleCancelled]:
        """Record sales, and what became of them, that may have been heard of before. Gives the new ones."""
        new = [sale for sale in sales if sale.seq not in self._heard_sales]
        self._heard_sales.update(sale.seq for sale in new)
        self._cancelled.update(sale.sale for sale in new if isinstance(sale, SaleCancelled))
        sold = [sale for sale in new if isinstance(sale, UnitSold)]
        in_order = not self.sales or not sold or sold[0].seq > self.sales[-1].seq
        self.sales += sold
        if not in_order:
            self.sales.sort(key=lambda sale: sale.seq)
        for sale in sold if in_order else self.sales:
            self.items[sale.item].last_price = sale.amount
        if self._cancelled:
            self.sales = [sale for sale in self.sales if sale.seq not in self._cancelled]
        return new


def _room_opened(_view: View, _event: RoomOpened) -> None:
    """Nothing: a view begins with the items of a room that is open."""


def _item_added(view: View, event: ItemAdded) -> None:
    terms = event.terms
    view.items[terms.id] = ItemState(
        id=terms.id,
        name=terms.name,
        state="between",
        unit=0,
        units=terms.units,
        units_left=terms.units,
        starting_price=terms.starting_price,
        price=None,
        leader=None,
        minimum=terms.starting_price,
        ends_at=None,
        opens_at=event.opens_at,
        reserve="not_met" if terms.reserve else "",
    )
    view.finished = False


def _round_opened(view: View, event: RoundOpened) -> None:
    item = view.items[event.item]
    item.state = "open"
    item.unit = event.unit
    item.price = item.leader = item.opens_at = None
    item.minimum = event.minimum
    item.ends_at = event.ends_at
    item.reserve = event.reserve
    item.buy_now = event.buy_now
    item.bid = None
    item.bids = 0


def _bid_accepted(view: View, event: BidAccepted) -> None:
    item = view.items[event.item]
    item.price = event.amount
    item.leader = event.bidder
    item.minimum = event.minimum
    item.ends_at = event.ends_at
    item.reserve = event.reserve
    item.buy_now = None
    item.bid = event.seq
    item.bids += event.bids
    view.bids += event.bids


def _bid_voided(view: View, event: BidVoided) -> None:
    item = view.items[event.item]
    item.price = event.amount
    item.leader = event.leader
    item.minimum = event.minimum
    item.ends_at = None if item.stopped else event.ends_at
    item.reserve = event.reserve
    item.buy_now = event.buy_now
    item.bid = event.standing


def _unit_sold(view: View, event: UnitSold) -> None:
    item = view.items[event.item]
    view.note_sales([event])
    if event.how == "offer":
        view.offers = [offer for offer in view.offers if (offer.item, offer.unit) != (event.item, event.unit)]
        return
    item.state = "between"
    item.units_left -= 1
    item.ends_at = item.bid = None
    item.opens_at = event.opens_at
    item.minimum = item.starting_price  # where a next round begins


def _sale_cancelled(view: View, event: SaleCancelled) -> None:
    view.items[event.item].units_left += 1
    view.note_sales([event])


def _offer_made(view: View, event: OfferMade) -> None:
    view.items[event.item].units_left -= 1
    view.offers = [*view.offers, OfferView(event.item, event.unit, event.bidder, event.amount)]


def _offer_declined(view: View, event: OfferDeclined) -> None:
    view.items[event.item].units_left += 1
    view.offers = [offer for offer in view.offers if (offer.item, offer.unit) != (event.item, event.unit)]


def _item_finished(view: View, event: ItemFinished) -> None:
    item = view.items[event.item]
    item.state = "finished"
    item.ends_at = item.opens_at = item.buy_now = item.bid = None
    item.minimum = item.starting_price
    item.paused = item.stopped = False
    if event.next_item is not None:
        following = view.items[event.next_item]
        following.opens_at = None if following.stopped else event.opens_at


def _item_reopened(view: View, event: ItemReopened) -> None:
    item = view.items[event.item]
    item.state = "between"
    item.opens_at = event.opens_at
    item.minimum = item.starting_price
    view.finished = False


def _room_finished(view: View, _event: RoomFinished) -> None:
    view.finished = True


def _paused(view: View, event: Paused) -> None:
    if event.item is None:
        view.paused = True
    else:
        view.items[event.item].paused = True
    for item in _meant(view, event):
        item.stopped = item.state != "finished"
        item.ends_at = item.opens_at = None


def _meant(view: View, event: Paused | Resumed) -> Iterable[ItemState]:
    return view.items.values() if event.item is None else (view.items[event.item],)


def _resumed(view: View, event: Resumed) -> None:
    if event.item is None:
        view.paused = False
    else:
        view.items[event.item].paused = False
    for item in _meant(view, event):
        item.stopped = item.paused or view.paused
    _deadlines_moved(view, event)


def _room_closing(view: View, _event: RoomClosing) -> None:
    view.closing = True


def _deadlines_moved(view: View, event: DeadlinesMoved | Resumed) -> None:
    for moved in event.rounds:
        item = view.items[moved.item]
        item.ends_at, item.opens_at = moved.ends_at, moved.opens_at


def _told(_view: View, _event: Announced | BidderRemoved) -> None:
    """Nothing that moves an item: it is for people."""


_FOLDS: dict[type[PublicEvent], Callable[[View, Any], None]] = {
    RoomOpened: _room_opened,
    ItemAdded: _item_added,
    RoundOpened: _round_opened,
    BidAccepted: _bid_accepted,
    BidVoided: _bid_voided,
    UnitSold: _unit_sold,
    SaleCancelled: _sale_cancelled,
    OfferMade: _offer_made,
    OfferDeclined: _offer_declined,
    ItemFinished: _item_finished,
    ItemReopened: _item_reopened,
    RoomFinished: _room_finished,
    RoomClosing: _room_closing,
    DeadlinesMoved: _deadlines_moved,
    Paused: _paused,
    Resumed: _resumed,
    Announced: _told,
    BidderRemoved: _told,
}
