"""Two hundred bots and two hundred watchers in one room, over both kinds of socket: everyone sees the same sale.

Some of the bots leave maximums, of which nobody else hears.
"""

import asyncio
import json
from random import Random
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any

from bidroom.journal.memory import MemoryJournal
from bidroom.limits import Limits
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.server import audience
from bidroom.server.settings import ServerSettings
from bidroom.server.start import Server, start_server
from tests.crash.auditor import Row, audit_journal
from tests.crash.participants import Message, Socket

BOTS = 200
WATCHERS = 200
ITEMS = tuple(ItemTerms(f"item{n}", f"Item {n}", 100, 10, 2, LiveClosing(700), 50) for n in range(5))
TERMS = RoomTerms("big", "The big room", "EUR", ITEMS)
MAX_PRICE = 1500
STALL_S = 3


class Seen:
    """What one listener made of the messages: the items as last heard, the events, the last number."""

    def __init__(self, events: str) -> None:
        self.events = events
        self.items: dict[str, Message] = {}
        self.heard: list[Message] = []
        self.seq = 0
        self.finished = False
        self.states = 0

    def hear(self, message: Message) -> None:
        if message["type"] in ("welcome", "state"):
            self.items = {item["id"]: item for item in message["room"]["items"]}
            self.seq = message["seq"]
            self.finished = message["room"]["finished"]
            self.states += message["type"] == "state"
        elif message["type"] == "update":
            assert message["first"] == self.seq + 1, "a gap"
            self.seq = message["seq"]
            self.heard += message["events"]
            for event in message["events"]:
                self._fold(event)

    def _fold(self, event: Message) -> None:
        item: dict[str, Any] = self.items.get(event.get("item", ""), {})
        match event["type"]:
            case "round_opened":
                item |= {"state": "open", "unit": event["unit"], "price": None, "leader": None}
                item |= {"minimum": event["minimum"]}
            case "bid_accepted":
                item |= {"price": event["amount"], "leader": event["bidder"], "minimum": event["minimum"]}
            case "unit_sold":
                item |= {"state": "between", "units_left": item["units_left"] - 1}
            case "item_finished":
                item |= {"state": "finished"}
            case "room_finished":
                self.finished = True
            case _:
                pass

    def result(self) -> list[tuple[object, ...]]:
        keys = ("id", "state", "unit", "units_left", "price", "leader")
        return [tuple(item[key] for key in keys) for item in self.items.values()]


async def listen(port: int, websocket: bool, events: str, stall: asyncio.Event | None) -> Seen:
    """Watch to the end; one who stalls reads nothing more until the event is set."""
    seen = Seen(events)
    async with Socket(port, websocket) as socket:
        await socket.send({"type": "watch", "events": events})
        seen.hear(await socket.receive())
        if stall is not None:
            socket.stop_reading()
            await stall.wait()
            socket.go_on_reading()
        while not seen.finished:
            seen.hear(await socket.receive())
    return seen


async def bid(port: int, websocket: bool, number: int) -> Seen:
    """Bid on anything that is cheap and that one does not lead, at times; every fifth leaves maximums as well."""
    rng = Random(number)
    seen = Seen("latest")
    name = f"Bot {number}"
    async with Socket(port, websocket) as socket:
        await socket.send({"type": "join", "name": name})
        seen.hear(await socket.receive())
        id = 0
        while not seen.finished:
            for item in seen.items.values():
                if item["leader"] != name and item["minimum"] <= MAX_PRICE and rng.random() < 0.02:
                    id += 1
                    await socket.send({"id": id, "item": item["id"], **offer(item, number % 5 == 0, rng)})
            seen.hear(await socket.receive())
    return seen


def offer(item: Message, maximums: bool, rng: Random) -> Message:
    """A bid; or a maximum a few steps above it, which may be taken back again, while the price is not high yet."""
    if not maximums or item["minimum"] > MAX_PRICE // 2 or rng.random() < 0.6:
        return {"type": "bid", "unit": item["unit"], "amount": item["minimum"]}
    if rng.random() < 0.2:
        return {"type": "cancel_max"}
    return {"type": "max_bid", "amount": item["minimum"] + rng.randint(0, 25)}


def rows(journal: MemoryJournal) -> list[Row]:
    """What the journal has, as the auditor reads it."""
    return [
        Row(entry.seq, entry.sub, json.loads(entry.body) | {"body": entry.body}, entry.hash.hex())
        for entry in journal.kept["big"]
    ]


def shrink(server: Server) -> None:
    """Let the kernel on the server's side keep little for anyone, so that who stalls is noticed."""
    for listener in server.rooms["big"].audience:
        listener.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, 4096)


async def test_everyone_sees_the_same_sale(monkeypatch):
    monkeypatch.setattr(audience, "FULL_BUFFER", 50_000)
    journal = MemoryJournal()
    settings = ServerSettings(host="127.0.0.1", port=0, limits=Limits(messages_per_second=100_000))
    server = await start_server([TERMS], journal, settings)
    port = server.addresses[0][1]
    stall = asyncio.Event()
    asyncio.get_running_loop().call_later(STALL_S / 3, shrink, server)
    asyncio.get_running_loop().call_later(STALL_S, stall.set)
    try:
        async with asyncio.TaskGroup() as group:
            watchers = [
                group.create_task(
                    listen(port, n % 2 == 0, ("all", "latest")[n // 2 % 2], stall if n % 40 == 3 else None)
                )
                for n in range(WATCHERS)
            ]
            bots = [group.create_task(bid(port, n % 2 == 0, n)) for n in range(BOTS)]
    finally:
        await server.stop()
    everyone = [task.result() for task in (*watchers, *bots)]
    assert [seen.states >= 1 for seen in everyone[3:WATCHERS:40]] == [True] * (WATCHERS // 40)
    assert len({json.dumps(seen.result()) for seen in everyone}) == 1
    assert [item[1] for item in everyone[0].result()] == ["finished"] * len(ITEMS)
    auditors = [seen.heard for seen in everyone if seen.events == "all"]
    assert len(auditors) == WATCHERS // 2
    kept = rows(journal)
    assert audit_journal(kept, "big") == []
    public = [row.event for row in kept if not row.sub]
    told = [{key: value for key, value in event.items() if key not in ("command", "body")} for event in public]
    assert all(heard == told[-len(heard) :] for heard in auditors)  # each from when they came in
    assert min(map(len, auditors)) > len(told) // 2
    assert sum(event["type"] == "unit_sold" for event in public) == 10
    assert sum(row.event["type"] == "maximum_set" for row in kept) > 10
    assert sum(event["type"] == "bid_accepted" and "command" not in event for event in public) > 10
