"""The default journal: one SQLite file, written by one thread (see `bidroom.journal.writer`).

This is the event loop's side. Every call puts a request on the thread's queue and waits for its outcome.
"""

import asyncio
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from bidroom.journal import file
from bidroom.journal.chain import Entry
from bidroom.journal.file import START, JournalInUse
from bidroom.journal.journal import MAX_PAGE, Fence, JournalUnavailable, Page
from bidroom.journal.writer import Append, Call, Writer

__all__ = ["JournalInUse", "SqliteJournal"]

_SWITCH_S = 1e-5
"""How long the event loop may keep Python's lock once the thread asks for it. With the usual 5 ms a busy loop, which
lets go of the lock for a moment at every system call, can keep the thread waiting for seconds."""


class SqliteJournal:
    """A `Journal` in the file at `path`. Fences are (seq, sub) of a room's last entry."""

    def __init__(self, path: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(path, self._loop)
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, or create it. Raises JournalInUse, DamagedJournal or another BidroomError: one clear line."""
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_S))
        journal = cls(path)
        # A daemon: a process that ends without closing the journal must not hang; what it acknowledged is on disk.
        threading.Thread(target=journal._writer.run, name="bidroom-journal", daemon=True).start()
        try:
            await journal._call(journal._writer.open)
        except BaseException:
            await journal.close()
            raise
        return journal

    @property
    def start(self) -> Fence:
        return START

    async def append(self, room: str, fence: Fence, entries: Sequence[Entry]) -> Fence:
        return await self._ask(Append(self._loop.create_future(), room, fence, entries))

    async def read(self, room: str, after: Fence, limit: int = MAX_PAGE) -> Page:
        entries = await self._call(self._writer.read, file.read_page, room, after, _page_size(limit))
        return Page(entries, (entries[-1].seq, entries[-1].sub) if entries else after)

    async def read_since(self, room: str, seq: int, limit: int = MAX_PAGE) -> list[Entry]:
        return await self._call(self._writer.read, file.read_public, room, seq, _page_size(limit))

    async def rooms(self) -> list[str]:
        return await self._call(self._writer.read, file.read_rooms)

    async def recover(self) -> None:
        await self._call(self._writer.recover)

    async def close(self) -> None:
        if self._closing is None:
            closing = self._call(self._writer.close)
            self._closing = closing
        await asyncio.shield(self._closing)

    def _call(self, function: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        return self._ask(Call(self._loop.create_future(), function, arguments))

    def _ask(self, request: Append | Call) -> asyncio.Future[Any]:
        if self._closing is not None:
            raise JournalUnavailable("the journal is closed")
        self._writer.requests.put(request)
        return request.outcome


def _page_size(limit: int) -> int:
    return max(0, min(limit, MAX_PAGE))  # to SQLite, a negative limit is none
