"""Addresses, silence, and what a connection makes of a peer that misbehaves."""

import asyncio
from contextlib import suppress

import pytest

from bidroom.client.connection import ClientError, ConnectionLost, connect, hear, parse_address
from bidroom.wire.codec import decode_outbound, encode
from bidroom.wire.messages import Bye, Ping
from tests.client.peer import LineTalk, Peer

pytestmark = pytest.mark.usefixtures("nothing_left_open")


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("localhost", "localhost", 12345),
        ("192.168.0.7:80", "192.168.0.7", 80),
        ("Hall.example:12345", "hall.example", 12345),
        ("[::1]:4000", "::1", 4000),
        ("[::1]", "::1", 12345),
        ("::1", "::1", 12345),
        ("fe80::1", "fe80::1", 12345),
    ],
)
def test_addresses(address: str, host: str, port: int) -> None:
    assert parse_address(address) == (host, port)


@pytest.mark.parametrize("address", ["", ":1", "host:port", "host:99999", "host:-1", "a b", "host/ws", "[::1", "a@b"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ClientError, match="is not a server's address; write host or host:port"):
        parse_address(address)


@pytest.mark.parametrize("address", ["http://localhost:12345", "tcp://localhost", "ws://", "ws://localhost:port/ws"])
async def test_what_is_no_websocket(address: str) -> None:
    with pytest.raises(ClientError, match="is not a server's address"):
        await connect(address)


@pytest.mark.parametrize("kind", ["lines", "websocket"])
async def test_a_message_may_be_huge(kind: str) -> None:
    message = Bye("x" * 5_000_000)
    async with Peer(kind) as peer:
        connection = await connect(peer.address)
        talk = await peer.talk()
        saying = asyncio.ensure_future(talk.say(message))
        assert decode_outbound(await connection.receive()) == message
        await saying
        await connection.close()


async def test_a_line_without_its_end_is_none() -> None:
    async with Peer() as peer:
        connection = await connect(peer.address)
        talk = await peer.talk()
        assert isinstance(talk, LineTalk)
        talk.writer.write(b'{"type":"pong","now":12')
        await talk.hang_up()
        with pytest.raises(ConnectionLost, match="closed the connection"):
            await connection.receive()
        await connection.close()


async def test_a_line_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bidroom.client.connection.MAX_LINE_BYTES", 1000)
    async with Peer() as peer:
        connection = await connect(peer.address)
        talk = await peer.talk()
        await talk.say(b"x" * 5000)
        with pytest.raises(ConnectionLost):
            await connection.receive()
        await connection.close()


@pytest.mark.parametrize("kind", ["lines", "websocket"])
async def test_sending_into_a_lost_connection_does_nothing(kind: str) -> None:
    async with Peer(kind) as peer:
        connection = await connect(peer.address)
        talk = await peer.talk()
        hanging_up = asyncio.ensure_future(talk.hang_up())
        with pytest.raises(ConnectionLost):
            await connection.receive()
        for _ in range(3):
            connection.send(b'{"type":"ping"}')
            await asyncio.sleep(0)
        await connection.close()
        await hanging_up


async def test_closing_waits_for_no_peer_that_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bidroom.client.connection.CLOSE_TIMEOUT_S", 0.01)
    closed, done = asyncio.Event(), asyncio.Event()
    arrived = 0

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        await closed.wait()
        with suppress(ConnectionError):
            while chunk := await reader.read(1_000_000):
                arrived += len(chunk)
        writer.close()
        done.set()

    listener = await asyncio.start_server(stall, "127.0.0.1", 0, limit=1)
    async with listener:
        connection = await connect(f"127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        connection.send(b"x" * 50_000_000)  # more than any buffer on the way holds
        await connection.close()
        closed.set()
        await done.wait()
    assert arrived < 50_000_000  # nobody goes on sending behind our back


class Quiet:
    """A connection on which messages arrive at these times, in seconds."""

    def __init__(self, *at: float) -> None:
        self._at = list(at)
        self.sent: list[tuple[float, bytes]] = []

    async def receive(self) -> bytes:
        loop = asyncio.get_running_loop()
        await asyncio.sleep((self._at[0] if self._at else 10**6) - loop.time())
        return str(self._at.pop(0)).encode()

    def send(self, message: bytes) -> None:
        self.sent.append((asyncio.get_running_loop().time(), message))

    async def close(self) -> None:
        return None


@pytest.mark.looptime
async def test_silence_is_asked_about_after_15_seconds_and_ends_after_30() -> None:
    connection = Quiet(14, 28, 57, 60)
    ping = encode(Ping())
    assert [await hear(connection) for _ in range(4)] == [b"14", b"28", b"57", b"60"]
    assert connection.sent == [(43, ping)]
    with pytest.raises(ConnectionLost, match="silent"):
        await hear(connection)
    assert asyncio.get_running_loop().time() == 90
    assert connection.sent == [(43, ping), (75, ping)]
