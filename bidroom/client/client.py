"""Client: a participant in a room, as a program sees it.

One background task (`receive_messages`) owns the connection: it connects, resumes behind the last event that the view
knows, sends again what has no answer, and folds what it hears into the view, over and over until the client is closed
or something is wrong that trying again won't mend. Everything else only looks at what that task has left. The
invariant: a call to `bid` ends with the room's decision about that bid or with an error, and the bid counts once.
"""

import asyncio
import contextlib
import logging
import time
from asyncio import TimerHandle
from collections.abc import AsyncIterator, Callable
from random import Random
from ssl import SSLContext
from typing import Any, NoReturn, Self

from bidroom.client.backoff import Backoff
from bidroom.client.connection import ClientError, Connection, ConnectionLost, connect, hear
from bidroom.client.participant import Participant
from bidroom.client.strategies.strategy import Offer, Strategy
from bidroom.client.view import GapError, View
from bidroom.rules.events import PublicEvent
from bidroom.wire.messages import Accepted, AnswerOffer, Bid, BidderMessage, BuyNow, CancelMax, Events, MaxBid, Refused

FIRST_TRIES = 5
"""How often a server that was never reached is tried: it may just be starting, and the address may just be wrong."""

_log = logging.getLogger("bidroom.client")


class Client:
    """A bidder, or, without a name, one who watches.

    `address` is "host", "host:port" or "ws://host:port/ws". `events` says what is heard: "latest" (of several bids
    on an item at once only the last), "all", or "none" (only answers; the view then stands still).
    `token` comes back as the bidder that it was given to, `code` is that of an invitation (the name may then be empty);
    `rng` makes the waits before reconnecting. `tls` says whom to trust at a "wss://" address; without it, those whom
    this machine trusts.
    """

    def __init__(
        self,
        address: str = "localhost:12345",
        name: str | None = None,
        *,
        room: str | None = None,
        events: Events = "latest",
        token: str | None = None,
        code: str | None = None,
        rng: Random | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self.address = address
        self._tls = tls
        self._participant = Participant(name, room, events, token, code)
        self._outbox = self._participant.outbox
        rng = rng or Random()
        self._reconnect = Backoff(rng)
        self._send_again = Backoff(rng)
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: TimerHandle | None = None
        self._welcomed = asyncio.Event()
        self._ended = asyncio.Event()
        self._failure: Exception | None = None
        self._tries = 0

    @property
    def name(self) -> str | None:
        """The bidder's name as asked for; the room's spelling of it is `view.me`."""
        return self._participant.name

    @property
    def view(self) -> View | None:
        """The room as last heard; None before the first welcome."""
        return self._participant.view

    @property
    def token(self) -> str | None:
        """What comes back as this bidder; keep it as you would a password."""
        return self._participant.token

    @property
    def connected(self) -> bool:
        """Whether the view is being kept up to date at this moment."""
        return self._participant.welcome

    async def start_client(self) -> None:
        """Connect, join (or watch) and wait for the welcome; from then on `view` is there and kept up to date.

        Raises ClientError where that can't be.
        """
        assert self._task is None, "a client starts once"
        self._task = asyncio.create_task(self.receive_messages())
        try:
            await self._welcomed.wait()
            self._check()
        except BaseException:
            await self.close()
            raise

    async def receive_messages(self) -> None:
        """Keep a connection, and fold what comes into the view. `start_client` runs this as a task."""
        try:
            while True:
                reason = await self._one_connection()
                wait_s = self._reconnect.next()
                _log.info("%s: %s; trying again in %.1f s", self.address, reason, wait_s)
                await asyncio.sleep(wait_s)
        except Exception as error:  # whoever uses the client hears of it, whatever it is
            self._end(error)

    async def start_bidding(
        self,
        strategy: Strategy,
        rng: Random,
        pace: float = 1.0,
        on_answer: Callable[[Offer, Accepted | Refused], None] | None = None,
    ) -> None:
        """Let a strategy bid until the room is finished, at one opportunity every `pace` seconds on average.

        There is none while the connection is lost.

        `on_answer` is called with each offer and what the room said to it. Raises ClientError.
        """
        accepted = 0
        self._hearing()
        while not await self._finished_within(pace * (0.5 + rng.random())):
            view = self._hearing()
            if not self.connected or view.seq < accepted:
                continue  # what there is to see is not what the strategy should go by
            offer = strategy.next_bid(view, self.now(), rng)
            if offer is None:
                continue
            answer = await self.bid(offer.item, offer.amount, offer.unit)
            if isinstance(answer, Accepted):
                accepted = answer.seq
            if on_answer is not None:
                on_answer(offer, answer)

    async def bid(self, item: str, amount: int, unit: int | None = None) -> Accepted | Refused:
        """Bid `amount` (minor units) for a unit of an item: for the one in the view where none is named.

        Waits for the answer, through lost connections and restarts of the server. `accepted` comes before the event
        itself does. At most 32 bids are under way at a time; more wait their turn. Raises ValueError for what is no
        bid (a float as the amount, say), ClientError where no answer will come.
        """
        if unit is None and self.name is not None:
            seen = self._hearing().items.get(item)
            unit = None if seen is None else seen.unit
        return await self._ask(Bid, item=item, amount=amount, unit=unit)

    async def max_bid(self, item: str, amount: int, units: int = 1) -> Accepted | Refused:
        """Let the room bid for you up to `amount` (minor units), until `units` more units of the item are yours.

        Nobody else learns of it. It replaces the one that you left before. Waits and raises like `bid`.
        """
        return await self._ask(MaxBid, item=item, amount=amount, units=units)

    async def cancel_max(self, item: str) -> Accepted | Refused:
        """Let the room bid no further for you on this item; where you lead, you go on leading. See `bid`."""
        return await self._ask(CancelMax, item=item)

    async def buy_now(self, item: str, unit: int) -> Accepted | Refused:
        """Take the open unit at its fixed price, while nobody has bid for it. See `bid`."""
        return await self._ask(BuyNow, item=item, unit=unit)

    async def answer_offer(self, item: str, unit: int, accept: bool) -> Accepted | Refused:
        """Take, or decline, a unit whose sale was cancelled and that is offered to you. See `bid`."""
        return await self._ask(AnswerOffer, item=item, unit=unit, accept=accept)

    async def _ask(self, kind: type[BidderMessage], **fields: Any) -> Accepted | Refused:
        self._check()
        if self.name is None:
            raise ClientError("Who only watches can't bid; give the client a name.")
        unanswered = await self._outbox.add(kind, fields)
        try:
            # Behind those that wait to be sent again, never past them: the server decides by rising ids.
            if self._connection is not None and self.connected and not self._outbox.waiting:
                self._connection.send(unanswered.frame)
            else:
                unanswered.waits = True
            return await unanswered.answer
        finally:
            self._outbox.drop(unanswered)

    def events(self) -> AsyncIterator[PublicEvent]:
        """Every event from now on, as heard, until the room is finished or the client closed. Raises ClientError."""
        self._hearing()
        return self._participant.feed()

    async def wait_finished(self) -> None:
        """Wait until the room is finished: every item is, and all sales are in the view. Raises ClientError."""
        self._hearing()
        await self._ended.wait()
        if not self._participant.finished:
            self._check()

    def now(self) -> int:
        """Room time in milliseconds, by the server's clock; never less than it was."""
        return self._participant.time.now(_local_ms())

    async def close(self) -> None:
        """Leave. Bids without an answer get none: they raise ClientError, and may count or not."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._end(None)

    async def __aenter__(self) -> Self:
        await self.start_client()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def _one_connection(self) -> str:
        """Connect and converse for as long as it lasts. Gives the reason why it ended. Raises ClientError."""
        try:
            self._connection = await connect(self.address, self._tls)
            try:
                await self._converse(self._connection)
            finally:
                await self._hang_up(self._connection)
        except (ConnectionLost, GapError) as loss:
            self._tries += 1
            if self.view is None and self._tries >= FIRST_TRIES:
                raise ClientError(f"No server to talk to at {self.address}: {loss}.") from loss
            return str(loss)

    async def _converse(self, connection: Connection) -> NoReturn:
        connection.send(self._participant.greeting())
        while True:
            data = await hear(connection)
            was_welcome = self.connected
            for frame in self._participant.take(data, _local_ms()):
                connection.send(frame)
            if was_welcome:
                self._reconnect.reset()
            elif self.connected:
                self._welcomed.set()
            if self._participant.finished:
                self._ended.set()
            self._tend_outbox()

    async def _hang_up(self, connection: Connection) -> None:
        self._connection = None
        self._participant.lost()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await connection.close()

    def _tend_outbox(self) -> None:
        """Have bids that wait to be sent again sent after a while."""
        if not self._outbox.waiting:
            self._send_again.reset()
        elif self._timer is None and self.connected:
            self._timer = asyncio.get_running_loop().call_later(self._send_again.next(), self._send_waiting)

    def _send_waiting(self) -> None:
        self._timer = None
        if self._connection is not None:
            for unanswered in self._outbox.again():
                self._connection.send(unanswered.frame)

    async def _finished_within(self, seconds: float) -> bool:
        """Wait so long, or until the room is finished, and say whether it is. Raises the client's failure."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        if not self._participant.finished:
            self._check()
        return self._participant.finished

    def _hearing(self) -> View:
        """The view of one who hears events. Raises ClientError for one who asked for none."""
        assert self.view is not None, "a client is started first"
        if self._participant.events == "none":
            raise ClientError("This client hears no events: it knows no open unit, and can't follow the room.")
        return self.view

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _end(self, error: Exception | None) -> None:
        """No more connections: because of an error, or because the client is closed."""
        if self._failure is None:
            self._failure = error or ClientError("This client is closed.")
            self._participant.end(error, self._failure)
            self._welcomed.set()
            self._ended.set()


def _local_ms() -> int:
    return time.monotonic_ns() // 1_000_000
