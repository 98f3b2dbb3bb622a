"""The auctioneer: takes back bids and sales, pauses, extends, offers again, is paid. Knows nothing but the protocol.

What was not answered before a crash is simply asked again. Now and then something that was answered is asked again as
well: nothing may be done twice.
"""

import asyncio
from contextlib import suppress
from random import Random

from tests.crash.participants import Participant, Socket
from tests.crash.view import Message, View

NAME = "Auctioneer"
NUMBERED = ("void_bid", "cancel_sale", "mark_paid", "hand_over", "remove_bidder")
"""What names its bid, its sale or its bidder, and so is done once, however often it is asked for."""

MAY_BE_SENT_OUT = 3
"""How many bidders may be removed in all: the others are needed."""


class Ask:
    """Something that was asked for, and every answer to it."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.answers: list[Message] = []


class Auctioneer(Participant):
    """One thing at a time, some milliseconds apart; `close()` ends the sale, and `closed` is set when it is over."""

    def __init__(self, port: int, websocket: bool, token: str, seed: int, bidders: list[str]) -> None:
        super().__init__(port, websocket)
        self.asks: list[Ask] = []
        self.closed = asyncio.Event()
        self._token = token
        self._rng = Random(seed)
        self._bidders = bidders
        self._removed = 0
        self._pending: Ask | None = None
        self._closing = False
        self._view = View()

    def close(self) -> None:
        """From now on, go on with what is paused, and close the room."""
        self._closing = True

    async def converse(self, socket: Socket) -> None:
        await socket.send({"type": "control", "token": self._token, "name": NAME})
        self._hear(await socket.receive())
        asking = asyncio.create_task(self._keep_asking(socket))
        try:
            while True:
                self._hear(await socket.receive())
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _keep_asking(self, socket: Socket) -> None:
        with suppress(OSError):
            if self._pending is not None:
                await socket.send(self._pending.message)
            while True:
                await asyncio.sleep(self._rng.uniform(0.002, 0.02))
                if self._pending is None and self._view.items and (message := self._next()):
                    await self._ask(socket, message)

    async def _ask(self, socket: Socket, message: Message) -> None:
        self._pending = Ask(message | {"id": len(self.asks) + 1})
        self.asks.append(self._pending)
        await socket.send(self._pending.message)

    def _hear(self, message: Message) -> None:
        self._view.hear(message)
        if self._view.finished:
            self.closed.set()
        if message["type"] == "error":
            self.faults.append(f"auctioneer: {message}")
        if message["type"] not in ("accepted", "refused", "preview"):
            return
        if self._pending is None or self._pending.message["id"] != message["id"]:
            self.faults.append(f"auctioneer: an answer to nothing: {message}")
        elif message.get("reason") not in ("unavailable", "rate_limited"):
            self._pending.answers.append(message)
            self._pending = None

    def _next(self) -> Message | None:
        paused = [item["id"] for item in self._view.items.values() if item.get("paused")]
        if self._view.paused:
            return {"type": "resume"}
        if paused and (self._closing or self._rng.random() < 0.5):
            return {"type": "resume", "item": paused[0]}
        if self._closing:
            return None if self._view.finished else self._because({"type": "close_room"})
        if self._rng.random() < 0.1 and (again := self._again()):
            return again
        seldom = (self._settle, self._people)
        return self._rng.choice((*[self._void] * 4, *[self._cancel, self._run] * 2, *seldom))()

    def _because(self, message: Message) -> Message:
        """Every reason is another one, so that what is done twice for one reason shows."""
        return message | {"why": f"reason {len(self.asks) + 1}"}

    def _again(self) -> Message | None:
        """One of the last things that were done and name what they mean, word for word."""
        done = [ask.message for ask in self.asks[-20:] if ask.message["type"] in NUMBERED and ask.answers]
        return self._rng.choice(done) if done else None

    def _void(self) -> Message | None:
        standing = [item for item in self._view.on_sale() if item["state"] == "open" and item.get("bid")]
        if not standing:
            return None
        item = self._rng.choice(standing)
        dry_run = {"dry_run": True} if self._rng.random() < 0.1 else {}
        return self._because({"type": "void_bid", "item": item["id"], "bid": item["bid"], **dry_run})

    def _cancel(self) -> Message | None:
        sales = self._sales()
        if not sales:
            return None
        then = self._rng.choice(("unsold", "reopen", "offer", "offer"))
        return self._because({"type": "cancel_sale", "sale": self._rng.choice(sales)["seq"], "then": then})

    def _sales(self) -> list[Message]:
        """The last purchases of all, or those of items that are finished."""
        sales = list(self._view.sales.values())
        finished = [sale for sale in sales if self._view.items[sale["item"]]["state"] == "finished"]
        return (finished if self._rng.random() < 0.3 else sales)[-20:]

    def _run(self) -> Message | None:
        """Reopen what is finished; else pause something, or give it more time."""
        items = self._view.items.values()
        finished = [item["id"] for item in items if item["state"] == "finished" and item["units_left"]]
        if finished and self._rng.random() < 0.7:
            return {"type": "reopen", "item": self._rng.choice(finished)}
        items = self._view.on_sale()
        if not items or self._rng.random() < 0.1:
            return {"type": "pause"}
        item = self._rng.choice(items)["id"]
        if self._rng.random() < 0.4:
            return {"type": "pause", "item": item}
        return {"type": "extend", "item": item, "span_ms": self._rng.randint(20, 150)}

    def _settle(self) -> Message | None:
        sales = self._sales()
        if not sales:
            return None
        sale = self._rng.choice(sales)
        message = {"bidder": sale["bidder"], "sale": sale["seq"]}
        if self._rng.random() < 0.5:
            return {"type": "hand_over", **message}
        return {"type": "mark_paid", "how": f"cash {len(self.asks) + 1}", **message}

    def _people(self) -> Message | None:
        """Bid for somebody who telephones; seldom, send somebody out."""
        opened = [item for item in self._view.on_sale() if item["state"] == "open"]
        if not opened:
            return None
        item = self._rng.choice(opened)
        if item["leader"] and self._removed < MAY_BE_SENT_OUT and self._rng.random() < 0.05:
            self._removed += 1
            return self._because({"type": "remove_bidder", "bidder": item["leader"]})
        bidder = self._rng.choice(self._bidders)
        bid = {"item": item["id"], "unit": item["unit"], "amount": item["minimum"]}
        return {"type": "bid_for", "bidder": bidder, "via": self._rng.choice(("floor", "phone")), **bid}
