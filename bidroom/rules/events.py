"""What has happened in a room: past tense, and never taken back. The journal keeps exactly these.

Every event has `seq`, its place in the room's gap-free public order, and `at`, its room time in milliseconds. A private
event takes no public number: it stands below the public event before it, with that `seq` and its own `sub` (1, 2, ...),
and carries a salt so that its hash tells nothing. `public()` is the event as others may see it.
"""

from typing import Self

import msgspec
from msgspec import Struct

from bidroom.rules.item import RoomTerms


class CommandRef(Struct, frozen=True):
    """Which command of the bidder's an event answers: its id and the digest of its content (see `rules.once`)."""

    id: int
    digest: str


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """The part that every event has."""

    seq: int
    sub: int = 0
    at: int

    def public(self) -> Self:
        """The event without what only the journal may know."""
        return self


class PrivateEvent(Event, frozen=True, kw_only=True):
    """An event that never leaves the journal. `salt` is 128 random bits in hexadecimal."""

    salt: str


class RoomOpened(Event, frozen=True, kw_only=True, tag="room_opened"):
    """The room is open on these terms."""

    terms: RoomTerms


class BidderRegistered(PrivateEvent, frozen=True, kw_only=True, tag="bidder_registered"):
    """The name is the bidder's for the room's whole life, and the token with this hash comes back to it."""

    bidder: str
    token_hash: str


class RoundOpened(Event, frozen=True, kw_only=True, tag="round_opened"):
    """Bids are taken for this unit, from `minimum` up, until `ends_at` (None: no deadline before the first bid)."""

    item: str
    unit: int
    minimum: int
    ends_at: int | None


class BidAccepted(Event, frozen=True, kw_only=True, tag="bid_accepted"):
    """The bidder leads at `amount`; the next bid must be at least `minimum`; the round closes at `ends_at`.

    `bids` is how many accepted bids an update tells of in this one event; `command` stays in the journal.
    """

    item: str
    unit: int
    bidder: str
    amount: int
    minimum: int
    ends_at: int
    bids: int = 1
    command: CommandRef | None = None

    def public(self) -> Self:
        return msgspec.structs.replace(self, command=None)


class UnitSold(Event, frozen=True, kw_only=True, tag="unit_sold"):
    """The purchase of one unit. The next one opens at `opens_at`; None where there is none."""

    item: str
    unit: int
    bidder: str
    amount: int
    opens_at: int | None


class ItemFinished(Event, frozen=True, kw_only=True, tag="item_finished"):
    """The item takes no more bids; `unsold` of its units found no bidder."""

    item: str
    unsold: int


class RoomFinished(Event, frozen=True, kw_only=True, tag="room_finished"):
    """Every item of the room is finished."""


class MovedDeadline(Struct, frozen=True):
    """An open round's deadline, and its item's hard end where there is one, after an outage."""

    item: str
    unit: int
    ends_at: int | None
    hard_end: int | None


class DeadlinesMoved(Event, frozen=True, kw_only=True, tag="deadlines_moved"):
    """The house was away: these open rounds have at least their window left from now."""

    rounds: tuple[MovedDeadline, ...]


AnyEvent = (
    RoomOpened | BidderRegistered | RoundOpened | BidAccepted | UnitSold | ItemFinished | RoomFinished | DeadlinesMoved
)
