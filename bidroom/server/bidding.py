"""A room's single writer: drain the inbox, decide, append, acknowledge and broadcast; and the deadlines.

A batch is the unit of everything: whatever waits in the inbox is decided together, made durable by one commit and told
in one frame. While a batch is being committed the next one gathers, undecided. Nothing leaves the room before the
commit of what it shows; where a commit's outcome is unknown, nobody is answered and the room starts again from its
journal (`bidroom.server.recovery`).
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, get_args

from bidroom.journal.chain import seal
from bidroom.journal.journal import Conflict, JournalUnavailable
from bidroom.rules import answers
from bidroom.rules.act import act
from bidroom.rules.answers import Reason, Refused
from bidroom.rules.commands import EndOutage, MeetDeadline, OpenRoom, Reserve
from bidroom.rules.decide import Command, decide
from bidroom.rules.decision import Decision
from bidroom.rules.events import BidderRegistered, TokenReplaced
from bidroom.rules.item import RoomTerms
from bidroom.server.batch import Batch, Entering
from bidroom.server.connection import ALREADY_JOINED, Connection, refused
from bidroom.server.desks import find_desk
from bidroom.server.orders import CLERKS_MAY, Invalid, bidder_command, is_dry_run, prepare, preview
from bidroom.server.recovery import recover
from bidroom.server.room import FORKED, Order, OrderAnswer, Room, Submission
from bidroom.server.seats import new_salt
from bidroom.server.telling import tell
from bidroom.wire import messages
from bidroom.wire.messages import Accepted, BidderMessage, Control, Done, Error, Watch
from bidroom.wire.messages import Entry as Entrance


async def manage_bidding(room: Room) -> None:
    """Run the room until it is told to stop and its inbox is empty."""
    while not (room.stopping and not room.inbox):
        await _work_or_deadline(room)
        batch = _decide_batch(room)
        if batch.entries and not await _commit(room, batch):
            await recover(room, batch.submissions)
        else:
            tell(room, batch)


async def open_room(room: Room, terms: RoomTerms, reserves: Mapping[str, int]) -> None:
    """Open a room that the journal doesn't know; `reserves` are by item. Raises JournalUnavailable or Conflict."""
    batch = Batch([])
    hidden = tuple(Reserve(item, amount, new_salt()) for item, amount in reserves.items())
    _act(room, batch, OpenRoom(terms, hidden), room.clock.now())
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
    due = room.deadlines.due
    for submission in batch.submissions:
        if due(submission.at) is not None:
            _meet_deadlines(room, batch, submission.at)
        find = _ANSWERS.get(type(submission.message))
        answer = None if find is None else find(room, batch, submission, submission.message)
        batch.answers.append((submission, answer))
    _meet_deadlines(room, batch, now)
    return batch


def _late(room: Room, now: int) -> bool:
    """Whether the house has slept through a deadline: its bidders may have been cut off, too."""
    due = room.deadlines.next()
    return due is not None and due[0] < now - room.tolerance_ms


def _meet_deadlines(room: Room, batch: Batch, until: int) -> None:
    while (due := room.deadlines.due(until)) is not None:
        _act(room, batch, MeetDeadline(due[1].terms.id), due[0])


def _act(room: Room, batch: Batch, command: Command, at: int) -> Decision:
    """Let one command and what it leads to have happened, ready to be appended."""
    decision = act(room.state, command, at)
    for event in decision.events:
        room.deadlines.note(event)
        entry = seal(event, room.tail)
        room.tail = entry.hash
        batch.events.append(event)
        batch.entries.append(entry)
    return decision


def _command(room: Room, batch: Batch, submission: Submission, message: BidderMessage) -> Accepted | messages.Refused:
    assert submission.connection is not None, "a bid comes from somebody"
    seat = submission.connection.seat
    if seat is None:
        return refused(message.id, Reason.NOT_JOINED)
    command = bidder_command(message, seat)
    known = seat.answers.recall(command)
    if known is not None:
        return known if not isinstance(known, Refused) else refused(known.id, known.reason)
    answer = _answer(batch, _act(room, batch, command, submission.at))
    seat.answers.keep(command.id, command, answer)
    return answer


def _answer(batch: Batch, decision: Decision) -> Accepted | messages.Refused:
    """The rules' answer as it is sent: with the receipt of the event that it is about, which is in the batch."""
    decided = decision.answer
    assert decided is not None, "whoever asks is answered"
    if not isinstance(decided, answers.Accepted):
        return refused(decided.id, decided.reason, decided.minimum)
    seq, sub = decided.seq, decided.sub
    for entry in reversed(batch.entries):
        if entry.seq == seq and entry.sub == sub:
            return Accepted(decided.id, seq, entry.hash.hex())
    raise AssertionError("what was accepted is in the batch")


def _order(room: Room, batch: Batch, submission: Submission, order: Order) -> OrderAnswer:
    id, desk = order.message.id, order.desk
    if desk is None and submission.connection is not None:
        desk = submission.connection.desk
    if desk is None or (desk.role == "clerk" and not isinstance(order.message, CLERKS_MAY)):
        return refused(id, Reason.NOT_ALLOWED)
    try:
        prepared = prepare(room, order.message, desk)
    except Invalid as error:
        return refused(id, Reason.INVALID, message=str(error))
    if is_dry_run(order.message):
        decision = decide(room.state, prepared.command, submission.at)
        return preview(room.state, id, decision.events) if decision.events else _answer(batch, decision)
    answer = _answer(batch, _act(room, batch, prepared.command, submission.at))
    if not prepared.code or not isinstance(answer, Accepted):
        return answer
    event = batch.events[-1]
    assert isinstance(event, BidderRegistered | TokenReplaced), "a code is given to somebody"
    if isinstance(event, BidderRegistered):
        room.seat(event)  # not first when it is durable: the next one in this batch may ask for the same
    paddle = room.state.bidders[event.bidder].paddle
    return Done(id=id, seq=answer.seq, head=answer.head, bidder=event.bidder, paddle=paddle, code=prepared.code)


def _enter(room: Room, _batch: Batch, submission: Submission, message: Entrance) -> Entering | Error:
    connection = submission.connection
    assert connection is not None, "somebody comes in"
    assert submission.account is not None, "who comes in has an account"
    if connection.seat is not None or connection.desk is not None:
        return ALREADY_JOINED
    if (forked := _forked(room, message)) is not None:
        return forked
    if isinstance(message, Watch):
        return Entering(message)
    if isinstance(message, Control):
        return _take_desk(room, connection, message)
    seated = room.seats.take(message, submission.account, room.terms)
    if isinstance(seated, Error):
        return seated
    seat, token = seated
    seat.connections.add(connection)
    connection.seat = seat
    connection.account = seat.account
    return Entering(message, token)


_ANSWERS: dict[type[Any], Callable[[Room, Batch, Submission, Any], OrderAnswer | Error | Entering]] = {
    **dict.fromkeys(get_args(BidderMessage), _command),
    **dict.fromkeys(get_args(Entrance), _enter),
    Order: _order,
}
"""How each message that is decided finds its answer; the others are looked after once the batch is durable."""


def _take_desk(room: Room, connection: Connection, message: Control) -> Entering | Error:
    desk = find_desk(room.settings.tokens, message.token, message.name)
    if isinstance(desk, Error):
        return desk
    connection.desk = desk
    return Entering(message)


def _forked(room: Room, message: Entrance) -> Error | None:
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
    if any(entry.sub == 0 for entry in batch.entries):  # nobody may count the commits of what is private
        room.metrics.commit.observe(took_ms / 1000)
    if took_ms > room.tolerance_ms:
        room.interrupted = True
    batch.public = room.publish(batch.events, batch.entries)
    return True
