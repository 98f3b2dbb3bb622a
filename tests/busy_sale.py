"""A long sale at random in which everything happens that the rules know, made by the rules themselves.

Bids by hand and in the hall, maximums, fixed prices, voided bids, cancelled sales and offers, pauses, items that are
added and withdrawn, bidders who are sent out; at the desk, purchases are paid for and handed over.
"""

from random import Random

from bidroom.rules.act import act
from bidroom.rules.answers import Accepted
from bidroom.rules.commands import (
    AnswerOffer,
    Bid,
    BuyNow,
    CancelMax,
    EndOutage,
    MaxBid,
    MeetDeadline,
    OpenRoom,
    Registration,
    Reserve,
)
from bidroom.rules.control import (
    AddItem,
    BidFor,
    CancelSale,
    Extend,
    HandOver,
    Invite,
    MarkPaid,
    Pause,
    RemoveBidder,
    Reopen,
    Resume,
    SetBudget,
    VoidBid,
    Withdraw,
)
from bidroom.rules.decide import Command
from bidroom.rules.events import AnyEvent
from bidroom.rules.increments import EBAY
from bidroom.rules.item import ItemPhase, ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.rules.state import RoomState

NOW = 1_790_000_000_000
SALT = "a1" * 16
LIVE = LiveClosing(window_ms=4000, opening_ms=30_000)
TIMED = TimedClosing(window_ms=3000, duration_ms=20_000)


def busy_terms(room: str = "hall") -> RoomTerms:
    items = (
        ItemTerms("lamp", 'Lamp "Ø"', 10_00, 1_00, 6, LIVE, pause_ms=500, seller="Sal"),
        ItemTerms("desk", "Desk", 50_00, EBAY, 4, TIMED, pause_ms=500, reserve=True),
        ItemTerms("mug", "Mug", 2_00, 50, 8, LIVE, pause_ms=500, buy_now=9_00, units_each=3, seller="Sue"),
        ItemTerms("vase", "Vase", 20_00, 5_00, 2, TIMED, pause_ms=500),
    )
    return RoomTerms(room, "The hall", "EUR", items, bidders="paddles")


class BusySale:
    """`events` is everything that has happened, `state` what it came to."""

    def __init__(self, seed: int, room: str = "hall") -> None:
        self.chance = Random(seed)
        self.state = RoomState(at=NOW)
        self.events: list[AnyEvent] = []
        self.id = 0
        self.do(OpenRoom(busy_terms(room), (Reserve("desk", 80_00, SALT),)), 0)
        for number, name in enumerate(("Ana", "Bjørn", "陳", "=1+1", "<b>Eve</b>", "Sal"), 1):
            self.do(
                Invite(
                    by="Auctioneer",
                    bidder=f"Paddle {number}",
                    name=name,
                    paddle=number,
                    email=f"{number}@example.org",
                    token_hash=f"{number:02}" * 32,
                    budget=300_00 if number == 3 else None,
                    salt=SALT,
                )
            )

    def do(self, command: Command, after_ms: int = 1) -> bool:
        """Whether anything happened."""
        decision = act(self.state, command, self.state.at + after_ms)
        self.events += decision.events
        return decision.answer is None or isinstance(decision.answer, Accepted)

    def go(self, steps: int) -> "BusySale":
        for _ in range(steps):
            self.step()
        return self

    def step(self) -> None:
        """One thing that somebody does, or the clock."""
        after_ms = self.chance.randrange(700)
        self._meet_deadlines(self.state.at + after_ms)
        self.id += 1
        if self.chance.random() < 0.8:
            self.do(self._asked_by_a_bidder(), after_ms)
        else:
            self.do(self._asked_by_the_house(), after_ms)

    def _meet_deadlines(self, now: int) -> None:
        due = [(item.alarm, id) for id, item in self.state.items.items() if item.alarm is not None]
        for alarm, id in sorted(due):
            if alarm <= now:
                self.do(MeetDeadline(id), max(alarm - self.state.at, 0))

    def _asked_by_a_bidder(self) -> Command:
        chance, state = self.chance, self.state
        label = chance.choice(list(state.bidders))
        item = state.items[chance.choice(list(state.items))]
        id, registration = item.terms.id, Registration("00" * 32, SALT)
        amount = item.minimum + chance.choice((0, 0, 0, 10, 1_00, 20_00, -1))
        offers = [((offer.item, offer.unit), offer.bidder) for offer in state.offers]
        if offers and chance.random() < 0.3:
            (offered, unit), to = offers[0]
            return AnswerOffer(to, self.id, offered, unit, chance.random() < 0.5, registration)
        match chance.randrange(10):
            case 0 | 1:
                return MaxBid(
                    label, self.id, id, amount + chance.randrange(40) * 50, chance.randint(1, 3), registration
                )
            case 2:
                return CancelMax(label, self.id, id, registration)
            case 3:
                return BuyNow(label, self.id, id, item.unit, registration)
            case _:
                return Bid(label, self.id, id, amount, chance.choice((None, item.unit, item.unit - 1)), registration)

    def _asked_by_the_house(self) -> Command:
        chance, state, by = self.chance, self.state, "Auctioneer"
        item = state.items[chance.choice(list(state.items))]
        id, bidder = item.terms.id, chance.choice(list(state.bidders))
        sale = chance.choice(list(state.sales)) if state.sales else 1
        matching = state.sales.get(sale)
        owner = bidder if matching is None else matching.bidder
        if (state.paused or item.paused) and chance.random() < 0.5:
            return Resume(by=by, item=None if state.paused else id)
        match chance.randrange(40):
            case 0:
                terms = ItemTerms(f"new{self.id}", "New", 1_00, 10, 2, LIVE, pause_ms=100)
                return AddItem(by=by, terms=terms, salt=SALT)
            case 1 if len(state.items) > 4:
                return Withdraw(by=by, item=id, why="damaged")
            case 2 if sum(each.removed for each in state.bidders.values()) < 1 and self.id > 500:
                return RemoveBidder(by=by, bidder=bidder, why="rude")
            case 3 | 4:
                return Pause(by=by, item=chance.choice((None, id)))
            case 5 | 6 | 7:
                return Extend(by=by, item=id, span_ms=5000)
            case 10 | 11 | 12 if item.bids:
                return VoidBid(by=by, item=id, bid=item.bids[-1].seq, why="misheard")
            case 13 | 14 | 15:
                return CancelSale(by=by, sale=sale, why="not paid", then=chance.choice(("unsold", "reopen", "offer")))
            case 16 | 17 if item.phase is ItemPhase.FINISHED:
                return Reopen(by=by, item=id)
            case 18 | 19 | 20 | 21:
                return MarkPaid(by="Cara", bidder=owner, how="cash", sale=chance.choice((sale, None)), salt=SALT)
            case 22 | 23 | 24:
                return HandOver(by="Cara", bidder=owner, sale=chance.choice((sale, None)), salt=SALT)
            case 25:
                return SetBudget(by=by, bidder="Paddle 3", budget=chance.choice((None, 400_00)), salt=SALT)
            case 26:
                return EndOutage()
            case _:
                return BidFor(
                    by="Cara", bidder=bidder, item=id, amount=item.minimum, via=chance.choice(("floor", "phone"))
                )
