"""What a room keeps in memory of its journal's last events, gathered while all of them pass by.

A replay sees every event there ever was, and of most of them nothing is kept. So whole pages are noted and let go
again, and only what is still there at the end becomes what the room holds.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence

from bidroom.journal.chain import Entry
from bidroom.journal.journal import MAX_PAGE
from bidroom.rules.events import AnyEvent, CommandRef
from bidroom.rules.once import KEPT_ANSWERS
from bidroom.server.ring import Ring
from bidroom.server.settings import RING_EVENTS
from bidroom.wire.messages import Accepted

Passed = tuple[AnyEvent, Entry]

PAGES = -(-RING_EVENTS // MAX_PAGE) + 1
"""As many pages as a ring of public events is long; the last one may be short."""


class Latest:
    """The last pages, the last public event, and for each bidder the last events that answered a command of theirs."""

    def __init__(self) -> None:
        self._pages: deque[tuple[Sequence[AnyEvent], Sequence[Entry]]] = deque(maxlen=PAGES)
        self._public: Passed | None = None
        self._answered: defaultdict[str, deque[Passed]] = defaultdict(lambda: deque(maxlen=KEPT_ANSWERS))

    def note(self, events: Sequence[AnyEvent], entries: Sequence[Entry]) -> None:
        """The journal's next page."""
        self._pages.append((events, entries))
        self._public = next(_public(reversed(events), reversed(entries)), self._public)
        for passed in zip(events, entries, strict=True):
            event = passed[0]
            if getattr(event, "command", None) is not None:
                self._answered[event.bidder].append(passed)  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def head(self) -> bytes | None:
        """The hash of the last public event; None where there is none."""
        return None if self._public is None else self._public[1].hash

    def ring(self) -> Ring:
        """The public events of the last pages, as others may see them."""
        kept = [passed for page in self._pages for passed in _public(*page)]
        ring = Ring(kept[0][0].seq - 1 if kept else 0 if self._public is None else self._public[0].seq)
        for event, entry in kept:
            ring.append(event.public(), entry.hash)  # pyright: ignore[reportArgumentType]
        return ring

    def answers(self) -> Iterator[tuple[str, list[tuple[CommandRef, Accepted]]]]:
        """By bidder, the commands that were accepted, oldest first, each with its answer."""
        for bidder, passed in self._answered.items():
            yield bidder, [_answer(event, entry) for event, entry in passed]


def _public(events: Iterable[AnyEvent], entries: Iterable[Entry]) -> Iterator[Passed]:
    return (passed for passed in zip(events, entries, strict=True) if not passed[0].is_private)


def _answer(event: AnyEvent, entry: Entry) -> tuple[CommandRef, Accepted]:
    command: CommandRef = event.command  # pyright: ignore[reportAttributeAccessIssue, reportAssignmentType]
    return command, Accepted(command.id, event.seq, entry.hash.hex())
