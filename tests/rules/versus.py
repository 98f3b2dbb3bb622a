"""The real rules beside the naive model: the same commands to both, and the same outcome demanded of both."""

import msgspec

from bidroom.rules.act import act
from bidroom.rules.answers import Accepted, Answer
from bidroom.rules.commands import (
    AnswerOffer,
    Bid,
    BidderCommand,
    BuyNow,
    CancelMax,
    MaxBid,
    OpenRoom,
    Registration,
)
from bidroom.rules.decide import Command, decide
from bidroom.rules.events import AnyEvent, PrivateEvent
from bidroom.rules.evolve import evolve
from bidroom.rules.item import Item, ItemPhase, ItemTerms, LiveClosing, RoomTerms
from bidroom.rules.once import reference
from bidroom.rules.state import Bidder, RoomState
from tests.rules.model import Naive
from tests.rules.model_maximums import exchange
from tests.rules.telling import Happening, Look, Purse

START = 1_000_000
"""Room time at which the rooms of these tests open."""

_events = msgspec.json.Decoder(AnyEvent)


def item_terms(id: str = "lamp", **terms) -> ItemTerms:
    """An item with plain terms, but for those given."""
    given = {"starting_price": 100, "increment": 10, "units": 2, "closing": LiveClosing(window_ms=10), **terms}
    return ItemTerms(id=id, name=id.capitalize(), **given)


def room_terms(*items: ItemTerms, **terms) -> RoomTerms:
    return RoomTerms("hall", "The hall", "EUR", items, **terms)


def registration(bidder: str) -> Registration:
    return Registration(f"token of {bidder}", f"salt of {bidder}", f"{bidder} Berg")


def a_bid(bidder: str = "Ana", id: int = 1, item: str = "lamp", amount: int = 100, unit: int | None = None) -> Bid:
    return Bid(bidder, id, item, amount, unit, registration(bidder))


def a_max(bidder: str = "Ana", id: int = 1, item: str = "lamp", amount: int = 100, units: int = 1) -> MaxBid:
    return MaxBid(bidder, id, item, amount, units, registration(bidder))


def no_max(bidder: str = "Ana", id: int = 1, item: str = "lamp") -> CancelMax:
    return CancelMax(bidder, id, item, registration(bidder))


def buy(bidder: str = "Ana", id: int = 1, item: str = "lamp", unit: int = 1) -> BuyNow:
    return BuyNow(bidder, id, item, unit, registration(bidder))


def an_answer(bidder: str, id: int, item: str, unit: int, accept: bool) -> AnswerOffer:
    return AnswerOffer(bidder, id, item, unit, accept, registration(bidder))


def told(event: AnyEvent) -> Happening:
    """An event as the model tells it: all that it says, with the command's id for the command."""
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    if fields.get("command") is not None:
        fields["command"] = fields["command"].id
    if "rounds" in fields:
        fields["rounds"] = tuple(msgspec.structs.astuple(moved) for moved in fields["rounds"])
    if isinstance(event, PrivateEvent):
        assert event.salt, "no private event without its salt"
    return Happening(type(event).__struct_config__.tag, **fields)


def answered(answer: Answer | None) -> tuple | None:
    """An answer as the model gives it."""
    if answer is None:
        return None
    if isinstance(answer, Accepted):
        return "accepted", answer.id, answer.seq, answer.sub
    return "refused", answer.id, answer.reason.value, answer.minimum


def look(item: Item) -> Look:
    """How an item stands, as the model sees it."""
    return Look(
        item.phase.value,
        item.unit,
        item.units_left,
        None if item.phase is ItemPhase.OPEN else item.next_unit,
        item.highest_bid,
        item.highest_bidder,
        item.minimum,
        item.due_at,
        item.hard_end,
        item.stopped_at,
        tuple((bid.seq, bid.at, bid.bidder, bid.amount) for bid in item.bids),
        tuple(sorted((left.bidder, item.terms.id, left.amount, left.units_left, left.since) for left in item.maximums)),
    )


def purse(bidder: Bidder) -> Purse:
    """How a bidder stands, as the model sees it."""
    return Purse(
        bidder.budget,
        bidder.last_id,
        bidder.removed,
        bidder.won,
        bidder.paid,
        bidder.leading,
        bidder.leads,
        {item: units for item, units in bidder.units.items() if units},
        list(bidder.maximums),
    )


def agree(state: RoomState, model: Naive, command: Command, now: int) -> tuple[tuple[AnyEvent, ...], Naive]:
    """What both say of a command, after proof that they say the same: the events, and the model that knows of them.

    The real room is changed by it; and so that it could not be otherwise, `decide` alone is shown to change nothing.
    """
    before = msgspec.json.encode(state)
    decided = decide(state, command, now)
    assert msgspec.json.encode(state) == before, "decide changes nothing"
    decision = act(state, command, now)
    expected = model.ask(command, now)
    assert answered(decision.answer) == expected.answer
    assert tuple(told(event) for event in decision.events) == expected.story
    assert (decision.answer, decision.events[: len(decided.events)]) == (decided.answer, decided.events)
    for event in decision.events:
        answered_command = getattr(event, "command", None)
        if answered_command is not None:
            assert isinstance(command, BidderCommand)
            assert answered_command == reference(command)
    return decision.events, Naive(model.story + expected.story) if expected.story else model


def agree_on_state(state: RoomState, model: Naive) -> None:
    """Proof that both see the same room."""
    items = model.items()
    assert list(state.items) == list(items)
    assert {id: look(item) for id, item in state.items.items()} == {id: model.look(id) for id in items}
    assert {id: item.paused for id, item in state.items.items()} == {id: model.is_paused(id) for id in items}
    assert (state.seq, state.sub) == model.place()
    assert (state.paused, state.closing) == (model.is_paused(), model.is_closing())
    assert state.unfinished == len(model.unfinished())
    announced = [] if state.announcement is None else [told(state.announcement)]
    assert announced == model.all("announced")[-1:]
    assert [told(sale) for sale in state.sold] == model.all("unit_sold", "sale_cancelled")
    assert list(state.sales) == [sale.seq for sale in model.standing_sales()]
    offers = [((offer.item, offer.unit), (offer.bidder, offer.amount)) for offer in model.offers()]
    assert [((offer.item, offer.unit), (offer.bidder, offer.amount)) for offer in state.offers] == offers
    assert {name: purse(bidder) for name, bidder in state.bidders.items()} == {
        name: model.purse(name) for name in model.bidders()
    }
    tokens = {each.bidder: each.token_hash for each in model.all("bidder_registered", "token_replaced")}
    assert {name: bidder.token_hash for name, bidder in state.bidders.items()} == tokens
    for kind, done in (
        ("purchases_paid", [seq for seq, sale in state.sales.items() if sale.paid is not None]),
        ("purchases_handed_over", [seq for seq, sale in state.sales.items() if sale.handed_over is not None]),
    ):
        said = [seq for each in model.all(kind) for seq in each.sales]
        assert done == [seq for seq in state.sales if seq in said]


def nobody_waits(model: Naive, at: int) -> None:
    """Proof that no maximum has anything to say now: all was said in the batch of the command before."""
    for item in model.items():
        if [left for left in model.maximums() if left.item == item]:
            assert exchange(model, item, at) == ()


def played(*commands: tuple[Command, int], start: int = START) -> tuple[RoomState, list[AnyEvent]]:
    """A room after these commands, each at so many milliseconds after the start, and what happened."""
    state, events = RoomState(), []
    for command, ms in commands:
        events += act(state, command, start + ms).events
    return state, events


def opened(*items: ItemTerms, reserves=(), **terms) -> OpenRoom:
    """The command that opens a room with these items."""
    return OpenRoom(room_terms(*(items or (item_terms(),)), **terms), reserves)


def through_json(events: list[AnyEvent]) -> list[AnyEvent]:
    """The events as a journal gives them back."""
    return [_events.decode(msgspec.json.encode(event)) for event in events]


def replayed(events: list[AnyEvent]) -> RoomState:
    """The room that these events make."""
    state = RoomState()
    for event in events:
        evolve(state, event)
    return state
