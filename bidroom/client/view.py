"""The room as one participant sees it: a fold of the server's messages, and nothing else. No sockets, no clock.

Prices, minima and deadlines come from the server; the view applies no rule of the room by itself. Its invariant:
`items` is the room after event `seq`, whose hash is `head`. An update that doesn't follow on `seq` is never folded: it
raises `GapError`, and the client comes back with `after`.
"""

from collections.abc import Iterable

import msgspec

from bidroom.client.folds import FOLDS
from bidroom.client.item_state import ItemState
from bidroom.rules.events import PublicEvent, SaleCancelled, UnitSold
from bidroom.wire.messages import Sales, State, Update, Welcome
from bidroom.wire.views import AnnouncementView, ItemView, OfferView, RoomView


class GapError(Exception):
    """An update doesn't follow on what is known."""


class View:
    """A room, kept up to date by `fold`. `me` is the bidder whose view this is; None for one who only watches."""

    def __init__(self, room: RoomView, seq: int, head: str, me: str | None = None) -> None:
        self.id = room.id
        self.name = room.name
        self.currency = room.currency
        self.decimals = room.decimals
        self.catalogue = room.catalogue
        self.me = me
        self.items: dict[str, ItemState] = {}
        self.paused = self.closing = False
        self.offers: list[OfferView] = []
        self.announcement: AnnouncementView | None = None
        """What was announced last."""
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
        self.announcement = room.announcement
        self.seq, self.head = seq, head

    def _update(self, update: Update) -> list[PublicEvent]:
        if update.first != self.seq + 1:
            raise GapError(f"events {update.first} to {update.seq} don't follow on {self.seq}")
        for event in update.events:
            FOLDS[type(event)](self, event)
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
