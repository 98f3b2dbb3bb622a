"""From the journal back to the room: every entry unsealed, its place in the chain checked, and its event evolved.

The same events give the same state to the byte, so this is how a room comes back after a restart, how it recovers from
a failed write, and how a file is verified.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from bidroom.journal.chain import DamagedJournal, Entry, genesis, name, unseal
from bidroom.journal.journal import Fence, Journal
from bidroom.rules.events import AnyEvent
from bidroom.rules.evolve import evolve
from bidroom.rules.state import RoomState

Watcher = Callable[[Sequence[AnyEvent], Sequence[Entry]], None]
"""Is shown some events in order, right after the state took them in, and their entries."""

AT_ONCE = 250
"""How many events are unsealed before they are taken in: so many fit, with all that is done with them, into the cache
that a processor's core has for itself. A page is four times that, since each costs a way to the journal and back."""


class Replayed(Struct, frozen=True):
    """A room as its journal has it: its state, the fence for the next append, and the hash that it builds on."""

    state: RoomState
    fence: Fence
    head: bytes


class Replay:
    """A replay under way: `state` and `head` are those after the entries taken in so far."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.state = RoomState()
        self.head = genesis(room)

    def take(self, entries: Sequence[Entry], watcher: Watcher | None = None) -> None:
        """Take in the next entries. Raises DamagedJournal, naming room and event; the replay is then over."""
        for start in range(0, len(entries), AT_ONCE):
            self._take(entries[start : start + AT_ONCE], watcher)

    def _take(self, entries: Sequence[Entry], watcher: Watcher | None) -> None:
        try:
            events = unseal(entries, self.head)
        except DamagedJournal as error:
            raise DamagedJournal(f"room {self.room!r}, {error}") from None
        taken = 0
        try:
            for event in events:
                evolve(self.state, event)
                taken += 1
        except Exception as error:  # whatever it trips over, no room ever wrote this event here
            where, why = f"room {self.room!r}, {name(entries[taken])}", f"{type(error).__name__}: {error}"
            raise DamagedJournal(f"{where}: can't have happened there: {why}") from error
        self.head = entries[-1].hash
        if watcher is not None:
            watcher(events, entries)


async def replay(journal: Journal, room: str, watcher: Watcher | None = None) -> Replayed:
    """Read a room's whole journal, page by page. Of a room that has no entries it gives the state before the first one.

    Raises DamagedJournal, naming room and event, and JournalUnavailable.
    """
    under_way = Replay(room)
    fence = journal.start
    while (page := await journal.read(room, fence)).entries:
        under_way.take(page.entries, watcher)
        fence = page.fence
    return Replayed(under_way.state, fence, under_way.head)
