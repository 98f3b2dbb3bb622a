"""The WebSocket as a browser's kernel sees it: bytes on a socket, from the handshake to the close."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp.web_protocol import RequestHandler

from bidroom.limits import Limits
from bidroom.server import speakers
from bidroom.wire import frames
from tests.server.house import House, house
from tests.wire.test_frames import raw

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio", "uvloop"])

KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455, section 1.3."""

ASK = {
    "Host": "localhost",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


def request(**changes: str) -> bytes:
    """What a client asks with; a header that is changed to nothing is left out."""
    headers = ASK | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    return "\r\n".join(["GET /ws HTTP/1.1", *lines, "", ""]).encode()


class Client:
    """The other end, which knows nothing of frames but what it is told here."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def head(self) -> str:
        """An answer's status line and headers."""
        return (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)).decode()

    async def hear(self) -> tuple[int, bytes]:
        """The next frame: its first byte, and what it carries. Sizes above 64 KiB don't come here."""
        first, size = await asyncio.wait_for(self.reader.readexactly(2), 10)
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        return first, await self.reader.readexactly(size)

    async def is_closed(self) -> bool:
        """Whether nothing more comes."""
        return await asyncio.wait_for(self.reader.read(1), 10) == b""


@asynccontextmanager
async def client(hall: House, *more: bytes) -> AsyncIterator[Client]:
    """Somebody whose handshake is done; `more` is sent together with it."""
    here = Client(*await asyncio.open_connection(*hall.address))
    try:
        here.send(b"".join((request(), *more)))
        assert f"\r\nSec-WebSocket-Accept: {ACCEPT}\r\n" in await here.head()
        yield here
    finally:
        here.writer.close()


WATCH = raw(frames.TEXT, b'{"type":"watch"}')
WELCOME, PING, PONG, CLOSE = b'"type":"welcome"', 0x89, 0x8A, 0x88


async def test_what_is_sent_in_a_hurry_is_heard_behind_the_handshake():
    async with house() as hall, client(hall, raw(1, b'{"type":"ping"}'), WATCH) as here:
        assert b'"type":"pong"' in (await here.hear())[1]
        assert WELCOME in (await here.hear())[1]


async def test_however_much_is_sent_in_a_hurry():
    """More than the HTTP library keeps before it stops reading, while it still has something else to answer."""
    fill = raw(1, b" " * 1000 + b"x")
    async with house(limits=Limits(messages_per_second=1_000_000)) as hall:
        here = Client(*await asyncio.open_connection(*hall.address))
        here.send(b"GET /api/rooms/hall HTTP/1.1\r\nHost: localhost\r\n\r\n" + request() + fill * 1000 + WATCH)
        await here.reader.readuntil(b"101 Switching Protocols\r\n")
        await here.head()
        for _ in range(1000):
            assert b"malformed" in (await here.hear())[1]
        assert WELCOME in (await here.hear())[1]
        here.writer.close()


async def test_it_begins_behind_other_requests_of_the_same_connection():
    async with house() as hall:
        here = Client(*await asyncio.open_connection(*hall.address))
        here.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + request() + WATCH)
        assert "200 OK" in await here.head()
        assert await here.reader.readexactly(3) == b"ok\n"
        assert "101 Switching Protocols" in await here.head()
        assert WELCOME in (await here.hear())[1]
        here.writer.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"Upgrade": ""},
        {"Upgrade": "h2c"},
        {"Connection": "keep-alive"},
        {"Sec_WebSocket_Version": "12"},
        {"Sec_WebSocket_Version": ""},
        {"Sec_WebSocket_Key": ""},
        {"Sec_WebSocket_Key": "c2hvcnQ="},
        {"Sec_WebSocket_Key": "no base64"},
    ],
    ids=str,
)
async def test_what_asks_for_no_websocket_is_told_so(changes: dict[str, str]):
    async with house() as hall:
        here = Client(*await asyncio.open_connection(*hall.address))
        here.send(request(**changes))
        assert "400 Bad Request" in await here.head()
        assert b"version 13" in await here.reader.read(200)
        here.writer.close()


async def test_the_http_library_keeps_nothing_of_it():
    async with house() as hall, client(hall, WATCH) as here:
        assert WELCOME in (await here.hear())[1]
        gc.collect()
        assert not [found for found in gc.get_objects() if type(found) is RequestHandler]


async def test_a_ping_is_answered_and_a_pong_is_not():
    async with house() as hall, client(hall) as here:
        here.send(raw(frames.PONG, b"unasked") + raw(frames.PING, b"still there?") + raw(frames.PING))
        assert await here.hear() == (PONG, b"still there?")
        assert await here.hear() == (PONG, b"")


@pytest.mark.parametrize("carried", [b"", b"\x03\xe8", b"\x03\xe9going away"])
async def test_a_close_is_answered_with_its_code(carried: bytes):
    async with house() as hall, client(hall) as here:
        here.send(raw(frames.CLOSE, carried) + WATCH)
        assert await here.hear() == (CLOSE, carried[:2])
        assert await here.is_closed()
        await hall.until(lambda: not hall.server.rooms["hall"].audience)


@pytest.mark.parametrize(
    ("sent", "said", "code"),
    [
        (raw(1, b"{}", mask=b""), "masked", 1002),
        (raw(1, b'{"type":"\xff"}'), "UTF-8", 1007),
        (raw(1, b" " * 70_000)[:20], "65536 bytes", 1009),
        (raw(0, b"{}"), "continuation", 1002),
        (b"GET / HTTP/1.1\r\n\r\n", "reserved bit", 1002),
    ],
)
async def test_who_breaks_the_protocol_is_told_how(sent: bytes, said: str, code: int):
    async with house() as hall, client(hall, WATCH) as here:
        assert WELCOME in (await here.hear())[1]
        here.send(sent)
        first, message = await here.hear()
        assert first == 0x81
        assert said in message.decode()
        assert await here.hear() == (CLOSE, code.to_bytes(2, "big"))
        assert await here.is_closed()


async def test_a_message_in_pieces_and_what_comes_between_them():
    async with house() as hall, client(hall) as here:
        pieces = raw(1, b'{"type":', first=0) + raw(frames.PING, b"?") + raw(0, b"", first=0) + raw(0, b'"watch"}')
        for byte in pieces:
            here.send(bytes([byte]))
            await asyncio.sleep(0)
        assert await here.hear() == (PONG, b"?")
        assert WELCOME in (await here.hear())[1]


async def test_who_says_nothing_is_pinged_and_then_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(speakers, "LOOK_S", 0.05)
    async with house() as hall, client(hall, WATCH) as here:
        assert WELCOME in (await here.hear())[1]
        for _ in range(3):
            assert await here.hear() == (PING, b"")
            here.send(raw(frames.PONG))
        assert await here.hear() == (PING, b"")
        assert await here.is_closed()


async def test_a_client_of_another_make_bids_and_listens():
    async with house() as hall, aiohttp.ClientSession() as session:
        url = "http://{}:{}/ws".format(*hall.address)
        async with session.ws_connect(url) as ana, session.ws_connect(url) as watcher:
            await watcher.send_json({"type": "watch", "events": "all"})
            assert (await watcher.receive_json())["type"] == "welcome"
            await ana.send_json({"type": "join", "name": "Ana"})
            assert (await ana.receive_json())["type"] == "welcome"
            await ana.send_json({"type": "bid", "item": "lamp", "amount": 100, "id": 1})
            assert (await ana.receive_json())["type"] == "accepted"
            assert (await watcher.receive_json())["events"][0]["amount"] == 100
