"""A lawful history for journals under test: what the real rules make of a few bidders who outbid each other."""

from collections.abc import Iterator

from bidroom.journal.chain import Entry, genesis, seal
from bidroom.rules.act import act
from bidroom.rules.commands import Bid, MeetDeadline, OpenRoom, Registration
from bidroom.rules.decide import Command
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.rules.state import RoomState

BIDDERS = ("Ana", "Bjørn", "陳")
WINDOW_MS = 10_000
_REGISTRATION = Registration(token_hash="5e" * 32, salt="a1" * 16)


def terms(room: str) -> RoomTerms:
    """Two items of two units each."""
    closing = LiveClosing(window_ms=WINDOW_MS)
    return RoomTerms(
        room,
        "Surplus",
        "EUR",
        (
            ItemTerms("lamp", 'Lamp "Ø"', 12_000, 500, 2, closing, pause_ms=1000),
            ItemTerms("desk", "Desk", 5_000, 100, 2, closing, pause_ms=1000),
        ),
    )


class Story:
    """A room that goes on from `state` and `head` (the hash of its last event)."""

    def __init__(self, room: str, state: RoomState | None = None, head: bytes | None = None) -> None:
        self.room = room
        self.state = RoomState(at=1_790_000_000_000) if state is None else state
        self.head = genesis(room) if head is None else head

    def go(self, command: Command, after_ms: int = 7) -> list[Entry]:
        """The entries that a command leads to, `after_ms` after the event before."""
        entries: list[Entry] = []
        for event in act(self.state, command, self.state.at + after_ms).events:
            entries.append(seal(event, self.head))
            self.head = entries[-1].hash
        return entries

    def open(self) -> list[Entry]:
        return self.go(OpenRoom(terms(self.room)))

    def bid(self, item: str = "lamp") -> list[Entry]:
        """The next bidder bids the minimum. A bidder's first bid is two entries: the first one is private."""
        number = self.state.seq + 1
        bidder = BIDDERS[number % len(BIDDERS)]
        if bidder == self.state.items[item].highest_bidder:
            bidder = BIDDERS[(number + 1) % len(BIDDERS)]
        return self.go(Bid(bidder, number, item, self.state.items[item].minimum, None, _REGISTRATION))

    def bids(self, count: int) -> list[Entry]:
        return [entry for _ in range(count) for entry in self.bid()]

    def hammer(self, item: str = "lamp") -> list[Entry]:
        """The item's clock acts: its unit is sold, or its next one opens."""
        return self.go(MeetDeadline(item), WINDOW_MS)


def whole_story(room: str) -> Iterator[list[Entry]]:
    """A room in batches: both lamps sold, after four bids and one, and the desk still waiting."""
    story = Story(room)
    yield story.open()
    yield story.bids(2)
    yield story.bids(2)
    yield story.hammer()
    yield story.hammer()
    yield story.bid()
    yield story.hammer()


def entries_of(room: str) -> list[Entry]:
    """The whole story as one list."""
    return [entry for batch in whole_story(room) for entry in batch]
