"""How something is sold: the keys that an item may have of its own, and otherwise has from its room.

What is wrong with a key is told where the file says it: in the item's table, or once in the room's.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from bidroom.catalogue import fields
from bidroom.catalogue.increments import increment
from bidroom.catalogue.tables import Table
from bidroom.rules.increments import Increment
from bidroom.rules.item import ItemDefaults, LiveClosing, TimedClosing

DEFAULT_WINDOW_MS = 10_000
DEFAULT_PAUSE_MS = 2_000

SELLING_KEYS = {
    "increment": "the least step from one bid to the next",
    "closing": '"live" or "timed"',
    "window": "seconds that a round stays open after a bid",
    "pause": "seconds between two units of an item",
    "opening": "seconds that a live round waits for its first bid",
    "duration": "seconds that a timed round lasts",
    "closes_at": "when a timed round closes",
    "hard_end": "when a timed round closes at the latest",
}


class Sale(Struct, frozen=True):
    """What is the same for the whole room: its currency, its order, when it opens, and what time it is."""

    currency: str
    now_ms: int
    one_by_one: bool = False
    opens_at: int | None = None


class Selling:
    """What the table says of selling, or else the room, or else the defaults. Of the room itself, `room` is None."""

    def __init__(self, table: Table, sale: Sale, room: "Selling | None" = None) -> None:
        self._table = table
        self._sale = sale
        self._room = room
        future = fields.moment_after(sale.now_ms)
        self.increment: Increment | None = self._read("increment", increment(sale.currency))
        self.closing: str = self._read("closing", fields.choice("live", "timed"), "live")
        self.window: int = self._read("window", fields.seconds(1), DEFAULT_WINDOW_MS)
        self.pause: int = self._read("pause", fields.seconds(0), DEFAULT_PAUSE_MS)
        self.opening: int | None = self._read("opening", fields.seconds(1))
        self.duration: int | None = self._read("duration", fields.seconds(1))
        self.closes_at: int | None = self._read("closes_at", future)
        self.hard_end: int | None = self._read("hard_end", future)

    def _read(self, key: str, convert: Callable[[Any], Any], default: Any = None) -> Any:
        if self._room is not None and not self._table.has(key):
            return getattr(self._room, key)
        value = self._table.read(key, convert)
        return default if value is None else value

    def terms(self, units: int, first: bool) -> LiveClosing | TimedClosing:
        """How the rounds of an item close; `first`: it is the room's first one. What doesn't fit together is noted."""
        other = ("duration", "closes_at", "hard_end") if self.closing == "live" else ("opening",)
        for key in other:
            if self._table.has(key):
                self._table.problem(key, f'is only for closing = "{"timed" if self.closing == "live" else "live"}"')
        if self.closing == "live":
            return LiveClosing(self.window, self.opening)
        if self._sale.one_by_one and not first and self.closes_at is not None:
            return self._in_turn()
        if self.duration is None and self.closes_at is None:
            self._table.problem(
                "closing", 'is "timed", so say when: closes_at = 2030-05-24T20:00:00Z, or duration = 600'
            )
        elif self.duration is None and units > 1:
            self._table.problem("units", f"is {units}, so the later ones need a duration in seconds: duration = 600")
        self._compare_moments()
        return TimedClosing(self.window, self.duration, self.closes_at, self.hard_end)

    def defaults(self) -> ItemDefaults:
        """What an item that is added during the sale has from this room: it comes last, and has a time of its own."""
        if self.closing == "live":
            closing = LiveClosing(self.window, self.opening)
        elif self.duration is None and (self.closes_at is None or self._sale.one_by_one):
            closing = LiveClosing(self.window)
        else:
            closing = TimedClosing(
                self.window, self.duration, None if self._sale.one_by_one else self.closes_at, self.hard_end
            )
        return ItemDefaults(closing, self.increment, self.pause)

    def _in_turn(self) -> TimedClosing:
        """One item after another: it opens when the one before it is done, so it can't close at a moment set before."""
        if self._table.has("closes_at") or self.duration is None:
            self._home("closes_at").problem(
                "closes_at",
                'is for the first item only where order = "one-by-one": each other opens when the one before it is '
                "done; say how long they last: duration = 600",
            )
        return TimedClosing(self.window, self.duration, None, self.hard_end)

    def _compare_moments(self) -> None:
        opens_at = self._sale.opens_at
        if self.closes_at is None:
            return
        if opens_at is not None and self.closes_at <= opens_at:
            self._home("closes_at").problem("closes_at", "is not after opens_at; bidding must open before it closes")
        if self.hard_end is not None and self.hard_end < self.closes_at:
            self._home("hard_end").problem("hard_end", "is before closes_at; it must not be earlier")

    def _home(self, key: str) -> Table:
        """The table that says this key."""
        return self._table if self._room is None or self._table.has(key) else self._room._table
