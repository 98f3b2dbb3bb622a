"""What is promised of any room, whatever was asked of it, checked by its events alone."""

from collections import defaultdict

from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    BidderRegistered,
    BidderRemoved,
    BidVoided,
    BudgetSet,
    DeadlinesMoved,
    ItemAdded,
    ItemFinished,
    MaximumCancelled,
    MaximumSet,
    Paused,
    PrivateEvent,
    PurchasesPaid,
    ReserveSet,
    Resumed,
    RoomOpened,
    RoundOpened,
    SaleCancelled,
    UnitSold,
)
from bidroom.rules.item import ItemTerms, LiveClosing
from bidroom.rules.state import RoomState


def audit(events: list[AnyEvent]) -> "Auditor":
    """Proof that a room's events keep every promise."""
    auditor = Auditor()
    place, at = (0, 0), 0
    for event in events:
        private = isinstance(event, PrivateEvent)
        assert (event.seq, event.sub) == ((place[0], place[1] + 1) if private else (place[0] + 1, 0)), "no gap"
        assert event.at >= at, "time never runs backwards"
        place, at = (event.seq, event.sub), event.at
        auditor.hear(event)
    return auditor


class Auditor:
    """Follows the rounds, the maximums and the purses of a room by its events."""

    def __init__(self) -> None:
        self.items: dict[str, ItemTerms] = {}
        self.reserves: dict[str, int] = {}
        self.rounds: dict[str, list[BidAccepted]] = {}  # of open rounds: the bids that count, voided ones taken out
        self.ends: dict[str, int | None] = {}
        self.paused: set[str | None] = set()
        self.maximums: dict[tuple[str, str], MaximumSet] = {}
        self.won: dict[tuple[str, str], int] = defaultdict(int)  # units since the maximum was left
        self.budgets: dict[str, int | None] = {}
        self.removed: set[str] = set()
        self.sales: dict[int, UnitSold] = {}
        self.paid: dict[str, int] = defaultdict(int)

    def hear(self, event: AnyEvent) -> None:
        match event:
            case RoomOpened():
                self.items = {item.id: item for item in event.terms.items}
                self.each = event.terms.units_each
            case ItemAdded():
                self.items[event.terms.id] = event.terms
            case ReserveSet():
                self.reserves[event.item] = event.amount
            case RoundOpened():
                assert event.item not in self.rounds, "one round at a time"
                assert not [sale for sale in self.sales.values() if (sale.item, sale.unit) == (event.item, event.unit)]
                self.rounds[event.item], self.ends[event.item] = [], event.ends_at
            case BidderRegistered() | BudgetSet():
                self.budgets[event.bidder] = event.budget
            case MaximumSet():
                self.maximums[event.bidder, event.item] = event
                self.won[event.bidder, event.item] = 0
            case MaximumCancelled():
                del self.maximums[event.bidder, event.item]
            case BidAccepted():
                self.bid(event)
            case BidVoided():
                self.void(event)
            case UnitSold():
                self.sale(event)
            case SaleCancelled():
                assert self.sales.pop(event.sale).bidder == event.bidder
            case ItemFinished():
                self.rounds.pop(event.item, None)
                self.paused.discard(event.item)
            case Paused():
                self.paused.add(event.item)
            case Resumed():
                self.paused.remove(event.item)
                self.move(event)
            case DeadlinesMoved():
                self.move(event)
            case BidderRemoved():
                self.removed.add(event.bidder)
                assert event.bidder not in [bids[-1].bidder for bids in self.rounds.values() if bids]
            case PurchasesPaid():
                self.paid[event.bidder] += event.amount
            case _:
                pass

    def spent(self, bidder: str) -> int:
        """What the bidder has bought, and leads at."""
        led = [bids[-1] for bids in self.rounds.values() if bids and bids[-1].bidder == bidder]
        return sum(each.amount for each in (*led, *(sale for sale in self.sales.values() if sale.bidder == bidder)))

    def units(self, bidder: str, item: str | None = None) -> int:
        return len([sale for sale in self.sales.values() if sale.bidder == bidder and item in (None, sale.item)])

    def within_limits(self, bidder: str) -> None:
        """Holds after every bid and every purchase; it can be lost only by a budget that is set below what is spent."""
        budget = self.budgets[bidder]
        assert budget is None or self.spent(bidder) <= budget, "nobody spends more than their budget"
        led = {item for item, bids in self.rounds.items() if bids and bids[-1].bidder == bidder}
        assert self.each is None or self.units(bidder) + len(led) <= self.each
        for item, terms in self.items.items():
            assert terms.units_each is None or self.units(bidder, item) <= terms.units_each

    def bid(self, event: BidAccepted) -> None:
        bids, end = self.rounds[event.item], self.ends[event.item]
        by_hand = event.command is not None or event.by != ""
        assert event.bidder not in self.removed
        assert not self.paused & {None, event.item}, "no bid during a pause"
        assert end is None or event.at < end, "no bid after the deadline"
        if by_hand:
            minimum = bids[-1].minimum if bids else self.items[event.item].starting_price
            assert event.amount >= minimum, "at least the minimum"
            assert not bids or event.bidder != bids[-1].bidder, "nobody outbids themselves by hand"
        else:
            self.automatic(event, bids)
        closing = self.items[event.item].closing
        if end is not None and (bids or not isinstance(closing, LiveClosing)):
            assert event.ends_at >= end, "a deadline never comes earlier"
        bids.append(event)
        self.ends[event.item] = event.ends_at
        self.within_limits(event.bidder)

    def automatic(self, event: BidAccepted, bids: list[BidAccepted]) -> None:
        """A bid that the room made: never above the maximum, and at an equal price only by a tie."""
        maximum = self.maximums[event.bidder, event.item].amount
        assert event.amount <= maximum, "nobody bids above their maximum"
        if not bids:
            assert event.amount >= self.items[event.item].starting_price
            return
        before = bids[-1]
        if event.bidder == before.bidder:
            assert before.amount < event.amount == self.reserves[event.item], "only up to the reserve"
        elif event.amount == before.amount:
            assert event.reserve != "not_met" or event.amount < self.reserves[event.item]
            assert event.amount == maximum or event.amount == self.reach(event), "a tie uses all of it"
        else:
            assert event.amount > before.amount, "the price never falls within a round"

    def reach(self, event: BidAccepted) -> int | None:
        """What the budget leaves the bidder for this item."""
        budget = self.budgets[event.bidder]
        return None if budget is None else budget - self.spent(event.bidder)

    def void(self, event: BidVoided) -> None:
        bids = self.rounds[event.item]
        assert bids[-1].seq == event.bid, "only the bid that stands is voided"
        while bids and bids[-1].seq != event.standing:
            bids.pop()
        assert (event.leader, event.amount) == ((bids[-1].bidder, bids[-1].amount) if bids else (None, None))
        assert (event.bidder, event.item) not in self.maximums
        self.ends[event.item] = event.ends_at
        assert event.ends_at is None or event.ends_at > event.at

    def sale(self, event: UnitSold) -> None:
        assert event.bidder not in self.removed
        sold = [(sale.item, sale.unit) for sale in self.sales.values()]
        assert (event.item, event.unit) not in sold, "a unit is sold once"
        assert event.unit <= self.items[event.item].units, "no unit is sold that is not there"
        if event.how != "offer":
            winner = self.rounds.pop(event.item)[-1]
            end = self.ends.pop(event.item)
            assert (event.unit, event.bidder, event.amount) == (winner.unit, winner.bidder, winner.amount)
            assert end is not None
            assert event.at >= end or event.how == "buy_now", "no round closes before its deadline"
            assert event.how == "buy_now" or event.amount >= self.reserves.get(event.item, 0)
        self.sales[event.seq] = event
        key = event.bidder, event.item
        self.won[key] += 1
        if key in self.maximums and self.won[key] == self.maximums[key].units:
            del self.maximums[key]  # used up
        if event.how != "hammer":
            self.within_limits(event.bidder)

    def move(self, event: DeadlinesMoved | Resumed) -> None:
        for moved in event.rounds:
            if moved.item in self.rounds:
                before = self.ends[moved.item]
                assert before is None or (moved.ends_at is not None and moved.ends_at >= before)
                self.ends[moved.item] = moved.ends_at

    def agree(self, state: RoomState) -> None:
        """Proof that the room has kept its books as the auditor has."""
        for name, bidder in state.bidders.items():
            won = sum(sale.amount for sale in self.sales.values() if sale.bidder == name)
            assert (bidder.won, bidder.paid) == (won, self.paid[name])
            assert bidder.won + bidder.leading == self.spent(name)
            owed = sum(sale.amount for sale in state.sales.values() if sale.bidder == name and sale.paid is None)
            assert bidder.won - bidder.paid <= owed, "less only by what was paid for sales that are none any more"
        assert sum(sale.amount for sale in self.sales.values()) == sum(each.won for each in state.bidders.values())
