"""What a participant is told about a command: accepted, or refused for one of a closed set of reasons.

A refusal is an answer, never an exception. `REMEDIES` says, for each reason, what was wrong and what to do.
"""

from enum import Enum

from msgspec import Struct


class Reason(Enum):
    """Why a command was refused. The values are the public protocol."""

    TOO_LOW = "too_low"
    LEADING = "leading"
    CLOSED = "closed"
    PAUSED = "paused"
    UNKNOWN_ITEM = "unknown_item"
    OWN_ITEM = "own_item"
    OVER_BUDGET = "over_budget"
    LIMIT = "limit"
    NO_MAXIMUM = "no_maximum"
    NO_BUY_NOW = "no_buy_now"
    NO_OFFER = "no_offer"
    REMOVED = "removed"
    UNKNOWN_BIDDER = "unknown_bidder"
    NOT_STANDING = "not_standing"
    NO_SUCH_SALE = "no_such_sale"
    NO_RUNNER_UP = "no_runner_up"
    ALREADY = "already"
    INVALID = "invalid"
    NOT_ALLOWED = "not_allowed"
    NOT_JOINED = "not_joined"
    ID_CONFLICT = "id_conflict"
    STALE_ID = "stale_id"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


REMEDIES: dict[Reason, str] = {
    Reason.TOO_LOW: "The amount is below the minimum; bid at least `minimum`.",
    Reason.LEADING: "You lead this round; wait until somebody outbids you, or leave a maximum.",
    Reason.CLOSED: "This unit is not open for bids; look at the item's state and unit, and bid for the open one.",
    Reason.PAUSED: "The auctioneer has paused the bidding; wait until it goes on, and send it again with a new id.",
    Reason.UNKNOWN_ITEM: "The room has no item with this id; take one from `room.items`.",
    Reason.OWN_ITEM: "Sellers may not bid for their own items.",
    Reason.OVER_BUDGET: "With what you have won and lead at, this is above your budget; the auctioneer can raise it.",
    Reason.LIMIT: "You have, or lead for, as many units as one bidder may buy here.",
    Reason.NO_MAXIMUM: "You have no maximum on this item.",
    Reason.NO_BUY_NOW: "The unit has no fixed price, or somebody has bid for it; bid for it.",
    Reason.NO_OFFER: "This unit is not offered to you, or no longer.",
    Reason.REMOVED: "The auctioneer has taken this bidder out of the room.",
    Reason.UNKNOWN_BIDDER: "The room has no such bidder; name them as everyone sees them, or by their paddle's number.",
    Reason.NOT_STANDING: "The bid with this number does not lead an open round; only one that does can be voided.",
    Reason.NO_SUCH_SALE: "There is no such sale (any more); name it by the number of its `unit_sold`.",
    Reason.NO_RUNNER_UP: "Nobody else has bid for this unit; cancel the sale without an offer.",
    Reason.ALREADY: "It is so already; nothing was changed.",
    Reason.INVALID: "The command can't be carried out as it is.",
    Reason.NOT_ALLOWED: "This needs the auctioneer's token.",
    Reason.NOT_JOINED: "Send a `join` first; only bidders may bid.",
    Reason.ID_CONFLICT: "You used this id for another command; send this one again with an id above `last_id`.",
    Reason.STALE_ID: "This id is below your last one and the command did not count; send it again with a higher id.",
    Reason.RATE_LIMITED: "Too many commands at once; wait a moment and send it again with the same id.",
    Reason.UNAVAILABLE: "The room is recovering its journal; send the command again with the same id.",
}

UNDECIDED = frozenset({Reason.NOT_JOINED, Reason.RATE_LIMITED, Reason.UNAVAILABLE})
"""Refusals without a decision: they use up no id, so the same command may come again under it."""


class Accepted(Struct, frozen=True, gc=False):
    """The command with this id is in the journal as the event at `seq`, `sub` (above 0: a private one)."""

    id: int
    seq: int
    sub: int = 0


class Refused(Struct, frozen=True, gc=False):
    """The command with this id changed nothing. `minimum` is the amount that would do, where that helps."""

    id: int
    reason: Reason
    minimum: int | None = None


Answer = Accepted | Refused
