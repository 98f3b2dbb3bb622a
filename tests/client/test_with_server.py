"""Clients and strategies against the real server, with its journal in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import aiohttp
import msgspec
import pytest
from msgspec.structs import replace

from bidroom.client.client import Client
from bidroom.client.connection import ClientError
from bidroom.client.strategies import Budget, RandomBidder, Sniper, Steady, draw_limits, load_strategy
from bidroom.client.view import View
from bidroom.journal.memory import Fault, MemoryJournal
from bidroom.rules.answers import Reason
from bidroom.rules.events import BidAccepted
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.server.settings import ServerSettings, Tokens, token_hash
from bidroom.server.start import Server, start_server
from bidroom.wire.messages import Accepted, Refused
from bidroom.wire.views import ItemView, room_view
from tests.client.peer import Wait, until
from tests.client.small_room import terms

pytestmark = pytest.mark.usefixtures("nothing_left_open")

Address = Callable[[Server], str]


def lines(server: Server) -> str:
    host, port = server.addresses[0]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def websocket(server: Server) -> str:
    return f"ws://{lines(server)}/ws"


@asynccontextmanager
async def serving(journal: MemoryJournal, room: RoomTerms | None = None, port: int = 0) -> AsyncIterator[Server]:
    settings = ServerSettings(host="127.0.0.1", port=port)
    server = await start_server([room or terms()], journal, settings)
    try:
        yield server
    finally:
        await server.stop()


def quick_terms() -> RoomTerms:
    return terms(LiveClosing(window_ms=150), pause_ms=20)


def shown(view: View) -> list[dict[str, object]]:
    return [{field: getattr(item, field) for field in ItemView.__struct_fields__} for item in view.items.values()]


async def test_bots_of_every_kind_sell_a_room_out_and_see_the_same() -> None:
    """In the one process that they share with the server, over both kinds of socket."""
    kinds = [RandomBidder, Steady, Sniper, Budget, load_strategy("examples.my_strategy:Patient"), RandomBidder]
    async with serving(MemoryJournal(), quick_terms()) as server, AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(Client(address(server), f"Bot {number}"))
            for number, address in enumerate([lines, websocket] * (len(kinds) // 2))
        ]
        watchers = [await stack.enter_async_context(Client(lines(server), events="all")) for _ in range(2)]
        heard = [asyncio.create_task(_collect(watcher)) for watcher in watchers]
        limits = []
        async with asyncio.TaskGroup() as bots:
            for number, (client, kind) in enumerate(zip(clients, kinds, strict=True)):
                assert client.view is not None
                limits.append(draw_limits(client.view, Random(number), {}))
                bots.create_task(client.start_bidding(kind(limits[-1]), Random(number), pace=0.03))
        state = server.rooms["hall"].state
        room = room_view(state, "")
        assert await heard[0] == await heard[1]
        for client in (*clients, *watchers):
            await client.wait_finished()
            assert client.view is not None
            assert client.view.sales == state.sold
            assert shown(client.view) == [msgspec.structs.asdict(item) for item in room.items]
        for client, limit in zip(clients, limits, strict=True):
            assert client.view is not None
            assert all(sale.amount <= limit[sale.item] for sale in client.view.my_purchases)
        budgeted = clients[kinds.index(Budget)]
        assert budgeted.view is not None
        assert budgeted.view.committed <= sum(limits[kinds.index(Budget)].values()) // 2
        assert len(state.sales) == 5


async def _collect(client: Client) -> list:
    return [event async for event in client.events()]


@pytest.mark.parametrize("address", [lines, websocket])
async def test_a_server_that_is_started_again_goes_on_with_its_bidders(address: Address) -> None:
    kept = MemoryJournal()
    async with AsyncExitStack() as stack:
        async with serving(kept) as server:
            where, port = address(server), server.addresses[0][1]
            ana, ben, eve = [
                await stack.enter_async_context(Client(where, name, rng=Random(1))) for name in ("Ana", "Ben", None)
            ]
            assert isinstance(await ana.bid("lamp", 100), Accepted)
            token = ana.token
        # Ana is registered and comes back; the journal never heard of Ben, who joins anew.
        bids = [asyncio.create_task(ana.bid("mug", 50)), asyncio.create_task(ben.bid("lamp", 110))]
        async with serving(MemoryJournal(kept.kept), port=port) as server:
            answers = await asyncio.gather(*bids)
            assert all(isinstance(answer, Accepted) for answer in answers)
            assert ana.token == token
            room = server.rooms["hall"]
            assert eve.view is not None
            await until(lambda: eve.view.seq == room.state.seq)
            assert eve.view.head == room.head.hex()
            assert {id: item.leader for id, item in eve.view.items.items()} == {
                "lamp": "Ben",
                "desk": None,
                "mug": "Ana",
            }


class HealsItself(MemoryJournal):
    """A journal whose fault is gone once it is opened anew."""

    async def recover(self) -> None:
        self.fault = None
        await super().recover()


@pytest.mark.parametrize("address", [lines, websocket])
@pytest.mark.parametrize("fault", list(Fault))
async def test_bids_whose_commit_failed_are_answered_and_count_once(fault: Fault, address: Address) -> None:
    journal = HealsItself()
    async with serving(journal) as server, Client(address(server), "Ana") as ana, Client(lines(server), "Ben") as ben:
        assert isinstance(await ana.bid("desk", 1000), Accepted)
        journal.fault = fault
        answers = await asyncio.gather(ana.bid("lamp", 100), ana.bid("mug", 50), ben.bid("desk", 1050))
        assert all(isinstance(answer, Accepted) for answer in answers)
        bids = [e for e in _public(server) if isinstance(e, BidAccepted)]
        assert sorted((bid.bidder, bid.item, bid.amount) for bid in bids) == [
            ("Ana", "desk", 1000),
            ("Ana", "lamp", 100),
            ("Ana", "mug", 50),
            ("Ben", "desk", 1050),
        ]
        assert [answer.seq for answer in answers] == [
            next(bid.seq for bid in bids if bid.item == item and bid.amount == amount)
            for item, amount in (("lamp", 100), ("mug", 50), ("desk", 1050))
        ]


def _public(server: Server) -> list:
    return server.rooms["hall"].ring.since(0) or []


async def test_more_bids_than_a_server_takes_at_once_are_all_decided() -> None:
    async with serving(MemoryJournal()) as server, Client(lines(server), "Ana", rng=Random(1)) as ana:
        answers = await asyncio.gather(*(ana.bid("lamp", 100 + amount) for amount in range(110)))
        assert isinstance(answers[0], Accepted)
        reasons = {answer.reason for answer in answers[1:] if isinstance(answer, Refused)}
        assert len(answers) == 110
        assert reasons == {Reason.LEADING}


async def test_a_name_is_free_again_for_who_lost_their_connection() -> None:
    """An unregistered bidder's name frees with their connection; registered, it is theirs by the token."""
    async with serving(MemoryJournal()) as server:
        async with Client(lines(server), "Ana", rng=Wait(0)) as ana:
            await ana.bid("lamp", 100)
            token = ana.token
        async with Client(lines(server), "Ana", token=token) as ana:
            assert ana.view is not None
            assert ana.view.leading("lamp")
            answer = await ana.bid("lamp", 110)
            assert isinstance(answer, Refused)
            assert (answer.id, answer.reason) == (2, Reason.LEADING)


async def test_maximums_fixed_prices_and_invitations() -> None:
    """What the room bids for somebody comes as any bid does; their client knows no more than the others."""
    tokens = Tokens(token_hash("a" * 32))
    settings = ServerSettings(host="127.0.0.1", port=0, tokens=tokens)
    lamp = ItemTerms("lamp", "Lamp", 100, 10, 2, LiveClosing(window_ms=60_000))
    room = RoomTerms("hall", "The hall", "EUR", (lamp, replace(lamp, id="desk", buy_now=900)), registration="invite")
    server = await start_server([room], MemoryJournal(), settings)
    try:
        host, port = server.addresses[0]
        codes = {}
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {'a' * 32}"}) as desk:
            for name in ("Ana", "Ben"):
                async with desk.post(f"http://{host}:{port}/api/rooms/hall/invite", json={"name": name}) as answer:
                    codes[name] = (await answer.json())["code"]
        with pytest.raises(ClientError, match="by invitation"):
            await Client(f"{host}:{port}", "Cem").start_client()
        async with (
            Client(f"{host}:{port}", "", code=codes["Ana"]) as ana,
            Client(f"{host}:{port}", "Ben", code=codes["Ben"]) as ben,
        ):
            assert ana.view is not None
            assert ben.view is not None
            assert (ana.view.me, ana.token) == ("Ana", codes["Ana"].replace("-", ""))
            assert isinstance(await ana.max_bid("lamp", 500, units=2), Accepted)
            assert isinstance(await ben.bid("lamp", 200), Accepted)
            await until(lambda: ana.view.seq == ben.view.seq and ben.view.items["lamp"].price == 210)
            assert (ana.view.leading("lamp"), ben.view.leading("lamp")) == (True, False)
            assert isinstance(await ana.cancel_max("lamp"), Accepted)
            assert (await ana.cancel_max("lamp")).reason is Reason.NO_MAXIMUM
            assert ben.view.items["desk"].buy_now == 900
            assert isinstance(await ben.buy_now("desk", 1), Accepted)
            await until(lambda: bool(ben.view.my_purchases))
            assert (await ana.answer_offer("desk", 1, accept=True)).reason is Reason.NO_OFFER
    finally:
        await server.stop()
