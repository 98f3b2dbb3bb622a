"""The bidder of the seed: at every opportunity it tosses a coin, and bids up to its maximum."""

from random import Random

from bidroom.client.strategies.strategy import Limits, Offer, biddable, limit_of
from bidroom.client.view import View

MOST_STEPS = 3


class RandomBidder:
    """Bids at an opportunity with a probability of `chance`, on one of the items it can, chosen at random.

    It bids the minimum or up to MOST_STEPS increments more, never above its limit, and stops once the limit is reached.
    """

    def __init__(self, limits: Limits, chance: float = 0.7) -> None:
        self._limits = limits
        self._chance = chance

    def next_bid(self, view: View, now: int, rng: Random) -> Offer | None:
        """The next offer, if this opportunity is to be taken."""
        if rng.random() >= self._chance:
            return None
        items = biddable(view, now, self._limits)
        if not items:
            return None
        item = rng.choice(items)
        # Before a round's first bid nobody has shown what an increment is; the minimum will do.
        increment = 0 if item.price is None else item.minimum - item.price
        amount = item.minimum + increment * rng.randint(0, MOST_STEPS)
        return Offer(item.id, min(amount, limit_of(self._limits, item)), item.unit)
