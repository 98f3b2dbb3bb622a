"""Bidders and watchers that know nothing but the protocol, written apart from the SDK on purpose.

They note what the server told them, for the auditor; they come back after every crash and resend what was not answered.
"""

import asyncio
import json
from contextlib import suppress
from random import Random
from socket import SO_RCVBUF, SOL_SOCKET

import aiohttp

from tests.crash.view import Message, View

MAX_PRICE = 300
"""Minor units above which nobody bids by hand."""

HIGHEST_MAXIMUM = 400
"""Minor units up to which the room may be left to bid."""

KEPT_FOR_SURE = 25
"""How many answers back a server knows each one still."""


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
        self.gone = False

    async def run(self) -> None:
        """Take part until one is sent out."""
        while not self.gone:
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
    """Asks for anything that a bidder may ask for, several commands at a time, and keeps every acknowledgement."""

    def __init__(self, port: int, websocket: bool, name: str, seed: int) -> None:
        super().__init__(port, websocket)
        self.name = name
        self.sent: dict[int, Message] = {}
        self.accepted: dict[int, Message] = {}
        self.refused: dict[int, Message] = {}
        self.welcomes: list[Message] = []
        self._rng = Random(seed)
        self._token: str | None = None
        self._last_id = 0
        self._unanswered: dict[int, Message] = {}
        self._view = View()

    async def converse(self, socket: Socket) -> None:
        token = {"token": self._token} if self._token else {}
        await socket.send({"type": "join", "name": self.name, **token})
        message = await socket.receive()
        if message["type"] != "welcome":
            self._turned_away(message)
            return
        self._token = message["token"]
        self._last_id = max(self._last_id, message["you"]["last_id"])
        self.welcomes.append({"seq": message["seq"], "maximums": message["you"].get("maximums", [])})
        self._view.hear(message)
        for command in (*self._answered_last(), *self._unanswered.values()):
            await socket.send(command)
        while not self.gone:
            while len(self._unanswered) < 3 and (command := self._next()):
                await self._ask(socket, command)
            self._hear(await socket.receive())

    def _answered_last(self) -> list[Message]:
        """What was accepted not long ago and, asked again, has its first answer."""
        return [self.sent[id] for id in sorted(self.accepted)[-3:] if id > self._last_id - KEPT_FOR_SURE]

    def _turned_away(self, message: Message) -> None:
        self.gone = message.get("reason") == "removed"
        if message.get("reason") == "bad_token":
            self._token = None
            if self.accepted:
                self.faults.append(f"{self.name} was forgotten though something of theirs was accepted")

    async def _ask(self, socket: Socket, command: Message) -> None:
        self._last_id += 1
        command["id"] = self._last_id
        self.sent[self._last_id] = self._unanswered[self._last_id] = command
        await socket.send(command)

    def _next(self) -> Message | None:
        """What to ask for now; None: nothing before more is heard."""
        return self._answer_offer() or self._pick([item for item in self._view.on_sale() if self._is_cheap(item)])

    def _is_cheap(self, item: Message) -> bool:
        """Nobody bids for ever, so that units get sold."""
        return item["minimum"] <= MAX_PRICE

    def _answer_offer(self) -> Message | None:
        asked = [(command["item"], command.get("unit")) for command in self._unanswered.values()]
        for (item, unit), bidder in self._view.offers.items():
            if bidder == self.name and (item, unit) not in asked:
                return {"type": "answer_offer", "item": item, "unit": unit, "accept": self._rng.random() < 0.6}
        return None

    def _pick(self, items: list[Message]) -> Message | None:
        if items and self._rng.random() < 0.03:
            return self._maximum(self._rng.choice(items))
        opened = [item for item in items if item["state"] == "open" and self._would_bid(item)]
        return self._bid(self._rng.choice(opened)) if opened else None

    def _would_bid(self, item: Message) -> bool:
        """Who leads seldom tries to bid."""
        return item["leader"] != self.name or self._rng.random() < 0.02

    def _maximum(self, item: Message) -> Message:
        seldom = "fixed price" in item["name"]  # the room would bid there before anybody can buy
        if self._rng.random() < (0.95 if seldom else 0.25):
            return {"type": "cancel_max", "item": item["id"]}
        amount = self._rng.randint(item["minimum"] - 1, HIGHEST_MAXIMUM)
        units = {"units": self._rng.randint(2, 3)} if self._rng.random() < 0.3 else {}
        return {"type": "max_bid", "item": item["id"], "amount": amount, **units}

    def _bid(self, item: Message) -> Message:
        unit = {"item": item["id"], "unit": item["unit"]}
        if item.get("buy_now") and self._rng.random() < 0.3:
            return {"type": "buy_now", **unit}
        return {"type": "bid", "amount": item["minimum"] + self._rng.choice((*[0] * 10, 10, 10, -1)), **unit}

    def _hear(self, message: Message) -> None:
        self._view.hear(message)
        if message["type"] == "accepted":
            earlier = self.accepted.setdefault(message["id"], message)
            if earlier != message:
                self.faults.append(f"{self.name} got two answers: {earlier} and {message}")
            self._unanswered.pop(message["id"], None)
        elif message["type"] == "refused":
            self._hear_refusal(message)
        elif message["type"] == "error":
            self.gone = message["reason"] == "removed"

    def _hear_refusal(self, message: Message) -> None:
        if message["id"] in self.accepted:
            self.faults.append(f"{self.name}: accepted, then refused: {message}")
        if message["reason"] == "id_conflict":
            self.faults.append(f"{self.name}: {message}")
        if message["reason"] not in ("unavailable", "rate_limited"):
            self.refused[message["id"]] = message
            self._unanswered.pop(message["id"], None)
