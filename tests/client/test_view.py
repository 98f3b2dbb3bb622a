"""The view, checked against the rules: whatever happens, whoever folds the updates sees what the room shows."""

from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidroom.client.view import GapError, View
from bidroom.rules.control import Announce
from bidroom.wire.messages import Sales, Update
from bidroom.wire.views import AnnouncementView, ItemView
from tests.client.small_room import LIVE, START, TIMED, SmallRoom, terms


def shown(view: View) -> list[dict[str, object]]:
    return [{field: getattr(item, field) for field in ItemView.__struct_fields__} for item in view.items.values()]


def agrees(view: View, room: SmallRoom) -> None:
    assert shown(view) == [msgspec.structs.asdict(item) for item in room.view.items]
    assert (view.finished, view.seq, view.head) == (room.state.finished, room.state.seq, room.head)
    assert [sale.seq for sale in view.sales] == list(room.state.sales)
    assert (view.paused, view.closing) == (room.state.paused, room.state.closing)
    assert (view.offers, view.announcement) == (room.view.offers, room.view.announcement)


@pytest.mark.parametrize("closing", [LIVE, TIMED])
@settings(max_examples=40)
@given(st.randoms(use_true_random=False), st.sampled_from(["latest", "all"]))
def test_whoever_folds_every_update_sees_the_room(closing, rng: Random, events: str) -> None:
    room = SmallRoom(terms(closing))
    view = room.newcomer()
    for _ in range(60):
        for _ in range(rng.randrange(1, 8)):
            room.something(rng)
        update = room.take_update(events)
        if update is not None:
            assert view.fold(update) == update.events
            agrees(view, room)


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_whoever_misses_updates_sees_the_room_after_a_state_and_the_sales(rng: Random) -> None:
    room = SmallRoom()
    view = room.newcomer()
    for _ in range(10):
        for _ in range(20):
            room.something(rng)
            update = room.take_update()
            if update is not None and update.first == view.seq + 1 and rng.random() < 0.9:
                view.fold(update)
        heard = view.seq
        view.fold(room.state_message())
        missed = view.fold(room.sales_after(heard))
        assert missed == [sale.public() for sale in room.state.sold if sale.seq > heard]
        agrees(view, room)


def test_bids_are_counted_even_where_only_the_latest_is_told() -> None:
    room = SmallRoom()
    view = room.newcomer()
    for amount in (100, 110, 120):
        room.bid("Ana" if amount != 110 else "Ben", "lamp", amount)
    room.bid("Ben", "mug", 50)
    update = room.take_update()
    assert update is not None
    assert len(update.events) == 2
    view.fold(update)
    assert (view.items["lamp"].bids, view.items["mug"].bids, view.bids) == (3, 1, 4)
    room.wait(1200)  # the next round begins without a bid
    update = room.take_update()
    assert update is not None
    view.fold(update)
    assert (view.items["lamp"].bids, view.bids) == (0, 4)


def test_a_state_keeps_the_count_of_bids_for_the_same_round_only() -> None:
    room = SmallRoom()
    view = room.newcomer()
    room.bid("Ana", "lamp", 100)
    room.bid("Ana", "desk", 1000)
    update = room.take_update()
    assert update is not None
    view.fold(update)
    view.fold(room.state_message())
    assert (view.items["lamp"].bids, view.items["desk"].bids) == (1, 1)
    room.wait(1200)
    view.fold(room.state_message())
    assert (view.items["lamp"].unit, view.items["lamp"].bids, view.items["desk"].bids) == (2, 0, 1)


@pytest.mark.parametrize("first", [-1, 0, 2, 5])
def test_an_update_that_does_not_follow_is_not_folded(first: int) -> None:
    room = SmallRoom()
    view = room.newcomer()
    before = shown(view), view.seq, view.head
    room.bid("Ana", "lamp", 100)
    update = room.take_update()
    assert update is not None
    other = Update(view.seq + first, update.seq + 5, "f" * 64, update.now, update.events)
    with pytest.raises(GapError, match=f"don't follow on {view.seq}"):
        view.fold(other)
    assert (shown(view), view.seq, view.head) == before


def test_a_sale_counts_once_however_often_it_is_heard_of() -> None:
    room = SmallRoom()
    view = room.newcomer("Ana")
    for unit, amount in ((1, 120), (2, 100)):
        room.bid("Ana", "lamp", amount, unit)
        room.wait(1200)
    update = room.take_update()
    assert update is not None
    early, late = room.state.sold
    assert view.fold(Sales(0, [late])) == [late]
    assert view.fold(Sales(0, [early, late])) == [early]  # out of order, as no server would
    assert view.items["lamp"].last_price == 100
    view.fold(update)
    assert view.my_purchases == [early, late]
    assert view.committed == 220


def test_the_view_knows_its_own() -> None:
    room = SmallRoom()
    ana, watcher = room.newcomer("Ana"), room.newcomer()
    room.bid("Ana", "lamp", 100)
    room.bid("Ben", "desk", 1000)
    room.bid("Ana", "mug", 50)
    update = room.take_update()
    assert update is not None
    for view in (ana, watcher):
        view.fold(update)
    assert [ana.leading(item) for item in ana.items] == [True, False, True]
    assert not any(watcher.leading(item) for item in watcher.items)
    assert (ana.committed, watcher.committed) == (150, 0)
    assert (ana.my_purchases, watcher.my_purchases) == ([], [])


def test_once_it_is_sold_nobody_leads() -> None:
    room = SmallRoom(terms(pause_ms=5000))
    view = room.newcomer("Ana")
    room.bid("Ana", "lamp", 130)
    room.wait(1500)
    update = room.take_update()
    assert update is not None
    view.fold(update)
    lamp = view.items["lamp"]
    assert (lamp.state, lamp.leader, lamp.last_price, lamp.minimum) == ("between", "Ana", 130, 100)
    assert not view.leading("lamp")
    assert view.committed == 130  # paid, and not counted again as led


def test_who_comes_late_knows_what_was_announced_last() -> None:
    room = SmallRoom()
    early = room.newcomer()
    assert (early.announcement, early.decimals) == (None, 2)
    room.do(Announce(by="Al", text="Soup"), Announce(by="Al", text="Cake"))
    update = room.take_update()
    assert update is not None
    early.fold(update)
    assert early.announcement == room.newcomer().announcement == AnnouncementView("Cake", room.at, "Al")


def test_an_item_takes_bids_until_its_deadline() -> None:
    room = SmallRoom()
    view = room.newcomer()
    lamp = view.items["lamp"]
    assert lamp.takes_bids(START + 10**9)  # nobody has bid: no deadline
    room.bid("Ana", "lamp", 100)
    update = room.take_update()
    assert update is not None
    view.fold(update)
    assert lamp.ends_at is not None
    assert lamp.takes_bids(lamp.ends_at - 1)
    assert not lamp.takes_bids(lamp.ends_at)
    room.wait(1000)
    assert room.state.sales  # and so says the room
