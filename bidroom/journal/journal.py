"""The contract that every journal keeps. tests/journal/test_contract.py holds each backend to it.

A room's entries are a sequence that only grows. `append` ends in one of three ways: it returns (the entries are
durable, all of them), it raises `Conflict` (none are; somebody else wrote), or it raises `JournalUnavailable` (unknown:
they may or may not be there, now or after `recover`).
"""

from collections.abc import Hashable, Sequence
from typing import Protocol

from msgspec import Struct

from bidroom.journal.chain import Entry

Fence = Hashable
"""Opaque: names the position in a room's journal that the writer believes to be its end."""

MAX_PAGE = 1000


class Conflict(Exception):
    """The room's journal does not end where the writer believed: another writer was there. Nothing was written."""


class JournalUnavailable(Exception):
    """The journal could not say whether what was asked of it is durable, or could not be read."""


class Page(Struct, frozen=True):
    """Up to MAX_PAGE entries of a room in order, and the fence behind the last of them (behind `after` where none)."""

    entries: list[Entry]
    fence: Fence


class Journal(Protocol):
    """Keeps the entries of any number of rooms. All methods may be called at the same time by several tasks."""

    async def append(self, room: str, fence: Fence, entries: Sequence[Entry]) -> Fence:
        """Write entries behind `fence`: all or none, durable on return. Gives the fence for the next append.

        Raises Conflict where the room doesn't end at `fence`, JournalUnavailable where the outcome is unknown; after
        that every call raises it until `recover` has been called.
        """
        ...

    async def read(self, room: str, after: Fence, limit: int = MAX_PAGE) -> Page:
        """The entries behind `after`, at most `limit` and at most MAX_PAGE; none where there are none."""
        ...

    async def read_since(self, room: str, seq: int, limit: int = MAX_PAGE) -> list[Entry]:
        """The public entries (sub 0) with a higher sequence number than `seq`, in order, at most `limit`."""
        ...

    async def rooms(self) -> list[str]:
        """The ids of the rooms that have entries, in the order in which they were opened."""
        ...

    async def recover(self) -> None:
        """Open the journal anew after JournalUnavailable; what it then holds is durable. Raises JournalUnavailable."""
        ...

    async def close(self) -> None:
        """Let go of the journal. Appends that wait are finished first."""
        ...

    @property
    def start(self) -> Fence:
        """The fence of a room that has no entries yet."""
        ...
