"""A strategy of one's own: patient for the price, and rather not in a duel.

Run it with `bidroom bot --strategy examples.my_strategy:Patient`; in this directory `my_strategy:Patient` will do.
"""

from bidroom.client.strategies import Offer, biddable


class Patient:
    """Bids the minimum on the item with the fewest bids, up to nine tenths of its limit."""

    def __init__(self, limits):
        self.limits = {item: limit * 9 // 10 for item, limit in limits.items()}

    def next_bid(self, view, now, rng):
        quiet = sorted(biddable(view, now, self.limits), key=lambda item: item.bids)
        if not quiet or rng.random() < 0.5:
            return None
        return Offer(quiet[0].id, quiet[0].minimum, quiet[0].unit)
