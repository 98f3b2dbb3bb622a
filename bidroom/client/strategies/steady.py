"""A patient bidder: always the minimum, always on the best bargain."""

from fractions import Fraction
from random import Random

from bidroom.client.strategies.strategy import Limits, Offer, biddable, limit_of, minimum_offer
from bidroom.client.view import View


class Steady:
    """Bids the minimum on the item that is cheapest measured by what it is worth to us: its minimum by its limit."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def next_bid(self, view: View, now: int, rng: Random) -> Offer | None:  # noqa: ARG002
        """The minimum on the best bargain; nothing where every item costs more than its limit."""
        items = biddable(view, now, self._limits)
        if not items:
            return None
        return minimum_offer(min(items, key=lambda item: Fraction(item.minimum, limit_of(self._limits, item))))
