"""What a client knows and what it owes, without a socket: the conversation with a server, message by message.

Each connection begins with `greeting()`; then every message that arrives goes through `take()`, which gives what is to
be sent in return. What a connection can't go on from is raised: `ConnectionLost` (or the view's `GapError`) where
another connection may do, `ClientError` where none will.
"""

from weakref import WeakSet

from bidroom.client.connection import ClientError, ConnectionLost
from bidroom.client.feed import EventFeed
from bidroom.client.outbox import Outbox
from bidroom.client.server_time import ServerTime
from bidroom.client.view import View
from bidroom.rules.events import PublicEvent
from bidroom.wire.codec import Malformed, decode_outbound, encode
from bidroom.wire.messages import (
    PROTOCOL_VERSION,
    Accepted,
    Bye,
    Error,
    ErrorReason,
    Events,
    Join,
    Pong,
    Refused,
    RoomView,
    Sales,
    State,
    Update,
    Watch,
    Welcome,
)

NAME_TRIES = 8
"""How often in a row a name that was ours may be taken: the server may not know yet that our old connection is gone."""

_TRANSIENT = frozenset(
    {
        ErrorReason.TOO_SLOW,
        ErrorReason.SILENT,
        ErrorReason.TOO_MANY,
        ErrorReason.RATE_LIMITED,
        ErrorReason.UNAVAILABLE,
    }
)


class Participant:
    """One participant's side of the protocol, over any number of connections."""

    def __init__(
        self, name: str | None, room: str | None, events: Events, token: str | None, code: str | None = None
    ) -> None:
        self.name = name
        self.code = code
        self.room = room
        self.events: Events = events
        self.token = token
        self.view: View | None = None
        self.welcome = False
        """Whether the present connection is welcome in the room."""
        self.finished = False
        """Whether the room is finished and all its sales were heard."""
        self.outbox = Outbox()
        self.time = ServerTime()
        self.feeds = WeakSet[EventFeed]()
        self._greetings = 0
        self._name_tries = 0

    def greeting(self) -> bytes:
        """The first message on a connection: come in, or come back behind what the view knows."""
        self._greetings += 1
        # One who hears no events has nothing to go on from, and is shown the room again.
        resumed = self.view if self.events != "none" else None
        after, head = (None, None) if resumed is None else (resumed.seq, resumed.head)
        if self.name is None:
            return encode(Watch(room=self.room, after=after, head=head, events=self.events))
        code = self.code if self.token is None else None
        join = Join(
            name=self.name, code=code, room=self.room, token=self.token, after=after, head=head, events=self.events
        )
        return encode(join)

    def take(self, data: bytes | str, local_ms: int) -> list[bytes]:
        """Take in one message, which arrived at `local_ms` of the local monotonic clock. Gives what to send."""
        try:
            message = decode_outbound(data)
        except Malformed as error:
            raise ClientError(f"The server speaks another protocol than this client. {error}") from None
        match message:
            case Welcome():
                return self._welcome(message, local_ms)
            case Accepted() | Refused():
                again = self.outbox.settle(message)
                return [] if again is None else [again.frame]
            case Error():
                return self._error(message)
            case Bye():
                raise ConnectionLost(message.message)
            case Sales():
                self._fold(message)
            case Update() | State():
                self.time.hear(message.now, local_ms)
                self._fold(message)
            case Pong():
                self.time.hear(message.now, local_ms)
        return []

    def lost(self) -> None:
        """The connection is gone, and with it whatever the server had not answered yet."""
        self.welcome = False
        if self.finished:
            self.outbox.close()
        self.outbox.doubt()

    def feed(self) -> EventFeed:
        """A feed of the events from now on."""
        feed = EventFeed()
        if self.finished:
            feed.end()
        else:
            self.feeds.add(feed)
        return feed

    def end(self, error: Exception | None, unanswered: Exception) -> None:
        """There will be no more connections. `error` is why, where that is not what was wanted."""
        self.welcome = False
        self.outbox.fail(unanswered)
        self._end_feeds(error)

    def _welcome(self, welcome: Welcome, local_ms: int) -> list[bytes]:
        if welcome.version != PROTOCOL_VERSION:
            raise ClientError(f"The server speaks version {welcome.version} of the protocol, not {PROTOCOL_VERSION}.")
        self.time.restart(welcome.now, local_ms)
        you = welcome.you
        if you is not None:
            self.outbox.go_on_from(you.last_id)
            self.token = welcome.token or self.token
        if self.view is None:
            if not isinstance(welcome.room, RoomView):
                raise ClientError("The server's welcome shows no room.")
            self.view = View(welcome.room, welcome.seq, welcome.head, None if you is None else you.name)
        self._fold(welcome)
        self._name_tries = 0
        self.welcome = True
        return [unanswered.frame for unanswered in self.outbox.again()]

    def _fold(self, message: Welcome | Update | State | Sales) -> None:
        assert self.view is not None, "a welcome comes first"
        self._tell(self.view.fold(message))
        # Behind a state come the sales that were missed; only then is everything told.
        if self.view.finished and not self.finished and not isinstance(message, State):
            self.finished = True
            self._end_feeds(None)

    def _tell(self, events: list[PublicEvent]) -> None:
        for feed in self.feeds:
            feed.put(events)

    def _end_feeds(self, error: Exception | None) -> None:
        for feed in self.feeds:
            feed.end(error)
        self.feeds.clear()

    def _error(self, error: Error) -> list[bytes]:
        reason = error.reason
        if reason is ErrorReason.BAD_TOKEN and self.token is not None and self.view is not None:
            # The server was started again and never knew us: nothing that we sent was accepted, so start afresh.
            self.token = None
            return [self.greeting()]
        if reason is ErrorReason.NAME_TAKEN and self._greetings > 1 and self._name_tries < NAME_TRIES:
            self._name_tries += 1
            raise ConnectionLost(error.message)
        if self.welcome and reason is ErrorReason.UNAVAILABLE:
            self.outbox.doubt()
            return []
        if self.welcome and reason is ErrorReason.RATE_LIMITED:
            return []  # a ping too many; a bid's refusal names the bid
        if reason in _TRANSIENT:
            raise ConnectionLost(error.message)
        raise ClientError(error.message)
