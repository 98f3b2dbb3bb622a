"""Bidders and watchers that know nothing but the protocol, written apart from the SDK on purpose.

They note what the server told them, for the auditor; they come back after every crash and resend what was not answered.
"""

import asyncio
import json
from contextlib import suppress
from random import Random
from socket import SO_RCVBUF, SOL_SOCKET
from typing import Any

import aiohttp

Message = dict[str, Any]

MAX_PRICE = 300
"""Minor units above which nobody bids."""


class Socket:
    """Messages over JSON lines or a WebSocket."""

    def __init__(self, port: int, websocket: bool) -> None:
        self._port = port
        self._websocket = websocket

    async def __aenter__(self) -> "Socket":
        if self._websocket:
            self._session = aiohttp.ClientSession()
            try:
                self._ws = await self._session.ws_connect(f"http://127.0.0.1:{self._port}/ws", max_msg_size=0)
            except BaseException:
                await self._session.close()
                raise
        else:
            streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**26)
            self._reader, self._writer = streams
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._websocket:
            await self._session.close()
        else:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    async def send(self, message: Message) -> None:
        if self._websocket:
            await self._ws.send_str(json.dumps(message))
        else:
            self._writer.write(json.dumps(message).encode() + b"\n")
            await self._writer.drain()

    def stop_reading(self) -> None:
        """Take nothing more from the kernel, which is to keep little (JSON lines only)."""
        self._writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        self._writer.transport.pause_reading()  # pyright: ignore[reportAttributeAccessIssue]

    def go_on_reading(self) -> None:
        """Take it all."""
        self._writer.transport.resume_reading()  # pyright: ignore[reportAttributeAccessIssue]

    async def receive(self) -> Message:
        """The next message. Raises ConnectionError where there is none."""
        if self._websocket:
            data = (await self._ws.receive()).data
            if not isinstance(data, str):
                raise ConnectionResetError
            return json.loads(data)
        line = await self._reader.readline()
        if not line.endswith(b"\n"):  # the server died in the middle of it: it was never said
            raise ConnectionResetError
        return json.loads(line)


class Participant:
    """Somebody who comes back whenever the server does."""

    def __init__(self, port: int, websocket: bool) -> None:
        self.port = port
        self.websocket = websocket
        self.faults: list[str] = []

    async def run(self) -> None:
        while True:
            with suppress(OSError, aiohttp.ClientError):
                async with Socket(self.port, self.websocket) as socket:
                    await self.converse(socket)
            await asyncio.sleep(0.02)

    async def converse(self, socket: Socket) -> None:
        raise NotImplementedError


class Watcher(Participant):
    """Hears all events, and keeps each with the head of the update that it ended."""

    def __init__(self, port: int, websocket: bool) -> None:
        super().__init__(port, websocket)
        self.events: list[Message] = []
        self.heads: dict[int, str] = {}

    async def converse(self, socket: Socket) -> None:
        after = len(self.events)
        head = {"head": self.heads[after]} if after in self.heads else {}
        await socket.send({"type": "watch", "events": "all", "after": after, **head})
        while True:
            message = await socket.receive()
            if message["type"] == "update":
                if message["first"] != len(self.events) + 1:
                    self.faults.append(f"a gap: {message['first']} after {len(self.events)}")
                self.events += message["events"]
                self.heads[message["seq"]] = message["head"]
            elif message["type"] == "error":
                self.faults.append(f"watcher: {message}")


class Bidder(Participant):
    """Bids on anything, several bids at a time, and keeps every acknowledgement."""

    def __init__(self, port: int, websocket: bool, name: str, seed: int) -> None:
        super().__init__(port, websocket)
        self.name = name
        self.accepted: dict[int, Message] = {}
        self.refusals = 0
        self._rng = Random(seed)
        self._token: str | None = None
        self._last_id = 0
        self._unanswered: dict[int, Message] = {}
        self._items: dict[str, Message] = {}

    async def converse(self, socket: Socket) -> None:
        token = {"token": self._token} if self._token else {}
        await socket.send({"type": "join", "name": self.name, **token})
        while (message := await socket.receive())["type"] != "welcome":
            if message.get("reason") == "bad_token" and self.accepted:
                self.faults.append(f"{self.name} was forgotten though they had a bid")
            if message.get("reason") == "bad_token":
                self._token = None
            return
        self._token = message["token"]
        self._last_id = max(self._last_id, message["you"]["last_id"])
        self._items = {item["id"]: item for item in message["room"]["items"]}
        for bid in list(self._unanswered.values()):
            await socket.send(bid)
        while True:
            while len(self._unanswered) < 3 and (open_items := self._affordable()):
                await self._bid(socket, self._rng.choice(open_items))
            self._hear(await socket.receive())

    def _affordable(self) -> list[Message]:
        """What is still cheap: nobody bids for ever, so that units get sold."""
        return [item for item in self._items.values() if item["minimum"] <= MAX_PRICE]

    async def _bid(self, socket: Socket, item: Message) -> None:
        self._last_id += 1
        amount = item["minimum"] + self._rng.choice((0, 0, 0, 10, -1))
        bid = {"type": "bid", "item": item["id"], "unit": item["unit"], "amount": amount, "id": self._last_id}
        self._unanswered[self._last_id] = bid
        await socket.send(bid)

    def _hear(self, message: Message) -> None:
        if message["type"] == "accepted":
            earlier = self.accepted.setdefault(message["id"], message)
            if earlier != message:
                self.faults.append(f"{self.name} got two answers: {earlier} and {message}")
            self._unanswered.pop(message["id"], None)
        elif message["type"] == "refused":
            self.refusals += 1
            if message["id"] in self.accepted:
                self.faults.append(f"{self.name}: accepted, then refused: {message}")
            if message["reason"] == "id_conflict":
                self.faults.append(f"{self.name}: {message}")
            if message["reason"] not in ("unavailable", "rate_limited"):
                self._unanswered.pop(message["id"], None)
        for event in message.get("events", ()):
            if "minimum" in event:
                self._items[event["item"]] |= {"minimum": event["minimum"], "unit": event["unit"]}
