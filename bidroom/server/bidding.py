"""A room's single writer: drain the inbox, decide, append, acknowledge and broadcast; and the deadlines.

A batch is the unit of everything: whatever waits in the inbox is decided together, made durable by one commit and told
in one frame. While a batch is being committed the next one gathers, undecided. Nothing leaves the room before the
commit of what it shows; where a commit's outcome is unknown, nobody is answered and the room starts again from its
journal (`bidroom.server.recovery`).
"""

import asyncio

from bidroom.journal.chain import seal
from bidroom.journal.journal import Conflict, JournalUnavailable
from bidroom.rules import commands
from bidroom.rules.answers import Reason, Refused
from bidroom.rules.commands import Command, EndOutage, MeetDeadline, OpenRoom
from bidroom.rules.decide import Decision, decide
from bidroom.rules.events import PrivateEvent
from bidroom.rules.evolve import evolve
from bidroom.rules.item import ItemPhase, RoomTerms
from bidroom.rules.once import digest
from bidroom.server.batch import Batch, Entering
from bidroom.server.connection import ALREADY_JOINED, refused
from bidroom.server.recovery import recover
from bidroom.server.room import FORKED, Room, Submission
from bidroom.server.telling import tell
from bidroom.wire import messages
from bidroom.wire.messages import Accepted, Error, Join, Watch


async def manage_bidding(room: Room) -> None:
    """Run the room until it is told to stop and its inbox is empty."""
    while not (room.stopping and not room.inbox):
        await _work_or_deadline(room)
        batch = _decide_batch(room)
        if batch.entries and not await _commit(room, batch):
            await recover(room, batch.submissions)
        else:
            tell(room, batch)


async def open_room(room: Room, terms: RoomTerms) -> None:
    """Open a room that the journal doesn't know. Raises JournalUnavailable or Conflict."""
    batch = Batch([])
    _act(room, batch, OpenRoom(terms), room.clock.now())
    room.fence = await room.journal.append(room.id, room.fence, batch.entries)
    await room.load()


async def _work_or_deadline(room: Room) -> None:
    """Wait until something is in the inbox, the next deadline is there, or somebody wakes the room."""
    if room.inbox or room.interrupted or room.stopping:
        await asyncio.sleep(0)  # under load, let the sockets be read between two batches
    else:
        due = room.deadlines.next()
        timer = None
        if due is not None:
            delay_ms = due[0] - room.clock.now()
            timer = asyncio.get_running_loop().call_later(max(delay_ms, 0) / 1000, room.awake.set)
        await room.awake.wait()
        if timer is not None:
            timer.cancel()
    room.awake.clear()


def _decide_batch(room: Room) -> Batch:
    """Decide everything that waits, and every deadline that has come, in the order of their times."""
    batch = Batch(room.inbox)
    room.inbox = []
    now = room.clock.now()
    if room.interrupted or _late(room, now):
        room.interrupted = False
        room.metrics.outages.inc()
        _act(room, batch, EndOutage(), now)
    for submission in batch.submissions:
        _meet_deadlines(room, batch, submission.at)
        message = submission.message
        if isinstance(message, messages.Bid):
            answer = _bid(room, batch, submission, message)
        elif isinstance(message, Join | Watch):
            answer = _enter(room, submission, message)
        else:
            answer = None
        batch.answers.append((submission, answer))
    _meet_deadlines(room, batch, now)
    return batch


def _late(room: Room, now: int) -> bool:
    """Whether the house has slept through a deadline: its bidders may have been cut off, too."""
    due = room.deadlines.next()
    return due is not None and due[0] < now - room.tolerance_ms and due[1].phase is ItemPhase.OPEN


def _meet_deadlines(room: Room, batch: Batch, until: int) -> None:
    while (due := room.deadlines.next()) is not None and due[0] <= until:
        _act(room, batch, MeetDeadline(due[1].terms.id), due[0])


def _act(room: Room, batch: Batch, command: Command, at: int) -> Decision:
    """Decide one command and let what it leads to have happened, ready to be appended."""
    decision = decide(room.state, command, at)
    for event in decision.events:
        evolve(room.state, event)
        if (item := getattr(event, "item", None)) is not None:
            room.deadlines.note(room.state.items[item])
        entry = seal(event, room.tail)
        room.tail = entry.hash
        batch.events.append(event)
        batch.entries.append(entry)
    return decision


def _bid(room: Room, batch: Batch, submission: Submission, message: messages.Bid) -> Accepted | messages.Refused:
    assert submission.connection is not None, "a bid comes from somebody"
    seat = submission.connection.seat
    if seat is None:
        return refused(message.id, Reason.NOT_JOINED)
    bid = commands.Bid(seat.name, message.id, message.item, message.amount, message.unit, seat.registration)
    content = digest(bid)
    known = seat.answers.recall(bid.id, content)
    if known is not None:
        return known if not isinstance(known, Refused) else refused(known.id, known.reason)
    decided = _act(room, batch, bid, submission.at).answer
    assert decided is not None, "every bid is answered"
    if isinstance(decided, Refused):
        answer = refused(decided.id, decided.reason, decided.minimum)
    else:
        answer = Accepted(decided.id, decided.seq, room.tail.hex())
    seat.answers.keep(bid.id, content, answer)
    return answer


def _enter(room: Room, submission: Submission, message: Join | Watch) -> Entering | Error:
    connection = submission.connection
    assert connection is not None, "somebody comes in"
    assert submission.account is not None, "who comes in has an account"
    if connection.seat is not None:
        return ALREADY_JOINED
    if (forked := _forked(room, message)) is not None:
        return forked
    if isinstance(message, Watch):
        return Entering(message)
    seated = room.seats.take(message, submission.account)
    if isinstance(seated, Error):
        return seated
    seat, token = seated
    seat.connections.add(connection)
    connection.seat = seat
    connection.account = seat.account
    return Entering(message, token)


def _forked(room: Room, message: Join | Watch) -> Error | None:
    """The error for a participant who saw a history that this room doesn't have, as far as memory can tell."""
    if message.after is None:
        return None
    known = room.head_at(message.after)
    published = message.after <= room.state.seq
    if published and (known is None or message.head is None or known.hex() == message.head):
        return None
    return FORKED


async def _commit(room: Room, batch: Batch) -> bool:
    """Make the batch durable; False where it is not, or nobody knows."""
    started = room.clock.now()
    try:
        room.fence = await room.journal.append(room.id, room.fence, batch.entries)
    except (Conflict, JournalUnavailable):
        return False
    took_ms = room.clock.now() - started
    room.metrics.commit.observe(took_ms / 1000)
    if took_ms > room.tolerance_ms:
        room.interrupted = True
    for event, entry in zip(batch.events, batch.entries, strict=True):
        if not isinstance(event, PrivateEvent):
            room.publish(event, entry.hash)
    return True
