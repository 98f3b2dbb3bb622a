"""Verifying a journal's file: that it is whole, that nothing in it was changed, and that it is a lawful history.

The file is only ever read. One that a stopped server left is read in place; one that a killed server left has its last
commits in a write-ahead log beside it, and is copied with that log, because opening it would move the log into it. No
server can open the file meanwhile. A file alone can't show that its end was cut off, or that all of it was rewritten:
a receipt that a bidder kept can, and so can any head that the room published.
"""

import fcntl
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from bidroom.errors import BidroomError
from bidroom.journal import file
from bidroom.journal.chain import DamagedJournal, Entry
from bidroom.journal.file import JournalInUse
from bidroom.journal.journal import MAX_PAGE
from bidroom.journal.replay import Replay
from bidroom.rules.events import AnyEvent, BidAccepted
from bidroom.rules.state import RoomState

_SHARED_LOCK = 0x40000002, 510
"""Where SQLite locks a file for reading: the first byte and how many. Part of its file format."""


class VerifiedRoom(Struct, frozen=True):
    """A room that is as it was written. `head` is its last hash, in hexadecimal; `seq` its last public event."""

    id: str
    events: int
    bids: int
    purchases: int
    seq: int
    head: str


class Place(Struct, frozen=True):
    """Where a receipt stands: the event whose hash it is."""

    room: str
    seq: int
    sub: int


class Verified(Struct, frozen=True):
    """What a file holds, in the order in which rooms were opened; `receipt` is None where none was asked for."""

    rooms: list[VerifiedRoom]
    receipt: Place | None


def verify_file(path: Path, receipt: str | None = None) -> Verified:
    """Check all that is in the file, and that it has the event whose hash (64 hexadecimal digits) the receipt is.

    Raises DamagedJournal saying where, JournalInUse while a server has the file, BidroomError where it can't be read.
    """
    wanted = None if receipt is None else _parse_receipt(receipt)
    found: list[Place] = []
    bids: dict[str, int] = {}
    events: dict[str, int] = {}

    def look(room: str, page: Sequence[AnyEvent], entries: Sequence[Entry]) -> None:
        events[room] = events.get(room, 0) + len(page)
        bids[room] = bids.get(room, 0) + sum(type(event) is BidAccepted for event in page)
        found.extend(Place(room, entry.seq, entry.sub) for entry in entries if entry.hash == wanted)

    replays = _replay_file(path, look)
    if wanted is not None and not found:
        raise DamagedJournal(f"{path}: the journal does not have the event of this receipt: it was cut or rewritten")
    rooms = [
        VerifiedRoom(
            done.room, events[done.room], bids[done.room], len(done.state.sales), done.state.seq, done.head.hex()
        )
        for done in replays
    ]
    return Verified(rooms, found[0] if found else None)


def load_file(path: Path) -> dict[str, RoomState]:
    """The rooms of a file as they ended, in the order in which they were opened; checked like `verify_file`."""
    return {done.room: done.state for done in _replay_file(path, lambda *_: None)}


def _parse_receipt(receipt: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", receipt.strip()):
        raise BidroomError(f"{receipt[:80]!r} is not a receipt: it is the `head` of an answer, 64 hexadecimal digits")
    return bytes.fromhex(receipt.strip())


def load_events(path: Path) -> dict[str, list[AnyEvent]]:
    """All that happened in the rooms of a file, private events too; checked like `verify_file`."""
    events: dict[str, list[AnyEvent]] = {}
    _replay_file(path, lambda room, page, _entries: events.setdefault(room, []).extend(page))
    return events


def _replay_file(path: Path, look: Callable[[str, Sequence[AnyEvent], Sequence[Entry]], None]) -> list[Replay]:
    """Every room of the file, replayed to its end. `look` is shown all events, some at a time."""
    replays: list[Replay] = []
    with reading(path) as pages:
        for room in pages.rooms():
            replays.append(under_way := Replay(room))
            after = file.START
            while entries := pages.read(room, after):
                under_way.take(entries, partial(look, room))
                after = entries[-1].seq, entries[-1].sub
    return replays


class Pages:
    """What a file holds, page by page."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._is_empty = file.is_empty(connection)

    def rooms(self) -> list[str]:
        """The rooms in the order in which they were opened."""
        return [] if self._is_empty else file.read_rooms(self._connection)

    def read(self, room: str, after: file.Position, limit: int = MAX_PAGE) -> list[Entry]:
        """The entries behind `after`, at most `limit`; none where there are none."""
        return file.read_page(self._connection, room, after, limit)


@contextmanager
def reading(path: Path) -> Iterator[Pages]:
    """The pages of a file that nobody writes to meanwhile, and that is left as it is. Its chain is for the reader.

    Raises JournalInUse while a server has it, DamagedJournal where the file is not whole, or another BidroomError.
    """
    with file.explained(path), _standing_still(path), _readable(path) as connection:
        file.identify(connection, path)
        pages = Pages(connection)
        if not file.is_empty(connection):
            file.check_file(connection, path)
        yield pages


@contextmanager
def _standing_still(path: Path) -> Iterator[None]:
    """Nobody writes to the file meanwhile. Raises JournalInUse where somebody does now."""
    in_use = f"{path}: a server is using this journal; ask that server, or stop it first"
    if file.is_held_here(path):
        raise JournalInUse(in_use)
    with path.open("rb") as held:
        try:
            fcntl.lockf(held, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED_LOCK[1], _SHARED_LOCK[0])
        except BlockingIOError:
            raise JournalInUse(in_use) from None
        yield


@contextmanager
def _readable(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that shows what is in the file and its log, and leaves both alone."""
    log = path.with_name(path.name + "-wal")
    with TemporaryDirectory(prefix="bidroom-") as directory:
        target, mode = path, "mode=ro&immutable=1"
        if log.exists() and log.stat().st_size:
            target, mode = Path(directory) / "journal", "mode=rw"
            shutil.copyfile(path, target)
            shutil.copyfile(log, target.with_name("journal-wal"))
        uri = f"{target.absolute().as_uri()}?{mode}"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            connection.text_factory = file.decode_text
            yield connection
