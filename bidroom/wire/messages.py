"""The public protocol, version 1: one JSON object a message, told apart by its `type`.

Amounts are integers in minor units of the room's currency, times are milliseconds of room time, heads and tokens are
hexadecimal. A participant sends `Inbound` messages and gets `Outbound` ones; what an auctioneer sends besides is in
`bidroom.wire.control`. docs/protocol.md says what each means.
"""

from enum import Enum

import msgspec
from msgspec import Struct

from bidroom.rules.answers import Reason
from bidroom.rules.events import PublicEvent, SaleCancelled, UnitSold
from bidroom.wire.fields import Amount, Count, Events, Head, Name, Text, Units
from bidroom.wire.views import RoomView, You

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 64 * 1024
"""The longest inbound message, without its line end."""


class Join(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="join", omit_defaults=True):
    """Become a bidder; with `token`, come back as the same one; with `after` (and `head`), resume behind that event.

    With the `code` of an invitation, no name is needed.
    """

    name: Name = ""
    code: Text | None = None
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


class Control(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="control", omit_defaults=True):
    """Come in as the auctioneer, or as a clerk, by the token; `name` is how the record calls you."""

    token: Text
    name: Name = ""
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


class MaxBid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="max_bid", omit_defaults=True):
    """Let the room bid for you up to `amount`, until `units` more units of the item are yours."""

    item: Text
    amount: Amount
    id: Amount
    units: Units = 1


class CancelMax(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="cancel_max"):
    """Let the room bid no further for you on this item."""

    item: Text
    id: Amount


class BuyNow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="buy_now"):
    """Take the open unit at its fixed price."""

    item: Text
    unit: Amount
    id: Amount


class AnswerOffer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="answer_offer"):
    """Take, or decline, a unit that is offered to you."""

    item: Text
    unit: Amount
    accept: bool
    id: Amount


class Ping(Struct, frozen=True, forbid_unknown_fields=True, tag="ping"):
    """Ask for a `pong`, which tells the server's time."""


Entry = Join | Watch | Control
"""How one comes into a room."""

BidderMessage = Bid | MaxBid | CancelMax | BuyNow | AnswerOffer
"""What a bidder asks, and what is answered by `Accepted` or `Refused`."""


class ErrorReason(Enum):
    """Why a message or a connection was not taken. The values are the public protocol."""

    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    BAD_NAME = "bad_name"
    NAME_TAKEN = "name_taken"
    BAD_TOKEN = "bad_token"
    ALREADY_JOINED = "already_joined"
    INVITE_ONLY = "invite_only"
    REMOVED = "removed"
    UNKNOWN_ROOM = "unknown_room"
    FORKED = "forked"
    TOO_SLOW = "too_slow"
    SILENT = "silent"
    TOO_MANY = "too_many"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


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
    """The command with this id is durable as event `seq`; `head` is that event's hash: keep it, it is your receipt.

    What stays private (a maximum, say) has no number of its own; `seq` is then the public event before it.
    """

    id: int
    seq: int
    head: str


class Refused(Struct, frozen=True, tag="refused", omit_defaults=True):
    """The command with this id changed nothing; `minimum` is the amount that would do, where that helps."""

    id: int
    reason: Reason
    message: str
    minimum: int | None = None


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
    """After a `state`: the purchases made and cancelled among the events that you did not get, those after `after`."""

    after: int
    events: list[UnitSold | SaleCancelled]


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


class Done(Struct, frozen=True, kw_only=True, tag="done", omit_defaults=True):
    """What the auctioneer asked for is durable, and has something to give back.

    `code` lets an invited bidder in, or one back in who lost their token. It is told this once and kept as a hash.
    """

    id: int
    seq: int
    head: str
    bidder: str
    paddle: int | None = None
    code: str


class Preview(Struct, frozen=True, tag="preview"):
    """What a command with `dry_run` would do, in words and as the events that would be published. Nothing has changed.

    Maximums are not asked: what they would answer is nobody's business before it happens.
    """

    id: int
    words: list[str]
    events: list[PublicEvent]


Outbound = Welcome | Accepted | Refused | Done | Preview | Update | State | Sales | Error | Pong | Bye
