"""After a commit that nobody can vouch for: start again from the journal, and tell what it holds.

Nobody in the batch is acknowledged, since it may be durable or not. Everyone hears `unavailable`; then the room becomes
what its journal says, publishes what it finds there beyond what it had published, and goes on with its deadlines moved.
Clients resend what was not answered with the same ids, so nothing counts twice.
"""

import structlog

from bidroom.journal.chain import DamagedJournal
from bidroom.server.audience import broadcast
from bidroom.server.connection import Leave
from bidroom.server.room import UNAVAILABLE, Room, Submission
from bidroom.wire.messages import Update

log = structlog.get_logger("bidroom")


async def recover(room: Room, undecided: list[Submission]) -> None:
    """Bring the room back. Raises JournalUnavailable or DamagedJournal where that can't be done."""
    log.warning("room unavailable", room=room.id, undecided=len(undecided))
    room.unavailable = True
    for connection in list(room.audience):
        connection.send(UNAVAILABLE)
    waiting, room.inbox = [*undecided, *room.inbox], []
    for submission in waiting:
        room.turn_away(submission)
    head, seq = room.head, room.published
    await room.journal.recover()
    await room.load()
    found = room.ring.since(seq)
    if found is None or room.ring.hash_of(seq) != head:
        raise DamagedJournal(f"room {room.id}: the journal no longer has event {seq}, which was published")
    room.unavailable = False
    room.interrupted = True
    leaving = [submission for submission in waiting if isinstance(submission.message, Leave)]
    room.inbox = leaving + room.inbox
    if found:
        broadcast(room.audience, Update(seq + 1, found[-1].seq, room.head.hex(), room.clock.now(), found), {})
    log.warning("room recovered", room=room.id, events_found=len(found))
