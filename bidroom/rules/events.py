"""What has happened in a room: past tense, and never taken back. The journal keeps exactly these.

Every event has `seq`, its place in the room's gap-free public order, and `at`, its room time in milliseconds. A private
event takes no public number: it stands below the public event before it, with that `seq` and its own `sub` (1, 2, ...),
and carries a salt so that its hash tells nothing. `public()` is the event as others may see it.
"""

from typing import ClassVar, Literal, Self

import msgspec
from msgspec import Struct

from bidroom.rules.commands import Via
from bidroom.rules.item import Because, ItemTerms, ReserveSign, RoomTerms

_replace = msgspec.structs.replace


class CommandRef(Struct, frozen=True, gc=False):
    """Which command of the bidder's an event answers: its id and the digest of its content (see `rules.once`)."""

    id: int
    digest: str


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", gc=False):
    """The part that every event has. Nothing in an event ever leads back to it, so garbage collection leaves it out."""

    is_private: ClassVar[bool] = False

    seq: int
    sub: int = 0
    at: int

    def public(self) -> Self:
        """The event without what only the journal may know."""
        return self


class PrivateEvent(Event, frozen=True, kw_only=True):
    """An event that never leaves the journal. `salt` is 128 random bits in hexadecimal."""

    is_private: ClassVar[bool] = True

    salt: str


class RoomOpened(Event, frozen=True, kw_only=True, tag="room_opened"):
    """The room is there, on these terms. Bidding begins with the first `RoundOpened`."""

    terms: RoomTerms


class ReserveSet(PrivateEvent, frozen=True, kw_only=True, tag="reserve_set"):
    """A unit of the item is not sold below this amount."""

    item: str
    amount: int


class ItemAdded(Event, frozen=True, kw_only=True, tag="item_added"):
    """The sale has another item, behind all others. Its first round opens at `opens_at` (None: not by the clock)."""

    terms: ItemTerms
    opens_at: int | None
    by: str


class BidderRegistered(PrivateEvent, frozen=True, kw_only=True, tag="bidder_registered"):
    """`bidder`, as others see them, is theirs for the room's whole life; the token with this hash comes back to it.

    `name` is their own name where others see them by paddle.
    """

    bidder: str
    token_hash: str
    name: str = ""
    paddle: int | None = None
    budget: int | None = None
    email: str = ""
    by: str = ""


class BudgetSet(PrivateEvent, frozen=True, kw_only=True, tag="budget_set"):
    """The bidder may spend at most this much; None: as much as they like."""

    bidder: str
    budget: int | None
    by: str


class TokenReplaced(PrivateEvent, frozen=True, kw_only=True, tag="token_replaced"):
    """The bidder comes back with another token from now on."""

    bidder: str
    token_hash: str
    by: str


class RoundOpened(Event, frozen=True, kw_only=True, tag="round_opened"):
    """Bids are taken for this unit, from `minimum` up, until `ends_at` (None: no deadline before the first bid).

    `buy_now` is its fixed price, where it has one: for whoever comes before the first bid.
    """

    item: str
    unit: int
    minimum: int
    ends_at: int | None
    reserve: ReserveSign = ""
    buy_now: int | None = None
    by: str = ""


class BidAccepted(Event, frozen=True, kw_only=True, tag="bid_accepted"):
    """The bidder leads at `amount`; the next bid must be at least `minimum`; the round closes at `ends_at`.

    `bids` is how many accepted bids an update tells of in this one event. `via` marks bids that were entered for a
    paddle, and `by` who entered them; that and `command` stay in the journal.
    """

    item: str
    unit: int
    bidder: str
    amount: int
    minimum: int
    ends_at: int
    reserve: ReserveSign = ""
    via: Via = ""
    bids: int = 1
    by: str = ""
    command: CommandRef | None = None

    def public(self) -> Self:
        return _replace(self, command=None, by="")


class MaximumSet(PrivateEvent, frozen=True, kw_only=True, tag="maximum_set"):
    """The room bids for the bidder up to `amount`, until `units` more units are theirs. Replaces what they had left."""

    bidder: str
    item: str
    amount: int
    units: int
    command: CommandRef


class MaximumCancelled(PrivateEvent, frozen=True, kw_only=True, tag="maximum_cancelled"):
    """The room bids no further for the bidder; `command` is None where the house took the maximum out."""

    bidder: str
    item: str
    command: CommandRef | None = None


class BidCameLate(PrivateEvent, frozen=True, kw_only=True, tag="bid_came_late"):
    """A bid that was refused because it came up to a second after the round had closed."""

    bidder: str
    item: str
    unit: int
    amount: int
    late_ms: int


class BidVoided(Event, frozen=True, kw_only=True, tag="bid_voided"):
    """The standing bid `bid` of `bidder` counts no more; bid `standing` stands now (None: none does).

    `leader` and `amount` are those of the bid that stands; the round has a fresh window.
    """

    item: str
    unit: int
    bid: int
    bidder: str
    standing: int | None
    leader: str | None
    amount: int | None
    minimum: int
    ends_at: int | None
    hard_end: int | None
    reserve: ReserveSign = ""
    buy_now: int | None = None
    by: str
    why: str


class UnitSold(Event, frozen=True, kw_only=True, tag="unit_sold"):
    """The purchase of one unit: under the hammer, at the fixed price or by an offer to the runner-up.

    The next unit opens at `opens_at`; None where there is none, or not by the clock. An offer that was taken changes
    nothing about the item's rounds. `command` stays in the journal.
    """

    item: str
    unit: int
    bidder: str
    amount: int
    opens_at: int | None
    how: Literal["hammer", "buy_now", "offer"] = "hammer"
    command: CommandRef | None = None

    def public(self) -> Self:
        return _replace(self, command=None)


class SaleCancelled(Event, frozen=True, kw_only=True, tag="sale_cancelled"):
    """The purchase with the number `sale` is none any more. The unit is unsold, or offered to the runner-up."""

    item: str
    unit: int
    sale: int
    bidder: str
    amount: int
    by: str
    why: str


class OfferMade(Event, frozen=True, kw_only=True, tag="offer_made"):
    """The unit is the bidder's at their own last bid if they take it."""

    item: str
    unit: int
    bidder: str
    amount: int
    by: str


class OfferDeclined(Event, frozen=True, kw_only=True, tag="offer_declined"):
    """The bidder does not take the unit; it is unsold. `command` stays in the journal."""

    item: str
    unit: int
    bidder: str
    command: CommandRef | None = None

    def public(self) -> Self:
        return _replace(self, command=None)


class ItemFinished(Event, frozen=True, kw_only=True, tag="item_finished"):
    """The item takes no more bids; `unsold` of its units found no buyer.

    `because`: all units are sold, nobody bid, the reserve was not met, it was withdrawn, or the sale was closed.
    Where items are sold one by one, `next_item` follows at `opens_at`.
    """

    item: str
    unsold: int
    because: Because = "sold"
    next_item: str | None = None
    opens_at: int | None = None
    by: str = ""
    why: str = ""


class ItemReopened(Event, frozen=True, kw_only=True, tag="item_reopened"):
    """The item's unsold units are offered again, from `opens_at` on (None: not by the clock)."""

    item: str
    units_left: int
    opens_at: int | None
    by: str


class RoomFinished(Event, frozen=True, kw_only=True, tag="room_finished"):
    """Every item of the room is finished."""


class RoomClosing(Event, frozen=True, kw_only=True, tag="room_closing"):
    """The auctioneer ends the sale: nothing new opens, and the room is finished when the open rounds are."""

    by: str
    why: str


class MovedDeadline(Struct, frozen=True, omit_defaults=True):
    """An item's new deadline, and its hard end where there is one; `opens_at` for an item between two rounds."""

    item: str
    unit: int
    ends_at: int | None
    hard_end: int | None
    opens_at: int | None = None


class DeadlinesMoved(Event, frozen=True, kw_only=True, tag="deadlines_moved"):
    """Open rounds have more time: the house was away, or the auctioneer (`by`) has extended one."""

    rounds: tuple[MovedDeadline, ...]
    by: str = ""


class Paused(Event, frozen=True, kw_only=True, tag="paused"):
    """No bids are taken and the clocks stand still: of one item, or of the room (None)."""

    item: str | None
    by: str


class Resumed(Event, frozen=True, kw_only=True, tag="resumed"):
    """The item, or the room (None), goes on, and `rounds` are the clocks that run again."""

    item: str | None
    rounds: tuple[MovedDeadline, ...]
    by: str


class Announced(Event, frozen=True, kw_only=True, tag="announced"):
    """The auctioneer tells everyone something."""

    text: str
    by: str


class BidderRemoved(Event, frozen=True, kw_only=True, tag="bidder_removed"):
    """The bidder may take no further part. What they bought stays bought."""

    bidder: str
    by: str
    why: str


class PurchasesPaid(PrivateEvent, frozen=True, kw_only=True, tag="purchases_paid"):
    """The bidder has paid for these sales (numbers of their `UnitSold`), in sum `amount`, in this way."""

    bidder: str
    sales: tuple[int, ...]
    amount: int
    how: str
    by: str


class PurchasesHandedOver(PrivateEvent, frozen=True, kw_only=True, tag="purchases_handed_over"):
    """The bidder has been given what these sales (numbers of their `UnitSold`) are about."""

    bidder: str
    sales: tuple[int, ...]
    by: str


ItemEvent = RoundOpened | BidAccepted | BidVoided | UnitSold | ItemFinished | ItemReopened
"""The events that belong to an item's phases: see `bidroom.rules.transitions`."""

PublicEvent = (
    RoomOpened
    | ItemAdded
    | RoundOpened
    | BidAccepted
    | BidVoided
    | UnitSold
    | SaleCancelled
    | OfferMade
    | OfferDeclined
    | ItemFinished
    | ItemReopened
    | RoomFinished
    | RoomClosing
    | DeadlinesMoved
    | Paused
    | Resumed
    | Announced
    | BidderRemoved
)
"""What everyone may hear of, as `public()` gives it."""

AnyEvent = (
    PublicEvent
    | ReserveSet
    | BidderRegistered
    | BudgetSet
    | TokenReplaced
    | MaximumSet
    | MaximumCancelled
    | BidCameLate
    | PurchasesPaid
    | PurchasesHandedOver
)
