"""Old events from the journal, for the few whose past no longer stands in memory. Pages, at the reader's own pace."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bidroom.journal.chain import Entry, read_event
from bidroom.journal.journal import JournalUnavailable
from bidroom.rules.events import PublicEvent
from bidroom.server.connection import Connection
from bidroom.server.room import FORKED, Resume, Room
from bidroom.server.settings import FULL_BUFFER, PULSE_S
from bidroom.wire.messages import Error, ErrorReason, Update

_tasks: set[asyncio.Task[None]] = set()
"""The event loop keeps only weak references to tasks."""


async def read_public(room: Room, after: int, limit: int) -> tuple[list[PublicEvent], str]:
    """Public events behind `after` as others may see them, and the head after them ("" where there are none)."""
    entries = await room.journal.read_since(room.id, after, limit)
    return [_public(entry) for entry in entries], entries[-1].hash.hex() if entries else ""


def _public(entry: Entry) -> PublicEvent:
    return read_event(entry).public()  # pyright: ignore[reportReturnType]


def catch_up(room: Room, connection: Connection, after: int) -> None:
    """Send everything behind `after` until memory reaches further back, then let the room go on from there."""
    _start(_catch_up(room, connection, after))


def check_head(room: Room, connection: Connection, seq: int, head: str) -> None:
    """Close the connection as forked where the journal's event `seq` doesn't have the hash `head`."""
    _start(_check_head(room, connection, seq, head))


async def _catch_up(room: Room, connection: Connection, after: int) -> None:
    while after < room.ring.before and not connection.transport.is_closing():
        if connection.waiting > FULL_BUFFER:
            await asyncio.sleep(PULSE_S)
            continue
        try:
            events, head = await read_public(room, after, 1000)
        except JournalUnavailable:
            await asyncio.sleep(PULSE_S)
            continue
        connection.send(Update(after + 1, events[-1].seq, head, room.clock.now(), events))
        after = events[-1].seq
    if not connection.transport.is_closing():
        room.submit(connection, Resume(after))


async def _check_head(room: Room, connection: Connection, seq: int, head: str) -> None:
    try:
        entries = await room.journal.read_since(room.id, seq - 1, 1)
    except JournalUnavailable:
        connection.close(Error(ErrorReason.UNAVAILABLE, "The room is recovering its journal; come back in a moment."))
        return
    if not entries or entries[0].hash.hex() != head:
        connection.close(FORKED)


def _start(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
