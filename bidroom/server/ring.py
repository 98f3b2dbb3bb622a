"""A room's recent public events in memory, so that those who come back are served without the journal."""

from collections import deque
from collections.abc import Iterator

from bidroom.rules.events import PublicEvent
from bidroom.server.settings import RING_EVENTS


class Ring:
    """The last `RING_EVENTS` public events with their hashes, without a gap; `before` is the number before them."""

    def __init__(self, before: int = 0) -> None:
        self.before = before
        self._events: deque[tuple[PublicEvent, bytes]] = deque()

    def __len__(self) -> int:
        return len(self._events)

    def append(self, event: PublicEvent, hash: bytes) -> None:
        """The room's next public event."""
        self._events.append((event, hash))
        if len(self._events) > RING_EVENTS:
            self._events.popleft()
            self.before += 1

    def since(self, after: int) -> list[PublicEvent] | None:
        """The events behind number `after`; None where some of them are no longer here."""
        if after < self.before:
            return None
        return [event for event, _ in self._tail(after)]

    def later_than(self, at: int) -> Iterator[PublicEvent]:
        """The events here whose room time is later than `at`, the last one first."""
        for event, _ in reversed(self._events):
            if event.at <= at:
                return
            yield event

    def hash_of(self, seq: int) -> bytes | None:
        """The hash of an event; None where it is not here."""
        if not self.before < seq <= self.before + len(self._events):
            return None
        return self._events[seq - self.before - 1][1]

    def _tail(self, after: int) -> list[tuple[PublicEvent, bytes]]:
        count = self.before + len(self._events) - after
        tail = [self._events[-index] for index in range(1, count + 1)] if count < len(self._events) // 2 else None
        return tail[::-1] if tail is not None else list(self._events)[after - self.before :]
