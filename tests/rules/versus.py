"""The real rules beside the naive model: the same commands to both, and the same outcome demanded of both."""

import msgspec

from bidroom.rules.answers import Accepted, Answer
from bidroom.rules.commands import Bid, Command, Registration
from bidroom.rules.decide import decide
from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    BidderRegistered,
    DeadlinesMoved,
    ItemFinished,
    PrivateEvent,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    UnitSold,
)
from bidroom.rules.evolve import evolve
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.rules.once import digest
from bidroom.rules.state import RoomState
from tests.rules.model import Happening, Look, Naive

START = 1_000_000
"""Room time at which the rooms of these tests open."""

_events = msgspec.json.Decoder(AnyEvent)


def item_terms(id: str = "lamp", **terms) -> ItemTerms:
    """An item with plain terms, but for those given."""
    given = {"starting_price": 100, "increment": 10, "units": 2, "closing": LiveClosing(window_ms=10), **terms}
    return ItemTerms(id=id, name=id.capitalize(), **given)


def room_terms(*items: ItemTerms) -> RoomTerms:
    return RoomTerms("hall", "The hall", "EUR", items)


def a_bid(bidder: str = "Ana", id: int = 1, item: str = "lamp", amount: int = 100, unit: int | None = None) -> Bid:
    return Bid(bidder, id, item, amount, unit, Registration(f"token of {bidder}", f"salt of {bidder}"))


def told(event: AnyEvent) -> Happening:
    """An event as the model tells it."""
    match event:
        case RoomOpened():
            return Happening("room", event.at)
        case RoundOpened():
            return Happening("open", event.at, event.item, event.unit, minimum=event.minimum, until=event.ends_at)
        case BidderRegistered():
            return Happening("name", event.at, bidder=event.bidder)
        case BidAccepted():
            return Happening(
                "bid", event.at, event.item, event.unit, event.bidder, event.amount, event.minimum, event.ends_at
            )
        case UnitSold():
            return Happening("sold", event.at, event.item, event.unit, event.bidder, event.amount, until=event.opens_at)
        case ItemFinished():
            return Happening("done", event.at, event.item, unsold=event.unsold)
        case RoomFinished():
            return Happening("over", event.at)
        case DeadlinesMoved():
            moved = tuple((round.item, round.unit, round.ends_at, round.hard_end) for round in event.rounds)
            return Happening("moved", event.at, moved=moved)


def answered(answer: Answer | None) -> tuple | None:
    """An answer as the model gives it."""
    if answer is None:
        return None
    if isinstance(answer, Accepted):
        return "accepted", answer.id, answer.seq
    return "refused", answer.id, answer.reason.value, answer.minimum


def looks(state: RoomState) -> dict[str, Look]:
    """How the items of a room stand, as the model sees it."""
    return {
        id: Look(
            item.phase.value,
            item.unit,
            item.units_left,
            item.highest_bid,
            item.highest_bidder,
            item.due_at,
            item.hard_end,
        )
        for id, item in state.items.items()
    }


def agree(state: RoomState, model: Naive, command: Command, now: int) -> tuple[AnyEvent, ...]:
    """What both say of a command, after proof that they say the same. Changes neither."""
    decision = decide(state, command, now)
    expected = model.ask(command, now)
    assert answered(decision.answer) == expected.answer
    assert tuple(told(event) for event in decision.events) == expected.story
    if isinstance(command, Bid) and decision.events:
        accepted = decision.events[-1]
        assert isinstance(accepted, BidAccepted)
        assert accepted.command is not None
        assert (accepted.command.id, accepted.command.digest) == (command.id, digest(command))
    return decision.events


def agree_on_state(state: RoomState, model: Naive) -> None:
    """Proof that both see the same room."""
    assert looks(state) == {id: model.look(id) for id in state.items}
    assert state.seq == model.seq()
    assert state.finished == bool([happening for happening in model.story if happening.kind == "over"])
    assert state.unfinished == len([id for id in state.items if model.phase(id) != "finished"])
    assert [told(sale) for sale in state.sales] == [each for each in model.story if each.kind == "sold"]
    assert list(state.bidders) == [each.bidder for each in model.story if each.kind == "name"]


def through_json(events: list[AnyEvent]) -> list[AnyEvent]:
    """The events as a journal gives them back."""
    return [_events.decode(msgspec.json.encode(event)) for event in events]


def replayed(events: list[AnyEvent]) -> RoomState:
    """The room that these events make."""
    state = RoomState()
    for event in events:
        evolve(state, event)
    return state


def audit(terms: RoomTerms, events: list[AnyEvent]) -> None:
    """Proof that a room's events keep what is promised of any room, whatever was asked of it."""
    auditor = Auditor(terms)
    place, at = (0, 0), 0
    for event in events:
        private = isinstance(event, PrivateEvent)
        assert (event.seq, event.sub) == ((place[0], place[1] + 1) if private else (place[0] + 1, 0)), "no gap"
        assert event.at >= at, "time never runs backwards"
        place, at = (event.seq, event.sub), event.at
        auditor.hear(event)


class Auditor:
    """Follows the rounds of a room by its events."""

    def __init__(self, terms: RoomTerms) -> None:
        self.items = {item.id: item for item in terms.items}
        self.last: dict[str, RoundOpened | BidAccepted] = {}
        self.ends: dict[str, int | None] = {}
        self.sold: set[tuple[str, int]] = set()

    def hear(self, event: AnyEvent) -> None:
        match event:
            case RoundOpened():
                assert event.unit == 1 + len([unit for item, unit in self.sold if item == event.item])
                self.last[event.item], self.ends[event.item] = event, event.ends_at
            case BidAccepted():
                self.bid(event)
                self.last[event.item], self.ends[event.item] = event, event.ends_at
            case UnitSold():
                self.sale(event)
            case DeadlinesMoved():
                for moved in event.rounds:
                    before = self.ends[moved.item]
                    assert before is None or (moved.ends_at is not None and moved.ends_at >= before)
                    self.ends[moved.item] = moved.ends_at
            case _:
                pass

    def bid(self, event: BidAccepted) -> None:
        before, end = self.last[event.item], self.ends[event.item]
        assert event.unit == before.unit, "a bid is for the open unit"
        assert event.amount >= before.minimum, "at least the minimum"
        assert end is None or event.at < end, "no bid after the deadline"
        if isinstance(before, BidAccepted):
            assert event.amount > before.amount, "the price never falls within a round"
            assert event.bidder != before.bidder, "the leader never outbids itself"
        if isinstance(before, BidAccepted) or isinstance(self.items[event.item].closing, TimedClosing):
            assert end is not None
            assert event.ends_at >= end, "a deadline never comes earlier"

    def sale(self, event: UnitSold) -> None:
        winner, end = self.last[event.item], self.ends.pop(event.item)
        assert isinstance(winner, BidAccepted)
        assert (event.unit, event.bidder, event.amount) == (winner.unit, winner.bidder, winner.amount)
        assert (event.item, event.unit) not in self.sold, "a unit is sold once"
        assert event.unit <= self.items[event.item].units, "no unit is sold that is not there"
        assert end is not None
        assert event.at >= end, "no round closes before its deadline"
        self.sold.add((event.item, event.unit))
