"""What a strategy is, and the question that all of them ask first: on what may I bid at all?

A strategy is pure: it sees the view, the time and a source of chance, and nothing else. So the same seed and the same
view give the same decision, live, in a test or in a simulation.
"""

from collections.abc import Mapping
from random import Random
from typing import Protocol

from msgspec import Struct

from bidroom.client.item_state import ItemState
from bidroom.client.view import View
from bidroom.errors import BidroomError
from bidroom.rules.item import MAX_AMOUNT

Limits = Mapping[str, int]
"""The maximum acceptable price of each item by its id, in minor units. No bid is made on an item without one."""


class StrategyError(BidroomError):
    """A strategy or its limits can't be used; the text says why and what would do."""


class Offer(Struct, frozen=True):
    """What a strategy wants to bid: `amount` minor units for `unit` of an item."""

    item: str
    amount: int
    unit: int


class Strategy(Protocol):
    """Decides what to bid. The command line makes one with its limits as the only argument."""

    def next_bid(self, view: View, now: int, rng: Random) -> Offer | None:
        """What to bid at this opportunity; None to let it pass. `now` is room time in milliseconds."""
        ...


def limit_of(limits: Limits, item: ItemState) -> int:
    """The most that may be bid on the item; 0 where no limit is set."""
    return min(limits.get(item.id, 0), MAX_AMOUNT)


def biddable(view: View, now: int, limits: Limits) -> list[ItemState]:
    """The items that take bids, that I don't lead, and whose minimum is within my limit; in the room's order."""
    return [
        item
        for item in view.items.values()
        if item.takes_bids(now) and not view.leading(item.id) and item.minimum <= limit_of(limits, item)
    ]


def minimum_offer(item: ItemState) -> Offer:
    """The least that the next bid on the item can be."""
    return Offer(item.id, item.minimum, item.unit)
