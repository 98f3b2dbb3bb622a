"""Every strategy, in any room that the rules can bring about: never above the limit, never leading, never in vain."""

from collections.abc import Callable, Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidroom.client.strategies import (
    Budget,
    Offer,
    RandomBidder,
    Sniper,
    Steady,
    Strategy,
    StrategyError,
    draw_limits,
    load_strategy,
)
from bidroom.client.view import View
from bidroom.rules.answers import Accepted
from bidroom.rules.commands import Bid, Registration
from bidroom.rules.decide import decide
from bidroom.rules.item import MAX_AMOUNT
from tests.client.small_room import LIVE, TIMED, SmallRoom, terms

Make = Callable[[Mapping[str, int]], Strategy]

ALL: list[Make] = [RandomBidder, Steady, Sniper, Budget, load_strategy("examples.my_strategy:Patient")]
LIMITS = {"lamp": 200, "desk": 2000, "mug": 120}

some_limits = st.fixed_dictionaries(
    {}, optional={"lamp": st.integers(0, 400), "desk": st.integers(500, 3000), "mug": st.integers(1, 200)}
)


@pytest.mark.parametrize("make", ALL)
@settings(max_examples=40)
@given(rng=st.randoms(use_true_random=False), limits=some_limits, closing=st.sampled_from([LIVE, TIMED]))
def test_every_offer_is_accepted_and_within_the_limit(make: Make, rng: Random, limits: dict, closing) -> None:
    """What the view shows is all there is, so whatever a strategy offers must be a bid that the room takes."""
    room = SmallRoom(terms(closing))
    view = room.newcomer("Ana")
    strategy = make(limits)
    for _ in range(80):
        room.something(rng)
        update = room.take_update()
        if update is not None:
            view.fold(update)
        offer = strategy.next_bid(view, room.at, rng)
        if offer is None:
            continue
        item = view.items[offer.item]
        assert item.minimum <= offer.amount <= limits[offer.item]
        assert not view.leading(offer.item)
        assert item.takes_bids(room.at)
        bid = Bid("Ana", 10_000, offer.item, offer.amount, offer.unit, Registration("", ""))
        assert isinstance(decide(room.state, bid, room.at).answer, Accepted)
        room.bid("Ana", offer.item, offer.amount, offer.unit)


@pytest.mark.parametrize("make", ALL)
@settings(max_examples=40)
@given(rng=st.randoms(use_true_random=False), seed=st.integers())
def test_the_same_seed_and_the_same_view_decide_the_same(make: Make, rng: Random, seed: int) -> None:
    room = SmallRoom()
    for _ in range(20):
        room.something(rng)
    view = room.newcomer("Ana")
    decisions = [make(LIMITS).next_bid(view, room.at, Random(seed)) for _ in range(3)]
    assert decisions[0] == decisions[1] == decisions[2]


@settings(max_examples=40)
@given(rng=st.randoms(use_true_random=False), budget=st.integers(0, 3000))
def test_a_budget_is_kept_over_everything_bought_and_led(rng: Random, budget: int) -> None:
    """By every offer: a bid of old that leads again, because the one above it was voided, is nobody's offer."""
    room = SmallRoom(terms(units=5))
    view = room.newcomer("Ana")
    strategy = Budget(LIMITS, budget)
    for _ in range(100):
        if rng.random() < 0.3:
            room.something(rng, ("Ben", "Cem"))
        else:
            room.wait(rng.randrange(400))
        offer = _next(room, view, strategy, rng)
        if offer is not None:
            assert view.committed + offer.amount <= budget
            room.bid("Ana", offer.item, offer.amount, offer.unit)


def test_without_a_budget_it_is_half_of_the_limits() -> None:
    room = SmallRoom()
    view = room.newcomer("Ana")
    assert Budget({"lamp": 100, "mug": 99}).next_bid(view, room.at, Random(1)) == Offer("mug", 50, 1)  # of 99
    assert Budget({"lamp": 100, "mug": 101}).next_bid(view, room.at, Random(4)) == Offer("lamp", 100, 1)  # of 100


def _next(room: SmallRoom, view: View, strategy: Strategy, rng: Random) -> Offer | None:
    update = room.take_update()
    if update is not None:
        view.fold(update)
    return strategy.next_bid(view, room.at, rng)


def test_the_bidder_of_the_seed_bids_at_seven_opportunities_of_ten() -> None:
    room = SmallRoom()
    view = room.newcomer("Ana")
    rng = Random(7)
    bids = sum(RandomBidder(LIMITS).next_bid(view, room.at, rng) is not None for _ in range(10_000))
    assert 6_800 < bids < 7_200
    assert all(RandomBidder(LIMITS, chance=0).next_bid(view, room.at, rng) is None for _ in range(100))
    assert all(RandomBidder(LIMITS, chance=1).next_bid(view, room.at, rng) is not None for _ in range(100))


def test_the_bidder_of_the_seed_bids_up_to_three_increments_above_the_minimum_and_stops_at_its_limit() -> None:
    room = SmallRoom()
    room.bid("Ben", "lamp", 150)
    view = room.newcomer("Ana")
    offers = {RandomBidder({"lamp": 185}, 1).next_bid(view, room.at, Random(seed)) for seed in range(50)}
    assert offers == {Offer("lamp", amount, 1) for amount in (160, 170, 180, 185)}
    room.bid("Cem", "lamp", 180)
    view = room.newcomer("Ana")
    assert RandomBidder({"lamp": 185}, 1).next_bid(view, room.at, Random(1)) is None


def test_steady_takes_the_best_bargain() -> None:
    room = SmallRoom()
    view = room.newcomer("Ana")
    steady = Steady({"lamp": 200, "desk": 3000, "mug": 100})
    assert steady.next_bid(view, room.at, Random()) == Offer("desk", 1000, 1)
    room.bid("Ben", "desk", 1600)
    assert _next(room, view, steady, Random()) == Offer("lamp", 100, 1)  # as good a bargain as the mug, and before it


def test_a_sniper_waits_for_the_last_moment() -> None:
    room = SmallRoom()
    view = room.newcomer("Ana")
    sniper = Sniper(LIMITS, last_ms=300)
    assert sniper.next_bid(view, room.at, Random()) is None  # nobody has bid: no countdown
    room.bid("Ben", "lamp", 100)
    room.wait(100)
    room.bid("Ben", "mug", 50)
    assert _next(room, view, sniper, Random()) is None
    room.wait(850)
    assert _next(room, view, sniper, Random()) == Offer("lamp", 110, 1)  # the one that closes first
    room.wait(100)
    assert _next(room, view, sniper, Random()) == Offer("mug", 55, 1)


@pytest.mark.parametrize("make", [*ALL, lambda limits: RandomBidder(limits, chance=1)])
def test_nothing_is_bid_at_or_after_the_deadline_though_nobody_has_told_yet_of_the_sale(make: Make) -> None:
    room = SmallRoom()
    room.bid("Ben", "lamp", 100)
    view = room.newcomer("Ana")
    ends_at = view.items["lamp"].ends_at
    assert ends_at is not None
    strategy = make({"lamp": 500})
    assert any(strategy.next_bid(view, ends_at - 1, Random(seed)) is not None for seed in range(20))
    assert all(strategy.next_bid(view, ends_at, Random(seed)) is None for seed in range(20))


def test_a_limit_beyond_what_can_be_said_is_no_limit_to_bid_by() -> None:
    room = SmallRoom()
    room.bid("Ben", "lamp", MAX_AMOUNT)
    view = room.newcomer("Ana")
    assert RandomBidder({"lamp": 2**60}, 1).next_bid(view, room.at, Random(1)) is None


@settings(max_examples=40)
@given(rng=st.randoms(use_true_random=False))
def test_limits_are_drawn_between_0_8_and_3_times_the_starting_price(rng: Random) -> None:
    view = SmallRoom().newcomer()
    limits = draw_limits(view, rng, {})
    assert limits.keys() == view.items.keys()
    for item, limit in limits.items():
        assert 8 * view.items[item].starting_price <= 10 * limit
        assert limit <= 3 * view.items[item].starting_price


def test_limits_reach_both_ends_of_their_range() -> None:
    view = SmallRoom().newcomer()
    drawn = {draw_limits(view, Random(seed), {})["mug"] for seed in range(3000)}
    assert drawn == set(range(40, 151))


def test_a_given_limit_stands_and_changes_no_other() -> None:
    view = SmallRoom().newcomer()
    drawn = draw_limits(view, Random(3), {})
    assert draw_limits(view, Random(3), {"desk": 7}) == {**drawn, "desk": 7}


def test_a_limit_for_an_unknown_item_is_refused() -> None:
    with pytest.raises(StrategyError, match=r"no item 'lmap'; its items are lamp, desk, mug\."):
        draw_limits(SmallRoom().newcomer(), Random(), {"lmap": 100})
