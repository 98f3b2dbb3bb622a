"""What the auctioneer, and in part the clerk, may ask of a room. Each command says who asks (`by`).

Most commands name what they mean so exactly (the bid's number, the sale's number) that they can't do their work twice:
asked again, they find that to be so already. docs/rules.md says it for each. The `id` only tells the answers apart.
Where `why` is asked for, it is published.
"""

from typing import Literal

from msgspec import Struct

from bidroom.rules.commands import Reserve, Via
from bidroom.rules.item import ItemTerms

Paddle = str | int
"""A bidder as the auctioneer names them: as everyone sees them, or by the paddle's number."""


class ControlCommand(Struct, frozen=True, kw_only=True):
    """The part that every one has. `salt` is 128 random bits for a private event that it may lead to."""

    by: str
    id: int = 0
    salt: str = ""


class OpenBidding(ControlCommand, frozen=True, kw_only=True):
    """Open the first round of every item, or of the first one where they are sold one by one."""


class OpenItem(ControlCommand, frozen=True, kw_only=True):
    """Open the next round of an item now; None: of the item that comes next."""

    item: str | None = None


class Pause(ControlCommand, frozen=True, kw_only=True):
    """Take no bids and stop the clocks: of one item, or of the room."""

    item: str | None = None


class Resume(ControlCommand, frozen=True, kw_only=True):
    """Go on after a pause."""

    item: str | None = None


class Extend(ControlCommand, frozen=True, kw_only=True):
    """Let an open round close no earlier than `span_ms` from now."""

    item: str
    span_ms: int


class Withdraw(ControlCommand, frozen=True, kw_only=True):
    """Take an item out of the sale; a standing bid on it falls away, what was sold stays sold."""

    item: str
    why: str


class AddItem(ControlCommand, frozen=True, kw_only=True):
    """Add an item to the end of the sale."""

    terms: ItemTerms
    reserve: Reserve | None = None


class Reopen(ControlCommand, frozen=True, kw_only=True):
    """Offer the unsold units of a finished item again."""

    item: str


class Announce(ControlCommand, frozen=True, kw_only=True):
    """Tell everyone something."""

    text: str


class CloseRoom(ControlCommand, frozen=True, kw_only=True):
    """End the sale: rounds with a standing bid run out, everything else is finished now, nothing new opens."""

    why: str


class BidFor(ControlCommand, frozen=True, kw_only=True):
    """Bid for a paddle: for somebody in the hall, or on the telephone."""

    bidder: Paddle
    item: str
    amount: int
    unit: int | None = None
    via: Via = "floor"


class VoidBid(ControlCommand, frozen=True, kw_only=True):
    """Take back the standing bid of an open round: `bid` is its number."""

    item: str
    bid: int
    why: str


class CancelSale(ControlCommand, frozen=True, kw_only=True):
    """Take back a sale, whose number is `sale`; then leave the unit unsold, offer it again or to the runner-up."""

    sale: int
    why: str
    then: Literal["unsold", "reopen", "offer"] = "unsold"


class SettleOffer(ControlCommand, frozen=True, kw_only=True):
    """Take, or decline, an offered unit for a bidder who answers in the hall or on the telephone."""

    item: str
    unit: int
    accept: bool


class RemoveBidder(ControlCommand, frozen=True, kw_only=True):
    """Send a bidder out: their standing bids are voided, their maximums cancelled. What they bought stays bought."""

    bidder: Paddle
    why: str


class Invite(ControlCommand, frozen=True, kw_only=True):
    """Register a bidder, who comes in with the code whose hash is `token_hash`. `bidder` is how others see them."""

    bidder: str
    name: str = ""
    paddle: int | None = None
    budget: int | None = None
    email: str = ""
    token_hash: str


class ReplaceToken(ControlCommand, frozen=True, kw_only=True):
    """Give a bidder a new token; the old one is worth nothing any more."""

    bidder: Paddle
    token_hash: str


class SetBudget(ControlCommand, frozen=True, kw_only=True):
    """Let a bidder spend at most `budget` in this room; None: as much as they like."""

    bidder: Paddle
    budget: int | None


class MarkPaid(ControlCommand, frozen=True, kw_only=True):
    """The bidder has paid: one purchase, whose number is `sale`, or everything that they still owe."""

    bidder: Paddle
    how: str
    sale: int | None = None


class HandOver(ControlCommand, frozen=True, kw_only=True):
    """The bidder has been given one purchase, whose number is `sale`, or everything that they bought."""

    bidder: Paddle
    sale: int | None = None


ControlCommands = (
    OpenBidding
    | OpenItem
    | Pause
    | Resume
    | Extend
    | Withdraw
    | AddItem
    | Reopen
    | Announce
    | CloseRoom
    | BidFor
    | VoidBid
    | CancelSale
    | SettleOffer
    | RemoveBidder
    | Invite
    | ReplaceToken
    | SetBudget
    | MarkPaid
    | HandOver
)
