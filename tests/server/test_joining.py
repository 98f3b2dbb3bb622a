"""How people come in: the address that they are told, and the codes that they scan."""

import asyncio
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import aiohttp
import pytest
import segno

from bidroom.server import joining
from bidroom.server.hosts import network_addresses
from bidroom.server.joining import MAX_BODY_BYTES, qr_code
from bidroom.server.settings import Tokens, token_hash
from tests.server.house import House, house, room

AUCTIONEER, CLERK = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"
TOKENS = Tokens(token_hash(AUCTIONEER), token_hash(CLERK))


async def ask(
    hall: House, path: str, headers: Mapping[str, str] | None = None, body: object = None, status: int = 200
) -> Any:
    """The JSON at a path; with a body, of what is posted there."""
    method = "GET" if body is None else "POST"
    sent = {"data": body} if isinstance(body, bytes | BytesIO) else {"json": body}
    async with (
        aiohttp.ClientSession("http://{}:{}".format(*hall.address)) as session,
        session.request(method, path, headers=headers, **sent) as answer,
    ):
        assert answer.status == status, await answer.text()
        return await answer.json()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def drawn(code: str) -> list[str]:
    """The picture's rows, dark as # and light as a blank, without its quiet zone of 4: from its strokes."""
    head, _, svg = unquote(code).partition(",")
    assert head == "data:image/svg+xml;charset=utf-8"
    size = re.search(r"viewBox='0 0 (\d+) (\d+)'", svg)
    assert size
    assert size[1] == size[2]
    assert not re.search(r"<svg[^>]*\s(width|height)=", svg), "it fits wherever it is put"
    grid = [[" "] * int(size[1]) for _ in range(int(size[1]))]
    strokes = re.search(r"stroke='#000' d='([^']+)'", svg)
    assert strokes
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmh])([-0-9. ]+)", strokes[1]):
        amounts = [float(number) for number in re.findall(r"-?[0-9.]+", numbers)]
        if kind == "h":
            for column in range(int(x), int(x + amounts[0])):
                grid[int(y)][column] = "#"
            x += amounts[0]
        else:
            x, y = (amounts[0], amounts[1]) if kind == "M" else (x + amounts[0], y + amounts[1])
    quiet = grid[:4] + grid[-4:]
    assert set("".join(cell for row in quiet for cell in row)) == {" "}
    assert set("".join(row[at] for row in grid for at in (0, 1, 2, 3, -4, -3, -2, -1))) == {" "}
    return ["".join(row[4:-4]) for row in grid[4:-4]]


def rows(text: str) -> list[str]:
    """What a code of this text looks like: never a Micro QR code, which phones can't read."""
    code = segno.make(text, error="m", micro=False)
    return ["".join("#" if cell else " " for cell in row) for row in code.matrix]


# The address


async def test_people_come_in_as_whoever_asks_did():
    async with house(room("hall")) as hall:
        port = hall.address[1]
        for host in (f"127.0.0.1:{port}", f"localhost:{port}"):  # listens here only: there is no better address
            told = await ask(hall, "/api/rooms/hall/join", {"Host": host})
            assert told["address"] == f"http://{host}/"
            assert drawn(told["qr"]) == rows(told["address"])


async def test_a_name_of_its_own_is_told():
    async with house(allow_hosts=("auction.example", "münchen.example", "::7")) as hall:
        for host, address in (
            ("auction.example", "http://auction.example/"),
            ("Auction.Example:8080", "http://auction.example:8080/"),
            ("auction.example:80", "http://auction.example/"),
            ("münchen.example:1", "http://xn--mnchen-3ya.example:1/"),
            ("[::7]:1", "http://[::7]:1/"),
            ("a;b@auction.example/x?y#z", "http://auction.example/"),
        ):
            assert (await ask(hall, "/api/rooms/hall/join", {"Host": host}))["address"] == address


async def test_behind_a_proxy_that_speaks_tls_the_address_is_https():
    async with house(allow_hosts=("auction.example",)) as hall:
        for proto, address in (
            ("https", "https://auction.example/"),
            ("http", "http://auction.example/"),
            ("x://y", "http://auction.example/"),
        ):
            headers = {"Host": "auction.example", "X-Forwarded-Proto": proto}
            told = await ask(hall, "/api/rooms/hall/join", headers)
            assert told["address"] == address
            assert drawn(told["qr"]) == rows(address)


async def test_of_several_rooms_the_address_names_one():
    async with house(room("hall"), room("b & c/ä?")) as both:
        start = "http://{}:{}/".format(*both.address)
        assert (await ask(both, "/api/rooms/hall/join"))["address"] == start + "?room=hall"
        told = await ask(both, "/api/rooms/b%20&%20c%2F%C3%A4%3F/join")
        assert told["address"] == start + "?room=b%20%26%20c%2F%C3%A4%3F"
        assert "no such room" in (await ask(both, "/api/rooms/cellar/join", status=404))["message"]


async def test_who_sits_at_a_server_for_everyone_is_told_its_address_on_the_network(monkeypatch: pytest.MonkeyPatch):
    found = ["192.168.1.20"]
    monkeypatch.setattr(joining, "network_addresses", lambda host: found if host == "0.0.0.0" else [])
    async with house(host="0.0.0.0", allow_hosts=("auction.example",)) as hall:
        port = hall.address[1]
        for host in ("localhost", f"127.0.0.1:{port}", "localhost:1"):
            told = await ask(hall, "/api/rooms/hall/join", {"Host": host})
            assert told["address"] == f"http://192.168.1.20:{port}/"
        told = await ask(hall, "/api/rooms/hall/join", {"Host": "auction.example"})
        assert told["address"] == "http://auction.example/"
        found.clear()  # no network
        told = await ask(hall, "/api/rooms/hall/join", {"Host": f"localhost:{port}"})
        assert told["address"] == f"http://localhost:{port}/"


def test_only_a_server_for_everyone_has_addresses_on_the_network():
    assert network_addresses("localhost") == network_addresses("192.168.1.20") == network_addresses("::") == []
    assert all(not address.startswith("127.") for address in network_addresses("0.0.0.0"))


# Codes


@pytest.mark.parametrize("token", [AUCTIONEER, CLERK])
async def test_codes_are_drawn_for_a_desk(token: str):
    texts = ["http://192.168.1.20:12345/?room=hall#code=TKWX-DKQZ-XZFN", "1", "A" * 500, "Größe 🎨"]
    async with house(tokens=TOKENS) as hall:
        codes = (await ask(hall, "/api/qr", bearer(token), {"texts": texts}))["codes"]
        assert [drawn(code) for code in codes] == [rows(text) for text in texts]


async def test_bids_go_on_while_many_codes_are_drawn():
    async with house(tokens=TOKENS) as hall:
        texts = [f"http://192.168.1.20:12345/?room=hall#code=TKWX-DKQZ-{at:04}" for at in range(300)]
        ana = await hall.bidder("Ana")
        async with aiohttp.ClientSession("http://{}:{}".format(*hall.address), headers=bearer(AUCTIONEER)) as session:
            asked = session.post("/api/qr", json={"texts": texts})
            answer = asyncio.create_task(asked.__aenter__())
            await asyncio.sleep(0.1)
            assert (await ana.bid(1, 100))["type"] == "accepted"
            assert not answer.done(), "the bid didn't wait for the codes"
            codes = (await (await answer).json())["codes"]
        assert len(set(codes)) == 300


async def test_codes_are_for_nobody_else():
    async with house(tokens=TOKENS) as hall:
        for headers in ({}, bearer("wrong"), bearer(""), {"Authorization": f"Basic {AUCTIONEER}"}):
            await ask(hall, "/api/qr", headers, {"texts": ["x"]}, 401)
    async with house() as hall:  # a server that was given no tokens
        await ask(hall, "/api/qr", bearer(AUCTIONEER), {"texts": ["x"]}, 401)


async def test_what_is_no_list_of_texts_is_refused():
    async with house(tokens=TOKENS) as hall:
        for body in (
            {},
            [],
            {"texts": []},
            {"texts": [""]},
            {"texts": ["x" * 501]},
            {"texts": ["x"] * 1001},
            {"texts": [1]},
            {"texts": "x"},
            {"texts": ["x"], "scale": 9},
            b"",
            b"\xff",
            b'{"texts":["\\ud800"]}',
        ):
            assert (await ask(hall, "/api/qr", bearer(AUCTIONEER), body, 400))["message"]
        long = b" " * 100_000 + b'{"texts":["x"]}'  # more than a message may have
        assert (await ask(hall, "/api/qr", bearer(AUCTIONEER), long))["codes"]
        longest = ["\U0001f3a8" * 500]
        assert (await ask(hall, "/api/qr", bearer(AUCTIONEER), {"texts": longest}))["codes"]
        assert (await ask(hall, "/api/qr", bearer(AUCTIONEER), BytesIO(b" " * (MAX_BODY_BYTES + 1)), 413))["message"]


def test_the_longest_text_of_any_kind_fits():
    for character in ("a", "é", "字", "🎨", "\0"):
        assert qr_code(character * 500)
