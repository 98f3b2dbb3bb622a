"""One room as the server holds it: the rules' state, the seats, the inbox, the audience.

`submit()` is how anything reaches a room, and `bidroom.server.bidding.manage_bidding` the only one who reads the inbox.
While a batch is being committed `state` is ahead of the journal, so nothing but that task may look at it: everyone
else asks with `show()`, which answers from between two batches.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import msgspec
from msgspec import Struct

from bidroom.clock import Clock
from bidroom.journal.chain import Entry, genesis
from bidroom.journal.journal import Fence, Journal
from bidroom.journal.replay import replay
from bidroom.rules.answers import Reason
from bidroom.rules.deadlines import Deadlines
from bidroom.rules.events import (
    AnyEvent,
    BidderRegistered,
    BidderRemoved,
    ItemAdded,
    PublicEvent,
    TokenReplaced,
)
from bidroom.rules.item import RoomTerms
from bidroom.rules.once import AnswerLog
from bidroom.rules.state import RoomState
from bidroom.server.audience import Audience
from bidroom.server.connection import Connection, Leave, refused
from bidroom.server.desks import Desk
from bidroom.server.latest import LastAnswers, read_ring
from bidroom.server.metrics import Metrics
from bidroom.server.ring import Ring
from bidroom.server.seats import REMOVED, Account, Seats
from bidroom.server.settings import LEAST_TOLERANCE_MS, ServerSettings
from bidroom.wire.codec import encode
from bidroom.wire.control import AnyControl
from bidroom.wire.messages import (
    Accepted,
    BidderMessage,
    Done,
    Error,
    ErrorReason,
    Join,
    Preview,
    Refused,
    State,
)
from bidroom.wire.messages import Entry as Entrance
from bidroom.wire.views import catalogue_bytes, content_hash, room_view

Shown = TypeVar("Shown")

UNAVAILABLE = Error(
    ErrorReason.UNAVAILABLE,
    "The room is recovering its journal; wait a moment and send again what was not answered, with the same ids.",
)

FORKED = Error(
    ErrorReason.FORKED,
    "This room does not have the event that you saw: its journal was cut or rewritten, or it is another room. "
    "Keep your receipts and tell the auctioneer; join without `after` to go on with the room as it is.",
)


_ABOUT_SEATS = frozenset({BidderRegistered, TokenReplaced, BidderRemoved})
"""The events that seats follow."""


class Unavailable(Exception):
    """The room is recovering its journal, or stopping, and can't be looked at now."""


class Resume(Struct, frozen=True):
    """A listener of all events has read old ones from the journal and wants to hear the room behind `after`."""

    after: int


class Show(Struct, frozen=True):
    """Somebody wants to see something of the room, as it is after a batch."""

    look: Callable[[], None]
    give_up: Callable[[], None]


OrderAnswer = Accepted | Refused | Done | Preview


class Order(Struct, frozen=True):
    """Somebody asks for what only a desk may: `reply` is where the answer goes for those without a connection.

    `desk` is None where it is that of the connection, if it has one by the time that this is decided.
    """

    message: AnyControl
    desk: Desk | None = None
    reply: Callable[[OrderAnswer], None] | None = None


class Submission(Struct, frozen=True):
    """Something in the inbox. `at` is its arrival in room time (ms); `account` is who it counts for."""

    connection: Connection | None
    message: BidderMessage | Entrance | Order | Leave | Resume | Show
    at: int
    account: Account | None = None


class Room:
    """A room of the server's.

    `head` is the published hash, `tail` the last entry's, private ones included. `tolerance_ms` is how long the house
    may be away before its bidders are given their time back: a quarter of the shortest window.
    """

    def __init__(self, id: str, journal: Journal, clock: Clock, settings: ServerSettings, metrics: Metrics) -> None:
        self.id = id
        self.journal = journal
        self.clock = clock
        self.settings = settings
        self.metrics = metrics
        self.state = RoomState()
        self.deadlines = Deadlines(self.state)
        self.seats = Seats()
        self.audience = Audience()
        self.ring = Ring()
        self.fence: Fence = journal.start
        self.head = self.tail = genesis(id)
        self.inbox: list[Submission] = []
        self.awake = asyncio.Event()
        self.interrupted = False
        self.unavailable = False
        self.stopping = False
        self.catalogue = b""
        self.tolerance_ms = 0
        self._catalogue_hash = ""
        self._shown: tuple[int, bytes] = (-1, b"")

    @property
    def terms(self) -> RoomTerms:
        """The terms of the room, once it is open."""
        assert self.state.terms is not None, "the room is open"
        return self.state.terms

    @property
    def published(self) -> int:
        """The number of the last public event that was told."""
        return self.ring.before + len(self.ring)

    async def load(self) -> None:
        """Become what the journal says. Connections keep their seats; refused answers are forgotten."""
        for seat in self.seats:
            seat.answers = AnswerLog()
        answers = LastAnswers()
        replayed = await replay(self.journal, self.id, partial(self._look_back, answers))
        self.ring = await read_ring(self.journal, self.id, replayed.state.seq)
        head = self.head_at(replayed.state.seq)
        assert head is not None, "the ring ends with the last public event"
        self.head = head
        self._remember(answers)
        self.state = replayed.state
        self.seats.forget_all_but(self.state.bidders)
        self.fence = replayed.fence
        self.tail = replayed.head
        self.deadlines = Deadlines(self.state)
        if self.state.terms is not None:
            self._learn()
        self._shown = (-1, b"")

    def _learn(self) -> None:
        """What the items' terms say, worked out once for as long as no item is added."""
        self.catalogue = catalogue_bytes(self.state)
        self._catalogue_hash = content_hash(self.catalogue)
        shortest_ms = min(item.terms.closing.window_ms for item in self.state.items.values())
        self.tolerance_ms = max(shortest_ms // 4, LEAST_TOLERANCE_MS)

    def _look_back(self, answers: LastAnswers, events: Sequence[AnyEvent], entries: Sequence[Entry]) -> None:
        """Take in the journal's next events beside the rules' state."""
        answers.note(events, entries)
        if not _ABOUT_SEATS.isdisjoint(map(type, events)):
            for event in events:
                if type(event) in _ABOUT_SEATS:
                    self._keep_seats(event)

    def _remember(self, answers: LastAnswers) -> None:
        """Keep the answers that the journal's events were to bidders."""
        for bidder, given in answers:
            log = self.seats.get(bidder).answers
            for command, answer in given:
                log.keep(command.id, command.digest, answer)

    def head_at(self, seq: int) -> bytes | None:
        """The hash of a public event, or of the beginning for 0; None where memory doesn't have it."""
        return genesis(self.id) if seq == 0 else self.ring.hash_of(seq)

    def publish(self, events: Sequence[AnyEvent], entries: Sequence[Entry]) -> list[PublicEvent]:
        """A batch of events, which `state` knows already, is durable: gives those that others may see."""
        told: list[PublicEvent] = []
        for event, entry in zip(events, entries, strict=True):
            public = self.take_in(event, entry.hash)
            if public is not None:
                told.append(public)
            if type(event) is ItemAdded:
                self._learn()
        return told

    def take_in(self, event: AnyEvent, hash: bytes) -> PublicEvent | None:
        """An event is durable: a public one is the room's head now, and seats follow those that are about bidders.

        Gives the event as others may see it.
        """
        if type(event) in _ABOUT_SEATS:
            self._keep_seats(event)
        if event.is_private:
            return None
        public: PublicEvent = event.public()  # pyright: ignore[reportAssignmentType]
        self.ring.append(public, hash)
        self.head = hash
        return public

    def _keep_seats(self, event: AnyEvent) -> None:
        if isinstance(event, BidderRegistered):
            self.seat(event)
        elif isinstance(event, TokenReplaced):
            self.seats.replace_token(event)
        elif isinstance(event, BidderRemoved):
            seat = self.seats.get(event.bidder)
            seat.removed = True
            for connection in list(seat.connections):
                connection.close(REMOVED)

    def seat(self, event: BidderRegistered) -> None:
        """Keep a seat for somebody who is registered: from now on, nobody else has their name, paddle or token."""
        self.seats.register(event, Account(self.settings.limits.messages_per_second, self.clock.now()))

    def submit(
        self,
        connection: Connection | None,
        message: BidderMessage | Entrance | Order | Leave | Resume,
        now: int | None = None,
    ) -> None:
        """Put something into the inbox; it arrives now, which whoever has just looked at the clock may say."""
        account = None if connection is None else connection.account
        submission = Submission(connection, message, self.clock.now() if now is None else now, account)
        if self.unavailable and not isinstance(message, Leave):
            self.turn_away(submission)
        else:
            self._put(submission)

    def order(self, connection: Connection, message: AnyControl, now: int) -> None:
        """Put what somebody at a desk asks for, who has looked at the clock just `now`, into the inbox."""
        self.submit(connection, Order(message), now)

    async def ask(self, message: AnyControl, desk: Desk) -> OrderAnswer:
        """What the room answers to somebody at a desk who has no connection."""
        future: asyncio.Future[OrderAnswer] = asyncio.get_running_loop().create_future()

        def reply(answer: OrderAnswer) -> None:
            if not future.done():
                future.set_result(answer)

        if self.stopping:
            raise Unavailable
        self.submit(None, Order(message, desk, reply))
        return await future

    async def show(self, look: Callable[[], Shown]) -> Shown:
        """What `look` gives when called between two batches. Raises Unavailable."""
        future: asyncio.Future[Shown] = asyncio.get_running_loop().create_future()

        def answer() -> None:
            if not future.done():
                try:
                    future.set_result(look())
                except Exception as error:
                    future.set_exception(error)

        def give_up() -> None:
            if not future.done():
                future.set_exception(Unavailable())

        if self.unavailable or self.stopping:
            raise Unavailable
        self._put(Submission(None, Show(answer, give_up), self.clock.now()))
        return await future

    def _put(self, submission: Submission) -> None:
        self.inbox.append(submission)
        self.awake.set()

    def turn_away(self, submission: Submission) -> None:
        """Say that nothing is decided while the journal recovers. A bid uses no id up."""
        connection, message = submission.connection, submission.message
        if isinstance(message, Show):
            message.give_up()
        elif isinstance(message, Order) and message.reply is not None:
            message.reply(refused(message.message.id, Reason.UNAVAILABLE))
        if connection is None:
            return
        if isinstance(message, BidderMessage | Order):
            assert submission.account is not None, "a command counts for somebody"
            submission.account.unanswered -= 1
            id = message.message.id if isinstance(message, Order) else message.id
            connection.send(refused(id, Reason.UNAVAILABLE))
        elif isinstance(message, Entrance):
            if isinstance(message, Join) and connection.seat is not None:  # seated by a batch that never was
                self.seats.leave(connection.seat, connection, registered=False)
                connection.seat = None
            self.not_in(connection)
            connection.send(UNAVAILABLE)
        elif isinstance(message, Resume):
            connection.close(UNAVAILABLE)

    def not_in(self, connection: Connection) -> None:
        """An attempt to come in has failed; the connection may try again, here or elsewhere."""
        if connection.seat is None and connection not in self.audience:
            connection.room = None

    def snapshot(self) -> bytes:
        """The room's view as JSON; made once for each public state that anybody looks at."""
        if self._shown[0] != self.state.seq:
            self._shown = self.state.seq, encode(room_view(self.state, self._catalogue_hash))
        return self._shown[1]

    def state_message(self) -> State:
        """The room as it is now, for those who missed updates."""
        return State(msgspec.Raw(self.snapshot()), self.state.seq, self.head.hex(), self.clock.now())
