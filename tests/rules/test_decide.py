"""The rules against the naive model: random rooms, random bids, a clock that moves at random and by the millisecond."""

from collections import defaultdict

import msgspec
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bidroom.rules.commands import Command, EndOutage, MeetDeadline, OpenRoom
from bidroom.rules.deadlines import Deadlines
from bidroom.rules.decide import decide
from bidroom.rules.events import AnyEvent
from bidroom.rules.evolve import evolve
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.rules.state import RoomState
from tests.rules.model import Naive
from tests.rules.versus import (
    START,
    a_bid,
    agree,
    agree_on_state,
    audit,
    item_terms,
    replayed,
    room_terms,
    through_json,
)

BIDDERS = ("Ana", "Ben", "Cem")


@st.composite
def timed_closings(draw: st.DrawFn) -> TimedClosing:
    closes_at = draw(st.none() | st.integers(START - 3, START + 40))
    return TimedClosing(
        window_ms=draw(st.integers(1, 15)),
        duration_ms=draw(st.integers(1, 30)),
        closes_at=closes_at,
        hard_end=draw(st.none() | st.integers(START, START + 60)),
    )


live_closings = st.builds(LiveClosing, window_ms=st.integers(1, 15), opening_ms=st.none() | st.integers(1, 30))


@st.composite
def rooms(draw: st.DrawFn) -> RoomTerms:
    def item(id: str) -> ItemTerms:
        return item_terms(
            id,
            starting_price=draw(st.integers(1, 30)),
            increment=draw(st.integers(1, 9)),
            units=draw(st.integers(1, 3)),
            pause_ms=draw(st.integers(0, 8)),
            closing=draw(live_closings | timed_closings()),
        )

    return room_terms(*(item(id) for id in ("lamp", "desk", "vase")[: draw(st.integers(1, 3))]))


class Rooms(RuleBasedStateMachine):
    """Every step asks the real rules and the model the same question at the same time."""

    @initialize(terms=rooms())
    def open_room(self, terms: RoomTerms) -> None:
        self.terms = terms
        self.state = RoomState()
        self.model = Naive(terms)
        self.events: list[AnyEvent] = []
        self.last_ids: dict[str, int] = defaultdict(int)
        self.now = START
        self.deadlines = Deadlines(self.state)  # asked after every step
        self.lazy_deadlines = Deadlines(self.state)  # asked now and then, so that it has much to catch up with
        self.ask(OpenRoom(terms), self.now)

    def ask(self, command: Command, now: int) -> None:
        before = msgspec.json.encode(self.state)
        events = agree(self.state, self.model, command, now)
        assert msgspec.json.encode(self.state) == before, "decide changes nothing"
        self.model = Naive(self.terms, self.model.story + self.model.ask(command, now).story)
        self.events += events
        for happened in events:
            evolve(self.state, happened)
            if hasattr(happened, "item"):
                self.deadlines.note(self.state.items[happened.item])
                self.lazy_deadlines.note(self.state.items[happened.item])

    @rule(ms=st.integers(0, 3))
    def wait(self, ms: int) -> None:
        self.now += ms

    @rule(offset=st.sampled_from([-1, 0, 1]))
    def wait_for_the_deadline(self, offset: int) -> None:
        soonest = self.deadlines.next()
        if soonest is not None:
            self.now = max(self.now, soonest[0] + offset)

    @rule(
        bidder=st.sampled_from(BIDDERS),
        number=st.integers(0, 2),
        unit=st.sampled_from([None, 0, 0, 0, -1, 1]),
        above=st.integers(-2, 4),
        late=st.sampled_from([0, 0, 0, 1, 2]),
    )
    def bid(self, bidder: str, number: int, unit: int | None, above: int, late: int) -> None:
        item = self.terms.items[number % len(self.terms.items)]
        look = self.model.look(item.id)
        named = None if unit is None else look.unit + unit
        self.last_ids[bidder] += 1
        amount = self.model.minimum(item.id) + above
        self.ask(a_bid(bidder, self.last_ids[bidder], item.id, amount, named), self.now - late)

    @rule(number=st.integers(0, 2), by=st.integers(0, 3), ms=st.integers(0, 3))
    def outbid(self, number: int, by: int, ms: int) -> None:
        """A bid that only the clock can refuse."""
        item = self.terms.items[number % len(self.terms.items)]
        look = self.model.look(item.id)
        bidder = BIDDERS[0] if look.leader != BIDDERS[0] else BIDDERS[1]
        self.last_ids[bidder] += 1
        self.now += ms
        self.ask(a_bid(bidder, self.last_ids[bidder], item.id, self.model.minimum(item.id) + by, look.unit), self.now)

    @rule(number=st.integers(0, 2), by=st.integers(0, 3))
    def sell(self, number: int, by: int) -> None:
        """A bid, and nothing more until the hammer falls and the next round opens."""
        self.outbid(number, by, 0)
        item = self.terms.items[number % len(self.terms.items)].id
        for _ in ("the close", "the next opening"):
            self.now = max(self.now, self.model.due(item) or 0)
            self.ask(MeetDeadline(item), self.now)

    @rule(bidder=st.sampled_from(BIDDERS))
    def bid_on_what_is_not_there(self, bidder: str) -> None:
        self.last_ids[bidder] += 1
        self.ask(a_bid(bidder, self.last_ids[bidder], "ghost", 1_000_000), self.now)

    @rule()
    def meet_the_deadline(self) -> None:
        soonest = self.deadlines.next()
        if soonest is not None and soonest[0] <= self.now:
            self.ask(MeetDeadline(soonest[1].terms.id), self.now)

    @rule(number=st.integers(0, 2))
    def ask_for_any_deadline(self, number: int) -> None:
        self.ask(MeetDeadline(self.terms.items[number % len(self.terms.items)].id), self.now)

    @rule()
    def let_the_clock_catch_up(self) -> None:
        while (soonest := self.deadlines.next()) is not None and soonest[0] <= self.now:
            self.ask(MeetDeadline(soonest[1].terms.id), self.now)

    @rule()
    def end_an_outage(self) -> None:
        self.ask(EndOutage(), self.now)

    @rule()
    def ask_the_lazy_deadlines(self) -> None:
        assert self.lazy_deadlines.next() == self.soonest()

    def soonest(self) -> tuple | None:
        due = [(item.due_at, id) for id, item in self.state.items.items() if item.due_at is not None]
        return (min(due)[0], self.state.items[min(due)[1]]) if due else None

    @invariant()
    def both_see_the_same_room(self) -> None:
        agree_on_state(self.state, self.model)

    @invariant()
    def the_next_deadline_is_the_soonest(self) -> None:
        assert self.deadlines.next() == self.soonest()

    def teardown(self) -> None:
        if not hasattr(self, "state"):
            return
        audit(self.terms, self.events)
        journal = through_json(self.events)
        assert journal == self.events
        assert msgspec.json.encode(replayed(journal)) == msgspec.json.encode(self.state)
        event(f"{len(self.state.sales)} sold, {'finished' if self.state.finished else 'open'}")


TestRooms = Rooms.TestCase
TestRooms.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)


def test_a_bid_before_the_room_opens_is_for_an_unknown_item():
    decision = decide(RoomState(), a_bid(), START)
    assert decision.events == ()
    assert decision.answer is not None
    agree(RoomState(), Naive(room_terms(item_terms())), a_bid(), START)
