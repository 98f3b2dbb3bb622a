"""TLS on the one port: all three ways in work as without it, in both event loops; what is no TLS disturbs nobody."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvloop
from msgspec import Struct

from bidroom.client.client import Client
from bidroom.client.connection import ClientError
from bidroom.rules.item import LiveClosing
from bidroom.server import admission
from bidroom.wire.messages import Accepted
from tests.certificates import Certificate, self_signed
from tests.server.house import WINDOW, House, Peer, house, room

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}

Loop = Callable[[], asyncio.AbstractEventLoop]

loops = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)


def run(loop: Loop, scenario: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(scenario)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("tls"))


class SecureHouse(Struct, frozen=True):
    """A server that speaks TLS, and what its peers trust."""

    hall: House
    trust: ssl.SSLContext

    @property
    def place(self) -> str:
        return "{}:{}".format(*self.hall.address)

    async def peer(self) -> Peer:
        return Peer(*await asyncio.open_connection(*self.hall.address, ssl=self.trust))

    def session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(f"https://{self.place}", connector=aiohttp.TCPConnector(ssl=self.trust))


@asynccontextmanager
async def secure(certificate: Certificate, **settings: object) -> AsyncIterator[SecureHouse]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    trust = ssl.create_default_context(cadata=certificate.pem)
    trust.check_hostname = False
    async with house(room(closing=LiveClosing(WINDOW)), tls=context, **settings) as hall:
        yield SecureHouse(hall, trust)


@loops
def test_three_ways_in_on_one_port(loop: Loop, certificate: Certificate):
    async def scenario() -> None:
        async with secure(certificate) as door, door.session() as session:
            ana = await door.peer()
            assert (await ana.join("Ana"))["type"] == "welcome"
            async with session.ws_connect("/ws", origin=f"https://{door.place}") as socket:
                await socket.send_str('{"type":"watch"}')
                assert (await socket.receive_json())["type"] == "welcome"
                assert (await ana.bid(1, 100))["type"] == "accepted"
                heard = await socket.receive_json()
                assert [event["bidder"] for event in heard["events"]] == ["Ana"]
            async with session.get("/api/rooms/hall") as answer:
                assert (await answer.json())["room"]["items"][0]["leader"] == "Ana"
            async with session.get("/api/rooms/hall/join") as answer:
                assert (await answer.json())["address"] == f"https://{door.place}/"
            async with session.get("/") as answer:
                assert f"wss://{door.place}" in answer.headers["Content-Security-Policy"]
            await ana.close()

    run(loop, scenario())


@loops
def test_a_big_file_and_a_long_message(loop: Loop, certificate: Certificate, tmp_path: Path):
    picture = bytes(range(256)) * 20_000
    (tmp_path / "big.png").write_bytes(picture)

    async def scenario() -> None:
        async with secure(certificate, pictures=tmp_path) as door, door.session() as session:
            async with session.get("/pictures/big.png") as answer:
                assert await answer.read() == picture
            async with session.get("/pictures/big.png", headers={"Range": "bytes=5-9"}) as answer:
                assert (answer.status, await answer.read()) == (206, picture[5:10])
            async with session.get("/healthz") as answer:  # on the same connection
                assert await answer.text() == "ok\n"
            peer = await door.peer()
            peer.raw(b'{"type":"' + b"x" * 200_000 + b'"}\n')
            assert (await peer.hear())["reason"] == "too_long"
            assert await peer.hear() == {}
            await peer.close()

    run(loop, scenario())


@loops
def test_who_closes_is_gone_and_who_stops_reading_is_closed(loop: Loop, certificate: Certificate):
    async def scenario() -> None:
        async with secure(certificate) as door:
            crowd = door.hall.server.rooms["hall"].audience
            peer = await door.peer()
            peer.send(type="watch")
            await peer.hear()
            assert len(crowd) == 1
            peer.writer.transport.abort()
            await door.hall.until(lambda: len(crowd) == 0)
            sleeper = await door.peer()
            await sleeper.join("Bob")
            sleeper.writer.transport.pause_reading()
            while len(crowd):
                sleeper.raw(b'{"type":"watch"}\n' * 2_000)
                await asyncio.sleep(0)
            await sleeper.close()

    run(loop, scenario())


@loops
def test_what_is_no_tls_disturbs_nobody(loop: Loop, certificate: Certificate, caplog: pytest.LogCaptureFixture):
    async def scenario() -> None:
        async with secure(certificate) as door:
            for noise in (
                b'{"type":"watch"}\n',
                b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                b"\x16\x03\x01\x00\x05hello",
            ):
                stranger = Peer(*await asyncio.open_connection(*door.hall.address))
                stranger.raw(noise)
                answer = await stranger.reader.read()
                assert b"HTTP" not in answer
                assert b"{" not in answer
                await stranger.close()
            async with door.session() as session, session.get("/healthz") as answer:
                assert answer.status == 200
            half = await door.peer()  # closes with the goodbye of TLS, where nothing stays half open
            half.send(type="watch")
            await half.hear()
            await half.close()
            await half.writer.wait_closed()
            await door.hall.until(lambda: len(door.hall.server.rooms["hall"].audience) == 0)

    run(loop, scenario())
    assert caplog.records == []


async def test_who_never_shakes_hands_is_closed(certificate: Certificate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(admission, "TLS_S", 0.1)
    async with secure(certificate) as door:
        silent = Peer(*await asyncio.open_connection(*door.hall.address))
        assert await silent.reader.read() == b""
        await silent.close()


async def test_a_client_bids_where_it_trusts_the_server(certificate: Certificate):
    async with secure(certificate) as door:
        async with Client(f"wss://{door.place}/ws", "Ana", tls=door.trust) as ana:
            assert isinstance(await ana.bid("lamp", 100), Accepted)
        stranger = Client(f"wss://{door.place}/ws", "Bob")
        with pytest.raises(ClientError, match=r"can't be trusted: .*self-signed"):
            await stranger.start_client()


async def test_a_page_of_the_same_host_may_bid_and_no_other(certificate: Certificate):
    async with secure(certificate) as door, door.session() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect("/ws", origin="https://elsewhere.example")
        async with session.get("/", headers={"Host": "elsewhere.example"}) as answer:
            assert answer.status == 403
            assert json.loads(await answer.text())["message"]
