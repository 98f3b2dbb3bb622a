"""All that a small room can be asked, against the naive model: every sequence of three, every situation of six.

The rooms are small enough that every order of a few hand bids, maximums and orders of the auctioneer comes up. First
every sequence of up to three commands is played. Then the walk goes on, level by level, to six commands, over the
distinct situations: what a command leads to depends on how things stand, and not on the numbers that events have, on
the hour or on who is called what, so rooms that differ in these alone are one situation. In each, every command is
asked once.
"""

from typing import NamedTuple

import msgspec
import pytest

from bidroom.rules.commands import EndOutage, MeetDeadline, OpenRoom, Reserve
from bidroom.rules.control import Pause, Resume, VoidBid
from bidroom.rules.decide import Command
from bidroom.rules.item import LiveClosing, TimedClosing
from bidroom.rules.state import RoomState
from tests.rules.model import Naive
from tests.rules.versus import START, a_bid, a_max, agree, agree_on_state, buy, item_terms, no_max, opened

SEQUENCES = 3
DEPTH = 6
LIVE = LiveClosing(window_ms=3)
ROOMS: dict[str, OpenRoom] = {
    "live": opened(item_terms(closing=LIVE, units=2, pause_ms=1)),
    "timed": opened(item_terms(closing=TimedClosing(window_ms=3, duration_ms=5, hard_end=START + 7), pause_ms=1)),
    "reserve and fixed price": opened(
        item_terms(closing=LIVE, units=1, reserve=True, buy_now=150), reserves=(Reserve("lamp", 120, "salt"),)
    ),
    "one unit each": opened(item_terms(closing=LIVE, units=1), item_terms("desk", closing=LIVE, units=1), units_each=1),
}

_states = msgspec.json.Decoder(RoomState)


class Situation(NamedTuple):
    """A room, the model that knows its story, and the hour."""

    state: RoomState
    model: Naive
    now: int


def commands(situation: Situation, step: int) -> list[Command]:
    """Everything that is asked in a situation; where there are two items, what matters between them."""
    state = situation.state
    found: list[Command] = []
    for bidder in ("Ana", "Ben"):
        for id, item in state.items.items():
            amounts = (100, 110) if len(state.items) == 1 else (100,)
            found += [a_bid(bidder, step, id, amount) for amount in amounts]
            found += [a_max(bidder, step, id, amount, units) for amount, units in ((110, 1), (125, 2))]
            if item.terms.buy_now is not None:
                found.append(buy(bidder, step, id, item.unit))
        if len(state.items) == 1:
            found.append(no_max(bidder, step, "lamp"))
    for id, item in state.items.items():
        found.append(MeetDeadline(id))
        found.append(VoidBid(by="Zoe", item=id, bid=item.bids[-1].seq if item.bids else 0, why="a slip"))
    return [*found, Pause(by="Zoe"), Resume(by="Zoe"), EndOutage()] if len(state.items) == 1 else found


def follow(situation: Situation, command: Command) -> Situation:
    """The situation after a command, real rules and model agreeing on all of it. A deadline is met when it comes."""
    now = situation.now + 1
    if isinstance(command, MeetDeadline):
        now = max(now, situation.state.items[command.item].alarm or 0)
    state = copied(situation.state)
    events, model = agree(state, situation.model, command, now)
    if events:
        agree_on_state(state, model)
    return Situation(state, model, now)


def copied(state: RoomState) -> RoomState:
    """The same room again. A maximum is at once its bidder's and its item's."""
    copy = _states.decode(msgspec.json.encode(state))
    for id, item in copy.items.items():
        item.maximums = [copy.bidders[left.bidder].maximums[id] for left in item.maximums]
    return copy


def begin(room: OpenRoom) -> Situation:
    state = RoomState()
    _, model = agree(state, Naive(), room, START)
    return Situation(state, model, START)


def likeness(situation: Situation) -> bytes:
    """The same for rooms that differ in nothing but numbers, the hour, and which of the two is called Ana."""
    return min(_likeness(situation, {}), _likeness(situation, {"Ana": "Ben", "Ben": "Ana"}))


def _likeness(situation: Situation, names: dict[str, str]) -> bytes:
    state, now = situation.state, situation.now
    places = sorted({maximum.since for item in state.items.values() for maximum in item.maximums})

    def called(name: str | None) -> str | None:
        return names.get(name, name) if name else None

    items = [
        (
            item.phase.value,
            item.unit,
            item.units_left,
            item.returned,
            [moment and moment - now for moment in (item.due_at, item.hard_end, item.stopped_at)],
            item.closed and (item.closed[0], now - item.closed[1]),
            {called(name) for name in item.late},
            [(called(bid.bidder), bid.amount, bid.by_hand, _rank(places, (bid.seq, 0))) for bid in item.bids],
            [(called(left.bidder), left.amount, left.units_left, places.index(left.since)) for left in item.maximums],
            (item.highest_bid, called(item.highest_bidder)),
        )
        for item in state.items.values()
    ]
    bidders = sorted((called(name) or "", one.won, one.leading, list(one.units)) for name, one in state.bidders.items())
    return msgspec.json.encode((items, bidders, state.paused, state.finished), order="deterministic")


def _rank(places: list[tuple[int, int]], place: tuple[int, int]) -> int:
    """How many maximums are older than something."""
    return len([other for other in places if other < place])


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS.keys())
def test_every_sequence_of_three_commands(room: OpenRoom):
    level = [begin(room)]
    for step in range(1, SEQUENCES + 1):
        level = [follow(situation, command) for situation in level for command in commands(situation, step)]
    assert len(level) == len(commands(begin(room), 1)) ** SEQUENCES


@pytest.mark.timeout(900)  # the room with two items has many situations
@pytest.mark.parametrize("name", ROOMS)
def test_every_situation_that_six_commands_lead_to(name: str):
    level = {b"": begin(ROOMS[name])}
    seen: set[bytes] = set()
    for step in range(1, DEPTH + 1):
        following: dict[bytes, Situation] = {}
        for situation in level.values():
            for command in commands(situation, step):
                reached = follow(situation, command)
                following.setdefault(likeness(reached), reached)
        level = {like: reached for like, reached in following.items() if like not in seen}
        seen |= set(level)
    assert level, "something is still new after the last command"
