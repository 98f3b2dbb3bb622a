"""What a room keeps in memory of its journal: the last answers to each bidder, and the last public events.

A replay sees every event there ever was, and of most of them nothing is kept. For each thing that stays, the next is
made in memory that the processor has not seen for long, which costs more than all that is done with it here. So only
what may stand anywhere in the journal is noted as it passes, and packed tight; the last events of all are read once
more, when it is known where the journal ends.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from struct import Struct

from bidroom.journal.chain import Entry, read_event
from bidroom.journal.journal import Journal
from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    CommandRef,
    MaximumCancelled,
    MaximumSet,
    OfferDeclined,
    UnitSold,
)
from bidroom.rules.once import KEPT_ANSWERS
from bidroom.server.ring import Ring
from bidroom.server.settings import RING_EVENTS
from bidroom.wire.messages import Accepted

_ANSWERED = Struct(">QQ32s")
"""A command that was accepted: its id, and its event's number and hash. Its digest, which is text, comes behind."""

ANSWERING = frozenset({BidAccepted, MaximumSet, MaximumCancelled, UnitSold, OfferDeclined})
"""The events that may answer a command of a bidder's."""


class LastAnswers:
    """For each bidder the last commands that were accepted, gathered while the whole journal passes by."""

    def __init__(self) -> None:
        self._answered: defaultdict[str, deque[bytes]] = defaultdict(lambda: deque(maxlen=KEPT_ANSWERS))

    def note(self, events: Sequence[AnyEvent], entries: Sequence[Entry]) -> None:
        """The journal's next events, and their entries."""
        answered = self._answered
        for event, entry in zip(events, entries, strict=True):
            if type(event) in ANSWERING and (command := event.command) is not None:  # pyright: ignore[reportAttributeAccessIssue]
                packed = _ANSWERED.pack(command.id, event.seq, entry.hash) + command.digest.encode()
                answered[event.bidder].append(packed)  # pyright: ignore[reportAttributeAccessIssue]

    def __iter__(self) -> Iterator[tuple[str, list[tuple[CommandRef, Accepted]]]]:
        """By bidder, the commands that were accepted, oldest first, each with its answer."""
        for bidder, answered in self._answered.items():
            yield bidder, list(map(_unpack, answered))


def _unpack(answered: bytes) -> tuple[CommandRef, Accepted]:
    id, seq, hash = _ANSWERED.unpack_from(answered)
    return CommandRef(id, answered[_ANSWERED.size :].decode()), Accepted(id, seq, hash.hex())


async def read_ring(journal: Journal, room: str, last: int) -> Ring:
    """The last public events, as others may see them, of a room that was just replayed; `last` is its last number.

    Raises JournalUnavailable.
    """
    after = max(0, last - RING_EVENTS)
    ring = Ring(after)
    while entries := await journal.read_since(room, after):
        for entry in entries:
            ring.append(read_event(entry).public(), entry.hash)  # pyright: ignore[reportArgumentType]
        after = entries[-1].seq
    return ring
