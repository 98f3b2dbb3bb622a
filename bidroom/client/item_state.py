"""An item as one participant has heard of it."""

from msgspec import Struct


class ItemState(Struct, kw_only=True):
    """An item as it stands. Amounts are minor units of the room's currency, times are milliseconds of room time.

    The fields are those of `ItemView`, and what was heard besides: while `stopped`, the item or the whole room is
    paused; `last_price` is what the last unit sold for (None: no sale was heard of); `bids` counts the accepted bids of
    the current round that were heard of.
    """

    id: str
    name: str
    state: str
    unit: int
    units: int
    units_left: int
    starting_price: int
    price: int | None
    leader: str | None
    minimum: int
    ends_at: int | None
    opens_at: int | None
    reserve: str = ""
    buy_now: int | None = None
    bid: int | None = None
    paused: bool = False
    stopped: bool = False
    last_price: int | None = None
    bids: int = 0

    def takes_bids(self, now: int) -> bool:
        """Whether a bid that arrives at `now` (room time, ms) is in time."""
        return self.state == "open" and not self.stopped and (self.ends_at is None or now < self.ends_at)
