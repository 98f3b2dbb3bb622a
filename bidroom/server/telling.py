"""Telling a durable batch: one reply to each who asked, one update to everyone, and whoever comes in or goes."""

import msgspec

from bidroom.rules.events import UnitSold
from bidroom.server import history
from bidroom.server.audience import Replies, broadcast
from bidroom.server.batch import Batch, Entering
from bidroom.server.connection import Connection, Leave
from bidroom.server.room import Resume, Room, Show, Submission
from bidroom.wire.codec import encode
from bidroom.wire.messages import (
    PROTOCOL_VERSION,
    Accepted,
    Error,
    Join,
    PublicEvent,
    Refused,
    Sales,
    Update,
    Welcome,
    You,
)
from bidroom.wire.updates import latest_events, public_events


def tell(room: Room, batch: Batch) -> None:
    """Let everybody know. The batch is durable, and the room's state is that after it."""
    replies: Replies = {}
    newcomers: list[Connection] = []
    for submission, answer in batch.answers:
        connection = submission.connection
        if connection is None or answer is None:
            continue
        if not isinstance(answer, Accepted | Refused | Error):
            if _welcome(room, connection, answer, replies):
                newcomers.append(connection)
            continue
        if isinstance(answer, Error):
            room.not_in(connection)
        elif submission.account is not None:
            submission.account.unanswered -= 1
        replies.setdefault(connection, []).append(connection.framing.wrap(encode(answer)))
    room.metrics.written.inc(broadcast(room.audience, batch_update(room, public_events(batch.events)), replies))
    for connection in newcomers:
        room.audience.add(connection)
    for submission in batch.submissions:
        _attend(room, submission)
    help_the_slow(room)
    _count(room, batch)


def batch_update(room: Room, events: list[PublicEvent]) -> Update | None:
    """The update for events that bring the room to its present head; None for none."""
    if not events:
        return None
    return Update(events[0].seq, events[-1].seq, room.head.hex(), room.clock.now(), events)


def _welcome(room: Room, connection: Connection, entering: Entering, replies: Replies) -> bool:
    """Write the welcome, and what a resuming participant missed. Whether they now hear the room as it goes on."""
    message = entering.message
    after = message.after
    room.audience.remove(connection)  # a watcher who joins may want to hear other events
    connection.events = message.events
    connection.entered()
    seat = connection.seat
    frames = replies.setdefault(connection, [])
    head = room.head if after is None else room.head_at(after)
    welcome = Welcome(
        version=PROTOCOL_VERSION,
        you=You(seat.name, seat.answers.last_id) if isinstance(message, Join) and seat is not None else None,
        token=entering.token,
        room=msgspec.Raw(room.snapshot()) if after is None else None,
        seq=room.state.seq if after is None else after,
        head=head.hex() if head is not None else (message.head or ""),
        now=room.clock.now(),
    )
    frames.append(connection.framing.wrap(encode(welcome)))
    if after is None or message.events == "none":
        return True
    if head is None and message.head is not None:
        history.check_head(room, connection, after, message.head)
    missed = room.ring.since(after)
    if missed is None and message.events == "all":
        history.catch_up(room, connection, after)
        return False
    frames.extend(_missed(room, connection, after, missed))
    return True


def _missed(room: Room, connection: Connection, after: int, missed: list[PublicEvent] | None) -> list[bytes]:
    """What brings a participant who heard everything up to `after` up to date, framed."""
    if missed is None:
        sales = Sales(after, [sale for sale in room.state.sales if sale.seq > after])
        return [connection.framing.wrap(encode(message)) for message in (room.state_message(), sales)]
    update = batch_update(room, missed if connection.events == "all" else latest_events(missed))
    if update is None:
        return []
    first = Update(after + 1, room.state.seq, update.head, update.now, update.events)
    return [connection.framing.wrap(encode(first))]


def _attend(room: Room, submission: Submission) -> None:
    """What follows on a batch for one connection alone: it leaves, comes from the journal, or is shown something."""
    connection, message = submission.connection, submission.message
    if isinstance(message, Show):
        message.look()
    elif connection is None:
        return
    elif isinstance(message, Resume):
        missed = room.ring.since(message.after)
        if missed is None:
            history.catch_up(room, connection, message.after)
        else:
            connection.write(b"".join(_missed(room, connection, message.after, missed)))
            room.audience.add(connection)
    elif isinstance(message, Leave):
        room.audience.remove(connection)
        if connection.seat is not None:
            room.seats.leave(connection.seat, connection, connection.seat.name in room.state.bidders)
        if message.close:
            connection.transport.close()


def help_the_slow(room: Room) -> None:
    """Give those who have caught up the room as it is now, encoded once, and the sales that they missed."""
    state = None
    for connection in room.audience.caught_up(room.clock.now()):
        state = state or encode(room.state_message())
        sales = [sale for sale in room.state.sales if sale.seq > connection.heard]
        frames = connection.framing.wrap(state) + connection.framing.wrap(encode(Sales(connection.heard, sales)))
        connection.write(frames)


def _count(room: Room, batch: Batch) -> None:
    metrics = room.metrics
    accepted = 0
    if batch.submissions:
        metrics.batch.observe(len(batch.submissions))
    for _, answer in batch.answers:
        if isinstance(answer, Accepted):
            accepted += 1
        elif isinstance(answer, Refused):
            metrics.refused.labels(answer.reason.value).inc()
    metrics.accepted.inc(accepted)
    metrics.sold.inc(sum(isinstance(event, UnitSold) for event in batch.events))
