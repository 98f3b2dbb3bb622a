"""Peers that are wrong, hostile or clumsy: each gets a clear answer, and nobody else notices."""

import asyncio
import logging
import resource
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any, get_args

import aiohttp
import msgspec
import pytest
from structlog.testing import capture_logs

from bidroom.limits import Limits
from bidroom.server import connection, desk_api, door
from bidroom.server.settings import Tokens, token_hash
from bidroom.wire.control import AnyControl
from tests.fuzz import hostile
from tests.needed import needed
from tests.server.house import PAUSE, WINDOW, House, house
from tests.wire.messages import example, tag

FLOOD = 2_000
TOKEN = "a1" * 16
TOKENS = Tokens(token_hash(TOKEN), token_hash("c1" * 16))


@asynccontextmanager
async def undisturbed(**options: Any) -> AsyncIterator[House]:
    """A hall in which somebody bids before and after whatever the test does."""
    async with house(**options) as hall:
        bystander = await hall.bidder("Bystander", events="none")
        assert (await bystander.bid(1, 1000, item="desk"))["type"] == "accepted"
        yield hall
        assert (await bystander.bid(2, 1050, item="desk"))["reason"] == "leading"


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"{]",
        b'{"type":"buy"}',
        b'{"type":"bid","item":"lamp","id":1}',
        b'{"type":"bid","item":"lamp","id":1,"amount":100,"extra":1}',
        b'{"type":"bid","item":7,"id":1,"amount":100}',
        b'{"type":"bid","item":"lamp","id":1,"amount":100.0}',
        b'{"type":"bid","item":"lamp","id":1,"amount":"100"}',
        b'{"type":"bid","item":"lamp","id":1,"amount":true}',
        b'{"type":"bid","item":"lamp","id":1,"amount":-100}',
        b'{"type":"bid","item":"lamp","id":1,"amount":0}',
        b'{"type":"bid","item":"lamp","id":1,"amount":9007199254740993}',
        b'{"type":"bid","item":"lamp","id":1,"amount":NaN}',
        b'{"type":"bid","item":"lamp","id":1,"amount":' + b"9" * 5000 + b"}",
        b'{"type":"join","name":"\xff\xfe"}',
        b'{"a":' * 10_000,
    ],
    ids=lambda line: line[:60].decode(errors="replace"),
)
async def test_a_malformed_message_is_said_to_be_so_and_the_connection_goes_on(line: bytes):
    async with undisturbed() as hall:
        peer = await hall.bidder("Ana")
        peer.raw(line + b"\n")
        answer = await peer.hear()
        assert (answer["type"], answer["reason"]) == ("error", "malformed")
        assert answer["message"]
        assert (await peer.bid(1, 100))["type"] == "accepted"


HOSTILE = 400
ANSWERS = ("welcome", "accepted", "refused", "done", "preview", "error", "pong")


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("who", ["stranger", "bidder", "auctioneer"])
async def test_hostile_lines_are_all_answered(who: str, seed: int):
    """Messages of every type, changed in a few bytes: one answer each, and the room goes on."""
    rng = Random(seed)
    async with house(tokens=TOKENS, limits=Limits(messages_per_second=100_000)) as hall:
        peer = await hall.peer()
        first = {"bidder": {"type": "join", "name": "Ana"}, "auctioneer": {"type": "control", "token": TOKEN}}
        peer.send(**first.get(who, {"type": "ping"}))
        assert (await peer.hear())["type"] in ("welcome", "pong")
        for _ in range(HOSTILE):
            line = hostile(rng).replace(b"\n", b" ")
            if not line.strip():
                continue
            peer.raw(line + b"\n")
            while (answer := await peer.hear())["type"] == "update":
                pass
            assert answer["type"] in ANSWERS, (line, answer)
            assert answer["type"] not in ("error", "refused") or answer["message"]
        await hall.bidder("Bystander")
        assert not hall.server.failed.done()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_hostile_bodies_are_all_answered(seed: int):
    """Orders over HTTP, changed in a few bytes: done, or refused with the reason, and never an error of the server."""
    rng = Random(seed)
    kinds = get_args(AnyControl)
    async with house(tokens=TOKENS) as hall, session_of(hall) as session:
        for _ in range(HOSTILE):
            kind = rng.choice(kinds)
            body = hostile(rng, msgspec.json.encode(example(kind)))
            async with session.post(f"/api/rooms/hall/{tag(kind)}", data=body) as answer:
                said = await answer.json()
                assert answer.status in (200, 400, 409), (answer.status, kind, body)
                assert answer.status == 200 or said["message"]
        await hall.bidder("Bystander")
        assert not hall.server.failed.done()


@asynccontextmanager
async def session_of(hall: House, token: str = TOKEN) -> AsyncIterator[aiohttp.ClientSession]:
    """Requests to the server by somebody who has this token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession("http://{}:{}".format(*hall.address), headers=headers) as session:
        yield session


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"{}", 200),
        (b" " * 65_536, 400),
        (b" " * 65_537, 413),
        (b"null", 400),
        (b"[]", 400),
        (b"[" * 60_000, 400),
        (b'{"item":"\xff"}', 400),
        (b'{"item":"\\ud800"}', 400),
        (b'{"a\\r\\nX-Evil: 1":1}', 400),
        (b'{"type":"resume"}', 400),
        (b'{"type":"pause"}', 200),
        (b'{"id":-1}', 400),
        (b'{"id":' + b"9" * 5000 + b"}", 400),
        (b'{"item":"lamp","item":"desk"}', 200),
        (b'{"item":"moon"}', 409),
    ],
    ids=lambda part: str(part)[:30],
)
async def test_what_is_posted_instead_of_an_order(body: bytes, status: int):
    async with undisturbed(tokens=TOKENS) as hall, session_of(hall) as session:
        async with session.post("/api/rooms/hall/pause", data=body) as answer:
            assert answer.status == status
            said = await answer.json()
            assert said.get("type") == "accepted" if status == 200 else said["message"]
            assert "X-Evil" not in answer.headers
        async with session.post("/api/rooms/hall/resume", json={}) as answer:
            assert answer.status in (200, 409)
        async with session.post("/api/rooms/hall/resume", json={"item": "desk"}) as answer:
            assert answer.status in (200, 409)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Authorization: \r\n",
        b"Authorization: Bearer\r\n",
        b"Authorization: Bearer \xff\xfe\r\n",
        b"Authorization: Basic " + TOKEN.encode() + b"\r\n",
        b"Authorization: Bearer " + b"c" * 7000 + b"\r\n",
        b"Authorization: " + TOKEN.encode() + b"\r\n",
        b"Cookie: token=" + TOKEN.encode() + b"\r\n",
    ],
    ids=lambda header: header[:40].decode(errors="replace"),
)
async def test_what_is_sent_instead_of_a_token(header: bytes):
    async with undisturbed(tokens=TOKENS) as hall:
        for method in (b"POST /api/rooms/hall/pause", b"GET /api/rooms/hall/bidders", b"POST /api/backup"):
            peer = await hall.peer()
            peer.raw(method + b" HTTP/1.1\r\nHost: localhost\r\n" + header + b"Content-Length: 0\r\n\r\n")
            assert (await peer.hear_line()).split()[1] == "401"


async def test_a_page_from_elsewhere_can_not_control_the_room():
    """Not over a WebSocket; nor with a request, whose header it may not set, and for which no leave is given."""
    evil = {"Origin": "http://evil.example"}
    async with undisturbed(tokens=TOKENS) as hall, aiohttp.ClientSession() as session:
        url = "http://{}:{}".format(*hall.address)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(url + "/ws", headers=evil)
        assert refusal.value.status == 403
        order = url + "/api/rooms/hall/pause"
        asks = evil | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        async with session.options(order, headers=asks) as answer:
            assert answer.status == 405
            assert not [name for name in answer.headers if name.startswith("Access-Control")]
        simple = evil | {"Content-Type": "text/plain"}
        async with session.post(f"{order}?token={TOKEN}", data=b"{}", headers=simple) as answer:
            assert answer.status == 401
        async with session.get(url + "/api/rooms/hall", headers=evil) as answer:
            assert not [name for name in answer.headers if name.startswith("Access-Control")]
        rebound = {"Host": "evil.example", "Authorization": f"Bearer {TOKEN}"}
        async with session.post(order, data=b"{}", headers=rebound) as answer:
            assert answer.status == 403


async def test_tokens_are_never_logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    """Neither where all goes well, nor where a handler breaks, nor where a request can't be read."""
    caplog.set_level(logging.DEBUG)
    header = b"Host: localhost\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n"
    with capture_logs() as log:
        async with undisturbed(tokens=TOKENS) as hall, session_of(hall) as session:
            async with session.post("/api/rooms/hall/pause?by=%00") as answer:
                assert answer.status == 400
            for path, status in (("bidders", 200), ("bidders?by=%00", 200), ("nowhere", 404)):
                async with session.get(f"/api/rooms/hall/{path}") as answer:
                    assert answer.status == status
            peer = await hall.peer()
            peer.send(type="control", token=TOKEN)
            assert (await peer.hear())["type"] == "welcome"
            peer.send(type="join", name="Ana", token="b" * 32)
            assert (await peer.hear())["type"] == "error"
            for broken in (b"GET /\xff HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nb a d\r\n"):
                peer = await hall.peer()
                peer.raw(broken + header + b"\r\n")
                assert (await peer.hear_line()).split()[1] == "400"
            monkeypatch.setattr(desk_api, "_lines", lambda _: 1 / 0)
            async with session.get("/api/rooms/hall/bidders") as answer:
                assert answer.status == 500
                assert TOKEN not in await answer.text()
    text = caplog.text + str(log)
    assert "ZeroDivisionError" in text
    for secret in (TOKEN, "b" * 32, "Bearer"):
        assert secret not in text


async def test_a_line_that_is_too_long_closes_the_connection_after_what_came_before():
    async with undisturbed() as hall:
        peer = await hall.peer()
        peer.raw(b'{"type":"ping"}\n{"type":"join","name":"' + b"x" * 70_000)
        assert (await peer.hear())["type"] == "pong"
        assert (await peer.hear())["reason"] == "too_long"
        assert await peer.hear() == {}


async def test_byte_by_byte():
    async with undisturbed() as hall:
        peer = await hall.peer()
        for byte in b'{"type":"join","name":"Ana"}\r\n{"type":"bid","item":"lamp","amount":100,"id":1}\n':
            peer.raw(bytes([byte]))
            await asyncio.sleep(0)
        assert (await peer.hear())["type"] == "welcome"
        assert (await peer.hear())["type"] == "accepted"


async def test_noise_of_every_kind():
    rng = Random(7)
    async with undisturbed() as hall:
        for start in (b"", b"{", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"POST /ws HTTP/9.9\r\n\r\n", b"\r\n\r\n"):
            for _ in range(10):
                peer = await hall.peer()
                peer.raw(start + rng.randbytes(rng.randrange(1, 3000)) + b"\n")
                await peer.close()


async def test_who_says_nothing_is_closed(monkeypatch):
    monkeypatch.setattr(connection, "FIRST_MESSAGE_S", 0.05)
    monkeypatch.setattr(door, "FIRST_MESSAGE_S", 0.05)
    async with undisturbed() as hall:
        mute, half = await hall.peer(), await hall.peer()
        half.raw(b'{"type":"ping"')
        http = await hall.peer()
        http.raw(b"GET / HTTP/1.1\r\nHost: loc")
        assert await mute.hear() == {}
        assert (await half.hear())["reason"] == "silent"
        assert await http.hear() == {}


async def test_who_closes_their_half_gets_their_answers():
    async with undisturbed() as hall:
        peer = await hall.peer()
        peer.send(type="join", name="Ana")
        peer.send(type="bid", item="lamp", amount=100, id=1)
        peer.writer.write_eof()
        assert [(await peer.hear())["type"] for _ in range(2)] == ["welcome", "accepted"]
        assert await peer.hear() == {}
        await hall.until(lambda: len(hall.server.rooms["hall"].audience) == 0)


async def test_a_bid_counts_though_its_bidder_vanishes():
    async with undisturbed() as hall:
        watcher = await hall.watcher()
        peer = await hall.bidder("Ana")
        peer.send(type="bid", item="lamp", amount=100, id=1)
        peer.writer.transport.abort()
        assert (await watcher.hear())["events"][0]["bidder"] == "Ana"


async def test_bids_that_break_a_rule():
    async with house() as hall:
        stranger = await hall.peer()
        assert (await stranger.bid(1, 100))["reason"] == "not_joined"
        watcher = await hall.watcher()
        assert (await watcher.bid(1, 100))["reason"] == "not_joined"
        ana, bob = await hall.bidder("Ana", events="none"), await hall.bidder("Bob", events="none")
        assert (await ana.bid(1, 100, item="moon"))["reason"] == "unknown_item"
        assert (await ana.bid(2, 99)) == {
            "type": "refused",
            "id": 2,
            "reason": "too_low",
            "minimum": 100,
            "message": "The amount is below the minimum; bid at least `minimum`.",
        }
        assert (await ana.bid(3, 100, unit=2))["reason"] == "closed"
        assert (await ana.bid(4, 100))["type"] == "accepted"
        assert (await ana.bid(5, 200))["reason"] == "leading"
        assert (await bob.bid(1, 109))["minimum"] == 110
        assert (await bob.bid(1, 109))["minimum"] == 110
        assert (await bob.bid(1, 110))["reason"] == "id_conflict"
        hall.pass_time(WINDOW)
        assert (await bob.bid(2, 110))["reason"] == "closed"
        hall.pass_time(PAUSE)
        assert (await bob.bid(3, 100))["type"] == "accepted"


async def test_one_id_from_two_connections_of_one_bidder_counts_once():
    async with undisturbed() as hall:
        one, two = await hall.peer(), await hall.peer()
        token = (await one.join("Ana", events="none"))["token"]
        assert (await two.join("Ana", token=token, events="none"))["type"] == "welcome"
        assert await one.bid(1, 100) == await two.bid(1, 100)
        assert (await two.bid(1, 120))["reason"] == "id_conflict"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "bad_name"),
        ("   ", "bad_name"),
        ("x" * 41, "bad_name"),
        ("x" * 900, "bad_name"),
        ("x" * 2000, "malformed"),
        ("A\u200bna", "bad_name"),
        ("A\u202ena", "bad_name"),
        ("A\x00na", "bad_name"),
        ("bystander", "name_taken"),
        ("\uff22\uff39stander", "name_taken"),
    ],
)
async def test_names(name: str, reason: str):
    async with undisturbed() as hall:
        peer = await hall.peer()
        assert (await peer.join(name))["reason"] == reason
        assert (await peer.join("Ana"))["type"] == "welcome"
        assert (await peer.join("Ana"))["reason"] == "already_joined"


async def test_two_joins_at_once_are_one():
    async with undisturbed() as hall:
        peer = await hall.peer()
        peer.raw(b'{"type":"join","name":"Ana"}\n{"type":"join","name":"Ben"}\n')
        assert (await peer.hear())["you"]["name"] == "Ana"
        assert (await peer.hear())["reason"] == "already_joined"
        assert len(hall.server.rooms["hall"].seats) == 2


async def test_a_name_is_free_again_until_its_bidder_has_bid():
    async with undisturbed() as hall:
        for _ in range(3):
            peer = await hall.bidder("Ana")
            await peer.close()
            await hall.until(lambda: len(hall.server.rooms["hall"].seats) == 1)


async def test_wrong_tokens_and_rooms():
    async with undisturbed() as hall:
        peer = await hall.peer()
        assert (await peer.join("Bystander", token="0" * 32))["reason"] == "bad_token"
        assert (await peer.join("Nobody", token="0" * 32))["reason"] == "bad_token"
        assert (await peer.join("Ana", room="cellar"))["reason"] == "unknown_room"
        peer.send(type="watch", room="hall")
        assert (await peer.hear())["type"] == "welcome"


async def test_too_many_messages_and_too_many_unanswered_bids():
    async with undisturbed(limits=Limits(messages_per_second=50)) as hall:
        ana = await hall.bidder("Ana", events="none")
        for id in range(1, 121):
            ana.send(type="bid", item="moon", amount=100, id=id)
        reasons = [(await ana.hear())["reason"] for _ in range(120)]
        assert set(reasons) == {"unknown_item", "rate_limited"}
        hall.clock.at += 2_000
        first_refused = reasons.index("rate_limited") + 1
        assert (await ana.bid(200, 100))["type"] == "accepted"
        assert first_refused <= 100


async def test_a_flood_of_nonsense_is_cut_off():
    async with undisturbed(limits=Limits(messages_per_second=5)) as hall:
        peer = await hall.peer()
        peer.raw(b"{}\n" * 1000)
        assert [(await peer.hear())["reason"] for _ in range(11)] == ["malformed"] * 10 + ["rate_limited"]
        assert await peer.hear() == {}


async def test_thirty_two_commands_wait_at_most():
    async with undisturbed() as hall:
        ana = await hall.bidder("Ana", events="none")
        ana.raw(b"".join(b'{"type":"bid","item":"moon","amount":1,"id":%d}\n' % id for id in range(1, 41)))
        reasons = [(await ana.hear())["reason"] for _ in range(40)]
        assert sorted(reasons) == ["rate_limited"] * 8 + ["unknown_item"] * 32


async def test_too_many_connections_from_one_address(monkeypatch):
    monkeypatch.setattr(door, "is_loopback", lambda _: False)
    async with house(limits=Limits(connections_per_address=2)) as hall:
        peers = [await hall.bidder("Ana"), await hall.bidder("Bob")]
        assert (await (await hall.peer()).hear())["reason"] == "too_many"
        await peers[0].close()
        await hall.until(lambda: len(hall.server.rooms["hall"].audience) == 1)
        await hall.bidder("Cem")


async def test_browsers_are_let_in_only_from_this_server_s_page():
    async with undisturbed() as hall, aiohttp.ClientSession() as session:
        url = "http://{}:{}".format(*hall.address)
        async with session.get(url + "/healthz", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
            assert "--allow-host" in (await answer.json())["message"]
        for origin, status in (("http://evil.example", 403), ("null", 403), ("http://[", 403), (url, 101)):
            if status == 101:
                async with session.ws_connect(url + "/ws", origin=origin) as socket:
                    await socket.send_str('{"type":"watch"}')
                    assert "welcome" in (await socket.receive_str())
                continue
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url + "/ws", origin=origin)


async def test_a_websocket_on_a_connection_that_was_used_before_and_what_it_may_not_say():
    async with undisturbed() as hall, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        url = "http://{}:{}".format(*hall.address)
        async with session.get(url + "/healthz") as answer:
            assert await answer.text() == "ok\n"
        async with session.ws_connect(url + "/ws") as socket:
            await socket.send_bytes(b'{"type":"ping"}')
            assert "malformed" in await socket.receive_str()
            await socket.send_str("nonsense")
            assert "malformed" in await socket.receive_str()
            await socket.send_str('{"type":"join","name":"Ana"}')
            assert "welcome" in await socket.receive_str()
            await socket.send_str(" " * 70_000)
            assert "too_long" in await socket.receive_str()
            assert (await socket.receive()).data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        await hall.until(lambda: len(hall.server.rooms["hall"].audience) == 0)


async def test_a_flood_of_joins_leaves_nothing_behind():
    async with undisturbed() as hall:
        peers = await asyncio.gather(*(hall.peer() for _ in range(FLOOD)))
        for number, peer in enumerate(peers):
            peer.send(type="join", name=f"Flood {number}", events="none")
        assert all([(await peer.hear())["type"] == "welcome" for peer in peers])
        for peer in peers:
            await peer.close()
        await hall.until(lambda: len(hall.server.rooms["hall"].seats) == 1)


CROWD = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
crowd = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(10_000)]
print("here", flush=True)
sys.stdin.read()
"""


async def test_ten_thousand_connections():
    """From a process of their own: one process may not have files enough for both ends."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 10_500:
        needed("open files enough for ten thousand connections (ulimit -n)")
    async with undisturbed() as hall:
        crowd = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CROWD, str(hall.address[1]), stdin=PIPE, stdout=PIPE
        )
        assert crowd.stdout is not None
        assert await crowd.stdout.readline() == b"here\n"
        ana = await hall.bidder("Ana")
        assert (await ana.bid(1, 100))["type"] == "accepted"
        await crowd.communicate(b"")
