"""A small room driven by the real rules, whose events and views a client's are checked against."""

from collections.abc import Sequence
from random import Random

from bidroom.client.view import View
from bidroom.journal.chain import genesis, seal
from bidroom.rules.act import act
from bidroom.rules.commands import AnswerOffer, Bid, EndOutage, MaxBid, MeetDeadline, OpenRoom, Registration
from bidroom.rules.control import (
    Announce,
    CancelSale,
    CloseRoom,
    Pause,
    RemoveBidder,
    Reopen,
    Resume,
    VoidBid,
    Withdraw,
)
from bidroom.rules.decide import Command
from bidroom.rules.events import PublicEvent
from bidroom.rules.item import Item, ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.rules.state import RoomState
from bidroom.wire.messages import Sales, State, Update
from bidroom.wire.updates import latest_events, public_events
from bidroom.wire.views import RoomView, room_view

BIDDERS = ("Ana", "Ben", "Cem")
START = 1_790_000_000_000

LIVE = LiveClosing(window_ms=1000)
TIMED = TimedClosing(window_ms=500, duration_ms=3000)


def terms(closing: LiveClosing | TimedClosing = LIVE, *, units: int = 2, pause_ms: int = 100) -> RoomTerms:
    """A room with three items that start at 100, 1,000 and 50."""
    items = [
        ItemTerms("lamp", "Lamp", 100, 10, units, closing, pause_ms),
        ItemTerms("desk", "Desk", 1000, 50, 1, closing, pause_ms),
        ItemTerms("mug", "Mug", 50, 5, units, closing, pause_ms),
    ]
    return RoomTerms("hall", "The hall", "EUR", tuple(items))


class SmallRoom:
    """A room without a server: give it commands, and take the updates."""

    def __init__(self, room_terms: RoomTerms | None = None) -> None:
        self.state = RoomState()
        self.at = START
        self.tail = genesis("hall")
        self.head = self.tail.hex()
        self._ids = 0
        self._update: list[PublicEvent] = []
        self.do(OpenRoom(room_terms or terms()))
        self._update.clear()

    def do(self, *commands: Command) -> None:
        """Decide and evolve, after a millisecond each."""
        for command in commands:
            self.at += 1
            for event in act(self.state, command, self.at).events:
                self.tail = seal(event, self.tail).hash
                self._update += public_events([event])

    def bid(self, bidder: str, item: str, amount: int, unit: int | None = None) -> None:
        """A bid that may be accepted or not."""
        self._ids += 1
        self.do(Bid(bidder, self._ids, item, amount, unit, Registration("", "")))

    def wait(self, ms: int) -> None:
        """Let time go by, and meet the deadlines that come."""
        until = self.at + ms
        while due := [(i.alarm, id) for id, i in self.state.items.items() if i.alarm is not None and i.alarm <= until]:
            due_at, id = min(due)
            self.at = max(self.at, due_at)
            self.do(MeetDeadline(id))
        self.at = max(self.at, until)

    def something(self, rng: Random, bidders: Sequence[str] = BIDDERS) -> None:
        """Whatever may happen in a room."""
        chance = rng.random()
        item = self.state.items[rng.choice(sorted(self.state.items))]
        if chance < 0.7:
            self.bid(rng.choice(bidders), item.terms.id, item.minimum + rng.randrange(-5, 20))
        elif chance < 0.88:
            self.wait(rng.randrange(1500))
        elif chance < 0.9:
            self.do(EndOutage())
        elif chance < 0.95:
            self._ids += 1
            most = item.minimum + rng.randrange(60)
            self.do(MaxBid(rng.choice(bidders), self._ids, item.terms.id, most, 1, Registration("", "")))
        else:
            self.do(self._control(rng, item))

    def _control(self, rng: Random, item: Item) -> Command:
        """Something that an auctioneer does, which may be possible or not."""
        id, why = item.terms.id, "a slip"
        sale = rng.choice(list(self.state.sales) or [0])
        offers = [(offer.item, offer.unit, offer.bidder) for offer in self.state.offers]
        if offers and rng.random() < 0.7:
            offered, unit, bidder = offers[0]
            self._ids += 1
            return AnswerOffer(bidder, self._ids, offered, unit, rng.random() < 0.5, Registration("", ""))
        commands: list[Command] = [
            VoidBid(by="Al", item=id, bid=item.bids[-1].seq if item.bids else 0, why=why),
            CancelSale(by="Al", sale=sale, why=why, then=rng.choice(("unsold", "reopen", "offer"))),
            Pause(by="Al", item=rng.choice((None, id))),
            Resume(by="Al"),
            Resume(by="Al"),
            Resume(by="Al", item=id),
            Reopen(by="Al", item=id),
            Announce(by="Al", text=f"Only {item.units_left} left"),
            Withdraw(by="Al", item=id, why=why) if rng.random() < 0.2 else Resume(by="Al", item=id),
            CloseRoom(by="Al", why=why) if rng.random() < 0.05 else Resume(by="Al"),
            RemoveBidder(by="Al", bidder="Cem", why=why) if rng.random() < 0.1 else Resume(by="Al"),
        ]
        return rng.choice(commands)

    @property
    def view(self) -> RoomView:
        """What a newcomer is shown."""
        return room_view(self.state, "cafe")

    def newcomer(self, me: str | None = None) -> View:
        """The view of somebody who comes in now; nobody else has heard what is in the next update."""
        self.take_update()
        return View(self.view, self.state.seq, self.head, me)

    def take_update(self, events: str = "latest") -> Update | None:
        """What has happened since the last time, as one batch; None for nothing."""
        batch, self._update = self._update, []
        if not batch:
            return None
        self.head = self.tail.hex()
        told: Sequence[PublicEvent] = batch if events == "all" else latest_events(batch)
        return Update(batch[0].seq, batch[-1].seq, self.head, self.at, list(told))

    def state_message(self) -> State:
        """What one who was too slow gets."""
        self.head = self.tail.hex()
        return State(self.view, self.state.seq, self.head, self.at)

    def sales_after(self, seq: int) -> Sales:
        """And the sales that they missed."""
        return Sales(seq, [sale.public() for sale in self.state.sold if sale.seq > seq])
