"""Telling a durable batch: one reply to each who asked, one update to everyone, and whoever comes in or goes."""

from collections import Counter

import msgspec

from bidroom.rules.events import BidAccepted, PublicEvent, UnitSold
from bidroom.server import history
from bidroom.server.audience import Replies, broadcast
from bidroom.server.batch import Batch, Entering
from bidroom.server.connection import Connection, Leave
from bidroom.server.room import Order, Resume, Room, Show, Submission
from bidroom.wire.codec import encode
from bidroom.wire.messages import PROTOCOL_VERSION, Bid, Error, Refused, Sales, Update, Welcome
from bidroom.wire.updates import latest_events
from bidroom.wire.views import You, maximum_views


def tell(room: Room, batch: Batch) -> None:
    """Let everybody know. The batch is durable, and the room's state is that after it."""
    replies: Replies = {}
    newcomers: list[Connection] = []
    for submission, answer in batch.answers:
        connection = submission.connection
        if answer is None:
            continue
        if type(answer) is Entering:
            assert connection is not None, "who comes in has a connection"
            if _welcome(room, connection, answer, replies):
                newcomers.append(connection)
            continue
        if connection is None:
            assert isinstance(submission.message, Order), "only orders come without a connection"
            assert submission.message.reply is not None, "and then with a way to answer them"
            assert not isinstance(answer, Error), "orders are answered or refused"
            submission.message.reply(answer)
            continue
        if type(answer) is Error:
            room.not_in(connection)
        elif submission.account is not None:
            submission.account.unanswered -= 1
        frame = connection.framing.wrap(encode(answer))
        if connection in replies:
            replies[connection].append(frame)
        else:
            replies[connection] = [frame]
    room.metrics.written.inc(broadcast(room.audience, batch_update(room, batch.public), replies))
    for connection in newcomers:
        room.audience.add(connection)
    for submission in batch.submissions:
        if type(submission.message) in _ATTENDED:
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
    frames = replies.setdefault(connection, [])
    head = room.head if after is None else room.head_at(after)
    welcome = Welcome(
        version=PROTOCOL_VERSION,
        you=_you(room, connection),
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


def _you(room: Room, connection: Connection) -> You | None:
    """Who the participant is, and what is for their eyes only; None for one who only watches."""
    if connection.desk is not None:
        return You(connection.desk.name, 0, connection.desk.role)
    seat = connection.seat
    if seat is None:
        return None
    bidder = room.state.bidders.get(seat.bidder)
    paddle = seat.registration.paddle
    if bidder is None:
        return You(seat.bidder, seat.answers.last_id, paddle=paddle)
    return You(seat.bidder, seat.answers.last_id, paddle=paddle, budget=bidder.budget, maximums=maximum_views(bidder))


def _missed(room: Room, connection: Connection, after: int, missed: list[PublicEvent] | None) -> list[bytes]:
    """What brings a participant who heard everything up to `after` up to date, framed."""
    if missed is None:
        sales = Sales(after, [sale.public() for sale in room.state.sold if sale.seq > after])
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
            room.seats.leave(connection.seat, connection, connection.seat.bidder in room.state.bidders)
        if message.close:
            connection.end(b"")


_ATTENDED = frozenset({Show, Resume, Leave})


def help_the_slow(room: Room) -> None:
    """Give those who have caught up the room as it is now, encoded once, and the sales that they missed."""
    state = None
    for connection in room.audience.caught_up(room.clock.now()):
        state = state or encode(room.state_message())
        sales = [sale.public() for sale in room.state.sold if sale.seq > connection.heard]
        frames = connection.framing.wrap(state) + connection.framing.wrap(encode(Sales(connection.heard, sales)))
        connection.write(frames)


def _count(room: Room, batch: Batch) -> None:
    """Only what everyone may hear of is counted: not even a figure may tell that somebody has left a maximum."""
    metrics = room.metrics
    kinds = Counter(map(type, batch.events))
    if batch.public:
        metrics.batch.observe(len(batch.public))
    for submission, answer in batch.answers:
        if type(answer) is Refused and type(submission.message) is Bid:
            metrics.refused.labels(answer.reason.value).inc()
    metrics.accepted.inc(kinds[BidAccepted])
    metrics.sold.inc(kinds[UnitSold])
