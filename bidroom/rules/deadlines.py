"""Which item's clock acts next. An index beside the state, so that no bid pays for the number of items.

A heap holds one entry for every item with an `alarm`, never later than it. A bid moves the alarm later and leaves the
entry where it is; only when an entry comes to the top is it looked at again. So a bid costs nothing here.
"""

from heapq import heapify, heappop, heappush, heapreplace

from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    DeadlinesMoved,
    ItemAdded,
    ItemEvent,
    ItemFinished,
    Resumed,
    RoomOpened,
)
from bidroom.rules.item import Item
from bidroom.rules.state import RoomState


class Deadlines:
    """The alarms of a room's items, soonest first; of equal ones the smaller item id."""

    def __init__(self, state: RoomState) -> None:
        self._state = state
        self._entry = {id: item.alarm for id, item in state.items.items() if item.alarm is not None}
        self._heap = [(alarm, id) for id, alarm in self._entry.items()]
        heapify(self._heap)

    def note(self, event: AnyEvent) -> None:
        """Take in what an event, which has just happened, did to the clocks of items."""
        if isinstance(event, BidAccepted):
            self._note(event.item)
        elif isinstance(event, RoomOpened):
            for id in self._state.items:
                self._note(id)
        elif isinstance(event, DeadlinesMoved | Resumed):
            for moved in event.rounds:
                self._note(moved.item)
        elif isinstance(event, ItemAdded):
            self._note(event.terms.id)
        elif isinstance(event, ItemEvent):
            self._note(event.item)
            if isinstance(event, ItemFinished) and event.next_item is not None:
                self._note(event.next_item)

    def _note(self, id: str) -> None:
        alarm = self._state.items[id].alarm
        if alarm is None:
            return
        entry = self._entry.get(id)
        if entry is None or alarm < entry:
            self._entry[id] = alarm
            heappush(self._heap, (alarm, id))

    def due(self, until: int) -> tuple[int, Item] | None:
        """The same as `next`, but None where it is due later than `until`. Asked before every command."""
        if not self._heap or self._heap[0][0] > until:  # no entry is later than its item's alarm
            return None
        soonest = self.next()
        return soonest if soonest is not None and soonest[0] <= until else None

    def next(self) -> tuple[int, Item] | None:
        """The item that is due soonest and when (room time, ms); None where no clock runs."""
        while self._heap:
            at, id = self._heap[0]
            item = self._state.items[id]
            alarm = item.alarm
            if self._entry.get(id) != at:  # superseded by an earlier entry
                heappop(self._heap)
            elif alarm is None:
                heappop(self._heap)
                del self._entry[id]
            elif alarm > at:
                heapreplace(self._heap, (alarm, id))
                self._entry[id] = alarm
            else:
                return at, item
        return None
