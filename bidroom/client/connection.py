"""One connection to a server: whole messages in and out, as JSON lines or through a WebSocket.

A connection that can't be used any more says so once, from `receive`, as `ConnectionLost`; `send` never fails and never
waits, so that a bid goes out in the order of its id whoever sends it.
"""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from ssl import SSLContext
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from bidroom.errors import BidroomError
from bidroom.wire.codec import encode
from bidroom.wire.messages import Ping

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientWebSocketResponse

DEFAULT_PORT = 12345
MAX_LINE_BYTES = 64 * 1024 * 1024
"""The longest message from a server: a welcome to a room of very many items."""
CONNECT_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 1.0
PING_AFTER_S = 15.0
"""A server that is silent for so long is asked whether it is still there, and has as long again to answer."""


class ClientError(BidroomError):
    """Something that trying again won't mend; the text says what was wrong and what to do."""


class ConnectionLost(Exception):
    """The connection is gone or useless; the text says why. Another one may do."""


class Connection(Protocol):
    """Whole messages in order, both ways."""

    async def receive(self) -> bytes | str:
        """The next message. May be cancelled without losing one. Raises ConnectionLost."""
        ...

    def send(self, message: bytes) -> None:
        """Send a message, or nothing at all where the connection is lost."""
        ...

    async def close(self) -> None:
        """Let go of it, within about CLOSE_TIMEOUT_S."""
        ...


async def connect(address: str, tls: SSLContext | None = None) -> Connection:
    """Connect to "host", "host:port" (JSON lines) or "ws://host:port/ws" (WebSocket; also wss).

    `tls` says whom to trust at a "wss://" address; without it, those whom this machine trusts. Raises ClientError for
    an address that is none and for a server that can't be trusted, ConnectionLost where nobody answers there.
    """
    if "://" in address:
        if not address.startswith(("ws://", "wss://")):
            raise ClientError(f"{address!r} is not a server's address; write host, host:port or ws://host:port/ws.")
        return await _connect_websocket(address, tls)
    host, port = parse_address(address)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port, limit=MAX_LINE_BYTES)
    except OSError as error:
        raise ConnectionLost(_why(error)) from error
    return LineConnection(reader, writer)


def parse_address(address: str) -> tuple[str, int]:
    """Host and port of "host", "host:port" or "[v6 address]:port"; the port is DEFAULT_PORT where none is named.

    Raises ClientError.
    """
    bare_v6 = address.count(":") > 1 and not address.startswith("[")
    try:
        parts = urlsplit(f"//[{address}]" if bare_v6 else f"//{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or any(character in address for character in "/?#@ "):
        raise ClientError(f"{address!r} is not a server's address; write host or host:port, as in localhost:12345.")
    return host, DEFAULT_PORT if port is None else port


class LineConnection:
    """JSON lines: every message ends with a line feed."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def receive(self) -> bytes:
        """The next line."""
        try:
            line = await self._reader.readline()
        except (OSError, ValueError) as error:  # ValueError: a line without an end
            raise ConnectionLost(_why(error)) from error
        if not line.endswith(b"\n"):
            raise ConnectionLost("the server closed the connection")
        return line

    def send(self, message: bytes) -> None:
        """Write the message and its line end; what is unsent at any time is bounded by the 32 unanswered bids."""
        if not self._writer.is_closing():
            self._writer.write(message + b"\n")

    async def close(self) -> None:
        """Close the socket; abort it where its peer doesn't read what is still to be sent."""
        self._writer.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._writer.wait_closed()
        except OSError:
            self._writer.transport.abort()


async def _connect_websocket(url: str, tls: SSLContext | None) -> Connection:
    # Loaded only here: most clients speak JSON lines and start in half the time without it.
    import aiohttp

    closing = aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT_S)  # pyright: ignore[reportCallIssue]
    session = aiohttp.ClientSession()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            socket = await session.ws_connect(url, max_msg_size=0, compress=0, timeout=closing, ssl=tls or True)
    except aiohttp.InvalidURL:
        await session.close()
        raise ClientError(f"{url!r} is not a server's address; write ws://host:port/ws.") from None
    except aiohttp.ClientConnectorCertificateError as error:
        await session.close()
        raise ClientError(f"The server at {url} can't be trusted: {error.certificate_error}") from None
    except (aiohttp.ClientError, OSError) as error:
        await session.close()
        raise ConnectionLost(_why(error)) from error
    except BaseException:
        await session.close()
        raise
    return WebSocketConnection(session, socket)


class WebSocketConnection:
    """A WebSocket: every message is a text frame. One task sends, because aiohttp's send waits and ours must not."""

    def __init__(self, session: "ClientSession", socket: "ClientWebSocketResponse") -> None:
        self._session = session
        self._socket = socket
        self._unsent = asyncio.Queue[bytes]()
        self._sender = asyncio.create_task(self._send_all())

    async def receive(self) -> str:
        """The next text frame."""
        frame = await self._socket.receive()
        if isinstance(frame.data, str):
            return frame.data
        raise ConnectionLost("the server closed the connection")

    def send(self, message: bytes) -> None:
        """Queue the message for the task that sends; at most 32 unanswered bids are ever there."""
        self._unsent.put_nowait(message)

    async def close(self) -> None:
        """Say goodbye as WebSockets do, and close the socket."""
        self._sender.cancel()
        try:
            await self._socket.close()
        finally:
            await self._session.close()
            await asyncio.wait([self._sender])

    async def _send_all(self) -> None:
        # A lost connection is told by `receive`.
        with contextlib.suppress(OSError):
            while True:
                await self._socket.send_str((await self._unsent.get()).decode())


async def hear(connection: Connection) -> bytes | str:
    """The next message, asking a silent server for one. Raises ConnectionLost where it stays silent."""
    try:
        async with asyncio.timeout(PING_AFTER_S):
            return await connection.receive()
    except TimeoutError:
        connection.send(encode(Ping()))
    try:
        async with asyncio.timeout(PING_AFTER_S):
            return await connection.receive()
    except TimeoutError:
        raise ConnectionLost("the server fell silent") from None


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
