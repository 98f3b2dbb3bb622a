"""A small room driven by the real rules, whose events and views a client's are checked against."""

from collections.abc import Sequence
from random import Random

from bidroom.client.view import View
from bidroom.journal.chain import genesis, seal
from bidroom.rules.commands import Bid, Command, EndOutage, MeetDeadline, OpenRoom, Registration
from bidroom.rules.decide import decide
from bidroom.rules.evolve import evolve
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.rules.state import RoomState
from bidroom.wire.messages import PublicEvent, RoomView, Sales, State, Update
from bidroom.wire.updates import latest_events, public_events
from bidroom.wire.views import room_view

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
            for event in decide(self.state, command, self.at).events:
                evolve(self.state, event)
                self.tail = seal(event, self.tail).hash
                self._update += public_events([event])

    def bid(self, bidder: str, item: str, amount: int, unit: int | None = None) -> None:
        """A bid that may be accepted or not."""
        self._ids += 1
        self.do(Bid(bidder, self._ids, item, amount, unit, Registration("", "")))

    def wait(self, ms: int) -> None:
        """Let time go by, and meet the deadlines that come."""
        until = self.at + ms
        while due := [
            (i.due_at, id) for id, i in self.state.items.items() if i.due_at is not None and i.due_at <= until
        ]:
            due_at, id = min(due)
            self.at = max(self.at, due_at)
            self.do(MeetDeadline(id))
        self.at = max(self.at, until)

    def something(self, rng: Random, bidders: Sequence[str] = BIDDERS) -> None:
        """Whatever may happen in a room."""
        chance = rng.random()
        if chance < 0.8:
            item = self.state.items[rng.choice(sorted(self.state.items))]
            self.bid(rng.choice(bidders), item.terms.id, item.minimum + rng.randrange(-5, 20))
        elif chance < 0.97:
            self.wait(rng.randrange(1500))
        else:
            self.do(EndOutage())

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
        return Sales(seq, [sale for sale in self.state.sales if sale.seq > seq])
