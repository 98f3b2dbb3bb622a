"""What a bidder is told about a command: accepted, or refused for one of a closed set of reasons.

A refusal is an answer, never an exception. `REMEDIES` says, for each reason, what was wrong and what to do.
"""

from enum import Enum

from msgspec import Struct


class Reason(Enum):
    """Why a command was refused. The values are the public protocol."""

    TOO_LOW = "too_low"
    LEADING = "leading"
    CLOSED = "closed"
    UNKNOWN_ITEM = "unknown_item"
    NOT_JOINED = "not_joined"
    ID_CONFLICT = "id_conflict"
    STALE_ID = "stale_id"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


REMEDIES: dict[Reason, str] = {
    Reason.TOO_LOW: "The amount is below the minimum; bid at least `minimum`.",
    Reason.LEADING: "You lead this round; wait until somebody outbids you.",
    Reason.CLOSED: "This unit is not open for bids; look at the item's state and unit, and bid for the open one.",
    Reason.UNKNOWN_ITEM: "The room has no item with this id; take one from `room.items`.",
    Reason.NOT_JOINED: "Send a `join` first; only bidders may bid.",
    Reason.ID_CONFLICT: "You used this id for another command; send this one again with an id above `last_id`.",
    Reason.STALE_ID: "This id is below your last one and the command did not count; send it again with a higher id.",
    Reason.RATE_LIMITED: "Too many commands at once; wait a moment and send it again with the same id.",
    Reason.UNAVAILABLE: "The room is recovering its journal; send the command again with the same id.",
}

UNDECIDED = frozenset({Reason.NOT_JOINED, Reason.RATE_LIMITED, Reason.UNAVAILABLE})
"""Refusals without a decision: they use up no id, so the same command may come again under it."""


class Accepted(Struct, frozen=True):
    """The command with this id is in the journal as the event `seq`."""

    id: int
    seq: int


class Refused(Struct, frozen=True):
    """The command with this id changed nothing. `minimum` is the amount that would do, where that helps."""

    id: int
    reason: Reason
    minimum: int | None = None


Answer = Accepted | Refused
