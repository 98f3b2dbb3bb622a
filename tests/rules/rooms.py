"""Random rooms with everything that the rules know of, for tests that try them."""

from hypothesis import strategies as st

from bidroom.rules.commands import OpenRoom, Reserve
from bidroom.rules.increments import Increment, Ladder, Percentage, Rung
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from tests.rules.versus import START, item_terms, room_terms

BIDDERS = ("Ana", "Ben", "Cem")
IDS = ("lamp", "desk", "vase")

live_closings = st.builds(LiveClosing, window_ms=st.integers(1, 15), opening_ms=st.none() | st.integers(1, 30))
increments: st.SearchStrategy[Increment] = st.one_of(
    st.integers(1, 9),
    st.builds(Percentage, basis_points=st.integers(100, 5000), rounded_to=st.integers(1, 5)),
    st.just(Ladder((Rung(0, 2), Rung(20, 5), Rung(40, 10)))),
)


@st.composite
def timed_closings(draw: st.DrawFn) -> TimedClosing:
    return TimedClosing(
        window_ms=draw(st.integers(1, 15)),
        duration_ms=draw(st.none() | st.integers(1, 30)),
        closes_at=draw(st.none() | st.integers(START - 3, START + 40)),
        hard_end=draw(st.none() | st.integers(START, START + 60)),
    )


@st.composite
def items(draw: st.DrawFn, id: str) -> ItemTerms:
    starting_price = draw(st.integers(1, 30))
    return item_terms(
        id,
        starting_price=starting_price,
        increment=draw(increments),
        units=draw(st.integers(1, 3)),
        pause_ms=draw(st.integers(0, 8)),
        closing=draw(live_closings | timed_closings()),
        seller=draw(st.sampled_from([None, None, None, "ANA", "ben berg"])),
        reserve=draw(st.booleans()),
        buy_now=draw(st.none() | st.integers(starting_price, 60)),
        units_each=draw(st.sampled_from([None, None, 1, 2])),
    )


def reserve_for(terms: ItemTerms, above: int) -> Reserve:
    return Reserve(terms.id, terms.starting_price + above, f"salt of {terms.id}")


@st.composite
def rooms(draw: st.DrawFn) -> OpenRoom:
    offered = tuple(draw(items(id)) for id in IDS[: draw(st.sampled_from([1, 2, 2, 3]))])
    terms: RoomTerms = room_terms(
        *offered,
        order=draw(st.sampled_from(["together", "together", "one-by-one"])),
        next_item=draw(st.sampled_from(["by-itself", "by-itself", "by-hand"])),
        opens=draw(st.sampled_from(["at-once", "at-once", "by-hand"])),
        opens_at=draw(st.sampled_from([None, None, START + 5])),
        units_each=draw(st.sampled_from([None, None, 1, 2, 3])),
    )
    reserves = tuple(reserve_for(item, draw(st.integers(0, 40))) for item in offered if item.reserve)
    return OpenRoom(terms, reserves)
