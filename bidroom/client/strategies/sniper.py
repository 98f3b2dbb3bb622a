"""A bidder who shows up late: silent until a countdown is nearly over."""

from random import Random

from bidroom.client.strategies.strategy import Limits, Offer, biddable, minimum_offer
from bidroom.client.view import View


class Sniper:
    """Bids the minimum on the round that closes next, but only in its last `last_ms` milliseconds.

    A round without a deadline (a live one before its first bid) has no last moment, so it leaves that to others. The
    room's window gives them as long again to answer: sniping is no advantage here, which is what the window is for.
    """

    def __init__(self, limits: Limits, last_ms: int = 3000) -> None:
        self._limits = limits
        self._last_ms = last_ms

    def next_bid(self, view: View, now: int, rng: Random) -> Offer | None:  # noqa: ARG002
        """The minimum on the round that is closest to its end, if it is close enough."""
        closing = [
            (item.ends_at, item)
            for item in biddable(view, now, self._limits)
            if item.ends_at is not None and item.ends_at - now <= self._last_ms
        ]
        if not closing:
            return None
        return minimum_offer(min(closing, key=lambda entry: entry[0])[1])
