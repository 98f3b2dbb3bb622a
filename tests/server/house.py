"""A real server on a real socket, with a journal in memory and a clock that only the test moves, and its peers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bidroom.journal.journal import Journal
from bidroom.journal.memory import MemoryJournal
from bidroom.limits import Limits
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.server.settings import ServerSettings, Tokens
from bidroom.server.start import Server, start_server

Message = dict[str, Any]

START = 1_790_000_000_000
WINDOW = 10_000
PAUSE = 2_000


def room(id: str = "hall", closing: LiveClosing | TimedClosing | None = None, units: int = 2) -> RoomTerms:
    """A lamp from 100 in steps of 10, and a desk from 1,000 in steps of 50."""
    closing = closing or LiveClosing(WINDOW)
    lamp = ItemTerms("lamp", "Lamp", 100, 10, units, closing, PAUSE, "It shines.")
    return RoomTerms(id, f"The {id}", "EUR", (lamp, ItemTerms("desk", "Desk", 1000, 50, 1, closing, PAUSE)))


class HandClock:
    """Room time that stands still until it is moved."""

    def __init__(self, at: int = START) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def not_before(self, at: int) -> None:
        self.at = max(self.at, at)


class Peer:
    """Somebody at the other end of a JSON lines connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, **message: Any) -> None:
        self.raw(json.dumps(message).encode() + b"\n")

    def raw(self, data: bytes) -> None:
        self.writer.write(data)

    async def hear_line(self) -> str:
        """The next message as it came; an empty one when the connection is closed."""
        return (await asyncio.wait_for(self.reader.readline(), 10)).decode()

    async def hear(self) -> Message:
        """The next message; an empty one when the connection is closed."""
        line = await self.hear_line()
        return json.loads(line) if line else {}

    async def hear_until(self, type: str) -> Message:
        """The next message of a type; those before it are passed over."""
        while (message := await self.hear()).get("type") != type:
            assert message, f"the connection ended before a message of type {type}"
        return message

    async def join(self, name: str, **more: Any) -> Message:
        self.send(type="join", name=name, **more)
        return await self.hear()

    async def bid(self, id: int, amount: int, item: str = "lamp", **more: Any) -> Message:
        """Bid, and hear the answer."""
        self.send(type="bid", item=item, amount=amount, id=id, **more)
        while (message := await self.hear()).get("id") != id:
            assert message, "the connection ended before the answer"
        return message

    async def close(self) -> None:
        self.writer.close()


class House:
    """The running server, its clock and its journal."""

    def __init__(self, server: Server, clock: HandClock, journal: Journal) -> None:
        self.server = server
        self.clock = clock
        self.journal = journal
        self.address: tuple[str, int] = server.addresses[0]
        self._peers: list[Peer] = []

    async def peer(self) -> Peer:
        peer = Peer(*await asyncio.open_connection(*self.address))
        self._peers.append(peer)
        return peer

    async def bidder(self, name: str, **more: Any) -> Peer:
        peer = await self.peer()
        assert (await peer.join(name, **more))["type"] == "welcome"
        return peer

    async def watcher(self, **more: Any) -> Peer:
        peer = await self.peer()
        peer.send(type="watch", **more)
        assert (await peer.hear())["type"] == "welcome"
        return peer

    def pass_time(self, ms: int) -> None:
        """Move the clock, and let every room look at it."""
        self.clock.at += ms
        for one in self.server.rooms.values():
            one.awake.set()

    async def until(self, so: Callable[[], bool]) -> None:
        """Let the sockets work until something is so."""
        async with asyncio.timeout(10):
            while not so():  # noqa: ASYNC110  there is nothing to wait on but the sockets
                await asyncio.sleep(0)

    async def close_peers(self) -> None:
        for peer in self._peers:
            await peer.close()


@asynccontextmanager
async def house(
    *rooms: RoomTerms,
    journal: Journal | None = None,
    clock: HandClock | None = None,
    limits: Limits | None = None,
    tokens: Tokens | None = None,
    reserves: Mapping[str, Mapping[str, int]] | None = None,
    **more: Any,
) -> AsyncIterator[House]:
    """A server for these rooms (the hall where none is named), stopped in the end. `more` are settings."""
    clock = clock or HandClock()
    journal = journal or MemoryJournal()
    terms: Sequence[RoomTerms] = rooms or (room(),)
    place = {"host": "127.0.0.1", "port": 0} | more
    settings = ServerSettings(limits=limits or Limits(), tokens=tokens or Tokens(), **place)
    server = await start_server(terms, journal, settings, clock, reserves)
    running = House(server, clock, journal)
    try:
        yield running
    finally:
        await running.close_peers()
        await server.stop()
