"""The rules against the naive model: random rooms, everything that can be asked, a clock that moves at random."""

from collections import defaultdict

import msgspec
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bidroom.rules import control
from bidroom.rules.commands import EndOutage, MeetDeadline, OpenRoom
from bidroom.rules.deadlines import Deadlines
from bidroom.rules.decide import Command, decide
from bidroom.rules.events import AnyEvent
from bidroom.rules.state import RoomState
from tests.rules.auditor import audit
from tests.rules.model import Naive
from tests.rules.rooms import BIDDERS, IDS, items, reserve_for, rooms
from tests.rules.versus import (
    START,
    a_bid,
    a_max,
    agree,
    agree_on_state,
    an_answer,
    buy,
    no_max,
    nobody_waits,
    replayed,
    through_json,
)

bidders = st.sampled_from(BIDDERS)
ids = st.sampled_from((*IDS[:2], *IDS))
named = st.sampled_from([*BIDDERS, *BIDDERS, 1, 2, "Nobody", 99])
amounts = st.sampled_from([0, 0, 1, 2, 5, 10, 20, 40]) | st.integers(-2, 60)


class Rooms(RuleBasedStateMachine):
    """Every step asks the real rules and the model the same question at the same time."""

    @initialize(opening=rooms())
    def open_room(self, opening: OpenRoom) -> None:
        self.state = RoomState()
        self.model = Naive()
        self.events: list[AnyEvent] = []
        self.last_ids: dict[str, int] = defaultdict(int)
        self.now = START
        self.deadlines = Deadlines(self.state)  # asked after every step
        self.lazy_deadlines = Deadlines(self.state)  # asked now and then, so that it has much to catch up with
        self.ask(opening)

    def ask(self, command: Command, earlier: int = 0) -> None:
        now = self.now - earlier
        events, self.model = agree(self.state, self.model, command, now)
        self.events += events
        for happened in events:
            self.deadlines.note(happened)
            self.lazy_deadlines.note(happened)
        if events:
            agree_on_state(self.state, self.model)
            nobody_waits(self.model, max(now, self.model.now()))

    def next_id(self, bidder: str) -> int:
        self.last_ids[bidder] += 1
        return self.last_ids[bidder]

    def minimum(self, item: str) -> int:
        return self.state.items[item].minimum if item in self.state.items else 1

    # The clock

    @rule(ms=st.integers(0, 3))
    def wait(self, ms: int) -> None:
        self.now += ms

    @rule(offset=st.sampled_from([-1, 0, 0, 1]))
    def wait_for_the_deadline(self, offset: int) -> None:
        soonest = self.deadlines.next()
        if soonest is not None:
            self.now = max(self.now, soonest[0] + offset)

    @rule()
    def let_the_clock_catch_up(self) -> None:
        while (soonest := self.deadlines.next()) is not None and soonest[0] <= self.now:
            self.ask(MeetDeadline(soonest[1].terms.id))

    @rule()
    def let_the_hammer_fall(self) -> None:
        self.wait_for_the_deadline(0)
        self.let_the_clock_catch_up()

    @rule(id=ids)
    def ask_for_any_deadline(self, id: str) -> None:
        if id in self.state.items:
            self.ask(MeetDeadline(id))

    @rule()
    def end_an_outage(self) -> None:
        self.ask(EndOutage())

    # Bidders

    @rule(bidder=bidders, item=ids, unit=st.sampled_from([None, 0, 0, 0, -1, 1]), above=amounts, late=st.integers(0, 2))
    def bid(self, bidder: str, item: str, unit: int | None, above: int, late: int) -> None:
        if unit is not None:
            unit += self.state.items[item].unit if item in self.state.items else 1
        self.ask(a_bid(bidder, self.next_id(bidder), item, self.minimum(item) + above, unit), late)

    @rule(item=ids, by=st.integers(0, 3))
    def outbid(self, item: str, by: int) -> None:
        leader = self.state.items[item].highest_bidder if item in self.state.items else None
        bidder = BIDDERS[0] if leader != BIDDERS[0] else BIDDERS[1]
        self.ask(a_bid(bidder, self.next_id(bidder), item, self.minimum(item) + by))

    @rule(bidder=bidders, item=ids, above=amounts, units=st.integers(1, 3))
    def leave_a_maximum(self, bidder: str, item: str, above: int, units: int) -> None:
        self.ask(a_max(bidder, self.next_id(bidder), item, self.minimum(item) + above, units))

    @rule(bidder=bidders, other=bidders, item=ids)
    def leave_the_same_maximum(self, bidder: str, other: str, item: str) -> None:
        theirs = self.model.maximum(other, item)
        if theirs is not None:
            self.ask(a_max(bidder, self.next_id(bidder), item, theirs.amount, 1))

    @rule(bidder=bidders, item=ids)
    def cancel_a_maximum(self, bidder: str, item: str) -> None:
        self.ask(no_max(bidder, self.next_id(bidder), item))

    @rule(bidder=bidders, item=ids, unit=st.sampled_from([0, 0, 0, 1]))
    def buy_now(self, bidder: str, item: str, unit: int) -> None:
        unit += self.state.items[item].unit if item in self.state.items else 1
        self.ask(buy(bidder, self.next_id(bidder), item, unit))

    @rule(bidder=bidders, accept=st.booleans(), to_me=st.booleans())
    def answer_an_offer(self, bidder: str, accept: bool, to_me: bool) -> None:
        for offer in self.state.offers[:1]:
            bidder = offer.bidder if to_me else bidder
            self.ask(an_answer(bidder, self.next_id(bidder), offer.item, offer.unit, accept))

    @rule(accept=st.booleans(), unit=st.sampled_from([0, 0, 1]))
    def settle_an_offer(self, accept: bool, unit: int) -> None:
        for offer in self.state.offers[:1]:
            self.ask(control.SettleOffer(by="Zoe", item=offer.item, unit=offer.unit + unit, accept=accept))

    # The auctioneer

    @rule(item=st.none() | ids)
    def open_item(self, item: str | None) -> None:
        self.ask(control.OpenItem(by="Zoe", item=item))

    @rule()
    def open_bidding(self) -> None:
        self.ask(control.OpenBidding(by="Zoe"))

    @rule(item=st.none() | ids)
    def pause(self, item: str | None) -> None:
        self.ask(control.Pause(by="Zoe", item=item))

    @rule(item=st.none() | ids)
    def resume(self, item: str | None) -> None:
        self.ask(control.Resume(by="Zoe", item=item))

    @rule(ms=st.integers(1, 9), item=st.none() | ids)
    def pause_for_a_while(self, ms: int, item: str | None) -> None:
        self.pause(item)
        self.now += ms
        self.resume(item)

    @rule(item=ids, ms=st.integers(1, 30))
    def extend(self, item: str, ms: int) -> None:
        self.ask(control.Extend(by="Zoe", item=item, span_ms=ms))

    @rule(item=ids)
    def withdraw(self, item: str) -> None:
        self.ask(control.Withdraw(by="Zoe", item=item, why="broken"))

    @rule(terms=ids.flatmap(items), above=st.integers(0, 20))
    def add_item(self, terms, above: int) -> None:
        reserve = reserve_for(terms, above) if terms.reserve else None
        self.ask(control.AddItem(by="Zoe", terms=terms, reserve=reserve))

    @rule(item=ids)
    def reopen(self, item: str) -> None:
        self.ask(control.Reopen(by="Zoe", item=item))

    @rule(why=st.sampled_from(["", "", "", "late"]))
    def close_room(self, why: str) -> None:
        if why:
            self.ask(control.CloseRoom(by="Zoe", why=why))

    @rule(bidder=named, item=ids, above=amounts)
    def bid_for(self, bidder: str | int, item: str, above: int) -> None:
        amount = self.minimum(item) + above
        self.ask(control.BidFor(by="Clerk", bidder=bidder, item=item, amount=amount, via="phone"))

    @rule(item=ids, wrong=st.sampled_from([0, 0, 0, 1]))
    def void_bid(self, item: str, wrong: int) -> None:
        bids = self.state.items[item].bids if item in self.state.items else []
        seq = bids[-1].seq + wrong if bids else 1
        self.ask(control.VoidBid(by="Zoe", item=item, bid=seq, why="mistaken"))

    @rule(place=st.integers(0, 3), then=st.sampled_from(["unsold", "reopen", "offer", "offer"]))
    def cancel_sale(self, place: int, then) -> None:
        sale = [*self.state.sales, 1][-1 - place :][0]
        self.ask(control.CancelSale(by="Zoe", sale=sale, then=then, why="mistaken"))

    @rule(bidder=named, why=st.sampled_from(["", "rude"]))
    def remove_bidder(self, bidder: str | int, why: str) -> None:
        if why:
            self.ask(control.RemoveBidder(by="Zoe", bidder=bidder, why=why))

    @rule(bidder=bidders, paddle=st.sampled_from([None, 1, 2]), budget=st.none() | st.integers(1, 150))
    def invite(self, bidder: str, paddle: int | None, budget: int | None) -> None:
        self.ask(
            control.Invite(by="Zoe", salt="s", bidder=bidder, paddle=paddle, budget=budget, token_hash="new", name="Di")
        )

    @rule(bidder=named, budget=st.none() | st.integers(1, 150))
    def set_budget(self, bidder: str | int, budget: int | None) -> None:
        self.ask(control.SetBudget(by="Zoe", salt="s", bidder=bidder, budget=budget))

    @rule(bidder=named)
    def replace_token(self, bidder: str | int) -> None:
        self.ask(control.ReplaceToken(by="Zoe", salt="s", bidder=bidder, token_hash="newer"))

    @rule(bidder=named, place=st.none() | st.integers(0, 2), paid=st.booleans())
    def settle(self, bidder: str | int, place: int | None, paid: bool) -> None:
        sale = None if place is None else [*self.state.sales, 1][-1 - place :][0]
        if paid:
            self.ask(control.MarkPaid(by="Clerk", salt="s", bidder=bidder, how="cash", sale=sale))
        else:
            self.ask(control.HandOver(by="Clerk", salt="s", bidder=bidder, sale=sale))

    # What must hold

    @rule()
    def ask_the_lazy_deadlines(self) -> None:
        assert self.lazy_deadlines.next() == self.soonest()

    def soonest(self) -> tuple | None:
        due = [(item.alarm, id) for id, item in self.state.items.items() if item.alarm is not None]
        return (min(due)[0], self.state.items[min(due)[1]]) if due else None

    @invariant()
    def the_next_deadline_is_the_soonest(self) -> None:
        assert self.deadlines.next() == self.soonest()

    def teardown(self) -> None:
        if not hasattr(self, "state"):
            return
        audit(self.events).agree(self.state)
        journal = through_json(self.events)
        assert journal == self.events
        assert replayed(journal) == self.state
        assert msgspec.json.encode(replayed(journal)) == msgspec.json.encode(replayed(through_json(journal)))
        event(f"{len(self.state.sales)} sold, {'finished' if self.state.finished else 'open'}")


TestRooms = Rooms.TestCase
TestRooms.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)


def test_a_bid_before_the_room_opens_is_for_an_unknown_item():
    decision = decide(RoomState(), a_bid(), START)
    assert decision.events == ()
    agree(RoomState(), Naive(), a_bid(), START)
