"""How a sale goes on: one item after another, pauses, and what maximums do when things change."""

from typing import Any

from bidroom.rules import control
from bidroom.rules.act import act
from bidroom.rules.commands import EndOutage, MeetDeadline
from bidroom.rules.events import ItemFinished, Resumed
from bidroom.rules.item import LiveClosing, TimedClosing
from bidroom.rules.state import RoomState
from tests.rules.versus import START, a_bid, a_max, item_terms, no_max, opened, played

LIVE = LiveClosing(window_ms=100)
ZOE: dict[str, Any] = {"by": "Zoe", "salt": "salt"}
PAUSE, RESUME = control.Pause(**ZOE), control.Resume(**ZOE)
ITEMS = tuple(item_terms(id, closing=LIVE, units=1, pause_ms=20) for id in ("lamp", "desk", "vase"))


def phases(state: RoomState) -> str:
    return " ".join(item.phase.value for item in state.items.values())


def withdraw(item: str) -> control.Withdraw:
    return control.Withdraw(**ZOE, item=item, why="broken")


# One after another


def test_one_by_one_the_next_follows_when_one_is_finished():
    state, events = played((opened(*ITEMS, order="one-by-one"), 0), (a_bid("Ana"), 1), (MeetDeadline("lamp"), 101))
    assert phases(state) == "finished between between"
    finished = next(event for event in events if isinstance(event, ItemFinished))
    assert (finished.next_item, finished.opens_at) == ("desk", START + 121)
    act(state, MeetDeadline("desk"), START + 121)
    assert phases(state) == "finished open between"
    assert state.items["vase"].due_at is None


def test_one_by_one_by_hand_nothing_follows():
    room = opened(*ITEMS, order="one-by-one", next_item="by-hand")
    state, _ = played((room, 0), (a_bid("Ana"), 1), (MeetDeadline("lamp"), 101), (control.OpenItem(**ZOE), 500))
    assert phases(state) == "finished open between"


def test_while_another_item_is_on_nothing_follows():
    state, _ = played((opened(*ITEMS, order="one-by-one"), 0), (control.OpenItem(**ZOE, item="vase"), 1))
    act(state, withdraw("lamp"), START + 2)
    assert [item.due_at for item in state.items.values()] == [None, None, None]
    act(state, withdraw("vase"), START + 3)
    assert state.items["desk"].due_at == START + 23


def test_together_all_items_open_at_once_and_none_follows():
    state, _ = played((opened(*ITEMS), 0), (withdraw("lamp"), 1))
    assert phases(state) == "finished open open"


def test_what_is_withdrawn_before_the_sale_begins_does_not_begin_it():
    by_hand = opened(*ITEMS, order="one-by-one", opens="by-hand")
    state, _ = played((by_hand, 0), (withdraw("lamp"), 1))
    assert state.items["desk"].due_at is None
    act(state, control.OpenBidding(**ZOE), START + 9)
    assert phases(state) == "finished open between"
    timed = opened(*ITEMS, order="one-by-one", opens_at=START + 500)
    state, _ = played((timed, 0), (withdraw("lamp"), 1))
    assert state.items["desk"].due_at == START + 500
    act(state, control.Reopen(**ZOE, item="lamp"), START + 2)
    assert state.items["lamp"].due_at is None, "another item is to open before it"


def test_bidding_opens_at_its_time_or_before_by_hand():
    for order, expected in (("together", "open open open"), ("one-by-one", "open between between")):
        room = opened(*ITEMS, order=order, opens_at=START + 50)
        state, _ = played((room, 0))
        assert phases(state) == "between between between"
        assert [item.due_at for item in state.items.values()].count(START + 50) == expected.count("open")
        act(state, control.OpenBidding(**ZOE), START + 9)
        assert phases(state) == expected


def test_a_maximum_left_before_the_opening_opens_the_bidding():
    room = opened(*ITEMS, opens="by-hand")
    state, _ = played((room, 0), (a_max("Ana", 1, amount=300), 1), (a_max("Ben", 1, amount=200), 2))
    assert state.items["lamp"].highest_bidder is None
    act(state, control.OpenBidding(**ZOE), START + 9)
    assert (state.items["lamp"].highest_bidder, state.items["lamp"].highest_bid) == ("Ana", 210)


def test_units_that_came_back_are_offered_in_their_order():
    room = opened(item_terms(closing=LIVE, units=4))
    state, _ = played((room, 0))
    for id in (1, 2):
        act(state, a_bid("Ana", id), state.at)
        act(state, MeetDeadline("lamp"), state.items["lamp"].due_at or 0)
        act(state, MeetDeadline("lamp"), state.items["lamp"].due_at or 0)
    assert state.items["lamp"].unit == 3
    act(state, control.CancelSale(**ZOE, sale=max(state.sales), why="a slip"), state.at)
    act(state, withdraw("lamp"), state.at)
    act(state, control.CancelSale(**ZOE, sale=max(state.sales), why="a slip"), state.at)
    assert state.items["lamp"].returned == [1, 2, 3]
    assert state.items["lamp"].units_left == 4


# Pauses


def test_clocks_go_on_with_what_was_left():
    state, _ = played((opened(*ITEMS), 0), (a_bid("Ana"), 0), (PAUSE, 10))
    assert act(state, MeetDeadline("lamp"), START + 5000).events == (), "the clock stands still"
    resumed = act(state, RESUME, START + 5000).events[0]
    assert isinstance(resumed, Resumed)
    assert state.items["lamp"].due_at == START + 5100, "a round has at least its window"
    timed = item_terms(closing=TimedClosing(window_ms=10, duration_ms=100, hard_end=START + 105))
    state, _ = played((opened(timed), 0), (PAUSE, 40), (RESUME, 1000))
    assert (state.items["lamp"].due_at, state.items["lamp"].hard_end) == (START + 1060, START + 1065)


def test_an_item_goes_on_only_when_neither_pause_holds():
    alone = control.Pause(**ZOE, item="lamp")
    on = control.Resume(**ZOE, item="lamp")
    timed = item_terms(closing=TimedClosing(window_ms=10, duration_ms=100))
    for last, first in ((on, RESUME), (RESUME, on)):
        state, _ = played((opened(timed), 0), (alone, 10), (PAUSE, 20), (first, 30))
        assert state.items["lamp"].alarm is None
        act(state, last, START + 1010)
        assert state.items["lamp"].alarm == START + 1100, "ninety were left"


def test_an_outage_does_not_touch_a_clock_that_stands():
    timed = item_terms(closing=TimedClosing(window_ms=10, duration_ms=100))
    state, _ = played((opened(timed), 0), (PAUSE, 10))
    assert act(state, EndOutage(), START + 5000).events == ()


def test_a_bid_voided_during_a_pause_leaves_the_round_the_time_it_had():
    timed = item_terms(closing=TimedClosing(window_ms=10, duration_ms=100, hard_end=START + 120))
    state, events = played((opened(timed), 0), (a_bid("Ana"), 1), (PAUSE, 20))
    void = control.VoidBid(**ZOE, item="lamp", bid=events[-2].seq, why="a slip")
    act(state, void, START + 60)
    act(state, RESUME, START + 1000)
    assert (state.items["lamp"].due_at, state.items["lamp"].hard_end) == (START + 1080, START + 1100)


def test_what_follows_during_a_pause_waits_its_whole_pause_after_it():
    state, _ = played((opened(*ITEMS, order="one-by-one"), 0), (PAUSE, 10), (withdraw("lamp"), 500), (RESUME, 1000))
    assert state.items["desk"].alarm == START + 1020


def test_maximums_answer_what_a_pause_kept_them_from():
    state, _ = played(
        (opened(*ITEMS), 0),
        (control.Invite(**ZOE, bidder="Ana", budget=100, token_hash="hash"), 1),
        (a_max("Ana", 1, "lamp", 100), 2),
        (a_max("Ana", 2, "desk", 100), 3),  # waits: all of her budget stands on the lamp
        (control.Pause(**ZOE, item="desk"), 4),
        (a_bid("Ben", 1, "lamp", 110), 5),
    )
    assert state.items["desk"].highest_bidder is None
    act(state, control.Resume(**ZOE, item="desk"), START + 6)
    assert (state.items["desk"].highest_bidder, state.items["desk"].highest_bid) == ("Ana", 100)


def test_a_voided_bid_during_a_pause_is_answered_when_it_is_over():
    state, _ = played(
        (opened(item_terms(closing=LIVE)), 0), (a_max("Ana", 1, amount=300), 1), (a_max("Ben", 1, amount=200), 2)
    )
    act(state, PAUSE, START + 3)
    for _ in range(2):
        standing = state.items["lamp"].bids[-1]
        act(state, control.VoidBid(**ZOE, item="lamp", bid=standing.seq, why="a slip"), START + 4)
    assert state.items["lamp"].bids[-1].amount == 100
    assert act(state, RESUME, START + 5).events[1:] == (), "both maximums went with their bids"


# What deadlines promise


def test_no_bid_takes_back_an_extension():
    state, _ = played((opened(item_terms(closing=LIVE)), 0), (a_bid("Ana"), 1))
    act(state, control.Extend(**ZOE, item="lamp", span_ms=900), START + 2)
    assert state.items["lamp"].due_at == START + 902
    act(state, a_bid("Ben", 1, amount=110), START + 3)
    assert state.items["lamp"].due_at == START + 902


def test_more_time_lets_maximums_answer():
    state, _ = played(
        (opened(*ITEMS), 0),
        (control.Invite(**ZOE, bidder="Ana", budget=120, token_hash="hash"), 1),
        (a_max("Ana", 1, "lamp", 120), 2),
        (control.Extend(**ZOE, item="lamp", span_ms=900), 3),
        (a_max("Ben", 1, "desk", 100), 3),
        (a_max("Ana", 2, "desk", 120), 3),  # waits for what stands on the lamp
        (a_bid("Cem", 1, "lamp", 130), 103),  # frees it when the desk's clock has run out
    )
    assert (state.items["lamp"].highest_bidder, state.items["desk"].highest_bidder) == ("Cem", "Ben")
    act(state, EndOutage(), START + 104)
    assert (state.items["desk"].highest_bidder, state.items["desk"].highest_bid) == ("Ana", 110)


# Maximums when something else changes


def test_who_leads_by_a_tie_goes_on_leading_without_the_maximum():
    tie = ((opened(item_terms(closing=LIVE)), 0), (a_max("Ana", 1, amount=150), 1), (a_max("Ben", 1, amount=150), 2))
    for change in (no_max("Ana", 2), a_max("Ana", 2, amount=150)):
        state, _ = played(*tie, (change, 3))
        assert (state.items["lamp"].highest_bidder, state.items["lamp"].highest_bid) == ("Ana", 150)


def test_a_budget_that_is_lifted_wakes_maximums_on_all_items():
    state, _ = played(
        (opened(*ITEMS), 0),
        (control.Invite(**ZOE, bidder="Ana", budget=150, token_hash="hash"), 1),
        (a_max("Ana", 1, "lamp", 150), 2),
        (a_max("Ana", 2, "desk", 150), 3),
    )
    assert [state.items[id].highest_bidder for id in ("lamp", "desk")] == ["Ana", None]
    act(state, control.SetBudget(**ZOE, bidder="Ana", budget=None), START + 4)
    assert [state.items[id].highest_bidder for id in ("lamp", "desk")] == ["Ana", "Ana"]


def test_a_sale_that_is_cancelled_frees_its_sum():
    state, _ = played(
        (opened(*ITEMS), 0),
        (control.Invite(**ZOE, bidder="Ana", budget=150, token_hash="hash"), 1),
        (a_max("Ana", 1, "desk", 150), 2),
        (a_bid("Ben", 1, "desk", 160), 3),
        (a_bid("Ana", 2, "lamp", 100), 4),
        (a_max("Ana", 3, "vase", 100), 5),
        (MeetDeadline("lamp"), 104),
    )
    assert (state.bidders["Ana"].won, state.items["vase"].highest_bidder) == (100, None)
    act(state, control.CancelSale(**ZOE, sale=max(state.sales), why="a slip"), START + 105)
    assert state.items["vase"].highest_bidder == "Ana"
