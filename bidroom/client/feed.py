"""The events that a client hears, handed to whoever iterates over them."""

from asyncio import Queue
from collections.abc import Iterable

from bidroom.rules.events import PublicEvent


class EventFeed:
    """Every event from the moment the feed was made, in order; it ends when no more can come.

    It keeps what its reader has not taken yet, so read it or let go of it.
    """

    def __init__(self) -> None:
        self._queue = Queue[PublicEvent | Exception]()

    def __aiter__(self) -> "EventFeed":
        return self

    async def __anext__(self) -> PublicEvent:
        """The next event. Raises the client's error where that is what ended the feed."""
        event = await self._queue.get()
        if isinstance(event, Exception):
            self._queue.put_nowait(event)  # an iterator that has ended stays so
            raise event
        return event

    def put(self, events: Iterable[PublicEvent]) -> None:
        """Add events that were just heard."""
        for event in events:
            self._queue.put_nowait(event)

    def end(self, error: Exception | None = None) -> None:
        """No more events will come, or none because of an error."""
        self._queue.put_nowait(error or StopAsyncIteration())
