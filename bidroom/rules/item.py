"""An item as the room tracks it, and the terms it is sold on.

Terms are frozen when the item is offered. An `Item` moves only in `evolve`. Prices are integers in minor units of the
room's currency; times are integers in milliseconds of room time.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from msgspec import Struct

from bidroom.rules.increments import Increment

MAX_AMOUNT = 2**53
"""The largest amount, in minor units: what every JSON reader on earth still counts exactly."""


class LiveClosing(Struct, frozen=True, tag_field="kind", tag="live"):
    """A round closes `window_ms` after its last accepted bid; one without a bid waits `opening_ms` (None: for ever)."""

    window_ms: int
    opening_ms: int | None = None


class TimedClosing(Struct, frozen=True, tag_field="kind", tag="timed"):
    """A round closes at a set time, which a late bid moves.

    The first round closes at `closes_at`, or `duration_ms` after it opens where there is no `closes_at`; later rounds
    close `duration_ms` after they open. A bid within the last `window_ms` moves the close to its arrival + `window_ms`,
    at most to `hard_end`.
    """

    window_ms: int
    duration_ms: int | None = None
    closes_at: int | None = None
    hard_end: int | None = None


Closing = LiveClosing | TimedClosing


class ItemTerms(Struct, frozen=True, omit_defaults=True):
    """What is sold and how: the part of an item that never changes.

    `reserve` says that there is one; how much it is stays private (`ReserveSet`). `buy_now` is the price at which a
    unit is gone at once, as long as nobody has bid for it. `seller` is the name of who may not bid. `units_each` is how
    many units one bidder may buy. `picture` is an address or a file's name (`bidroom.rules.pictures`).
    """

    id: str
    name: str
    starting_price: int
    increment: Increment
    units: int
    closing: Closing
    pause_ms: int = 0
    description: str = ""
    category: str = ""
    seller: str | None = None
    reserve: bool = False
    buy_now: int | None = None
    units_each: int | None = None
    picture: str = ""


class ItemDefaults(Struct, frozen=True, omit_defaults=True):
    """What an item that is added live has from its room where it says nothing itself."""

    closing: Closing = LiveClosing(window_ms=10_000)
    increment: Increment | None = None
    pause_ms: int = 2_000


class RoomTerms(Struct, frozen=True, omit_defaults=True):
    """A room as its catalogue describes it. `currency` is an ISO 4217 code.

    `order`: every item's first round opens with the room, or one item is sold after another; the next one then comes
    `next_item`. Bidding `opens` at once, or by the auctioneer's hand; with `opens_at`, at that time at the latest.
    `units_each` is how many units of the sale one bidder may buy. `registration`: who may join. `bidders`: whether
    others see them by name or by paddle.
    """

    id: str
    name: str
    currency: str
    items: tuple[ItemTerms, ...]
    order: Literal["together", "one-by-one"] = "together"
    next_item: Literal["by-itself", "by-hand"] = "by-itself"
    opens: Literal["at-once", "by-hand"] = "at-once"
    opens_at: int | None = None
    units_each: int | None = None
    registration: Literal["open", "invite"] = "open"
    bidders: Literal["names", "paddles"] = "names"
    defaults: ItemDefaults = ItemDefaults()


class ItemPhase(Enum):
    """Where an item stands; see `bidroom.rules.transitions` for what leads from one to the next."""

    BETWEEN = "between"
    OPEN = "open"
    FINISHED = "finished"

    __hash__ = object.__hash__  # there is one of each, and Enum's own hash is a Python function


OPEN = ItemPhase.OPEN
"""The phase that every bid asks for, looked up once: an enum of Python 3.11 works it out at each look."""


class StandingBid(Struct, frozen=True, gc=False):
    """A bid of the current round that counts: `seq` is its event's number, `at` its room time in milliseconds.

    `by_hand`: somebody made or entered it. One that the room made for a maximum has already been held against all
    others, so no equal one takes the lead from it any more.
    """

    seq: int
    at: int
    bidder: str
    amount: int
    by_hand: bool


class Maximum(Struct):
    """Up to `amount` the room bids for the bidder, until `units_left` more units of the item are theirs.

    `since` is the place (seq, sub) of the event that set the amount: of equal maximums the earlier one leads.
    """

    bidder: str
    amount: int
    units_left: int
    since: tuple[int, int]


ReserveSign = Literal["", "not_met", "met"]
"""What bidders see of a reserve: nothing where there is none."""

Because = Literal["sold", "passed", "reserve_not_met", "withdrawn", "closed"]
"""Why an item is finished: all units are sold, nobody bid, the reserve was not met, it or the sale was ended."""

KEPT_BIDS = 1000
"""How many bids of a round are kept for the case that later ones are voided."""


@dataclass(slots=True)
class Item:
    """One item in the room.

    `minimum` is the least amount that the next bid must have; between rounds, the first bid of the next one.
    `unit` is the unit of the current (or, between rounds, the last) round; 0 before the first. `opened` is the highest
    unit that was ever offered, `returned` those that are to be offered again. `due_at` is when the clock next acts on
    the item: the close of its open round, or the opening of the next one; None where only people can. `because` is why
    it is finished, None where it isn't. Since
    `stopped_at` the clock stands still; `paused` says that the item itself is paused.

    `bids` are those of the round that count, the standing one last; `maximums` all that were left, the strongest first.
    `closed` is the unit of the last round that has ended, and when; `late` names whose late bid for it is on record.
    """

    terms: ItemTerms
    minimum: int
    phase: ItemPhase = ItemPhase.BETWEEN
    unit: int = 0
    units_left: int = 0
    highest_bid: int | None = None
    highest_bidder: str | None = None
    due_at: int | None = None
    hard_end: int | None = None
    opened: int = 0
    returned: list[int] = field(default_factory=list[int])
    reserve: int | None = None
    because: Because | None = None
    paused: bool = False
    stopped_at: int | None = None
    closed: tuple[int, int] | None = None
    bids: list[StandingBid] = field(default_factory=list[StandingBid])
    maximums: list[Maximum] = field(default_factory=list[Maximum])
    late: list[str] = field(default_factory=list[str])

    @property
    def next_unit(self) -> int:
        """The unit that is offered next."""
        return self.returned[0] if self.returned else self.opened + 1

    def is_led_by(self, bidder: str) -> bool:
        """Whether the bidder leads the open round."""
        return self.phase is OPEN and self.highest_bidder == bidder

    def meets_reserve(self, price: int) -> bool:
        """Whether the unit may be sold at this price."""
        return self.reserve is None or price >= self.reserve

    def reserve_sign(self, price: int | None) -> ReserveSign:
        """What bidders see of the reserve at this price."""
        if not self.terms.reserve:
            return ""
        return "met" if price is not None and self.meets_reserve(price) else "not_met"

    @property
    def alarm(self) -> int | None:
        """When the clock acts on the item; None where it stands still, or only people can act."""
        return self.due_at if self.stopped_at is None else None


def new_item(terms: ItemTerms) -> Item:
    """An item of which nothing has been offered yet."""
    hard_end = terms.closing.hard_end if isinstance(terms.closing, TimedClosing) else None
    return Item(terms, terms.starting_price, units_left=terms.units, hard_end=hard_end)
