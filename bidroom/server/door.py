"""One port, three ways in: the first byte of a connection tells.

`{` is JSON lines. Anything else is HTTP (no HTTP method starts with `{`, so no page in a browser can make its request
look like a bid), where /ws turns into a WebSocket. The door counts connections by address, and closes the silent.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from typing import cast

from aiohttp.web_protocol import RequestHandler

from bidroom.server.connection import House
from bidroom.server.framing import LINES
from bidroom.server.hosts import is_loopback
from bidroom.server.settings import FIRST_MESSAGE_S
from bidroom.server.speakers import Lines, WebSocket
from bidroom.wire.codec import encode
from bidroom.wire.messages import Error, ErrorReason

HttpFactory = Callable[[], asyncio.Protocol]


class Addresses:
    """How many connections each address has; the machine's own are not counted."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counts: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count a connection; False where the address has too many already."""
        if is_loopback(address):
            return True
        if self._counts[address] >= self._limit:
            return False
        self._counts[address] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection that was counted is gone."""
        self._counts[address] -= 1
        if self._counts[address] <= 0:
            del self._counts[address]


class Door(asyncio.Protocol):
    """Takes a connection, and passes everything on to what it turns out to speak.

    `sock` is the transport's own socket; None where that speaks TLS.
    """

    __slots__ = ("_address", "_addresses", "_counted", "_house", "_http", "_inner", "_sock", "_timer", "_transport")

    def __init__(self, house: House, addresses: Addresses, http: HttpFactory, sock: socket.socket | None) -> None:
        self._house = house
        self._addresses = addresses
        self._http = http
        self._sock = sock
        self._inner: asyncio.Protocol | None = None
        self._counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        _keep_alive(transport.get_extra_info("socket"))
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self._counted = self._addresses.enter(self._address)
        self._timer = asyncio.get_running_loop().call_later(FIRST_MESSAGE_S, self._transport.close)
        if not self._counted:
            self._refuse(ErrorReason.TOO_MANY, "Too many connections from your address; close some first.")
        elif self._house.stopping:
            self._refuse(ErrorReason.UNAVAILABLE, "The server is stopping; come back in a moment.")

    def _refuse(self, reason: ErrorReason, text: str) -> None:
        self._transport.write(LINES.wrap(encode(Error(reason, text))))
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        if self._inner is None:
            self._inner = self._begin(data)
        self._inner.data_received(data)

    def _begin(self, data: bytes) -> asyncio.Protocol:
        if data.startswith(b"{"):
            self.spoke()
            return Lines(self._house, self._transport, self._sock)
        http = self._http()
        http.connection_made(self._transport)
        return http

    def spoke(self) -> None:
        """A whole request has come, or the connection watches over its own silence: nobody is kept waiting."""
        self._timer.cancel()

    def upgrade(self, key: str, http: RequestHandler) -> None:
        """What was HTTP is a WebSocket from here on. To the HTTP library the connection is over."""
        early: bytes = http._message_tail  # pyright: ignore[reportPrivateUsage]  a client in a hurry
        http.transport = None  # it is not the library's to close
        http.connection_lost(None)
        self._transport.resume_reading()  # which the library has paused where much came early
        self._inner = websocket = WebSocket(self._house, self._transport, self._sock)
        websocket.begin(key, early)

    def eof_received(self) -> bool | None:
        return None if self._inner is None else self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        if self._counted:
            self._addresses.leave(self._address)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()


def _keep_alive(sock: socket.socket | None) -> None:
    """Let the kernel find peers that vanished without a word: after two minutes."""
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
