"""A server that says what a test tells it to, over real sockets: JSON lines or a WebSocket."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import WSMsgType, web

from bidroom.client.client import Client
from bidroom.wire.codec import Inbound, decode, encode
from bidroom.wire.fields import Events
from bidroom.wire.messages import Accepted, Bid, Join, Outbound, Update, Watch, Welcome
from bidroom.wire.views import You
from tests.client.small_room import SmallRoom

TOKEN = "a" * 32


class Wait(Random):
    """Chance that makes the waits these, in seconds, and the last one again and again. `bounds`: what was asked for."""

    def __init__(self, *seconds: float) -> None:
        super().__init__()
        self._seconds = list(seconds)
        self.bounds: list[float] = []

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002
        self.bounds.append(b)
        return self._seconds.pop(0) if len(self._seconds) > 1 else self._seconds[0]


async def until(true: Callable[[], bool]) -> None:
    """Let everything go on until something is so."""
    while not true():  # noqa: ASYNC110 - any task may make it so
        await asyncio.sleep(0.001)


class Talk:
    """One connection to a client. What it says is written at once; what it hears comes in order."""

    def __init__(self, heard: asyncio.Queue[Inbound | None]) -> None:
        self._heard = heard

    async def hear(self) -> Inbound:
        """The client's next message."""
        message = await self._heard.get()
        assert message is not None, "the client hung up"
        return message

    async def hear_bids(self, count: int) -> list[Bid]:
        """The client's next messages, which must be bids."""
        bids = [await self.hear() for _ in range(count)]
        assert all(isinstance(bid, Bid) for bid in bids)
        return bids  # type: ignore[return-value]

    @property
    def silent(self) -> bool:
        """Whether everything that came was heard."""
        return self._heard.empty()

    async def hung_up(self) -> None:
        """Wait until the client has closed the connection, having said nothing more."""
        assert await self._heard.get() is None

    async def say(self, *messages: Outbound | bytes) -> None:
        """Send messages to the client, or bytes that are none."""
        raise NotImplementedError

    async def hang_up(self) -> None:
        """Close the connection without a word."""
        raise NotImplementedError

    async def welcome(self, room: SmallRoom, last_id: int = 0, token: str | None = TOKEN) -> Join | Watch:
        """Hear the greeting and say welcome, with the room where it is asked for."""
        greeting = await self.hear()
        assert isinstance(greeting, Join | Watch)
        joined = isinstance(greeting, Join)
        await self.say(
            Welcome(
                version=1,
                you=You(greeting.name, last_id) if joined else None,
                token=token if joined else None,
                room=room.view if greeting.after is None else None,
                seq=room.state.seq if greeting.after is None else greeting.after,
                head=room.head if greeting.after is None else (greeting.head or ""),
                now=room.at,
            )
        )
        return greeting

    async def accept(self, bid: Bid, room: SmallRoom, bidder: str = "Ana") -> Update:
        """Accept a bid in the room and tell the client of it, as a server would."""
        room.bid(bidder, bid.item, bid.amount, bid.unit)
        update = room.take_update()
        assert update is not None, "the room accepts it"
        await self.say(Accepted(bid.id, update.seq, update.head), update)
        return update


class LineTalk(Talk):
    """JSON lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(asyncio.Queue())
        self._reader, self.writer = reader, writer

    async def listen(self) -> None:
        """Hear the client until it hangs up."""
        with suppress(ConnectionError):
            while line := await self._reader.readline():
                self._heard.put_nowait(decode(line))
        self._heard.put_nowait(None)

    async def say(self, *messages: Outbound | bytes) -> None:
        self.writer.write(b"".join((m if isinstance(m, bytes) else encode(m)) + b"\n" for m in messages))
        with suppress(ConnectionError):
            await self.writer.drain()

    async def hang_up(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class WebSocketTalk(Talk):
    """Text frames."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        super().__init__(asyncio.Queue())
        self._socket = socket

    async def listen(self) -> None:
        """Hear the client until it hangs up."""
        async for frame in self._socket:
            assert frame.type is WSMsgType.TEXT
            self._heard.put_nowait(decode(frame.data))
        self._heard.put_nowait(None)

    async def say(self, *messages: Outbound | bytes) -> None:
        for message in messages:
            await self._socket.send_bytes(message) if isinstance(message, bytes) else await self._socket.send_str(
                msgspec.json.encode(message).decode()
            )

    async def hang_up(self) -> None:
        await self._socket.close()


class Peer:
    """Listens. Every connection is a `Talk`, in the order in which they come."""

    def __init__(self, kind: str = "lines") -> None:
        self._kind = kind
        self._talks: asyncio.Queue[Talk] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        if self._kind == "lines":
            self._listener = await asyncio.start_server(self._lines, "127.0.0.1", 0)
            self.address = f"127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
            return self
        application = web.Application()
        application.router.add_get("/ws", self._websocket)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"ws://127.0.0.1:{self._runner.addresses[0][1]}/ws"
        return self

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._kind == "lines":
            self._listener.close()
            await self._listener.wait_closed()
        else:
            await self._runner.cleanup()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def talk(self) -> Talk:
        """The next connection."""
        return await self._talks.get()

    def client(
        self, name: str | None = "Ana", events: Events = "latest", rng: Random | None = None, **options: str
    ) -> Client:
        """A client of this server; without an `rng` it never waits before it tries again."""
        return Client(self.address, name, events=events, rng=rng or Wait(0), **options)

    async def _lines(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = LineTalk(reader, writer)
        self._talks.put_nowait(talk)
        self._tasks.add(task := asyncio.current_task())  # type: ignore[arg-type]
        try:
            await talk.listen()
        finally:
            self._tasks.discard(task)  # type: ignore[arg-type]
            writer.close()

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        talk = WebSocketTalk(socket)
        self._talks.put_nowait(talk)
        await talk.listen()
        return socket
