"""A copy of a journal, made while the server that has it runs: page by page, as any reader would ask for them.

Strategy: each room is copied up to the end that it has when its last page is read; an append is read whole or not at
all, so every room in the copy is one that there was. The copy is written beside its final name, verified like any
journal, and only then renamed. Invariant: a file with the final name is whole; nothing is ever overwritten.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from bidroom.errors import BidroomError
from bidroom.journal import file
from bidroom.journal.chain import DamagedJournal, Entry
from bidroom.journal.file import Position
from bidroom.journal.journal import MAX_PAGE, Fence, JournalUnavailable, Page
from bidroom.journal.sqlite import SqliteJournal
from bidroom.journal.verify import Pages, reading, verify_file

Told = Callable[[int], None]
"""Is told, now and then, how many entries are copied."""


class Reader(Protocol):
    """The part of a `Journal` that a copy needs."""

    async def read(self, room: str, after: Fence, limit: int = MAX_PAGE) -> Page:
        """See `Journal.read`."""
        ...

    async def rooms(self) -> list[str]:
        """See `Journal.rooms`."""
        ...

    @property
    def start(self) -> Fence:
        """See `Journal.start`."""
        ...


async def copy_journal(journal: Reader, target: Path, told: Told | None = None) -> None:
    """Make `target` a verified copy of the journal, which only its owner may read.

    Raises BidroomError where it can't be written, DamagedJournal where the journal itself is not whole, and
    JournalUnavailable; there is then no file `target`.
    """
    with new_file(target) as partial:
        async with _opened(partial) as copy:
            copied = 0
            for room in await journal.rooms():
                behind, end = journal.start, copy.start
                while (page := await journal.read(room, behind)).entries:
                    behind, end = page.fence, await _append(copy, room, end, page.entries, target)
                    copied += len(page.entries)
                    if told is not None:
                        told(copied)
                    if len(page.entries) < MAX_PAGE:
                        break  # the room may have gone on by now, faster than it is read
        await asyncio.to_thread(verify_copy, partial, target)


async def _append(copy: SqliteJournal, room: str, end: Fence, entries: list[Entry], target: Path) -> Fence:
    try:
        return await copy.append(room, end, entries)
    except JournalUnavailable as error:  # not the journal that is copied
        raise BidroomError(f"{target}: can't be written; is there room for it? {error}") from error


async def copy_file(path: Path, target: Path, told: Told | None = None) -> None:
    """Make `target` a verified copy of a journal that no server has. Raises JournalInUse where one does."""
    with reading(path) as pages:
        await copy_journal(_FileReader(pages), target, told)


class _FileReader:
    """A file that stands still, read like a journal."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def read(self, room: str, after: Fence, limit: int = MAX_PAGE) -> Page:
        assert isinstance(after, tuple), "a fence of this reader is a position"
        entries = self._pages.read(room, after)[:limit]
        return Page(entries, (entries[-1].seq, entries[-1].sub) if entries else after)

    async def rooms(self) -> list[str]:
        return self._pages.rooms()

    @property
    def start(self) -> Position:
        return file.START


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[SqliteJournal]:
    copy = await SqliteJournal.open(path)
    try:
        yield copy
    finally:
        await copy.close()


def verify_copy(partial: Path, target: Path) -> None:
    """Verify what is to become `target`. Raises DamagedJournal."""
    try:
        verify_file(partial)
    except DamagedJournal as error:
        found = str(error).removeprefix(f"{partial}: ")
        raise DamagedJournal(f"{target}: not made, for what was to be copied is damaged: {found}") from None


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A file to write to, which becomes `target` at the end of the block; where that fails, nothing is left of it.

    Raises BidroomError where there is a `target` already, or where none can be.
    """
    if not target.parent.is_dir():
        raise BidroomError(f"{target}: there is no directory {target.parent}; create it first, or name another file")
    _refuse_to_overwrite(target)
    with file.explained(target):
        descriptor, name = tempfile.mkstemp(".partial", f".{target.name[:100]}.", target.parent)
        partial = Path(name)
        try:
            os.close(descriptor)
            yield partial
            _refuse_to_overwrite(target)
            partial.rename(target)
            _sync_directory(target.parent)
        finally:
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    partial.with_name(partial.name + suffix).unlink()


def _refuse_to_overwrite(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise BidroomError(f"{target}: there is a file of this name already; name another one")


def _sync_directory(directory: Path) -> None:
    """Bring the new name onto the disk too."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
