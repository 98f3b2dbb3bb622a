"""Plays a sale through the rules, and times that: `python -m benchmarks.rules.play COMMANDS [--profile]`.

The commands are made beforehand, by playing the same sale once. Prints one JSON object.
"""

import cProfile
import gc
import pstats
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct

from bidroom.rules.act import act
from bidroom.rules.answers import Accepted
from bidroom.rules.commands import Bid, BidderCommand, MaxBid, OpenRoom, Registration
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.rules.state import RoomState

NOW_MS = 1_790_000_000_000
ITEMS, BIDDERS = 10, 200
DAY = LiveClosing(window_ms=86_400_000)

TOO_LOW, MAXIMUM = 0.4, 0.02
"""How many commands bid less than the least amount, as whoever is a moment late does, and how many leave a maximum."""


class Played(Struct, frozen=True):
    """A sale that was played: `seconds` of processor time for all its commands; functions by their own time (share)."""

    commands: int
    accepted: int
    maximums: int
    events: int
    seconds: float
    functions: list[tuple[str, float]] = []


def open_sale() -> RoomState:
    """A room with open rounds that nothing closes."""
    items = tuple(ItemTerms(f"lamp-{number}", "Lamp", 100, 10, 1, DAY) for number in range(ITEMS))
    state = RoomState()
    act(state, OpenRoom(RoomTerms("bench", "Bench", "EUR", items)), NOW_MS)
    return state


def make(count: int) -> list[BidderCommand]:
    """What the bidders ask for: bids at the least amount, late ones, and maximums that answer others for a while."""
    random, state = Random(11), open_sale()
    registered = [Registration("0" * 64, "a1" * 16, f"bidder-{number}") for number in range(BIDDERS)]
    commands: list[BidderCommand] = []
    for id in range(1, count + 1):
        number, item = random.randrange(BIDDERS), state.items[f"lamp-{random.randrange(ITEMS)}"]
        who, registration, draw = f"bidder-{number}", registered[number], random.random()
        if draw < MAXIMUM:
            amount = item.minimum + 10 * random.randrange(20)
            command = MaxBid(who, id, item.terms.id, amount, 1, registration)
        else:
            amount = item.minimum - (10 if draw < MAXIMUM + TOO_LOW else 0)
            command = Bid(who, id, item.terms.id, amount, 1, registration)
        act(state, command, NOW_MS + id)
        commands.append(command)
    return commands


def play(commands: list[BidderCommand]) -> Played:
    """Decide all of them and let what follows have happened, as a room does it."""
    state = open_sale()
    accepted = events = 0
    gc.collect()
    gc.freeze()  # as the server does once it is up
    begin = time.process_time()
    for now, command in enumerate(commands, NOW_MS + 1):
        decision = act(state, command, now)
        if decision.events:
            events += len(decision.events)
            accepted += type(decision.answer) is Accepted
    seconds = time.process_time() - begin
    return Played(len(commands), accepted, sum(type(each) is MaxBid for each in commands), events, seconds)


def profiled(commands: list[BidderCommand]) -> Played:
    """The same with a profiler, which makes small functions look slower than they are."""
    profiler = cProfile.Profile()
    profiler.enable()
    played = play(commands)
    profiler.disable()
    return msgspec.structs.replace(played, functions=list(_shares(profiler)))


def _shares(profiler: cProfile.Profile) -> Iterator[tuple[str, float]]:
    own = Counter[str]()
    for (file, _line, name), (_, _, time_s, *_rest) in pstats.Stats(profiler).stats.items():  # pyright: ignore[reportAttributeAccessIssue]
        place = Path(file)
        known = place.suffix == ".py" and "bidroom" in place.parts
        own[f"{name} ({place.parent.name}/{place.name})" if known else "Python and msgspec themselves"] += time_s
    total = sum(own.values())
    yield from ((name, time_s / total) for name, time_s in own.most_common(12))


if __name__ == "__main__":
    asked = make(int(sys.argv[1]))
    print(msgspec.json.encode(profiled(asked) if "--profile" in sys.argv else play(asked)).decode())
