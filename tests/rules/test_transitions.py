"""The table of transitions is the law: what is not in it can't happen, and all that is in it can."""

from itertools import product

import pytest

from bidroom.rules.events import (
    BidAccepted,
    BidVoided,
    Event,
    ItemEvent,
    ItemFinished,
    ItemReopened,
    RoundOpened,
    UnitSold,
)
from bidroom.rules.evolve import evolve
from bidroom.rules.item import ItemPhase, StandingBid, new_item
from bidroom.rules.state import Bidder, RoomState
from bidroom.rules.transitions import TRANSITIONS, UnlawfulEvent
from tests.rules.versus import item_terms, room_terms

EVENTS = (
    RoundOpened(seq=8, at=50, item="lamp", unit=1, minimum=100, ends_at=None),
    BidAccepted(seq=8, at=50, item="lamp", unit=1, bidder="Ana", amount=100, minimum=110, ends_at=60),
    UnitSold(seq=8, at=50, item="lamp", unit=1, bidder="Ana", amount=100, opens_at=60),
    ItemFinished(seq=8, at=50, item="lamp", unsold=2),
    ItemReopened(seq=8, at=50, item="lamp", units_left=2, opens_at=None, by="Zoe"),
    BidVoided(
        seq=8,
        at=50,
        item="lamp",
        unit=1,
        bid=7,
        bidder="Ana",
        standing=None,
        leader=None,
        amount=None,
        minimum=100,
        ends_at=None,
        hard_end=None,
        by="Zoe",
        why="a slip",
    ),
)
PAIRS = list(product(ItemPhase, EVENTS))


def room_in(phase: ItemPhase) -> RoomState:
    terms = item_terms()
    item = new_item(terms)
    item.phase = phase
    item.bids = [StandingBid(7, 40, "Ana", 100, by_hand=True)]
    item.highest_bid, item.highest_bidder = 100, "Ana"
    bidders = {"Ana": Bidder("hash", "salt", leading=100, leads=1)}
    return RoomState(room_terms(terms), 7, 0, 40, {"lamp": item}, unfinished=1, bidders=bidders)


def name(pair: object) -> str:
    return pair.value if isinstance(pair, ItemPhase) else type(pair).__name__


@pytest.mark.parametrize(("phase", "event"), PAIRS, ids=name)
def test_every_pair_of_phase_and_event(phase: ItemPhase, event: ItemEvent):
    state = room_in(phase)
    following = TRANSITIONS.get((phase, type(event)))
    if following is None:
        with pytest.raises(
            UnlawfulEvent, match=rf"{type(event).__name__} \(event 8\) for lamp, which is {phase.value}"
        ):
            evolve(state, event)
    else:
        evolve(state, event)
        assert state.items["lamp"].phase is following


def test_the_table_speaks_of_nothing_else():
    events: set[type[Event]] = {type(event) for event in EVENTS}
    assert {event for _, event in TRANSITIONS} == events
    assert len(TRANSITIONS) == 7


def test_a_finished_item_stays_finished_unless_it_is_offered_again():
    assert [event for phase, event in TRANSITIONS if phase is ItemPhase.FINISHED] == [ItemReopened]
