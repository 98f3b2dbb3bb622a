"""A journal in memory, for tests: the same contract as the one on disk, with faults at will.

`kept` is what a disk would hold. A journal opened on the `kept` of an earlier one finds its rooms, as after a restart.
"""

import asyncio
from collections.abc import Sequence
from enum import Enum
from typing import cast

from bidroom.journal.chain import Entry
from bidroom.journal.journal import MAX_PAGE, Conflict, Fence, JournalUnavailable, Page


class Fault(Enum):
    """How appends fail while a journal has a fault: what they say is unknown, either way."""

    LOST = "the entries are not there afterwards"
    KEPT = "the entries are there afterwards"


class MemoryJournal:
    """A `Journal` without a disk. Set `fault` to make appends and `recover` fail until it is None again."""

    def __init__(self, kept: dict[str, list[Entry]] | None = None) -> None:
        self.kept: dict[str, list[Entry]] = {} if kept is None else kept
        self.fault: Fault | None = None
        self._failed = False
        self._closed = False

    @property
    def start(self) -> Fence:
        return 0, 0

    async def append(self, room: str, fence: Fence, entries: Sequence[Entry]) -> Fence:
        await asyncio.sleep(0)  # like a commit, it takes a while, and others go on meanwhile
        self._check()
        held = self.kept.get(room, [])
        end = self._fence_behind(held, self.start)
        if fence != end:
            raise Conflict(f"room {room!r} ends at {end}, not at {fence}")
        if self.fault is not Fault.LOST and entries:
            self.kept.setdefault(room, []).extend(entries)
        if self.fault is not None:
            self._failed = True
            self._check()
        return self._fence_behind(entries, end)

    async def read(self, room: str, after: Fence, limit: int = MAX_PAGE) -> Page:
        self._check()
        position = cast(tuple[int, int], after)
        behind = [entry for entry in self.kept.get(room, ()) if (entry.seq, entry.sub) > position]
        entries = behind[: max(0, min(limit, MAX_PAGE))]
        return Page(entries, self._fence_behind(entries, after))

    async def read_since(self, room: str, seq: int, limit: int = MAX_PAGE) -> list[Entry]:
        self._check()
        public = [entry for entry in self.kept.get(room, ()) if entry.seq > seq and entry.sub == 0]
        return public[: max(0, min(limit, MAX_PAGE))]

    async def rooms(self) -> list[str]:
        self._check()
        return list(self.kept)

    async def recover(self) -> None:
        if self._closed or (self._failed and self.fault is not None):
            raise JournalUnavailable("the journal could not be recovered")
        self._failed = False

    async def close(self) -> None:
        self._closed = True

    def _check(self) -> None:
        if self._closed:
            raise JournalUnavailable("the journal is closed")
        if self._failed:
            raise JournalUnavailable("the journal could not be written")

    @staticmethod
    def _fence_behind(entries: Sequence[Entry], otherwise: Fence) -> Fence:
        return (entries[-1].seq, entries[-1].sub) if entries else otherwise
