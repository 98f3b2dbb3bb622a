"""The public protocol, version 1: one JSON object a message, told apart by its `type`.

Amounts are integers in minor units of the room's currency, times are milliseconds of room time, heads and tokens are
hexadecimal. A participant sends `Inbound` messages and gets `Outbound` ones. docs/protocol.md says what each means.
"""

from enum import Enum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from bidroom.rules.answers import Reason
from bidroom.rules.events import (
    BidAccepted,
    DeadlinesMoved,
    ItemFinished,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    UnitSold,
)
from bidroom.rules.item import MAX_AMOUNT

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 64 * 1024
"""The longest inbound message, without its line end."""

Events = Literal["latest", "all", "none"]
Text = Annotated[str, Meta(max_length=200)]
Count = Annotated[int, Meta(ge=0, le=MAX_AMOUNT)]
Amount = Annotated[int, Meta(ge=1, le=MAX_AMOUNT)]
Head = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]


class Join(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="join", omit_defaults=True):
    """Become a bidder; with `token`, come back as the same one; with `after` (and `head`), resume behind that event."""

    name: Annotated[str, Meta(max_length=1000)]
    room: Text | None = None
    token: Text | None = None
    after: Count | None = None
    head: Head | None = None
    events: Events = "latest"


class Watch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="watch", omit_defaults=True):
    """Look on."""

    room: Text | None = None
    after: Count | None = None
    head: Head | None = None
    events: Events = "latest"


class Bid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bid", omit_defaults=True):
    """Bid `amount` for one unit of an item: for `unit` where named, else for the one that is open."""

    item: Text
    amount: Amount
    id: Amount
    unit: Amount | None = None


class Ping(Struct, frozen=True, forbid_unknown_fields=True, tag="ping"):
    """Ask for a `pong`, which tells the server's time."""


Inbound = Join | Watch | Bid | Ping


class ErrorReason(Enum):
    """Why a message or a connection was not taken. The values are the public protocol."""

    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    BAD_NAME = "bad_name"
    NAME_TAKEN = "name_taken"
    BAD_TOKEN = "bad_token"
    ALREADY_JOINED = "already_joined"
    UNKNOWN_ROOM = "unknown_room"
    FORKED = "forked"
    TOO_SLOW = "too_slow"
    SILENT = "silent"
    TOO_MANY = "too_many"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


class ItemView(Struct, frozen=True, kw_only=True):
    """What moves of an item. `price` and `leader` are null before the round's first bid.

    `state` is "between" (the next unit opens at `opens_at`), "open" (until `ends_at`; null: no deadline before the
    first bid) or "finished". `unit` is the unit of the current or last round. `minimum` is the least that the next bid
    must be.
    """

    id: str
    name: str
    state: str
    unit: int
    units: int
    units_left: int
    starting_price: int
    price: int | None
    leader: str | None
    minimum: int
    ends_at: int | None
    opens_at: int | None


class RoomView(Struct, frozen=True, kw_only=True):
    """What moves of a room. `catalogue` is the content hash of the descriptions at /api/rooms/{room}/catalogue."""

    id: str
    name: str
    currency: str
    finished: bool
    catalogue: str
    items: list[ItemView]


class You(Struct, frozen=True):
    """Who the server takes you for. `last_id` is where your ids go on from."""

    name: str
    last_id: int


class Welcome(Struct, frozen=True, kw_only=True, tag="welcome", omit_defaults=True):
    """You are in. `room` is left out when you resume with `after`: what you missed follows as an update or a state.

    `you` and `token` are only for bidders. `seq` and `head` name the event that the next update follows.
    """

    version: int
    you: You | None = None
    token: str | None = None
    room: RoomView | msgspec.Raw | None = None
    seq: int
    head: str
    now: int


class Accepted(Struct, frozen=True, tag="accepted"):
    """The bid with this id is durable as event `seq`; `head` is that event's hash: keep it, it is your receipt."""

    id: int
    seq: int
    head: str


class Refused(Struct, frozen=True, tag="refused", omit_defaults=True):
    """The bid with this id changed nothing; `minimum` is the amount that would do, where that helps."""

    id: int
    reason: Reason
    message: str
    minimum: int | None = None


PublicEvent = RoomOpened | RoundOpened | BidAccepted | UnitSold | ItemFinished | RoomFinished | DeadlinesMoved


class Update(Struct, frozen=True, tag="update"):
    """One batch: the events `first` to `seq`. `head` is the hash of the last one. Updates join without a gap."""

    first: int
    seq: int
    head: str
    now: int
    events: list[PublicEvent]


class State(Struct, frozen=True, tag="state"):
    """The room as it is after event `seq`, in place of updates that you did not get."""

    room: RoomView | msgspec.Raw
    seq: int
    head: str
    now: int


class Sales(Struct, frozen=True, tag="sales"):
    """After a `state`: every purchase among the events that you did not get, those after `after`."""

    after: int
    events: list[UnitSold]


class Error(Struct, frozen=True, tag="error"):
    """A message or a connection was not taken; `message` says what was wrong and what to do."""

    reason: ErrorReason
    message: str


class Pong(Struct, frozen=True, tag="pong"):
    """The server's time."""

    now: int


class Bye(Struct, frozen=True, tag="bye"):
    """The server closes the connection, and why."""

    message: str


Outbound = Welcome | Accepted | Refused | Update | State | Sales | Error | Pong | Bye
