"""An item as the room tracks it, and the terms it is sold on.

Terms are frozen when the room opens. An `Item` moves only in `evolve`. Prices are integers in minor units of the room's
currency; times are integers in milliseconds of room time.
"""

from enum import Enum

from msgspec import Struct

MAX_AMOUNT = 2**53
"""The largest amount, in minor units: what every JSON reader on earth still counts exactly."""


class LiveClosing(Struct, frozen=True, tag_field="kind", tag="live"):
    """A round closes `window_ms` after its last accepted bid; one without a bid waits `opening_ms` (None: for ever)."""

    window_ms: int
    opening_ms: int | None = None


class TimedClosing(Struct, frozen=True, tag_field="kind", tag="timed"):
    """A round closes at a set time, which a late bid moves.

    The first round closes at `closes_at`, or `duration_ms` after it opens where there is no `closes_at`; later rounds
    close `duration_ms` after they open. A bid within the last `window_ms` moves the close to its arrival + `window_ms`,
    at most to `hard_end`.
    """

    window_ms: int
    duration_ms: int | None = None
    closes_at: int | None = None
    hard_end: int | None = None


class ItemTerms(Struct, frozen=True):
    """What is sold and how: the part of an item that never changes."""

    id: str
    name: str
    starting_price: int
    increment: int
    units: int
    closing: LiveClosing | TimedClosing
    pause_ms: int = 0
    description: str = ""


class RoomTerms(Struct, frozen=True):
    """A room as its catalogue describes it. `currency` is an ISO 4217 code."""

    id: str
    name: str
    currency: str
    items: tuple[ItemTerms, ...]


class ItemPhase(Enum):
    """Where an item stands; see `bidroom.rules.transitions` for what leads from one to the next."""

    BETWEEN = "between"
    OPEN = "open"
    FINISHED = "finished"


class Item(Struct):
    """One item in the room.

    `unit` counts from 1 and is the unit of the current (or, between rounds, the last) round. `due_at` is when the clock
    next acts on the item: the close of its open round, or the opening of the next one; None where only a bid can.
    """

    terms: ItemTerms
    phase: ItemPhase = ItemPhase.BETWEEN
    unit: int = 0
    units_left: int = 0
    highest_bid: int | None = None
    highest_bidder: str | None = None
    due_at: int | None = None
    hard_end: int | None = None

    @property
    def minimum(self) -> int:
        """The least amount that the next bid must have; between rounds, the first bid of the next one."""
        if self.highest_bid is None or self.phase is ItemPhase.BETWEEN:
            return self.terms.starting_price
        return self.highest_bid + self.terms.increment


def new_item(terms: ItemTerms) -> Item:
    """An item of which nothing has been offered yet."""
    hard_end = terms.closing.hard_end if isinstance(terms.closing, TimedClosing) else None
    return Item(terms, units_left=terms.units, hard_end=hard_end)
