"""A room as its events made it. Only `rules.evolve` changes it; replaying the same events gives the same state.

What every bid changes (the room, its items and bidders) are dataclasses with slots: to set a field of a Struct takes
Python more than three times as long, for it goes through a hook of msgspec's.
"""

from dataclasses import dataclass, field

from msgspec import Struct

from bidroom.rules.events import Announced, SaleCancelled, UnitSold
from bidroom.rules.item import MAX_AMOUNT, OPEN, Item, Maximum, RoomTerms


@dataclass(slots=True)
class Bidder:
    """A registered bidder. `last_id` is the highest id among their accepted commands.

    Amounts are in minor units: `won` by purchases that stand, of which `paid` is paid, and `leading` in open rounds.
    `units` counts won units by item; `leads` the rounds they lead. `maximums` is what they left, by item.
    """

    token_hash: str
    salt: str
    name: str = ""
    paddle: int | None = None
    budget: int | None = None
    email: str = ""
    last_id: int = 0
    removed: bool = False
    won: int = 0
    paid: int = 0
    leading: int = 0
    leads: int = 0
    units: dict[str, int] = field(default_factory=dict[str, int])
    maximums: dict[str, Maximum] = field(default_factory=dict[str, Maximum])


class Sale(Struct):
    """A purchase that stands: `seq` and `at` are those of its `UnitSold`.

    `runner_up` is the best bid of anybody else in its round. `paid` says how it was paid and by whom that was noted,
    `handed_over` who noted that; None until then.
    """

    seq: int
    at: int
    item: str
    unit: int
    bidder: str
    amount: int
    runner_up: tuple[str, int] | None = None
    paid: tuple[str, str] | None = None
    handed_over: str | None = None


class Offer(Struct, frozen=True):
    """A unit that is the bidder's at this amount if they take it."""

    item: str
    unit: int
    bidder: str
    amount: int


@dataclass(slots=True)
class RoomState:
    """Everything that the rules need to know; `terms` is None only before the room's first event.

    `seq` and `sub` name the last event, `at` is its room time in milliseconds. `unfinished` counts items that are not
    finished, `maximums` those that are left on any item. `limited`: a budget, or a number of units that one bidder may
    have, was set for anybody or anything. `sales` are the purchases that stand, by number; `sold` is every one there
    was and every one that was cancelled, in order. `offers` are those that wait for an answer. `paddles` tells whose a
    paddle is. `announcement` is the last one.
    """

    terms: RoomTerms | None = None
    seq: int = 0
    sub: int = 0
    at: int = 0
    items: dict[str, Item] = field(default_factory=dict[str, Item])
    unfinished: int = 0
    maximums: int = 0
    limited: bool = False
    bidders: dict[str, Bidder] = field(default_factory=dict[str, Bidder])
    paddles: dict[int, str] = field(default_factory=dict[int, str])
    sales: dict[int, Sale] = field(default_factory=dict[int, Sale])
    sold: list[UnitSold | SaleCancelled] = field(default_factory=list[UnitSold | SaleCancelled])
    offers: list[Offer] = field(default_factory=list[Offer])
    paused: bool = False
    closing: bool = False
    announcement: Announced | None = None

    @property
    def finished(self) -> bool:
        """Whether every item of the room is finished."""
        return self.terms is not None and self.unfinished == 0

    def find_offer(self, item: str, unit: int) -> Offer | None:
        """The offer of this unit that waits for an answer; None: there is none."""
        return next((offer for offer in self.offers if (offer.item, offer.unit) == (item, unit)), None)

    def find_bidder(self, who: str | int) -> str | None:
        """The bidder whom the auctioneer names by what everyone sees, or by their paddle; None: there is none."""
        if isinstance(who, int):
            return self.paddles.get(who)
        return who if who in self.bidders else None


def takes_bids(item: Item, at: int) -> bool:
    """Whether the item's round is open, and its clock has neither stopped nor run out."""
    return item.phase is OPEN and item.stopped_at is None and (item.due_at is None or at < item.due_at)


def is_unlimited(terms: RoomTerms, bidder: Bidder, item: Item) -> bool:
    """Whether nothing keeps the bidder from any unit of the item, at any amount."""
    return bidder.budget is None and terms.units_each is None and item.terms.units_each is None


def headroom(bidder: Bidder, leads_at: int = 0) -> int:
    """The most that the bidder's budget allows for an item on which they lead at `leads_at`."""
    if bidder.budget is None:
        return MAX_AMOUNT
    return bidder.budget - bidder.won - bidder.leading + leads_at


def may_win_another(terms: RoomTerms, bidder: Bidder, item: Item, *, leads: bool, by_offer: bool = False) -> bool:
    """Whether the limits allow the bidder one more unit of the item. Every round that they lead counts as a unit.

    `leads`: they lead the item's round, which is then the very unit that is asked for, unless that comes `by_offer`.
    """
    each = item.terms.units_each
    if each is not None and bidder.units.get(item.terms.id, 0) + (leads and by_offer) >= each:
        return False
    if terms.units_each is None:
        return True
    others = bidder.leads - (leads and not by_offer)
    return sum(bidder.units.values()) + others < terms.units_each
