"""Every sequence of up to 6 commands that a small room can be given, checked against the naive model.

The room sells one item of two units. At each step there are 20 commands: a bid by one of 2 bidders, at one of 3 prices,
for unit 1, for unit 2 or for whichever is open (18 commands, each arriving a millisecond after the step before); the
clock being at the item's deadline; and the end of an outage. That makes 20 + 20^2 + ... + 20^6 = 67,368,420 sequences.

Few of them differ: what a command leads to depends on the time and on what happened so far, and on nothing else (a
refused bid leaves no trace but the time it took). So the walk goes level by level over the distinct situations (time,
state and story), asks all 20 commands in each, and counts in how many ways it is reached. The ways add up to every
sequence, each of which has been checked to its last command.
"""

from collections import Counter
from typing import NamedTuple

import msgspec
import pytest

from bidroom.rules.commands import Command, EndOutage, MeetDeadline, OpenRoom
from bidroom.rules.evolve import evolve
from bidroom.rules.item import LiveClosing, RoomTerms, TimedClosing
from bidroom.rules.state import RoomState
from tests.rules.model import Happening, Naive
from tests.rules.versus import START, a_bid, agree, agree_on_state, item_terms, room_terms

DEPTH = 6
PRICES = (100, 110, 120)  # the starting price, and what the next two bids must be at least
CLOSINGS = {
    "live": LiveClosing(window_ms=3),
    "live with opening": LiveClosing(window_ms=2, opening_ms=4),
    "timed by duration": TimedClosing(window_ms=3, duration_ms=4, hard_end=START + 6),
    "timed by closes_at": TimedClosing(window_ms=2, duration_ms=3, closes_at=START + 5),
}

_states = msgspec.json.Decoder(RoomState)


class Situation(NamedTuple):
    """`state` is the room as JSON, so that situations can be told apart, and copied by decoding."""

    now: int
    state: bytes
    story: tuple[Happening, ...]


def commands(step: int, situation: Situation, due: int | None) -> list[tuple[Command, int]]:
    """Everything that can be asked in a situation, and the time at which it comes."""
    now = situation.now + 1
    bids = [
        (a_bid(bidder, step, amount=price, unit=unit), now)
        for bidder in ("Ana", "Ben")
        for price in PRICES
        for unit in (None, 1, 2)
    ]
    return [*bids, (MeetDeadline("lamp"), max(now, due or 0)), (EndOutage(), now)]


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS.keys())
def test_every_sequence_of_six_commands(closing: LiveClosing | TimedClosing):
    terms = room_terms(item_terms(closing=closing, units=2, pause_ms=1))
    opened = Naive(terms).ask(OpenRoom(terms), START).story
    state = RoomState()
    for event in agree(state, Naive(terms), OpenRoom(terms), START):
        evolve(state, event)
    ways = Counter({Situation(START, msgspec.json.encode(state), opened): 1})
    sequences = 0
    for step in range(1, DEPTH + 1):
        following: Counter[Situation] = Counter()
        for situation, count in ways.items():
            for next_situation in explore(terms, step, situation):
                following[next_situation] += count
        sequences += following.total()
        ways = following
    assert sequences == sum(20**length for length in range(1, DEPTH + 1)) == 67_368_420
    assert any(situation.story[-1].kind == "over" for situation in ways), "some go on until all is sold"


def explore(terms: RoomTerms, step: int, situation: Situation) -> list[Situation]:
    """The situations that each of the 20 commands leads to, in their order; real rules and model agreeing on all."""
    model = Naive(terms, situation.story)
    state = _states.decode(situation.state)
    reached = []
    for command, now in commands(step, situation, model.due("lamp")):
        events = agree(state, model, command, now)
        if not events:
            reached.append(Situation(now, situation.state, situation.story))
            continue
        changed = _states.decode(situation.state)
        for event in events:
            evolve(changed, event)
        after = Naive(terms, situation.story + model.ask(command, now).story)
        agree_on_state(changed, after)
        reached.append(Situation(now, msgspec.json.encode(changed), after.story))
    assert msgspec.json.encode(state) == situation.state, "decide changes nothing"
    return reached
