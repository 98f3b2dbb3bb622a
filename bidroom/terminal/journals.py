"""The journal's file as the command line handles it: set aside for a new sale, and found again while a server has it.

A server that runs leaves a note beside its journal, `<journal>.server`: where it listens and its process id. A command
that finds the file in use reads the note and asks that server over HTTP.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from bidroom.journal.chain import DamagedJournal
from bidroom.journal.file import JournalInUse
from bidroom.journal.sqlite import SqliteJournal


class ServerNote(Struct, frozen=True):
    """Which server has a journal: its address for HTTP, its process id, and its certificate (PEM) where it has one."""

    url: str
    pid: int
    certificate: str = ""


async def set_aside(path: Path) -> Path:
    """Rename a journal, so that its name is free for a new one; gives its new name.

    The old file keeps everything. Raises JournalInUse where a server has it; a damaged one may be set aside.
    """
    with suppress(DamagedJournal):
        await (await SqliteJournal.open(path)).close()
    aside = _free_name(path)
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _free_name(path: Path) -> Path:
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    names = (f"{path.stem}-{stamp}{more}{path.suffix}" for more in ("", *(f"-{count}" for count in range(2, 100))))
    return next(free for free in map(path.with_name, names) if not free.exists())


def note_path(journal: Path) -> Path:
    """Where the note of the server that has this journal is."""
    return journal.with_name(journal.name + ".server")


@contextmanager
def noted(journal: Path, url: str, certificate: str = "") -> Iterator[None]:
    """Leave a note of this server beside its journal for as long as it has it."""
    path = note_path(journal)
    path.write_bytes(msgspec.json.encode(ServerNote(url, os.getpid(), certificate)))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def server_of(journal: Path) -> ServerNote:
    """The server that has this journal, from its note. Raises JournalInUse where there is no note to go by."""
    try:
        return msgspec.json.decode(note_path(journal).read_bytes(), type=ServerNote)
    except (OSError, msgspec.MsgspecError):
        raise JournalInUse(f"{journal}: another program is using this journal; stop it first") from None
