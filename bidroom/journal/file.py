"""The journal's file: one SQLite database whose tables and views any SQLite tool can read.

Whoever opens it for writing has it alone: an exclusive lock that is held until the file is closed keeps every other
server out, and one connection is all there ever is (SQLite 3.7.0 to 3.51.2 can damage a WAL that has two). The
functions here block and know nothing of threads; `writer.py` and `verify.py` are built from them.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bidroom.errors import BidroomError
from bidroom.journal.chain import DamagedJournal, Entry
from bidroom.journal.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION

Position = tuple[int, int]
"""(seq, sub) of an entry. The fence of this journal is the position of a room's last entry."""

START: Position = (0, 0)

decode_text = partial(str, encoding="utf-8", errors="replace")
"""Reads damaged text too; that it is not what was written is for the chain to find and to say where."""

_PAGE = """SELECT seq, sub, at, CAST(type AS BLOB), CAST(body AS BLOB), hash FROM events
    WHERE room = ? AND (seq, sub) > (?, ?) ORDER BY seq, sub LIMIT ?"""
_PUBLIC = """SELECT seq, sub, at, CAST(type AS BLOB), CAST(body AS BLOB), hash FROM events
    WHERE room = ? AND seq > ? AND sub = 0 ORDER BY seq LIMIT ?"""
_LAST = "SELECT seq, sub FROM events WHERE room = ? ORDER BY seq DESC, sub DESC LIMIT 1"
_LEAST_BYTES = 512
"""The smallest page of a database. SQLite takes a file below this for an empty one, and would overwrite it."""

_STRAYS = {
    "SELECT room FROM events WHERE room NOT IN (SELECT room FROM rooms)": "it has events, but was never opened",
    "SELECT room FROM rooms WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.room = rooms.room)": (
        "all its events are missing"
    ),
}


class JournalInUse(BidroomError):
    """Another server has the journal's file."""


class NotAJournal(BidroomError):
    """The file is something else than a journal, or one that this version can't use."""


class HeldFile(sqlite3.Connection):
    """A connection that has its file alone."""

    inode: tuple[int, int] | None = None

    def close(self) -> None:
        super().close()
        _held_here.discard(self.inode)


_held_here: set[tuple[int, int] | None] = set()
"""The files that this process has open, by device and inode; see `is_held_here`."""


def is_held_here(path: Path) -> bool:
    """Whether this process has the file open for writing.

    Such a file must not even be opened and closed again by other means: POSIX drops all of a process's locks on a file
    as soon as the process closes any descriptor of it.
    """
    return _inode(path) in _held_here


def _inode(path: Path) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what SQLite and the operating system say about the file into one clear line (BidroomError)."""
    try:
        yield
    except OSError as error:
        raise BidroomError(f"{path}: {error.strerror or error}") from error
    except UnicodeError as error:  # SQLite quotes from the file in what it says of it
        raise DamagedJournal(f"{path}: the file is damaged: its tables have names that are not text") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        said = str(error).partition("\n")[0]  # it may quote a whole statement
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise JournalInUse(f"{path}: another server or program is using this journal; stop it first") from error
        if code == sqlite3.SQLITE_NOTADB:
            raise NotAJournal(f"{path}: not a Bidroom journal; name another file") from error
        if code == sqlite3.SQLITE_CORRUPT:
            raise DamagedJournal(f"{path}: the file is damaged: {said}") from error
        raise BidroomError(f"{path}: the journal can't be opened: {said}") from error


def create_file(path: Path) -> None:
    """See that there is a file, which only its owner may read: it holds the hashes of the bidders' tokens."""
    if not path.parent.is_dir():
        raise BidroomError(f"{path}: there is no directory {path.parent}; create it first, or name another file")
    if path.is_dir():
        raise BidroomError(f"{path}: this is a directory; name a file in it")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return


def open_file(path: Path) -> HeldFile:
    """The file, for this caller alone, with everything that it holds on disk. It may be empty: see `create_tables`.

    Raises sqlite3.Error, and NotAJournal where it isn't one of this version.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None, factory=HeldFile
    )
    try:
        connection.text_factory = decode_text
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        identify(connection, path)
        if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
            raise BidroomError(f"{path}: this file system can't hold a journal (no write-ahead log); use a local disk")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = 1")  # on macOS a plain fsync stops short of the disk
        connection.execute("PRAGMA checkpoint_fullfsync = 1")
        _settle_log(connection)
        connection.inode = _inode(path)
        _held_here.add(connection.inode)
    except BaseException:
        connection.close()
        raise
    return connection


def _settle_log(connection: sqlite3.Connection) -> None:
    """Bring everything that the write-ahead log holds onto the disk for certain, before any of it is trusted.

    A commit whose fsync failed may stand complete in the log as we read it, and yet not be on the disk: the kernel
    reports such a failure once, then may mark the pages clean, so that a second fsync of the log succeeds and writes
    nothing. What survives in memory only would be shown to bidders and be gone after the next power cut. A checkpoint
    does not rely on those pages: it writes the content anew, into the database file, fsyncs that, and only then empties
    the log. Where it fails, the file is not usable. The same holds for the log that a killed server left.
    """
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("the write-ahead log could not be checkpointed")


def identify(connection: sqlite3.Connection, path: Path) -> None:
    """Raises NotAJournal where the file is neither a journal of this version nor empty."""
    if 0 < path.stat().st_size < _LEAST_BYTES:
        raise NotAJournal(f"{path}: not a Bidroom journal; name another file")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if is_empty(connection):
        return
    if application != APPLICATION_ID:
        raise NotAJournal(f"{path}: a database of another program, not a Bidroom journal; name another file")
    if version > SCHEMA_VERSION:
        raise NotAJournal(
            f"{path}: written by a newer Bidroom (journal version {version}); use that one or a later one"
        )


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the database has nothing in it yet, not even tables."""
    return connection.execute("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)").fetchone() == (1,)


def create_tables(connection: sqlite3.Connection) -> None:
    """Make an empty database a journal, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA.values():
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def check_file(connection: sqlite3.Connection, path: Path) -> None:
    """Raises DamagedJournal where the file is not whole: its pages, its tables, or what they say of each other.

    That no event was changed is for the chain to tell; that none is out of its sight, for this.
    """
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise DamagedJournal(f"{path}: the file is damaged: {' '.join(found.split())}")
    objects = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    for name, statement in SCHEMA.items():
        if not any(name == other and statement == sql for _, other, sql in objects):
            raise DamagedJournal(f"{path}: the file is damaged: {name!r} is not as Bidroom made it")
    for kind, name, _ in objects:
        if kind == "trigger":  # it could change what is written behind the writer's back
            raise DamagedJournal(f"{path}: it has a trigger {name!r}, which a journal must not have")
    for query, what in _STRAYS.items():
        if (stray := connection.execute(query).fetchone()) is not None:
            raise DamagedJournal(f"{path}: room {stray[0]!r}: {what}")


def read_rooms(connection: sqlite3.Connection) -> list[str]:
    """The rooms in the order in which they were opened."""
    return [room for (room,) in connection.execute("SELECT room FROM rooms ORDER BY opened").fetchall()]


def read_positions(connection: sqlite3.Connection) -> dict[str, Position]:
    """Where each room's journal ends."""
    return {room: connection.execute(_LAST, (room,)).fetchone() for room in read_rooms(connection)}


def read_page(connection: sqlite3.Connection, room: str, after: Position, limit: int) -> list[Entry]:
    """At most `limit` entries behind `after`."""
    return _entries(connection.execute(_PAGE, (room, *after, limit)))


def read_public(connection: sqlite3.Connection, room: str, seq: int, limit: int) -> list[Entry]:
    """At most `limit` public entries with a higher number than `seq`."""
    return _entries(connection.execute(_PUBLIC, (room, seq, limit)))


def _entries(rows: sqlite3.Cursor) -> list[Entry]:
    return [
        Entry(seq, sub, at, kind.decode("utf-8", "replace"), body, hash)
        for seq, sub, at, kind, body, hash in rows.fetchall()
    ]
