"""The two ways of speaking, JSON lines and WebSocket: from bytes to messages, and the peer's other signs of life."""

import asyncio
import socket
from base64 import b64encode
from hashlib import sha1

from bidroom.server.connection import Connection, House, Leave, handle_client
from bidroom.server.framing import LINES, WEBSOCKET
from bidroom.wire import frames
from bidroom.wire.frames import BadFrame, FrameReader
from bidroom.wire.lines import LineSplitter, LineTooLong
from bidroom.wire.messages import Error, ErrorReason

LOOK_S = 15
"""How often it is looked whether a WebSocket has said anything. After two looks it is pinged, after three closed."""

_LEAVE_AND_CLOSE = Leave(close=True)

_WEBSOCKET_ID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a server adds to a client's key, to show that it knows what it is being asked for (RFC 6455, section 1.3)."""


class Speaker(asyncio.Protocol):
    """A participant's end of a transport, whatever they speak."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pause_writing(self) -> None:
        self._connection.hold()

    def resume_writing(self) -> None:
        self._connection.flow()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._connection.lost()


class Lines(Speaker):
    """A connection that speaks JSON lines."""

    __slots__ = ("_lines",)

    def __init__(self, house: House, transport: asyncio.Transport, sock: socket.socket | None) -> None:
        super().__init__(Connection(house, transport, sock, LINES))
        self._lines = LineSplitter()

    def data_received(self, data: bytes) -> None:
        try:
            for line in self._lines.feed(data):
                handle_client(self._connection, line)
        except LineTooLong as error:
            self._connection.close(Error(ErrorReason.TOO_LONG, str(error)))

    def eof_received(self) -> bool:
        """The peer says nothing more: it gets the answers that it waits for, and then the connection is closed.

        Where that is TLS it is closed at once: there asyncio keeps no connection half open.
        """
        room = self._connection.room
        if room is None or self._connection.transport.get_extra_info("sslcontext") is not None:
            return False
        room.submit(self._connection, _LEAVE_AND_CLOSE)
        return True


class WebSocket(Speaker):
    """A connection that speaks WebSocket, from the answer to the handshake on."""

    __slots__ = ("_frames", "_quiet", "_timer")

    def __init__(self, house: House, transport: asyncio.Transport, sock: socket.socket | None) -> None:
        super().__init__(Connection(house, transport, sock, WEBSOCKET))
        self._frames = FrameReader()
        self._quiet = 0
        self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def begin(self, key: str, early: bytes) -> None:
        """Answer a client that asked with this `Sec-WebSocket-Key`. `early` are bytes that came before it was."""
        self._connection.write(_upgrade_response(key))
        if early:
            self.data_received(early)

    def data_received(self, data: bytes) -> None:
        self._quiet = 0
        connection = self._connection
        try:
            for kind, payload in self._frames.feed(data):
                if kind == frames.TEXT:
                    handle_client(connection, payload)
                elif not connection.transport.is_closing():
                    self._hear(kind, payload)
        except BadFrame as error:
            reason = ErrorReason.TOO_LONG if error.code == frames.TOO_BIG else ErrorReason.MALFORMED
            connection.close(Error(reason, str(error)), frames.close_frame(error.code))

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def _hear(self, kind: int, payload: bytes) -> None:
        """Answer what is no message of ours."""
        connection = self._connection
        if kind == frames.PING:
            connection.write(frames.frame(frames.PONG, payload))
        elif kind == frames.CLOSE:
            connection.end(frames.frame(frames.CLOSE, payload[:2]))
        elif kind == frames.BINARY:
            connection.send(Error(ErrorReason.MALFORMED, "Messages are JSON in text frames, not binary ones."))

    def _look(self) -> None:
        """Ping a peer from whom nothing has come for two looks; close it where nothing came back."""
        self._quiet += 1
        if self._quiet > 2:
            self._connection.transport.abort()
            return
        if self._quiet == 2:
            self._connection.write(frames.frame(frames.PING, b""))
        self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)


def _upgrade_response(key: str) -> bytes:
    accept = b64encode(sha1(key.encode() + _WEBSOCKET_ID).digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
