"""docs/protocol.md: what it shows is really said and really taken by a server, and what there is it explains."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import aiohttp
import pytest
from msgspec import Struct

from bidroom.rules.answers import Reason
from bidroom.rules.events import (
    MovedDeadline,
    PublicEvent,
)
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.server import ring
from bidroom.server.desk_api import BidderLine
from bidroom.server.endpoints import Endpoint
from bidroom.server.figures import Figures
from bidroom.server.orders import CLERKS_MAY
from bidroom.server.public_api import BidLine, PublicApi, RoomSummary
from bidroom.server.settings import Tokens, token_hash
from bidroom.wire.codec import Malformed, decode
from bidroom.wire.control import AnyControl, NewItem
from bidroom.wire.messages import BidderMessage, Control, Entry, ErrorReason, Join, Ping, Watch
from bidroom.wire.views import AnnouncementView, CatalogueEntry, ItemView, MaximumView, OfferView, RoomView, You
from tests.server.house import PAUSE, WINDOW, House, Message, Peer, house

TEXT = (Path(__file__).parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(line) for block in re.findall(r"```json\n(.*?)```", TEXT, re.S) for line in block.splitlines()]

AUCTIONEER, CLERK = "00112233445566778899aabbccddeeff", "clerk's token"
LAMP = ItemTerms("lamp", "Lamp", 100, 10, 2, LiveClosing(WINDOW), PAUSE)
SALE = RoomTerms("sale", "The sale", "EUR", (LAMP,))
GALA = RoomTerms(
    "gala",
    "The gala",
    "EUR",
    (
        ItemTerms("lamp", "Lamp", 100, 10, 2, LiveClosing(WINDOW), PAUSE, reserve=True),
        ItemTerms("desk", "Desk", 500, 50, 1, LiveClosing(WINDOW), PAUSE, buy_now=900),
    ),
)


def shape(value: object) -> object:
    """A value without what differs from message to message: keys and types, the type and reason of a message."""
    if isinstance(value, dict):
        fixed = ("type", "reason", "message", "version", "state") if "type" in value or "state" in value else ()
        return {key: part if key in fixed else shape(part) for key, part in value.items()}
    return [shape(part) for part in value] if isinstance(value, list) else type(value).__name__


def is_inbound(message: Message) -> bool:
    try:
        decode(json.dumps(message))
    except Malformed:
        return False
    return True


@asynccontextmanager
async def house_with_tokens(*rooms: RoomTerms) -> AsyncIterator[House]:
    tokens = Tokens(token_hash(AUCTIONEER), token_hash(CLERK))
    async with house(*rooms, tokens=tokens, reserves={"gala": {"lamp": 200}}) as running:
        yield running


async def hear_until(peer: Peer, seen: list[Message], **fields: object) -> Message:
    """Everything that is said to a peer, up to a message that has these fields."""
    while not seen or seen[-1] | fields != seen[-1]:
        seen.append(await peer.hear())
        assert seen[-1], f"the connection ended before {fields}"
    return seen[-1]


async def asked(peer: Peer, seen: list[Message], **message: Any) -> Message:
    """The answer to a command, which must have an id that no other one has."""
    peer.send(**message)
    return await hear_until(peer, seen, id=message["id"])


async def play_the_sale(seen: list[Message]) -> None:
    """Coming in, bidding, hearing, leaving; a maximum; a preview and an invitation."""
    async with house_with_tokens(SALE) as sale:
        ana, ben, zoe = await sale.peer(), await sale.peer(), await sale.peer()
        ana.send(type="join", name="Ana")
        seen.append(await ana.hear())
        token = seen[-1]["token"]
        ben.send(type="join", name="Ana")
        ben.send(type="join", name="Ben", events="none")
        ana.send(type="bid", item="lamp", amount=100, id=17, unit=1)
        ana.send(type="bid", item="lamp", amount=100, id=18, unit=1)
        await hear_until(ana, seen, type="refused", id=18)
        await hear_until(ana, seen, type="update")
        ana.send(type="ping")
        await hear_until(ana, seen, type="pong")
        zoe.send(type="control", token=AUCTIONEER, name="Zoe", events="none")
        zoe.send(type="invite", name="Dora", paddle=12, budget=50_000)
        zoe.send(type="void_bid", item="lamp", bid=3, why="a slip", dry_run=True)
        await hear_until(zoe, seen, type="preview")
        zoe.send(type="set_budget", bidder="Ana", budget=90_000)
        zoe.send(type="set_budget", bidder="Ana", budget=90_000)
        await hear_until(zoe, seen, type="refused", reason="already")
        await asked(ana, seen, type="max_bid", item="lamp", amount=105, id=20, units=2)
        again = await sale.peer()
        again.send(type="join", token=token, after=3)
        seen.append(await again.hear())
        ben.send(type="bid", item="lamp", amount=100, id=1)
        ben.send(type="bid", item="lamp", amount=110, id=2)
        seen += [await ben.hear() for _ in range(4)]
        sale.pass_time(WINDOW)
        await sale.until(lambda: len(sale.server.rooms["sale"].state.sales) == 1)
        late = await sale.watcher(after=2)
        seen += [await late.hear(), await late.hear()]
        await sale.server.stop()
        seen.append(await late.hear())


async def play_the_gala(seen: list[Message]) -> None:
    """A sale that is cancelled and offered to the runner-up, and the room in a pause."""
    async with house_with_tokens(GALA) as gala:
        ana, ben = await gala.bidder("Ana"), await gala.bidder("Ben", events="none")
        zoe = await gala.peer()
        zoe.send(type="control", token=AUCTIONEER, name="Zoe", events="none")
        await ana.bid(1, 210)
        await ben.bid(1, 250)
        gala.pass_time(WINDOW)
        sold = await hear_sold(ana)
        await asked(zoe, seen, type="cancel_sale", sale=sold, why="no card", then="offer", id=1)
        await hear_until(ana, seen, type="update")
        gala.pass_time(PAUSE)
        await gala.until(lambda: gala.server.rooms["gala"].state.items["lamp"].unit == 2)
        await ana.bid(2, 150)
        await asked(zoe, seen, type="pause", item="desk", id=2)
        await asked(zoe, seen, type="pause", id=3)
        await asked(zoe, seen, type="announce", text="Soup is ready", id=4)
        url = "http://{}:{}/api/rooms/gala".format(*gala.address)
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            seen.append(await answer.json())


async def hear_sold(peer: Peer) -> int:
    while True:
        for event in (await peer.hear_until("update"))["events"]:
            if event["type"] == "unit_sold":
                return event["seq"]


async def test_every_example_is_what_is_really_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ring, "RING_EVENTS", 1)
    seen: list[Message] = []
    await play_the_sale(seen)
    await play_the_gala(seen)
    shapes = [shape(message) for message in seen]
    outbound = [example for example in EXAMPLES if not is_inbound(example)]
    assert len(outbound) > 12
    assert [example for example in outbound if shape(example) not in shapes] == []


async def test_every_order_on_the_page_is_one_that_a_server_takes():
    orders = [example for example in EXAMPLES if is_inbound(example) and isinstance(decoded(example), AnyControl)]
    assert {order["type"] for order in orders} == tags(AnyControl)
    async with house_with_tokens(SALE) as sale:
        await (await sale.bidder("Ana")).bid(1, 100)
        zoe = await sale.peer()
        zoe.send(type="control", token=AUCTIONEER, events="none")
        assert (await zoe.hear())["you"]["role"] == "auctioneer"
        answers: dict[str, Message] = {}
        for number, order in enumerate(orders, start=1):
            answers[order["type"]] = await asked(zoe, [], **order | {"id": number})
        reasons = {name: answer.get("reason") for name, answer in answers.items()}
        as_things_are = {
            "open_bidding": "already",
            "open_item": "already",
            "void_bid": "not_standing",
            "cancel_sale": "no_such_sale",
            "settle_offer": "no_offer",
            "mark_paid": "no_such_sale",
            "hand_over": "no_such_sale",
        }
        assert {name: reason for name, reason in reasons.items() if reason is not None} == as_things_are


async def test_every_command_of_a_bidder_on_the_page_is_one_that_a_server_takes():
    commands = [example for example in EXAMPLES if is_inbound(example) and isinstance(decoded(example), BidderMessage)]
    assert {command["type"] for command in commands} == tags(BidderMessage)
    async with house_with_tokens(SALE) as sale:
        ana = await sale.bidder("Ana", events="none")
        answers = [await asked(ana, [], **command) for command in commands]
        reasons = [answer.get("reason") for answer in answers]
        assert reasons == [None, "leading", None, None, "no_buy_now", "no_offer"]


def decoded(message: Message) -> Struct:
    return decode(json.dumps(message))


# What there is, is explained


def tags(union: Any) -> set[str]:
    return {kind.__struct_config__.tag for kind in get_args(union)}


def section(heading: str) -> str:
    """The part of the page below a heading, up to the next one of its level."""
    level = heading.partition(" ")[0]
    return TEXT.split(f"\n{heading}\n")[1].split(f"\n{level} ")[0]


def row(heading: str, name: str) -> str:
    """The row about something in a table of a section."""
    (found,) = [line for line in section(heading).splitlines() if re.match(rf"\|[^|]*`{name}`[^|]*\|", line)]
    return found


def unnamed(kind: type[Struct], text: str, *but: str) -> list[str]:
    """The fields of a message that a text doesn't name."""
    return [field for field in kind.__struct_fields__ if f"`{field}`" not in text and field not in but]


def test_every_reason_is_explained():
    for reason in (*Reason, *ErrorReason):
        assert f"\n| `{reason.value}` |" in TEXT
    assert {reason for reason in Reason if f"\n| `{reason.value}` |" in section("## Errors")} <= {
        Reason.REMOVED,
        Reason.RATE_LIMITED,
        Reason.UNAVAILABLE,
    }


def test_every_event_is_explained():
    for event in get_args(PublicEvent):
        stays = ("by",) if event.__struct_config__.tag == "bid_accepted" else ()  # in the journal
        told = row("### Events", event.__struct_config__.tag)
        assert unnamed(event, told, "seq", "sub", "at", "command", *stays) == []
    assert unnamed(MovedDeadline, section("### Events")) == []


def test_every_way_in_is_explained():
    for kind in (Join, Watch, Control):
        assert unnamed(kind, section("## Coming in")) == []
    for kind in (You, RoomView, ItemView, OfferView, AnnouncementView, MaximumView):
        assert unnamed(kind, section("## Coming in")) == []


def test_every_command_and_order_is_explained():
    for kind in get_args(BidderMessage)[1:]:  # `bid` has a section
        assert unnamed(kind, row("### Maximums, fixed prices, offers", kind.__struct_config__.tag)) == []
    for kind in get_args(AnyControl):
        told = row("## At the desk", kind.__struct_config__.tag)
        assert unnamed(kind, told, "id") == []
        assert isinstance_of(kind, CLERKS_MAY) == ("(clerks, too)" in told)
    assert unnamed(NewItem, section("## At the desk")) == []
    for kind in (LiveClosing, TimedClosing):
        assert [field for field in kind.__struct_fields__ if f'"{field}":' not in section("## At the desk")] == []
    shown = {example["type"] for example in EXAMPLES if is_inbound(example)}
    assert shown == tags(Entry) | tags(BidderMessage) | tags(AnyControl) | {Ping.__struct_config__.tag}


def isinstance_of(kind: type, union: Any) -> bool:
    return kind in get_args(union)


# HTTP


async def test_every_path_is_explained():
    async with house_with_tokens(SALE) as sale, aiohttp.ClientSession("http://{}:{}".format(*sale.address)) as session:
        described = await (await session.get("/openapi.json")).json()
    orders = tags(AnyControl)
    shown = set(re.findall(r"^\| `(GET|POST) ([^`?]+)", section("## HTTP"), re.MULTILINE))
    for path, methods in described["paths"].items():
        for method in methods:
            plain = path if path.rpartition("/")[2] not in orders else "/api/rooms/{room}/{type}"
            assert (method.upper(), plain) in shown
    for kind in (RoomSummary, CatalogueEntry, BidLine, Figures, BidderLine):
        assert unnamed(kind, section("## HTTP")) == []
    purchases = next(each for each in PublicApi({}).endpoints() if each.name == "purchases")
    assert isinstance(purchases, Endpoint)
    assert unnamed(purchases.gives, row("## HTTP", "GET /api/rooms/{room}/purchases".replace("{", r"\{"))) == []


STATUSES = (
    (200, "POST", "/api/rooms/sale/announce?by=Zoe", AUCTIONEER, b'{"text":"Soup"}', "accepted"),
    (200, "POST", "/api/rooms/sale/invite", AUCTIONEER, b'{"type":"invite","name":"Dora"}', "done"),
    (200, "POST", "/api/rooms/sale/new_token", AUCTIONEER, b'{"bidder":"Eva","dry_run":true}', "preview"),
    (200, "POST", "/api/rooms/sale/pause", AUCTIONEER, b"", "accepted"),
    (400, "POST", "/api/rooms/sale/announce", AUCTIONEER, b'{"words":"Soup"}', "message"),
    (400, "POST", "/api/rooms/sale/pause?by=%07", AUCTIONEER, b"", "message"),
    (400, "GET", "/api/rooms/sale/events?after=x", "", b"", "message"),
    (401, "POST", "/api/rooms/sale/pause", "wrong", b"", "message"),
    (401, "GET", "/api/rooms/sale/bidders", "", b"", "message"),
    (403, "POST", "/api/rooms/sale/pause", CLERK, b"", "not_allowed"),
    (403, "POST", "/api/backup", CLERK, b"", "message"),
    (404, "POST", "/api/rooms/cellar/pause", AUCTIONEER, b"", "message"),
    (404, "POST", "/api/rooms/sale/dance", AUCTIONEER, b"", "message"),
    (405, "GET", "/api/rooms/sale/pause", AUCTIONEER, b"", "message"),
    (409, "POST", "/api/rooms/sale/pause", AUCTIONEER, b"", "already"),
    (413, "POST", "/api/rooms/sale/announce", AUCTIONEER, b" " * 70_000, "message"),
    (200, "GET", "/api/rooms/sale/results?what=owed&format=csv", CLERK, b"", ""),
)


async def test_every_status_is_as_the_page_says():
    shown = set(re.findall(r"^\| (\d{3}) \|", section("## HTTP"), re.MULTILINE))
    assert {str(status) for status, *_ in STATUSES} | {"503"} == shown
    async with house_with_tokens(SALE) as sale, aiohttp.ClientSession("http://{}:{}".format(*sale.address)) as session:
        headers = {"Authorization": f"Bearer {AUCTIONEER}"}
        await session.post("/api/rooms/sale/invite", data=b'{"name":"Eva"}', headers=headers)
        for status, method, path, token, body, told in STATUSES:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with session.request(method, path, data=body or None, headers=headers) as answer:
                assert answer.status == status, (method, path, await answer.text())
                if told:
                    said = await answer.json()
                    assert told in (said.get("type"), said.get("reason"), *said)
        async with session.get("/api/rooms", headers={"Host": "elsewhere.example"}) as answer:
            assert answer.status == 403
            assert list(await answer.json()) == ["message"]
