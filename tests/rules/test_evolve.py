"""What happened happens in order, or not at all."""

import msgspec
import pytest

from bidroom.rules.commands import EndOutage, MeetDeadline, OpenRoom
from bidroom.rules.decide import decide
from bidroom.rules.events import AnyEvent, BidderRegistered, RoomFinished, RoomOpened, RoundOpened, UnitSold
from bidroom.rules.evolve import evolve
from bidroom.rules.item import LiveClosing, TimedClosing
from bidroom.rules.state import RoomState
from bidroom.rules.transitions import UnlawfulEvent
from tests.rules import versus
from tests.rules.auditor import audit
from tests.rules.versus import START, a_bid, item_terms, replayed, room_terms, through_json

TERMS = room_terms(
    item_terms("lamp", closing=LiveClosing(window_ms=10), units=2, pause_ms=5),
    item_terms("desk", closing=TimedClosing(window_ms=10, duration_ms=100, hard_end=START + 120), units=1),
)
PLAY = [
    (OpenRoom(TERMS), 0),
    (a_bid("Ana", 1, "lamp", 100, 1), 1),
    (a_bid("Ben", 1, "lamp", 110, 1), 3),
    (MeetDeadline("lamp"), 13),
    (MeetDeadline("lamp"), 18),
    (a_bid("Ana", 2, "desk", 100, 1), 95),
    (EndOutage(), 200),
    (MeetDeadline("desk"), 210),
    (a_bid("Ben", 2, "lamp", 100, 2), 211),
    (MeetDeadline("lamp"), 221),
]


def played() -> tuple[RoomState, list[AnyEvent]]:
    return versus.played(*PLAY)


def test_a_whole_auction_and_its_replay():
    state, events = played()
    audit(events).agree(state)
    assert state.finished
    assert [(sale.item, sale.unit, sale.bidder, sale.amount, sale.at - START) for sale in state.sales.values()] == [
        ("lamp", 1, "Ben", 110, 13),
        ("desk", 1, "Ana", 100, 210),
        ("lamp", 2, "Ben", 100, 221),
    ]
    assert (state.bidders["Ana"].last_id, state.bidders["Ben"].last_id) == (2, 2)
    assert msgspec.json.encode(replayed(through_json(events))) == msgspec.json.encode(state)


def private(seq: int, sub: int, at: int = START) -> BidderRegistered:
    return BidderRegistered(seq=seq, sub=sub, at=at, salt="", bidder="Ana", token_hash="")


def public(seq: int, sub: int, at: int = START) -> RoomFinished:
    return RoomFinished(seq=seq, sub=sub, at=at)


@pytest.mark.parametrize("event", [private(8, 2), public(9, 0)])
def test_the_events_that_may_follow_on_8_1(event: AnyEvent):
    state = RoomState(seq=8, sub=1, at=START)
    evolve(state, event)
    assert (state.seq, state.sub) == (event.seq, event.sub)


@pytest.mark.parametrize(
    "event",
    [private(seq, sub) for seq, sub in ((8, 0), (8, 1), (8, 3), (9, 0), (9, 1), (7, 2))]
    + [public(seq, sub) for seq, sub in ((8, 0), (8, 1), (8, 2), (9, 1), (10, 0), (7, 0))],
    ids=lambda event: f"{type(event).__name__} {event.seq}.{event.sub}",
)
def test_no_others_may(event: AnyEvent):
    with pytest.raises(UnlawfulEvent, match=rf"event {event.seq}.{event.sub} can't follow 8.1"):
        evolve(RoomState(seq=8, sub=1, at=START), event)


def test_nor_may_an_event_of_an_earlier_time():
    with pytest.raises(UnlawfulEvent, match=r"event 9.0 is earlier than the one before"):
        evolve(RoomState(seq=8, sub=1, at=START), public(9, 0, START - 1))


def test_what_the_room_does_not_have_is_unlawful():
    state = replayed(list(decide(RoomState(), OpenRoom(TERMS), START).events))
    sold = UnitSold(seq=state.seq + 1, at=START, item="vase", unit=1, bidder="Ana", amount=1, opens_at=None)
    with pytest.raises(UnlawfulEvent, match=r"event 4.0 names 'vase', which the room doesn't have"):
        evolve(state, sold)


def test_a_room_opens_once():
    state = replayed(list(decide(RoomState(), OpenRoom(TERMS), START).events))
    with pytest.raises(UnlawfulEvent, match=r"can't open again \(event 4\)"):
        evolve(state, RoomOpened(seq=4, at=START, terms=TERMS))


def test_a_missing_event_is_found_by_what_follows_and_a_doubled_one_at_once():
    _, events = played()
    for place in range(len(events) - 1):
        with pytest.raises(UnlawfulEvent):
            replayed([*events[:place], *events[place + 1 :]])
        with pytest.raises(UnlawfulEvent):
            replayed([*events[: place + 1], events[place]])


def test_a_room_with_an_open_item_can_t_finish():
    state = replayed(list(decide(RoomState(), OpenRoom(TERMS), START).events))
    with pytest.raises(UnlawfulEvent, match="2 items are not finished"):
        evolve(state, RoomFinished(seq=state.seq + 1, at=START))


def test_a_new_round_starts_afresh():
    state, events = RoomState(), played()[1]
    for event in events:
        evolve(state, event)
        item = state.items["lamp"]
        if isinstance(event, RoundOpened) and event.item == "lamp":
            assert (item.highest_bid, item.highest_bidder, item.minimum) == (None, None, 100)


def test_between_rounds_the_minimum_is_that_of_the_next_round():
    state = RoomState()
    for command, ms in PLAY[:4]:
        for event in decide(state, command, START + ms).events:
            evolve(state, event)
    assert state.items["lamp"].phase.value == "between"
    assert (state.items["lamp"].highest_bid, state.items["lamp"].minimum) == (110, 100)
