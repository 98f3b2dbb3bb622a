"""What may be asked of a room: imperative, and not yet true. Each is answered by `decide`.

`Bid` comes from a bidder; the others come from the house itself.
"""

from msgspec import Struct

from bidroom.rules.item import RoomTerms


class Registration(Struct, frozen=True):
    """What a bidder's first accepted command makes durable: their token's hash, with the private event's salt."""

    token_hash: str
    salt: str


class Bid(Struct, frozen=True):
    """Bid `amount` (minor units) for `unit` of an item, or for whichever unit is open where `unit` is None."""

    bidder: str
    id: int
    item: str
    amount: int
    unit: int | None
    registration: Registration

    def content(self) -> tuple[str, str, int, int | None]:
        """What makes this command the same command again when it is resent under its id."""
        return "bid", self.item, self.amount, self.unit


class OpenRoom(Struct, frozen=True):
    """Open a new room on these terms, with the first round of every item."""

    terms: RoomTerms


class MeetDeadline(Struct, frozen=True):
    """The item's `due_at` has come: close its round, or open its next one."""

    item: str


class EndOutage(Struct, frozen=True):
    """The house was away (a restart, a slow commit, a suspended machine) and is back."""


Command = Bid | OpenRoom | MeetDeadline | EndOutage
