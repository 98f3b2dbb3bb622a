"""When a round closes: its first deadline, and what an accepted bid or an outage does to it.

All times are milliseconds of room time. No function here ever moves a deadline to an earlier time, except that the
first bid of a live round ends the wait for it: from then on the window alone counts.
"""

from bidroom.rules.item import Item, ItemTerms, LiveClosing


def first_deadline(terms: ItemTerms, unit: int, opened_at: int) -> int | None:
    """The deadline of a round as it opens; None for a live round that waits for its first bid as long as it takes."""
    closing = terms.closing
    if isinstance(closing, LiveClosing):
        return None if closing.opening_ms is None else opened_at + closing.opening_ms
    if unit == 1 and closing.closes_at is not None:
        return max(closing.closes_at, opened_at)
    assert closing.duration_ms is not None, "the catalogue lets no timed round be without an end"
    return opened_at + closing.duration_ms


def deadline_after_bid(item: Item, arrival: int) -> int:
    """The deadline that an accepted bid leaves: reset to arrival + window, never added up."""
    closing = item.terms.closing
    if isinstance(closing, LiveClosing):
        return arrival + closing.window_ms
    assert item.due_at is not None, "a timed round always has a deadline"
    extended = arrival + closing.window_ms
    if item.hard_end is not None:
        extended = min(extended, item.hard_end)
    return max(item.due_at, extended)


def after_outage(item: Item, now: int) -> tuple[int | None, int | None]:
    """Deadline and hard end of an open round once the house is back: nobody loses for what the house did."""
    earliest = now + item.terms.closing.window_ms
    due_at = None if item.due_at is None else max(item.due_at, earliest)
    hard_end = None if item.hard_end is None else max(item.hard_end, earliest)
    return due_at, hard_end
