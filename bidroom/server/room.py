"""One room as the server holds it: the rules' state, the seats, the inbox, the audience.

`submit()` is how anything reaches a room, and `bidroom.server.bidding.manage_bidding` the only one who reads the inbox.
While a batch is being committed `state` is ahead of the journal, so nothing but that task may look at it: everyone
else asks with `show()`, which answers from between two batches.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from bidroom.clock import Clock
from bidroom.journal.chain import Entry, genesis
from bidroom.journal.journal import Fence, Journal
from bidroom.journal.replay import replay
from bidroom.rules.answers import Reason
from bidroom.rules.deadlines import Deadlines
from bidroom.rules.events import AnyEvent, BidAccepted, BidderRegistered, PrivateEvent
from bidroom.rules.item import RoomTerms
from bidroom.rules.once import AnswerLog
from bidroom.rules.state import RoomState
from bidroom.server.audience import Audience
from bidroom.server.connection import Connection, Leave, refused
from bidroom.server.metrics import Metrics
from bidroom.server.ring import Ring
from bidroom.server.seats import Account, Seats
from bidroom.server.settings import ServerSettings
from bidroom.wire.codec import encode
from bidroom.wire.messages import Accepted, Bid, Error, ErrorReason, Join, State, Watch
from bidroom.wire.views import catalogue_bytes, catalogue_hash, room_view

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


class Unavailable(Exception):
    """The room is recovering its journal, or stopping, and can't be looked at now."""


class Resume(Struct, frozen=True):
    """A listener of all events has read old ones from the journal and wants to hear the room behind `after`."""

    after: int


class Show(Struct, frozen=True):
    """Somebody wants to see something of the room, as it is after a batch."""

    look: Callable[[], None]
    give_up: Callable[[], None]


class Submission(Struct, frozen=True):
    """Something in the inbox. `at` is its arrival in room time (ms); `account` is who it counts for."""

    connection: Connection | None
    message: Bid | Join | Watch | Leave | Resume | Show
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
        self.ring = Ring()
        self.head = genesis(self.id)
        replayed = await replay(self.journal, self.id, self._remember)
        self.state = replayed.state
        self.fence = replayed.fence
        self.tail = replayed.head
        self.deadlines = Deadlines(self.state)
        if self.state.terms is not None:
            self._learn(self.state.terms)
        self._shown = (-1, b"")

    def _learn(self, terms: RoomTerms) -> None:
        """What the terms say once and for all, worked out once and for all."""
        self.catalogue = catalogue_bytes(terms)
        self._catalogue_hash = catalogue_hash(terms)
        self.tolerance_ms = min(item.closing.window_ms for item in terms.items) // 4

    def _remember(self, event: AnyEvent, entry: Entry) -> None:
        """Take in one event from the journal beside the rules' state."""
        if isinstance(event, BidderRegistered):
            account = Account(self.settings.limits.messages_per_second, self.clock.now())
            self.seats.register(event.bidder, event.token_hash, event.salt, account)
        if isinstance(event, PrivateEvent):
            return
        self.publish(event, entry.hash)
        if isinstance(event, BidAccepted) and event.command is not None:
            answer = Accepted(event.command.id, event.seq, entry.hash.hex())
            self.seats.get(event.bidder).answers.keep(event.command.id, event.command.digest, answer)

    def head_at(self, seq: int) -> bytes | None:
        """The hash of a public event, or of the beginning for 0; None where memory doesn't have it."""
        return genesis(self.id) if seq == 0 else self.ring.hash_of(seq)

    def publish(self, event: AnyEvent, hash: bytes) -> None:
        """A public event is durable: it is the room's head now."""
        self.ring.append(event.public(), hash)  # pyright: ignore[reportArgumentType]
        self.head = hash

    def submit(self, connection: Connection, message: Bid | Join | Watch | Leave | Resume) -> None:
        """Put something into the inbox; it arrives now."""
        submission = Submission(connection, message, self.clock.now(), connection.account)
        if self.unavailable and not isinstance(message, Leave):
            self.turn_away(submission)
        else:
            self._put(submission)

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
        if connection is None:
            return
        if isinstance(message, Bid):
            assert submission.account is not None, "a bid counts for somebody"
            submission.account.unanswered -= 1
            connection.send(refused(message.id, Reason.UNAVAILABLE))
        elif isinstance(message, Join | Watch):
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
        """The room's view as JSON; made once for each state that anybody looks at."""
        if self._shown[0] != self.state.seq:
            self._shown = self.state.seq, encode(room_view(self.state, self._catalogue_hash))
        return self._shown[1]

    def state_message(self) -> State:
        """The room as it is now, for those who missed updates."""
        return State(msgspec.Raw(self.snapshot()), self.state.seq, self.head.hex(), self.clock.now())
