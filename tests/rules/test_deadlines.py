"""Which clock is next: the heap against the smallest of them all."""

from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.deadlines import Deadlines
from bidroom.rules.events import ItemFinished
from bidroom.rules.item import new_item
from bidroom.rules.state import RoomState
from tests.rules.versus import item_terms

IDS = ("ash", "birch", "cedar")
times = st.none() | st.integers(0, 12)


def room(*due: int | None) -> RoomState:
    items = {id: new_item(item_terms(id)) for id in IDS}
    for item, due_at in zip(items.values(), due, strict=True):
        item.due_at = due_at
    return RoomState(items=items)


def finished(id: str) -> ItemFinished:
    """An event of an item's; which one doesn't matter here, only that the item may have changed."""
    return ItemFinished(seq=1, at=1, item=id, unsold=0)


@given(
    st.tuples(times, times, times),
    st.lists(st.tuples(st.sampled_from(IDS), times, st.booleans()), max_size=40),
)
def test_next_is_the_soonest_whatever_has_moved(first: tuple, changes: list[tuple[str, int | None, bool]]):
    """Times go both ways here, and `next` is not always asked, so that entries of all ages lie in the heap."""
    state = room(*first)
    deadlines = Deadlines(state)
    for id, due_at, asked in [*changes, (IDS[0], 5, True)]:
        state.items[id].due_at = due_at
        deadlines.note(finished(id))
        if asked:
            due = [(item.due_at, item.terms.id) for item in state.items.values() if item.due_at is not None]
            soonest = deadlines.next()
            assert (soonest and (soonest[0], soonest[1].terms.id)) == (min(due) if due else None)


def test_none_where_no_clock_runs():
    assert Deadlines(RoomState()).next() is None
    assert Deadlines(room(None, None, None)).next() is None


def test_of_equal_ones_the_smaller_id():
    soonest = Deadlines(room(7, 7, 7)).next()
    assert soonest is not None
    assert soonest[1].terms.id == "ash"


def test_bids_leave_the_heap_as_it_is():
    """However many bids there are, an item has one entry."""
    state = room(10, None, None)
    deadlines = Deadlines(state)
    for due_at in range(11, 1000):
        state.items["ash"].due_at = due_at
        deadlines.note(finished("ash"))
    assert len(deadlines._heap) == 1
    assert deadlines.next() == (999, state.items["ash"])
