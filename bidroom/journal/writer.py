"""The thread that has the journal's file to itself: group commit, reads in between, recovery.

Strategy: take all appends that wait, make them durable with one commit, and report all their outcomes to the event loop
in one go. Between two commits do at most one other thing (a page for a reader), so that no reader holds up the bids for
long. Where each room ends is known in memory, so a conflict is found before anything is written and touches nobody else
in the group. Invariant: what is reported as written is on the disk; after any failure nothing is reported as written
until `recover` has established what is there.
"""

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from msgspec import Struct

from bidroom.journal import file
from bidroom.journal.chain import Entry
from bidroom.journal.file import START, Position
from bidroom.journal.journal import Conflict, Fence, JournalUnavailable
from bidroom.journal.schema import COLUMNS, INSERT_ROOM, insert_events

_INSERTS = {size: insert_events(size) for size in (256, 128, 64, 32, 16, 8, 4, 2, 1)}
"""One statement writes many rows. Between statements the thread gives up Python's lock and waits for it again behind a
busy event loop, so a statement for each row would make a group slow exactly when there is most to do."""


class Append(Struct):
    """Write these entries; the outcome is the new fence."""

    outcome: asyncio.Future[Any]
    room: str
    fence: Fence
    entries: Sequence[Entry]


class Call(Struct):
    """Call this function in the thread; the outcome is what it returns or raises."""

    outcome: asyncio.Future[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class Writer:
    """The thread's side: everything but `requests` is touched by the thread alone."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.requests: SimpleQueue[Append | Call] = SimpleQueue()
        self._path = path
        self._loop = loop
        self._connection: sqlite3.Connection | None = None
        self._positions: dict[str, Position] = {}
        self._failure: str | None = None
        self._closed = False

    def run(self) -> None:
        """Serve requests until one of them was `close`."""
        calls: deque[Call] = deque()
        while not self._closed:
            appends = self._gather(calls)
            if appends:
                self._report([(a.outcome, result) for a, result in zip(appends, self._commit(appends), strict=True)])
            if calls:
                call = calls.popleft()
                self._report([(call.outcome, self._answer(call))])

    def _gather(self, calls: deque[Call]) -> list[Append]:
        """Everything that waits: the appends are returned, the rest goes behind `calls`. Waits if there is nothing."""
        appends: list[Append] = []
        try:
            request = self.requests.get(block=not calls)
            while True:
                if isinstance(request, Append):
                    appends.append(request)
                else:
                    calls.append(request)
                request = self.requests.get_nowait()
        except Empty:
            return appends

    def _report(self, outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to hear of it
            self._loop.call_soon_threadsafe(_settle, outcomes)

    def _answer(self, call: Call) -> Any:
        try:
            return call.function(*call.arguments)
        except Exception as error:
            return error

    def _commit(self, appends: list[Append]) -> list[Any]:
        """Make a group of appends durable: for each its new fence, or the exception that it ends in."""
        ends: dict[str, Position] = {}
        opened: list[tuple[str]] = []
        values: list[Any] = []
        outcomes: list[Any] = []
        for append in appends:
            room, entries = append.room, append.entries
            end = ends.get(room) or self._positions.get(room, START)
            if append.fence != end:
                outcomes.append(Conflict(f"room {room!r} ends at {end}, not at {append.fence}"))
                continue
            if entries:
                if end == START:
                    opened.append((room,))
                for entry in entries:
                    values += (room, entry.seq, entry.sub, entry.at, entry.type, entry.body, entry.hash)
                end = ends[room] = (entries[-1].seq, entries[-1].sub)
            outcomes.append(end)
        try:
            self._write(opened, values)
        except Exception as error:  # of whatever kind: what is on the disk is not known any more
            self._failure = self._failure or f"the journal could not be written: {error}"
            return [JournalUnavailable(self._failure) for _ in appends]
        self._positions.update(ends)
        return outcomes

    def _write(self, opened: list[tuple[str]], values: list[Any]) -> None:
        connection = self._usable()
        if not values:
            return
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT_ROOM, opened)
        done = 0
        for size, statement in _INSERTS.items():
            while len(values) - done >= size * COLUMNS:
                connection.execute(statement, values[done : done + size * COLUMNS])
                done += size * COLUMNS
        connection.execute("COMMIT")

    def _usable(self) -> sqlite3.Connection:
        if self._failure is not None or self._connection is None:
            raise JournalUnavailable(self._failure or "the journal is closed")
        return self._connection

    def read(self, query: Callable[..., Any], *arguments: Any) -> Any:
        """What one of the queries of `bidroom.journal.file` finds."""
        try:
            return query(self._usable(), *arguments)
        except sqlite3.Error as error:
            raise JournalUnavailable(f"the journal could not be read: {error}") from error

    def open(self) -> None:
        """Open the file for the first time, create it if need be, and check it."""
        with file.explained(self._path):
            file.create_file(self._path)
            self._connection = file.open_file(self._path)
            if file.is_empty(self._connection):
                file.create_tables(self._connection)
            file.check_file(self._connection, self._path)
            self._positions = file.read_positions(self._connection)

    def recover(self) -> None:
        """Open the file anew after a failure; once for each, however many rooms ask for it."""
        if self._failure is None:
            return
        try:
            self._let_go()
            # From here on the file alone says what was written: the commit that failed may be in its log.
            self._connection = file.open_file(self._path)
            self._positions = file.read_positions(self._connection)
        except Exception as error:  # of whatever kind: the journal is not back
            raise JournalUnavailable(f"{self._path}: the journal could not be recovered: {error}") from error
        self._failure = None

    def close(self) -> None:
        """Let go of the file, and end the thread."""
        self._closed = True
        self._let_go()

    def _let_go(self) -> None:
        """Close the connection, which moves its log into the database; where that fails, the next `open` does it."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _settle(outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
    """In the event loop: tell everyone who still waits how it ended."""
    for future, outcome in outcomes:
        if future.done():  # its task was cancelled
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
