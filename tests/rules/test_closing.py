"""Deadlines by the millisecond: the first one, the one after a bid, the one after an outage."""

import pytest
from msgspec.structs import replace

from bidroom.rules.closing import after_outage, deadline_after_bid, first_deadline
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
        (TimedClosing(window_ms=10, closes_at=900), 1, 1000),  # never before the round itself
        (TimedClosing(window_ms=10, duration_ms=100, hard_end=1050), 1, 1100),  # a hard end only limits extensions
    ],
)
def test_first_deadline(closing: LiveClosing | TimedClosing, unit: int, deadline: int | None):
    assert first_deadline(item_terms(closing=closing), unit, 1000) == deadline


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
