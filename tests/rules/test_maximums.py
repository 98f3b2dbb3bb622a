"""What is promised of maximums, told without reference to how the room works it out."""

from itertools import permutations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidroom.rules.act import act
from bidroom.rules.answers import Accepted, Reason, Refused
from bidroom.rules.commands import MeetDeadline, Reserve
from bidroom.rules.control import BidFor, CancelSale, Invite, SetBudget, VoidBid
from bidroom.rules.events import AnyEvent, BidAccepted, MaximumCancelled, PrivateEvent
from bidroom.rules.increments import PRESETS, step
from bidroom.rules.item import Item, LiveClosing
from bidroom.rules.state import RoomState
from tests.rules.versus import START, a_bid, a_max, an_answer, item_terms, no_max, opened, played

LIVE = LiveClosing(window_ms=1000)
PEOPLE = ("Ana", "Ben", "Cem", "Dora", "Eve")


def room(*commands, reserves=(), **terms) -> tuple[RoomState, list[AnyEvent]]:
    """A room with one lamp after these commands, a millisecond apart."""
    items = (item_terms(**{"units": 1, "closing": LIVE, **terms}),)
    return played((opened(*items, reserves=reserves), 0), *((command, at) for at, command in enumerate(commands, 1)))


def lamp(state: RoomState) -> Item:
    return state.items["lamp"]


def stands(state: RoomState) -> tuple[str | None, int | None]:
    return lamp(state).highest_bidder, lamp(state).highest_bid


def bids(events: list[AnyEvent]) -> list[tuple[str, int]]:
    return [(event.bidder, event.amount) for event in events if isinstance(event, BidAccepted)]


# Two steps apart, so that in whatever order they come, each of them is at least the minimum or beaten already.
grid = st.lists(st.integers(6, 40).map(lambda twenties: 20 * twenties), min_size=1, max_size=5, unique=True)


@given(grid, st.randoms(use_true_random=False))
def test_with_maximums_alone_the_price_is_the_second_plus_the_step_in_whatever_order(amounts: list[int], rng):
    rng.shuffle(amounts)
    state, _ = room(*(a_max(who, 1, amount=amount) for who, amount in zip(PEOPLE, amounts, strict=False)))
    highest, *others = sorted(amounts, reverse=True)
    winner = PEOPLE[amounts.index(highest)]
    assert stands(state) == (winner, min(highest, others[0] + 10) if others else 100)


def rungs(name: str) -> list[int]:
    """Prices that follow on one another by the ladder's steps."""
    prices = [100]
    while len(prices) < 60:
        prices.append(prices[-1] + step(PRESETS[name], prices[-1]))
    return prices


@settings(max_examples=50)
@given(
    st.sampled_from(sorted(PRESETS)),
    st.lists(st.integers(0, 28).map(lambda n: 2 * n + 1), min_size=2, max_size=4, unique=True),
)
def test_the_same_on_a_ladder(name: str, places: list[int]):
    prices = rungs(name)
    for order in permutations(places):
        commands = [a_max(who, 1, amount=prices[place]) for who, place in zip(PEOPLE, order, strict=False)]
        state, _ = room(*commands, increment=PRESETS[name])
        highest, second = sorted((prices[place] for place in places), reverse=True)[:2]
        assert stands(state)[1] == min(highest, second + step(PRESETS[name], second))


def test_of_equal_maximums_the_earlier_one_leads_at_that_price():
    state, events = room(a_max("Ana", 1, amount=300), a_max("Ben", 1, amount=300))
    assert stands(state) == ("Ana", 300)
    assert bids(events) == [("Ana", 100), ("Ben", 300), ("Ana", 300)]


def test_a_raise_gives_up_its_place_among_equals():
    state, _ = room(a_max("Ana", 1, amount=200), a_max("Ben", 1, amount=300), a_max("Ana", 2, amount=300))
    assert stands(state) == ("Ben", 300)


def test_a_hand_bid_equal_to_a_hidden_maximum_is_accepted_and_outbid_at_the_same_price():
    state, events = room(a_max("Ana", 1, amount=300), a_bid("Ben", 1, amount=300))
    assert bids(events) == [("Ana", 100), ("Ben", 300), ("Ana", 300)]
    assert stands(state) == ("Ana", 300)
    assert [event.seq for event in events if isinstance(event, BidAccepted)] == [3, 4, 5], "each change has its number"


def test_a_last_short_step_goes_up_to_exactly_the_maximum():
    state, _ = room(a_max("Ana", 1, amount=305), a_bid("Ben", 1, amount=300))
    assert stands(state) == ("Ana", 305)
    state, _ = room(a_max("Ana", 1, amount=305), a_bid("Ben", 1, amount=306))
    assert stands(state) == ("Ben", 306)


def test_a_raise_by_the_leader_is_silent():
    state, _ = room(a_max("Ana", 1, amount=200), a_max("Ben", 1, amount=150))
    before, due = stands(state), lamp(state).due_at
    decision = act(state, a_max("Ana", 2, amount=900), START + 500)
    assert isinstance(decision.answer, Accepted)
    assert all(isinstance(event, PrivateEvent) for event in decision.events)
    assert (stands(state), lamp(state).due_at) == (before, due)


def test_a_maximum_may_be_lowered_to_the_price_but_not_below():
    state, _ = room(a_max("Ana", 1, amount=500), a_bid("Ben", 1, amount=200))
    assert act(state, a_max("Ana", 2, amount=209), START + 9).answer == Refused(2, Reason.TOO_LOW, 210)
    assert isinstance(act(state, a_max("Ana", 3, amount=210), START + 9).answer, Accepted)
    act(state, a_bid("Ben", 2, amount=220), START + 9)
    assert stands(state) == ("Ben", 220)


def test_it_carries_over_the_units_until_so_many_are_won():
    state, _ = room(a_max("Ana", 1, amount=300, units=2), a_max("Ben", 1, amount=200, units=3), units=4)
    winners = []
    while lamp(state).due_at is not None:
        act(state, MeetDeadline("lamp"), lamp(state).due_at)
        winners = [(sale.bidder, sale.amount) for sale in state.sales.values()]
    assert winners == [("Ana", 210), ("Ana", 210), ("Ben", 100), ("Ben", 100)]
    assert [(left.bidder, left.units_left) for left in lamp(state).maximums] == [("Ben", 1)]


def test_a_maximum_at_or_above_the_reserve_lifts_the_price_to_it():
    hidden = (Reserve("lamp", 400, "salt"),)
    below, _ = room(a_max("Ana", 1, amount=399), reserve=True, reserves=hidden)
    assert stands(below) == ("Ana", 100)
    reached, events = room(a_max("Ana", 1, amount=400), reserve=True, reserves=hidden)
    assert stands(reached) == ("Ana", 400)
    assert [event.reserve for event in events if isinstance(event, BidAccepted)] == ["met"]
    raised, _ = room(a_max("Ana", 1, amount=200), a_max("Ana", 2, amount=900), reserve=True, reserves=hidden)
    assert stands(raised) == ("Ana", 400), "the leader's own, too: the reserve is who they bid against"
    between, _ = room(a_max("Ana", 1, amount=900), a_bid("Ben", 1, amount=450), reserve=True, reserves=hidden)
    assert stands(between) == ("Ana", 460)


def test_a_reserve_that_was_not_met_sells_nothing():
    state, _ = room(a_bid("Ana", 1, amount=399), reserve=True, reserves=(Reserve("lamp", 400, "salt"),))
    act(state, MeetDeadline("lamp"), lamp(state).due_at or 0)
    assert (state.finished, state.sales, state.bidders["Ana"].leading) == (True, {}, 0)


@pytest.mark.parametrize("at_first", [250, None], ids=["with the invitation", "later"])
def test_it_never_bids_past_the_budget_and_counts_only_what_it_leads_at(at_first: int | None):
    invited = Invite(by="Zoe", bidder="Ana", token_hash="hash", salt="salt", budget=at_first)
    limited = SetBudget(by="Zoe", bidder="Ana", budget=250, salt="salt")
    state, _ = played(
        (opened(item_terms("lamp", closing=LIVE), item_terms("desk", closing=LIVE)), 0),
        (invited, 1),
        *([] if at_first else [(limited, 1)]),
        (a_max("Ana", 1, "lamp", 200), 2),
        (a_max("Ana", 2, "desk", 250), 3),  # leads at 100 on both: 50 are left
    )
    assert [state.items[id].highest_bidder for id in ("lamp", "desk")] == ["Ana", "Ana"]
    act(state, a_bid("Ben", 1, "desk", 151), START + 4)
    assert state.items["desk"].highest_bidder == "Ben", "with 100 on the lamp, 150 are left for the desk"
    assert state.bidders["Ana"].leading == 100
    act(state, a_bid("Ben", 2, "lamp", 210), START + 5)
    assert state.items["desk"].highest_bidder == "Ana", "outbid on the lamp, so the desk's maximum bids again"
    assert state.items["desk"].highest_bid == 161


def test_a_budget_that_is_raised_lets_maximums_bid_again():
    invited = Invite(by="Zoe", bidder="Ana", token_hash="hash", salt="salt", budget=150)
    state, _ = room(invited, a_max("Ana", 1, amount=150), a_bid("Ben", 1, amount=140))
    assert stands(state) == ("Ana", 150)
    act(state, a_bid("Ben", 2, amount=160), START + 5)
    act(state, SetBudget(by="Zoe", bidder="Ana", budget=None, salt="salt"), START + 6)
    assert isinstance(act(state, a_max("Ana", 2, amount=400), START + 7).answer, Accepted)
    assert stands(state) == ("Ana", 170)


def test_one_that_a_budget_held_back_leads_at_an_equal_price_once_it_is_raised():
    state, _ = played(
        (opened(*(item_terms(id, closing=LIVE) for id in ("lamp", "desk", "radio"))), 0),
        (Invite(by="Zoe", bidder="Ana", token_hash="hash", salt="salt", budget=600), 1),
        (Invite(by="Zoe", bidder="Ben", token_hash="hash", salt="salt", budget=500), 2),
        (a_bid("Ana", 1, "radio", 100), 3),
        (a_bid("Ben", 1, "desk", 100), 4),
        (a_max("Ben", 2, "lamp", 500), 5),  # with 100 on the desk, 400 are left
        (a_bid("Ana", 2, "lamp", 500), 6),
        (a_max("Ana", 3, "lamp", 600), 7),  # with 100 on the radio, 500 are left
    )
    assert stands(state) == ("Ana", 500)
    act(state, SetBudget(by="Zoe", bidder="Ben", budget=None, salt="salt"), START + 8)
    assert stands(state) == ("Ben", 500), "of equal ones, the one that was left earlier leads"


def test_what_is_voided_takes_its_maximum_along():
    state, _ = room(a_bid("Ben", 1, amount=100), a_max("Ana", 1, amount=500))
    voided = act(state, VoidBid(by="Zoe", item="lamp", bid=lamp(state).bids[-1].seq, why="a slip"), START + 5)
    assert stands(state) == ("Ben", 100)
    assert isinstance(voided.events[0], MaximumCancelled)
    assert lamp(state).maximums == []


def test_one_that_was_cancelled_bids_no_more_but_goes_on_leading():
    state, _ = room(a_max("Ana", 1, amount=500), no_max("Ana", 2))
    assert stands(state) == ("Ana", 100)
    act(state, a_bid("Ben", 1, amount=110), START + 5)
    assert stands(state) == ("Ben", 110)
    assert act(state, no_max("Ana", 3), START + 6).answer == Refused(3, Reason.NO_MAXIMUM)


def test_a_bid_from_the_floor_meets_maximums_like_any_other():
    invited = Invite(by="Zoe", bidder="Ben", token_hash="hash", salt="salt", paddle=7)
    _, events = room(invited, a_max("Ana", 1, amount=500), BidFor(by="Zoe", bidder=7, item="lamp", amount=200))
    assert bids(events)[-2:] == [("Ben", 200), ("Ana", 210)]
    assert [event.via for event in events if isinstance(event, BidAccepted)] == ["", "floor", ""]


steps = st.lists(
    st.tuples(st.sampled_from(["bid", "max", "cancel"]), st.sampled_from(PEOPLE[1:]), st.integers(100, 900)),
    max_size=25,
)


@given(steps, st.integers(1_000, 9_000), st.integers(1_000, 9_000), st.integers(0, 25))
def test_nobody_can_tell_one_leading_maximum_from_another(story: list, one: int, other: int, place: int):
    """Two runs that differ in nothing but the amount of the highest maximum look the same to everybody else."""
    assert told_with(story, one, place) == told_with(story, other, place)


def told_with(story: list, amount: int, place: int) -> bytes:
    commands = []
    for id, (what, who, price) in enumerate(story, 1):
        kinds = {"bid": a_bid(who, id, amount=price), "max": a_max(who, id, amount=price), "cancel": no_max(who, id)}
        commands.append(kinds[what])
    commands.insert(place, a_max("Ana", 1, amount=amount))
    _, events = room(*commands)
    return msgspec.json.encode([event.public() for event in events if not isinstance(event, PrivateEvent)])


@pytest.mark.parametrize("units_each", [1, 2])
def test_no_maximum_wins_more_units_than_one_bidder_may(units_each: int):
    state, _ = room(a_max("Ana", 1, amount=900, units=4), units=4, units_each=units_each)
    while lamp(state).due_at is not None:
        act(state, MeetDeadline("lamp"), lamp(state).due_at)
    assert len(state.sales) == units_each


def test_an_offer_does_not_give_more_units_than_one_bidder_may_buy():
    """Who leads for their last unit may not take another one in the meantime."""
    state, _ = room(a_bid("Ben", 1, amount=100), a_bid("Ana", 1, amount=110), units=2, units_each=1)
    act(state, MeetDeadline("lamp"), lamp(state).due_at or 0)
    act(state, CancelSale(by="Zoe", sale=next(iter(state.sales)), why="no card", then="offer"), state.at)
    act(state, MeetDeadline("lamp"), lamp(state).due_at or 0)
    act(state, a_bid("Ben", 2, amount=100), state.at + 1)
    assert act(state, an_answer("Ben", 3, "lamp", 1, True), state.at + 2).answer == Refused(3, Reason.LIMIT)
