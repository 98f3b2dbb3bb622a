"""What may be asked of a room: imperative, and not yet true. Each is answered by `decide`.

First what bidders ask, then what the house itself does. What the auctioneer asks is in `bidroom.rules.control`.
"""

from typing import Literal

from msgspec import Struct

from bidroom.rules.item import RoomTerms

Content = tuple[str | int | bool | None, ...]


class Registration(Struct, frozen=True, gc=False):
    """What a bidder's first accepted command makes durable.

    The hash of their token, 128 random bits that salt their private events, their own name where others see them by
    paddle, and the paddle's number.
    """

    token_hash: str
    salt: str
    name: str = ""
    paddle: int | None = None


class Bid(Struct, frozen=True, gc=False):
    """Bid `amount` (minor units) for `unit` of an item, or for whichever unit is open where `unit` is None."""

    bidder: str
    id: int
    item: str
    amount: int
    unit: int | None
    registration: Registration

    def content(self) -> Content:
        """What makes this command the same command again when it is resent under its id."""
        return "bid", self.item, self.amount, self.unit


class MaxBid(Struct, frozen=True, gc=False):
    """Let the room bid up to `amount` for this bidder until `units` more units of the item are theirs."""

    bidder: str
    id: int
    item: str
    amount: int
    units: int
    registration: Registration

    def content(self) -> Content:
        """See `Bid.content`."""
        return "max_bid", self.item, self.amount, self.units


class CancelMax(Struct, frozen=True, gc=False):
    """Bid no further for this bidder. Where they lead, they go on leading."""

    bidder: str
    id: int
    item: str
    registration: Registration

    def content(self) -> Content:
        """See `Bid.content`."""
        return "cancel_max", self.item


class BuyNow(Struct, frozen=True, gc=False):
    """Take the open unit at its fixed price, as long as nobody has bid for it."""

    bidder: str
    id: int
    item: str
    unit: int
    registration: Registration

    def content(self) -> Content:
        """See `Bid.content`."""
        return "buy_now", self.item, self.unit


class AnswerOffer(Struct, frozen=True, gc=False):
    """Take, or decline, a unit whose sale was cancelled and that is offered to this bidder at their own last bid."""

    bidder: str
    id: int
    item: str
    unit: int
    accept: bool
    registration: Registration

    def content(self) -> Content:
        """See `Bid.content`."""
        return "answer_offer", self.item, self.unit, self.accept


BidderCommand = Bid | MaxBid | CancelMax | BuyNow | AnswerOffer


class Reserve(Struct, frozen=True):
    """The price below which an item is not sold, with 128 random bits for the private event that keeps it."""

    item: str
    amount: int
    salt: str


class OpenRoom(Struct, frozen=True):
    """Open a new room on these terms, with the first rounds where bidding opens at once."""

    terms: RoomTerms
    reserves: tuple[Reserve, ...] = ()


class MeetDeadline(Struct, frozen=True):
    """The item's `due_at` has come: close its round, or open its next one."""

    item: str


class EndOutage(Struct, frozen=True):
    """The house was away (a restart, a slow commit, a suspended machine) and is back."""


HouseCommand = OpenRoom | MeetDeadline | EndOutage

Via = Literal["", "floor", "phone"]
"""How a bid came in: by the bidder's own hand, or entered for a paddle in the hall or on the telephone."""
