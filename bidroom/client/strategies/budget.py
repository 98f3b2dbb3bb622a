"""A bidder with a purse: what it buys and what it leads never cost more than its budget, all together."""

from random import Random

from bidroom.client.strategies.strategy import Limits, Offer, biddable, minimum_offer
from bidroom.client.view import View


class Budget:
    """Bids the minimum on any item within its limit that the rest of the budget still covers.

    The budget (minor units) is half the sum of the limits where none is given. It knows of the purchases that its view
    has heard of.
    """

    def __init__(self, limits: Limits, budget: int | None = None) -> None:
        self._limits = limits
        self._budget = sum(limits.values()) // 2 if budget is None else budget

    def next_bid(self, view: View, now: int, rng: Random) -> Offer | None:
        """The minimum on an affordable item, chosen at random."""
        rest = self._budget - view.committed
        affordable = [item for item in biddable(view, now, self._limits) if item.minimum <= rest]
        return minimum_offer(rng.choice(affordable)) if affordable else None
