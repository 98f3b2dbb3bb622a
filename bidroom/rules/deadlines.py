"""Which item's clock acts next. An index beside the state, so that no bid pays for the number of items.

A heap holds one entry for every item with a `due_at`, never later than it. A bid moves `due_at` later and leaves the
entry where it is; only when an entry comes to the top is it looked at again. So a bid costs nothing here.
"""

from heapq import heapify, heappop, heappush, heapreplace

from bidroom.rules.item import Item
from bidroom.rules.state import RoomState


class Deadlines:
    """The `due_at` of a room's items, soonest first; of equal ones the smaller item id."""

    def __init__(self, state: RoomState) -> None:
        self._state = state
        self._entry = {id: item.due_at for id, item in state.items.items() if item.due_at is not None}
        self._heap = [(due_at, id) for id, due_at in self._entry.items()]
        heapify(self._heap)

    def note(self, item: Item) -> None:
        """Take in an item that an event has just changed."""
        if item.due_at is None:
            return
        entry = self._entry.get(item.terms.id)
        if entry is None or item.due_at < entry:
            self._entry[item.terms.id] = item.due_at
            heappush(self._heap, (item.due_at, item.terms.id))

    def next(self) -> tuple[int, Item] | None:
        """The item that is due soonest and when (room time, ms); None where no clock runs."""
        while self._heap:
            at, id = self._heap[0]
            item = self._state.items[id]
            if self._entry.get(id) != at:  # superseded by an earlier entry
                heappop(self._heap)
            elif item.due_at is None:
                heappop(self._heap)
                del self._entry[id]
            elif item.due_at > at:
                heapreplace(self._heap, (item.due_at, id))
                self._entry[id] = item.due_at
            else:
                return at, item
        return None
