"""One participant's connection, whatever it speaks: decode, check, submit.

`handle_client()` is called with each message as it arrives and never waits. A message that is the room's business goes
into the room's inbox with its arrival time; everything else is answered here. A peer can do nothing but get an answer,
wait for one, or be closed with a reason.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from msgspec import Struct

from bidroom.clock import Clock
from bidroom.rules.answers import REMEDIES, Reason
from bidroom.server.framing import Framing
from bidroom.server.seats import Account, Seat
from bidroom.server.settings import FIRST_MESSAGE_S, MAX_BUFFER, ServerSettings
from bidroom.wire.codec import Malformed, decode, encode
from bidroom.wire.control import AnyControl
from bidroom.wire.messages import (
    AnswerOffer,
    Bid,
    BidderMessage,
    BuyNow,
    Bye,
    CancelMax,
    Control,
    Entry,
    Error,
    ErrorReason,
    Events,
    Join,
    MaxBid,
    Ping,
    Pong,
    Refused,
    Watch,
)

if TYPE_CHECKING:
    from bidroom.server.desks import Desk
    from bidroom.server.room import Room


ALREADY_JOINED = Error(
    ErrorReason.ALREADY_JOINED, "This connection is in a room already; open another one for another name or room."
)


class House(Struct):
    """What every connection of a server shares."""

    rooms: Mapping[str, "Room"]
    settings: ServerSettings
    clock: Clock
    connections: set["Connection"]
    empty: asyncio.Event
    stopping: bool = False


class Connection:
    """A socket with a participant behind it. `seat` is None until they have joined, `room` until they have asked in,
    and `desk` for all who don't control it.

    `direct` hands bytes to the kernel at once; None while others wait in the transport, or where that speaks TLS. The
    transport would get there as well, but its way is longer, and every listener of every update goes it. A transport
    takes the descriptor away from `sock` when it closes it, so nothing is ever sent to whoever has that number next.
    """

    __slots__ = (
        "_sock",
        "_timer",
        "account",
        "behind_since",
        "desk",
        "direct",
        "events",
        "framing",
        "heard",
        "house",
        "room",
        "seat",
        "transport",
    )

    def __init__(
        self, house: House, transport: asyncio.Transport, sock: socket.socket | None, framing: Framing
    ) -> None:
        self.house = house
        self.transport = transport
        self.framing = framing
        self.account = Account(house.settings.limits.messages_per_second, house.clock.now())
        self.room: Room | None = None
        self.seat: Seat | None = None
        self.desk: Desk | None = None
        self.events: Events = "none"
        self.heard = 0
        self.behind_since: int | None = None
        self._sock = sock
        self.direct: Callable[[bytes], int] | None = None
        if sock is not None:
            transport.set_write_buffer_limits(high=0)  # so that `hold` and `flow` say whether anything waits
            if not transport.get_write_buffer_size():
                self.flow()
        house.connections.add(self)
        house.empty.clear()
        loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = loop.call_later(FIRST_MESSAGE_S, self._silent)

    def hold(self) -> None:
        """The kernel takes no more for now: what is written has to wait behind what waits already."""
        self.direct = None

    def flow(self) -> None:
        """Nothing waits any more."""
        self.direct = None if self._sock is None else self._sock.send

    @property
    def waiting(self) -> int:
        """How many bytes wait for the peer to read."""
        return 0 if self.direct is not None else self.transport.get_write_buffer_size()

    def write(self, frames: bytes) -> None:
        """Hand over bytes that are already framed; a peer that lets too many wait is closed."""
        if self.direct is not None:
            try:
                sent = self.direct(frames)
            except OSError:  # it would have to wait, or the peer is gone: which, is for the transport to find out
                sent = 0
            if sent == len(frames):
                return
            frames = frames[sent:]
        if self.transport.is_closing():
            return
        self.transport.write(frames)
        if self.transport.get_write_buffer_size() > MAX_BUFFER:
            self.close_slow()

    def send(self, message: Struct) -> None:
        """Send one message."""
        self.write(self.framing.wrap(encode(message)))

    def close(self, message: Error | Bye, goodbye: bytes | None = None) -> None:
        """Say why, and close once that has left. `goodbye` are the last bytes where they aren't the usual ones."""
        self.end(self.framing.wrap(encode(message)) + (self.framing.goodbye if goodbye is None else goodbye))

    def end(self, frames: bytes) -> None:
        """Close once these last bytes have left."""
        self._sock = self.direct = None
        if not self.transport.is_closing():
            self.transport.write(frames)
            self.transport.close()

    def close_slow(self) -> None:
        """Close a peer that doesn't read: the reason is written, but nothing waits for it to be taken."""
        self.close(Error(ErrorReason.TOO_SLOW, "You read too slowly; come back with `after` to hear what you missed."))
        asyncio.get_running_loop().call_later(1, self.transport.abort)

    def entered(self) -> None:
        """The participant is in: no more waiting for their first message."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def lost(self) -> None:
        """The socket is gone. What it had submitted still counts."""
        self.entered()
        self._sock = self.direct = None
        self.house.connections.discard(self)
        if not self.house.connections:
            self.house.empty.set()
        if self.room is not None:
            self.room.submit(self, LEAVE)

    def _silent(self) -> None:
        self._timer = None
        text = f"Nothing was said for {FIRST_MESSAGE_S} seconds; send a `join` or a `watch` first."
        self.close(Error(ErrorReason.SILENT, text))


class Leave(Struct, frozen=True):
    """The connection asks for nothing more. `close`: it still listens, so close it behind its last answer."""

    close: bool = False


LEAVE = Leave()


def handle_client(connection: Connection, data: bytes | str) -> None:
    """Take one message: decode it, check it, submit it to the room or answer it here."""
    now = connection.house.clock.now()
    if connection.transport.is_closing():
        return
    try:
        message = decode(data)
    except Malformed as error:
        if connection.account.take_message(now):
            connection.send(Error(ErrorReason.MALFORMED, str(error)))
        else:
            connection.close(Error(ErrorReason.RATE_LIMITED, "Too much that is no message; mend the program first."))
        return
    if not connection.account.take_message(now):
        _refuse(connection, message, Reason.RATE_LIMITED)
        return
    _HANDLERS[type(message)](connection, message, now)


def _enter(connection: Connection, message: Entry, now: int) -> None:
    is_seated = connection.seat is not None or connection.desk is not None
    if connection.room is not None and (is_seated or not isinstance(message, Join)):
        connection.send(ALREADY_JOINED)
        return
    room = _room(connection, message.room)
    if isinstance(room, Error):
        connection.send(room)
    elif connection.room not in (None, room):
        connection.send(ALREADY_JOINED)
    else:
        connection.room = room
        room.submit(connection, message, now)


def _room(connection: Connection, id: str | None) -> "Room | Error":
    rooms = connection.house.rooms
    if id is None and len(rooms) == 1:
        return next(iter(rooms.values()))
    room = None if id is None else rooms.get(id)
    if room is not None:
        return room
    some = ", ".join(list(rooms)[:10])
    fault = "This server has several rooms" if id is None else f"There is no room {id[:60]!r}"
    return Error(ErrorReason.UNKNOWN_ROOM, f"{fault}; name one with `room`: {some}.")


def _command(connection: Connection, message: BidderMessage, now: int) -> None:
    if connection.room is None:
        _refuse(connection, message, Reason.NOT_JOINED)
    elif connection.account.full:
        _refuse(connection, message, Reason.RATE_LIMITED)
    else:
        connection.account.unanswered += 1
        connection.room.submit(connection, message, now)


def _order(connection: Connection, message: AnyControl, now: int) -> None:
    if connection.room is None:
        _refuse(connection, message, Reason.NOT_ALLOWED)
    elif connection.account.full:
        _refuse(connection, message, Reason.RATE_LIMITED)
    else:
        connection.account.unanswered += 1
        connection.room.order(connection, message, now)


def _ping(connection: Connection, _message: Ping, now: int) -> None:
    connection.send(Pong(now))


def _refuse(connection: Connection, message: Struct, reason: Reason) -> None:
    if isinstance(message, BidderMessage | AnyControl):
        connection.send(refused(message.id, reason))
    else:
        connection.send(Error(ErrorReason(reason.value), REMEDIES[reason]))


def refused(id: int, reason: Reason, minimum: int | None = None, message: str = "") -> Refused:
    """A refusal as it is sent."""
    return Refused(id, reason, message or REMEDIES[reason], minimum)


_HANDLERS: dict[type[Struct], Callable[[Connection, Any, int], None]] = {
    Join: _enter,
    Watch: _enter,
    Control: _enter,
    Ping: _ping,
    **dict.fromkeys((Bid, MaxBid, CancelMax, BuyNow, AnswerOffer), _command),
    **dict.fromkeys(get_args(AnyControl), _order),
}
