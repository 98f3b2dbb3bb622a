"""When a round closes: its first deadline, and what an accepted bid or an outage does to it.

All times are milliseconds of room time. No function here ever moves a deadline to an earlier time, except that the
first bid of a live round ends the wait for it: from then on the window alone counts.
"""

from bidroom.rules.item import Item, ItemPhase, ItemTerms, LiveClosing


def first_deadline(terms: ItemTerms, first: bool, opened_at: int) -> int | None:
    """The deadline of a round as it opens; None for a live round that waits for its first bid as long as it takes.

    `first`: no round of the item was ever open. One that opens after its `closes_at`, or is offered again, lasts its
    `duration`, or where it has none, a window.
    """
    closing = terms.closing
    if isinstance(closing, LiveClosing):
        return None if closing.opening_ms is None else opened_at + closing.opening_ms
    if first and closing.closes_at is not None and closing.closes_at > opened_at:
        return closing.closes_at
    return opened_at + (closing.window_ms if closing.duration_ms is None else closing.duration_ms)


def deadline_after_bid(item: Item, arrival: int) -> int:
    """The deadline that an accepted bid leaves: reset to arrival + window, never added up."""
    closing = item.terms.closing
    if isinstance(closing, LiveClosing):
        # The first bid ends the wait for it; a later one moves no deadline that was extended to an earlier time.
        ends_at = arrival + closing.window_ms
        if item.highest_bidder is None or item.due_at is None or item.due_at < ends_at:
            return ends_at
        return item.due_at
    assert item.due_at is not None, "a timed round always has a deadline"
    extended = arrival + closing.window_ms
    if item.hard_end is not None:
        extended = min(extended, item.hard_end)
    return max(item.due_at, extended)


def at_least(item: Item, earliest: int, stood: int = 0) -> tuple[int | None, int | None]:
    """Deadline and hard end of an open round that is to close no earlier than `earliest`, after its clock `stood`."""
    due_at = None if item.due_at is None else max(item.due_at + stood, earliest)
    hard_end = None if item.hard_end is None else max(item.hard_end + stood, earliest)
    return due_at, hard_end


def after_outage(item: Item, now: int) -> tuple[int | None, int | None]:
    """Deadline and hard end of an open round once the house is back: nobody loses for what the house did."""
    return at_least(item, now + item.terms.closing.window_ms)


def after_pause(item: Item, now: int) -> tuple[int | None, int | None]:
    """Deadline (or next opening) and hard end of an item whose clock goes on: as much is left as when it stopped.

    An open round has at least its window.
    """
    assert item.stopped_at is not None, "the clock stands still"
    stood = now - item.stopped_at
    least = now + item.terms.closing.window_ms if item.phase is ItemPhase.OPEN else now
    due_at = None if item.due_at is None else max(item.due_at + stood, least)
    hard_end = None if item.hard_end is None else item.hard_end + stood
    return due_at, hard_end if hard_end is None or due_at is None else max(hard_end, due_at)


def after_void(item: Item, standing: bool, now: int) -> tuple[int | None, int | None]:
    """Deadline and hard end of a round whose standing bid was voided: a fresh window.

    A live round in which no bid is left (`standing` false) waits for its first one again. Where the clock stands still,
    it is taken to have stopped only now, with as much left as it had.
    """
    if not standing and isinstance(item.terms.closing, LiveClosing):
        return first_deadline(item.terms, False, now), item.hard_end
    stood = 0 if item.stopped_at is None else now - item.stopped_at
    return at_least(item, now + item.terms.closing.window_ms, stood)
