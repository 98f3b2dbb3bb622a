"""What a room keeps in memory of its journal's last events, gathered while all of them pass by.

A replay sees every event there ever was, and of most of them nothing is kept. So only what must be is noted of an event
that passes, and never the event itself: for each one that stays, the next is made in memory that the processor has not
seen for long, which costs more than all that is done with it here.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from bidroom.journal.chain import Entry, read_event
from bidroom.rules.events import AnyEvent, CommandRef
from bidroom.rules.once import KEPT_ANSWERS
from bidroom.server.ring import Ring
from bidroom.server.settings import RING_EVENTS
from bidroom.wire.messages import Accepted

Answered = tuple[CommandRef, int, bytes]
"""A command that was accepted, and the number and hash of its event."""


class Latest:
    """The last public entries, and for each bidder the last commands that were accepted."""

    def __init__(self) -> None:
        self._public: deque[Entry] = deque(maxlen=RING_EVENTS)
        self._answered: defaultdict[str, deque[Answered]] = defaultdict(lambda: deque(maxlen=KEPT_ANSWERS))

    def note(self, events: Sequence[AnyEvent], entries: Sequence[Entry]) -> None:
        """The journal's next page."""
        for event, entry in zip(events, entries, strict=True):
            if not entry.sub:
                self._public.append(entry)
            command: CommandRef | None = getattr(event, "command", None)
            if command is not None:
                bidder: str = event.bidder  # pyright: ignore[reportAttributeAccessIssue]
                self._answered[bidder].append((command, event.seq, entry.hash))

    @property
    def head(self) -> bytes | None:
        """The hash of the last public event; None where there is none."""
        return self._public[-1].hash if self._public else None

    def ring(self) -> Ring:
        """The last public events, as others may see them."""
        ring = Ring(self._public[0].seq - 1 if self._public else 0)
        for entry in self._public:
            ring.append(read_event(entry).public(), entry.hash)  # pyright: ignore[reportArgumentType]
        return ring

    def answers(self) -> Iterator[tuple[str, list[tuple[CommandRef, Accepted]]]]:
        """By bidder, the commands that were accepted, oldest first, each with its answer."""
        for bidder, answered in self._answered.items():
            yield bidder, [(command, Accepted(command.id, seq, hash.hex())) for command, seq, hash in answered]
