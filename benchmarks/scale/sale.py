"""A sale that goes on for as long as anyone likes, and is the same one every time: commands, and what becomes of them.

One item after another is bid on. Of the commands a third is too late (below a minimum that somebody else has raised),
one in forty leaves a maximum, and the rest bid the minimum or a little more; whoever leads already is refused as well.
When the bidders turn to the next item, the round that they leave is sold. Bids for a maximum come from the rules.
"""

import random
from collections.abc import Iterator

from bidroom.rules.act import act
from bidroom.rules.commands import Bid, MaxBid, MeetDeadline, OpenRoom, Registration
from bidroom.rules.deadlines import Deadlines
from bidroom.rules.decide import Command
from bidroom.rules.events import AnyEvent
from bidroom.rules.item import Item, ItemTerms, LiveClosing, RoomTerms
from bidroom.rules.state import RoomState

BEGINS_AT = 1_800_000_000_000
APART_MS = 10
"""How far apart in room time two commands are."""

WINDOW_MS = 3000
ITEMS = 100
BIDDERS = 200
BIDS_A_ROUND = 500
"""Commands for one item before the bidders turn to the next: longer than its window, so that it can't be missed."""

LATE_SHARE, MAXIMUM_SHARE = 1 / 3, 1 / 40

TERMS = RoomTerms(
    id="sale",
    name="Sale",
    currency="EUR",
    items=tuple(
        ItemTerms(
            id=f"item-{number}",
            name=f"Item {number}",
            starting_price=100,
            increment=10,
            units=1_000_000,
            closing=LiveClosing(window_ms=WINDOW_MS),
            pause_ms=1000,
        )
        for number in range(ITEMS)
    ),
)

Step = tuple[Command, int]
"""A command and when it arrives (room time, ms)."""


class Sale:
    """A sale under way: `state` is that after everything so far."""

    def __init__(self) -> None:
        self.state = RoomState()
        self._deadlines = Deadlines(self.state)
        self._random = random.Random(11)
        self._bidders = [
            (f"Bidder {number}", Registration(f"{number:064x}", f"{number:032x}")) for number in range(BIDDERS)
        ]
        self._ids = [0] * BIDDERS

    def go_on(self) -> Iterator[tuple[Step, tuple[AnyEvent, ...]]]:
        """Without an end: each command, and the events that it has led to."""
        yield self._take(OpenRoom(TERMS), BEGINS_AT)
        at = BEGINS_AT
        while True:
            for item in self.state.items.values():
                for _ in range(BIDS_A_ROUND):
                    at += APART_MS
                    while (due := self._deadlines.next()) is not None and due[0] <= at:
                        yield self._take(MeetDeadline(due[1].terms.id), due[0])
                    yield self._take(self._command(item), at)

    def _take(self, command: Command, at: int) -> tuple[Step, tuple[AnyEvent, ...]]:
        events = act(self.state, command, at).events
        for event in events:
            self._deadlines.note(event)
        return (command, at), events

    def _command(self, item: Item) -> Command:
        chance, number = self._random.random(), self._random.randrange(BIDDERS)
        name, registration = self._bidders[number]
        self._ids[number] += 1
        id, minimum = self._ids[number], item.minimum
        if chance < MAXIMUM_SHARE:
            return MaxBid(name, id, item.terms.id, minimum + self._random.randrange(100, 500), 1, registration)
        if chance < MAXIMUM_SHARE + LATE_SHARE:
            amount = max(minimum - self._random.randrange(1, 30), 1)
        else:
            amount = minimum + self._random.randrange(4) * 10
        return Bid(name, id, item.terms.id, amount, None, registration)
