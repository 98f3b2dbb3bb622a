"""A room that goes its way at random, with something going on: most of what is asked in it is accepted."""

from collections import defaultdict
from random import Random

import msgspec

from bidroom.rules import control
from bidroom.rules.commands import EndOutage, MeetDeadline, OpenRoom, Reserve
from bidroom.rules.deadlines import Deadlines
from bidroom.rules.decide import Command
from bidroom.rules.events import AnyEvent
from bidroom.rules.increments import Ladder, Percentage, Rung
from bidroom.rules.item import Item, ItemPhase, ItemTerms, LiveClosing, TimedClosing
from bidroom.rules.state import RoomState
from tests.rules.auditor import audit
from tests.rules.model import Naive
from tests.rules.versus import (
    START,
    a_bid,
    a_max,
    agree,
    agree_on_state,
    an_answer,
    buy,
    item_terms,
    no_max,
    nobody_waits,
    opened,
    replayed,
    through_json,
)

BIDDERS = ("Ana", "Ben", "Cem", "Dora")
LADDER = Ladder((Rung(0, 2), Rung(40, 5), Rung(80, 10)))


def random_item(luck: Random, id: str) -> ItemTerms:
    window = luck.randint(2, 15)
    timed = TimedClosing(
        window,
        luck.choice([None, luck.randint(1, 40)]),
        luck.choice([None, START + luck.randint(-3, 60)]),
        luck.choice([None, START + luck.randint(0, 90)]),
    )
    return item_terms(
        id,
        starting_price=luck.randint(1, 30),
        increment=luck.choice(
            [luck.randint(1, 9), 10, LADDER, Percentage(luck.randint(100, 4000), luck.randint(1, 5))]
        ),
        units=luck.choice([1, 1, 2, 3, 4]),
        pause_ms=luck.choice([0, 0, 3, 8]),
        closing=luck.choice([LiveClosing(window, luck.choice([None, None, 30])), timed]),
        seller=luck.choice([None] * 5 + ["ANA", "ben berg"]),
        reserve=luck.random() < 0.4,
        buy_now=luck.choice([None, luck.randint(30, 60)]),
        units_each=luck.choice([None, None, None, 1, 2]),
    )


def random_room(luck: Random) -> OpenRoom:
    items = [random_item(luck, id) for id in ("lamp", "desk", "vase")[: luck.choice([1, 2, 2, 3])]]
    return opened(
        *items,
        reserves=tuple(random_reserve(luck, item) for item in items if item.reserve),
        order=luck.choice(["together", "together", "one-by-one"]),
        next_item=luck.choice(["by-itself", "by-itself", "by-hand"]),
        opens=luck.choice(["at-once", "at-once", "at-once", "by-hand"]),
        opens_at=luck.choice([None, None, None, START + 5]),
        units_each=luck.choice([None, None, 1, 2, 3]),
    )


def random_reserve(luck: Random, item: ItemTerms) -> Reserve:
    return Reserve(item.id, item.starting_price + luck.randint(0, 50), f"salt of {item.id}")


class Walk:
    """A room, the model of it, and luck, which decides what is asked next."""

    def __init__(self, luck: Random) -> None:
        self.luck, self.now = luck, START
        self.state, self.model = RoomState(), Naive()
        self.events: list[AnyEvent] = []
        self.ids: dict[str, int] = defaultdict(int)
        self.deadlines = Deadlines(self.state)
        self.ask(random_room(luck))
        for paddle, bidder in enumerate(BIDDERS):
            if luck.random() < 0.6:
                self.ask(self.invite(bidder, luck.choice([None, paddle])))

    def ask(self, command: Command) -> None:
        events, self.model = agree(self.state, self.model, command, self.now)
        self.events += events
        for event in events:
            self.deadlines.note(event)
        due = [(item.alarm, id) for id, item in self.state.items.items() if item.alarm is not None]
        soonest = self.deadlines.next()
        assert (soonest and (soonest[0], soonest[1].terms.id)) == (min(due) if due else None)
        if events:
            agree_on_state(self.state, self.model)
            nobody_waits(self.model, max(self.now, self.model.now()))

    def step(self) -> None:
        """Time goes on, or something is asked."""
        luck = self.luck
        kinds = (self.clock, self.bid, self.maximum, self.run, self.take_back, self.desk, self.other)
        kind = luck.choices(kinds, weights=(14, 18, 16, 7, 9, 5, 4))[0]
        self.now += luck.choice([0, 0, 0, 1, 1, 2])
        kind(luck)

    def end(self) -> None:
        """The story keeps every promise, and gives the same room when it is told again."""
        audit(self.events).agree(self.state)
        journal = through_json(self.events)
        assert journal == self.events
        again = replayed(journal)
        assert again == self.state
        assert msgspec.json.encode(again) == msgspec.json.encode(replayed(through_json(journal)))

    def item(self, phase: ItemPhase | None = ItemPhase.OPEN) -> Item:
        """One in this phase where there is any."""
        items = list(self.state.items.values())
        return self.luck.choice([item for item in items if item.phase is phase] or items)

    def id(self, bidder: str) -> int:
        self.ids[bidder] += 1
        return self.ids[bidder]

    def clock(self, luck: Random) -> None:
        """The hammer falls at its time, or the house was away and comes back."""
        due = [(item.alarm, id) for id, item in self.state.items.items() if item.alarm is not None]
        if due and luck.random() < 0.8:
            self.now = max(self.now, min(due)[0] + luck.choice([0, 0, 0, 2]))
        if luck.random() < 0.1:
            self.ask(EndOutage())
        for alarm, id in sorted(due):
            if alarm <= self.now:
                self.ask(MeetDeadline(id))

    def bid(self, luck: Random) -> None:
        item = self.item()
        bidder = luck.choice(
            [each for each in BIDDERS if each != item.highest_bidder] if luck.random() < 0.9 else BIDDERS
        )
        amount = item.minimum + luck.choice([0, 0, 0, 1, 3, 10, 25, -1])
        unit = luck.choice([None, item.unit, item.unit, item.unit, item.unit - 1])
        if luck.random() < 0.15:
            paddle = luck.choice([bidder, 1, 2])
            self.ask(control.BidFor(by="Clerk", bidder=paddle, item=item.terms.id, amount=amount, via="phone"))
        else:
            self.ask(a_bid(bidder, self.id(bidder), item.terms.id, amount, unit))

    def maximum(self, luck: Random) -> None:
        item = self.item(luck.choice([ItemPhase.OPEN, ItemPhase.OPEN, None]))
        bidder, id = luck.choice(BIDDERS), item.terms.id
        theirs = [left for left in item.maximums if left.bidder != bidder]
        if luck.random() < 0.15 and item.maximums:
            bidder = luck.choice(item.maximums).bidder
            self.ask(no_max(bidder, self.id(bidder), id))
        elif luck.random() < 0.3 and theirs:  # as much as somebody else's
            self.ask(a_max(bidder, self.id(bidder), id, luck.choice(theirs).amount, luck.randint(1, 3)))
        else:
            amount = item.minimum + luck.choice([0, 5, luck.randint(0, 80), luck.randint(0, 80), -1])
            self.ask(a_max(bidder, self.id(bidder), id, amount, luck.randint(1, 3)))

    def run(self, luck: Random) -> None:
        one, waiting = self.item(luck.choice(list(ItemPhase))).terms.id, self.item(ItemPhase.BETWEEN).terms.id
        stopped = [id for id, item in self.state.items.items() if item.paused] + [None] * self.state.paused
        if stopped and luck.random() < 0.6:
            self.ask(control.Resume(by="Zoe", item=luck.choice(stopped)))
            return
        commands = [
            (4, control.OpenItem(by="Zoe", item=luck.choice([None, waiting]))),
            (3, control.OpenBidding(by="Zoe")),
            (3, control.Pause(by="Zoe", item=luck.choice([None, one]))),
            (1, control.Resume(by="Zoe", item=luck.choice([None, one]))),
            (2, control.Extend(by="Zoe", item=self.item().terms.id, span_ms=luck.randint(1, 40))),
            (1, control.Withdraw(by="Zoe", item=one, why="broken")),
            (3, control.Reopen(by="Zoe", item=self.item(ItemPhase.FINISHED).terms.id)),
            (1, control.Announce(by="Zoe", text="Tea")),
            (0.3, control.CloseRoom(by="Zoe", why="late")),
            (1, self.add_item(luck)),
        ]
        self.ask(luck.choices([each for _, each in commands], weights=[weight for weight, _ in commands])[0])

    def add_item(self, luck: Random) -> control.AddItem:
        terms = random_item(luck, luck.choice(["vase", "rug"]))
        reserve = random_reserve(luck, terms) if terms.reserve else None
        return control.AddItem(by="Zoe", terms=terms, reserve=reserve)

    def take_back(self, luck: Random) -> None:
        kind, item = luck.random(), self.item()
        if kind < 0.5 and item.bids:
            seq = item.bids[-1].seq - luck.choice([0, 0, 0, 0, 1])
            self.ask(control.VoidBid(by="Zoe", item=item.terms.id, bid=seq, why="a slip"))
        elif kind < 0.9 and self.state.sales:
            sale, then = luck.choice(list(self.state.sales)), luck.choice(["unsold", "reopen", "offer", "offer"])
            self.ask(control.CancelSale(by="Zoe", sale=sale, then=then, why="a slip"))
        elif kind > 0.94:
            self.ask(control.RemoveBidder(by="Zoe", bidder=luck.choice([*BIDDERS, 1]), why="rude"))

    def desk(self, luck: Random) -> None:
        who, sale = luck.choice([*BIDDERS, 1, 2, "Nobody"]), luck.choice([None, *self.state.sales])
        budget = luck.choice([None, luck.randint(20, 120), luck.randint(20, 300)])
        commands = [
            (4, control.SetBudget(by="Zoe", salt="s", bidder=who, budget=budget)),
            (1, self.invite(luck.choice([*BIDDERS, "Eve"]), luck.choice([None, 2]))),
            (1, control.ReplaceToken(by="Zoe", salt="s", bidder=who, token_hash="newer")),
            (2, control.MarkPaid(by="Clerk", salt="s", bidder=who, how="cash", sale=sale)),
            (1, control.HandOver(by="Clerk", salt="s", bidder=who, sale=sale)),
        ]
        self.ask(luck.choices([each for _, each in commands], weights=[weight for weight, _ in commands])[0])

    def invite(self, bidder: str, paddle: int | None) -> control.Invite:
        budget = self.luck.choice([None, self.luck.randint(20, 200)])
        return control.Invite(by="Zoe", salt="s", bidder=bidder, paddle=paddle, budget=budget, token_hash="new")

    def other(self, luck: Random) -> None:
        if self.state.offers:
            offer = luck.choice(self.state.offers)
            bidder = offer.bidder if luck.random() < 0.9 else luck.choice(BIDDERS)
            self.ask(an_answer(bidder, self.id(bidder), offer.item, offer.unit, luck.random() < 0.7))
        else:
            item, bidder = self.item(), luck.choice(BIDDERS)
            self.ask(buy(bidder, self.id(bidder), item.terms.id, item.unit))
