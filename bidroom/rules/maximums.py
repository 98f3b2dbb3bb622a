"""Maximums: what the room bids for those who are not looking.

On every item the price is the smaller of the highest maximum and the second highest + the step: whoever leads pays only
what it takes to beat the next. A maximum may end in a short step up to exactly its amount. Of equal maximums the one
that was left earlier leads. A reserve that the leader's maximum reaches lifts the price to the reserve. Nobody's
maximum is ever shown while it leads; one that is beaten is public as the last bid that it made.
"""

from msgspec import Struct

from bidroom.rules.bids import bid_accepted
from bidroom.rules.events import BidAccepted
from bidroom.rules.increments import step
from bidroom.rules.item import Item, Maximum
from bidroom.rules.state import RoomState, headroom, is_unlimited, may_win_another, takes_bids


class Reach(Struct, frozen=True, gc=False):
    """How far the room may go for a bidder now, and since which place in the room's order."""

    bidder: str
    amount: int
    since: tuple[int, int]

    def beats(self, other: "Reach") -> bool:
        """Whether this one leads where both go as far as they can."""
        return self.amount > other.amount or (self.amount == other.amount and self.since < other.since)


def have_a_say(item: Item) -> bool:
    """Whether somebody who doesn't lead left a maximum that goes as far as the bid that stands.

    Or the leader did, and the reserve is not met. Most don't: they are beaten, and wait for the next unit.
    """
    maximums, standing = item.maximums, item.highest_bid
    if not maximums or standing is None:
        return bool(maximums)
    if maximums[0].bidder != item.highest_bidder:
        return maximums[0].amount >= standing
    return (len(maximums) > 1 and maximums[1].amount >= standing) or not item.meets_reserve(standing)


def answers(state: RoomState, item: Item, at: int) -> tuple[BidAccepted, ...]:
    """What maximums say to how the item stands: nothing, a bid, or a bid and the leader's answer to it.

    To be asked again until it is nothing.
    """
    if not takes_bids(item, at):
        return ()
    challenger, leader = _challenger(state, item), _leader(state, item)
    seq, start = state.seq + 1, item.terms.starting_price
    if leader is None or item.highest_bid is None:
        if challenger is None or challenger.amount < start:
            return ()
        return (_bid(item, challenger, start, seq, at),)
    if challenger is not None and challenger.beats(leader):
        return (_bid(item, challenger, _above(item, leader.amount), seq, at),)
    if challenger is not None and challenger.amount > item.highest_bid:
        bid = _bid(item, challenger, challenger.amount, seq, at)
        return bid, _bid(item, leader, _above(item, challenger.amount), seq + 1, at)
    if not item.meets_reserve(item.highest_bid) and item.meets_reserve(leader.amount):
        return (_bid(item, leader, item.highest_bid, seq, at),)
    return ()


def _above(item: Item, amount: int) -> int:
    return amount + step(item.terms.increment, amount)


def _bid(item: Item, reach: Reach, amount: int, seq: int, at: int) -> BidAccepted:
    """A bid at this amount, or as much of it as the reach allows; lifted to a reserve that the reach meets."""
    amount = min(amount, reach.amount)
    if item.reserve is not None and item.meets_reserve(reach.amount):
        amount = max(amount, item.reserve)
    return bid_accepted(item, reach.bidder, amount, seq, at)


def _leader(state: RoomState, item: Item) -> Reach | None:
    """How far the leader goes: at least to the bid that stands."""
    if item.highest_bidder is None:
        return None
    bid = item.bids[-1]
    stands = Reach(bid.bidder, bid.amount, (bid.seq, 0) if bid.by_hand else (0, 0))
    maximum = state.bidders[bid.bidder].maximums.get(item.terms.id)
    reach = None if maximum is None else _reach(state, item, maximum)
    return reach if reach is not None and reach.beats(stands) else stands


def _challenger(state: RoomState, item: Item) -> Reach | None:
    """The strongest of those who don't lead. Budgets can make a high maximum a weak one."""
    best: Reach | None = None
    for maximum in item.maximums:
        if best is not None and maximum.amount < best.amount:
            break
        if maximum.bidder == item.highest_bidder:
            continue
        reach = _reach(state, item, maximum)
        if reach is not None and (best is None or reach.beats(best)):
            best = reach
    return best


def _reach(state: RoomState, item: Item, maximum: Maximum) -> Reach | None:
    """How far the bidder's own limits let their maximum go on this item now; None: nowhere."""
    assert state.terms is not None, "there are items, so the room is open"
    bidder = state.bidders[maximum.bidder]
    if is_unlimited(state.terms, bidder, item):
        return Reach(maximum.bidder, maximum.amount, maximum.since)
    leads_at = item.highest_bid if item.is_led_by(maximum.bidder) else None
    if not may_win_another(state.terms, bidder, item, leads=leads_at is not None):
        return None
    return Reach(maximum.bidder, min(maximum.amount, headroom(bidder, leads_at or 0)), maximum.since)
