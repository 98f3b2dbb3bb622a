"""One statement per bidder: what they bought, what they paid, and what they still owe or get back."""

from msgspec import Struct

from bidroom.results.purchases import CheckoutPurchase, purchases
from bidroom.rules.names import name_key
from bidroom.rules.state import RoomState


class Balance(Struct, frozen=True):
    """A bidder's account in minor units. `owed` is below zero where they get money back: a paid sale was cancelled.

    `bidder` is how others see them; `name` their own name where that is by paddle.
    """

    bidder: str
    name: str
    paddle: int | None
    email: str
    total: int
    paid: int
    owed: int


class Statement(Balance, frozen=True):
    """A bidder's account with the purchases that make it up."""

    lines: list[CheckoutPurchase]


def statements(state: RoomState) -> list[Statement]:
    """A statement for everyone who bought or paid anything: by paddle, then by name."""
    lines: dict[str, list[CheckoutPurchase]] = {}
    for bought in purchases(state):
        lines.setdefault(bought.bidder, []).append(bought)
    found = [
        Statement(
            bidder=label,
            name=bidder.name,
            paddle=bidder.paddle,
            email=bidder.email,
            total=bidder.won,
            paid=bidder.paid,
            owed=bidder.won - bidder.paid,
            lines=lines.get(label, []),
        )
        for label, bidder in state.bidders.items()
        if label in lines or bidder.paid
    ]
    return sorted(found, key=lambda each: (each.paddle is None, each.paddle or 0, name_key(each.bidder)))


def owed(state: RoomState) -> list[Balance]:
    """Everyone who still has to pay, or to be paid back."""
    return [
        Balance(each.bidder, each.name, each.paddle, each.email, each.total, each.paid, each.owed)
        for each in statements(state)
        if each.owed
    ]
