"""Deadlines by the millisecond: the first one, the one after a bid, the one after an outage."""

from dataclasses import replace

import pytest

from bidroom.rules.closing import (
    after_outage,
    after_pause,
    after_void,
    at_least,
    deadline_after_bid,
    first_deadline,
)
from bidroom.rules.item import Item, ItemPhase, LiveClosing, TimedClosing, new_item
from tests.rules.versus import item_terms

LIVE = LiveClosing(window_ms=10)
TIMED = TimedClosing(window_ms=10, duration_ms=100)


def open_item(closing: LiveClosing | TimedClosing, due_at: int | None) -> Item:
    item = new_item(item_terms(closing=closing))
    return replace(item, phase=ItemPhase.OPEN, unit=1, due_at=due_at)


@pytest.mark.parametrize(
    ("closing", "unit", "deadline"),
    [
        (LIVE, 1, None),
        (LiveClosing(window_ms=10, opening_ms=60), 1, 1060),
        (LiveClosing(window_ms=10, opening_ms=60), 2, 1060),
        (TIMED, 1, 1100),
        (TIMED, 2, 1100),
        (TimedClosing(window_ms=10, closes_at=5000), 1, 5000),
        (TimedClosing(window_ms=10, closes_at=5000, duration_ms=100), 1, 5000),
        (TimedClosing(window_ms=10, closes_at=5000, duration_ms=100), 2, 1100),
        (TimedClosing(window_ms=10, closes_at=900), 1, 1010),  # too late for that: a window
        (TimedClosing(window_ms=10, closes_at=900, duration_ms=100), 1, 1100),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1050), 1, 1100),  # a hard end only limits extensions
        (TimedClosing(window_ms=10, closes_at=5000), 2, 1010),  # offered again without a duration: a window
    ],
)
def test_first_deadline(closing: LiveClosing | TimedClosing, unit: int, deadline: int | None):
    assert first_deadline(item_terms(closing=closing), unit == 1, 1000) == deadline


@pytest.mark.parametrize(
    ("closing", "due_at", "arrival", "deadline"),
    [
        (LIVE, None, 1000, 1010),
        (LIVE, 1010, 1000, 1010),
        (LIVE, 1010, 1001, 1011),
        (LIVE, 1010, 1009, 1019),
        (LiveClosing(window_ms=10, opening_ms=60), 1060, 1000, 1010),  # the wait for a first bid is over
        (TIMED, 1100, 1000, 1100),
        (TIMED, 1100, 1089, 1100),
        (TIMED, 1100, 1090, 1100),
        (TIMED, 1100, 1091, 1101),  # reset to arrival + window, not the window added to the deadline
        (TIMED, 1100, 1099, 1109),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1100, 1094, 1104),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1100, 1099, 1105),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1105, 1104, 1105),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1050), 1100, 1099, 1100),  # and never earlier
    ],
)
def test_deadline_after_bid(closing: LiveClosing | TimedClosing, due_at: int | None, arrival: int, deadline: int):
    assert deadline_after_bid(open_item(closing, due_at), arrival) == deadline


@pytest.mark.parametrize(
    ("closing", "due_at", "now", "after"),
    [
        (LIVE, None, 1000, (None, None)),  # nobody has bid: there is nothing to lose
        (LIVE, 1010, 1000, (1010, None)),
        (LIVE, 1010, 1001, (1011, None)),
        (LIVE, 1010, 9000, (9010, None)),
        (LiveClosing(window_ms=10, opening_ms=60), 1060, 1055, (1065, None)),
        (TIMED, 1100, 1090, (1100, None)),
        (TIMED, 1100, 5000, (5010, None)),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1100, 1094, (1104, 1105)),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1100, 1200, (1210, 1210)),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1050), 1100, 1045, (1100, 1055)),
    ],
)
def test_after_outage(closing: LiveClosing | TimedClosing, due_at: int | None, now: int, after: tuple):
    assert after_outage(open_item(closing, due_at), now) == after


def test_a_moved_hard_end_is_the_one_that_counts():
    item = replace(open_item(TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1210), hard_end=1215)
    assert deadline_after_bid(item, 1209) == 1215


def test_a_later_bid_does_not_take_back_time_that_the_auctioneer_gave():
    item = replace(open_item(LIVE, 1500), highest_bid=100, highest_bidder="Ana")
    assert deadline_after_bid(item, 1000) == 1500
    assert deadline_after_bid(item, 1495) == 1505


@pytest.mark.parametrize(
    ("closing", "due_at", "earliest", "after"),
    [
        (LIVE, None, 2000, (None, None)),
        (LIVE, 1500, 2000, (2000, None)),
        (LIVE, 2500, 2000, (2500, None)),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1100, 2000, (2000, 2000)),
    ],
)
def test_at_least(closing: LiveClosing | TimedClosing, due_at: int | None, earliest: int, after: tuple):
    assert at_least(open_item(closing, due_at), earliest) == after


@pytest.mark.parametrize(
    ("closing", "due_at", "stopped_at", "now", "after"),
    [
        (LIVE, None, 1000, 5000, (None, None)),
        (LIVE, 1010, 1004, 5000, (5010, None)),  # six were left, and a round has its whole window
        (TIMED, 1100, 1040, 5000, (5060, None)),  # sixty were left
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1100, 1040, 5000, (5060, 5065)),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1105), 1100, 1099, 5000, (5010, 5010)),
    ],
)
def test_after_pause(closing: LiveClosing | TimedClosing, due_at: int | None, stopped_at: int, now: int, after: tuple):
    assert after_pause(replace(open_item(closing, due_at), stopped_at=stopped_at), now) == after


def test_after_a_pause_the_next_round_opens_so_much_later():
    item = replace(open_item(LIVE, 1030), phase=ItemPhase.BETWEEN, stopped_at=1000)
    assert after_pause(item, 5000) == (5030, None)


@pytest.mark.parametrize(
    ("closing", "due_at", "standing", "after"),
    [
        (LIVE, 1010, True, (1015, None)),
        (LIVE, 1010, False, (None, None)),  # it waits for its first bid again
        (LiveClosing(window_ms=10, opening_ms=60), 1010, False, (1065, None)),
        (TIMED, 1100, True, (1100, None)),
        (TIMED, 1008, False, (1015, None)),
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1009), 1008, True, (1015, 1015)),
    ],
)
def test_after_void(closing: LiveClosing | TimedClosing, due_at: int, standing: bool, after: tuple):
    assert after_void(open_item(closing, due_at), standing, 1005) == after
