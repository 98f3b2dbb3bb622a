"""Bids that come just after their round has closed: refused, and on record."""

from bidroom.rules.act import act
from bidroom.rules.commands import MeetDeadline
from bidroom.rules.control import OpenItem
from bidroom.rules.events import BidCameLate
from bidroom.rules.item import LiveClosing
from bidroom.rules.state import RoomState
from tests.rules.versus import START, a_bid, item_terms, opened, played

LIVE = LiveClosing(window_ms=100)


def late(state: RoomState, command, ms: int) -> list[BidCameLate]:
    return [event for event in act(state, command, START + ms).events if isinstance(event, BidCameLate)]


def closed_at_101() -> RoomState:
    room = opened(item_terms(closing=LIVE, units=3, pause_ms=5000), item_terms("desk", closing=LIVE))
    return played((room, 0), (a_bid("Ben", 1), 0), (a_bid("Ana", 1, amount=110), 1), (MeetDeadline("lamp"), 101))[0]


def test_a_bid_just_after_the_close_goes_on_record_once_a_bidder():
    state = closed_at_101()
    [event] = late(state, a_bid("Ben", 2, amount=120, unit=1), 1101)
    assert (event.bidder, event.item, event.unit, event.amount, event.late_ms) == ("Ben", "lamp", 1, 120, 1000)
    assert event.salt == "salt of Ben"
    assert late(state, a_bid("Ben", 3, amount=130, unit=1), 1101) == []
    assert len(late(state, a_bid("Ana", 2, amount=130), 1101)) == 1, "also without a unit, as none is open"


def test_what_came_too_late_or_from_nobody_or_for_another_unit_does_not():
    assert late(closed_at_101(), a_bid("Ben", 2, amount=120, unit=1), 1102) == []
    assert late(closed_at_101(), a_bid("Cem", 1, amount=120, unit=1), 102) == [], "not registered"
    assert late(closed_at_101(), a_bid("Ben", 2, amount=120, unit=2), 102) == []
    assert late(closed_at_101(), a_bid("Ben", 2, "desk", 120, 2), 102) == [], "no round of the desk has closed"


def test_each_round_has_its_own_late_bids():
    state = closed_at_101()
    late(state, a_bid("Ben", 2, amount=120, unit=1), 102)
    act(state, OpenItem(by="Zoe", item="lamp"), START + 103)
    act(state, a_bid("Ana", 2), START + 103)
    assert late(state, a_bid("Ana", 3, amount=130, unit=1), 104)[0].unit == 1, "the first unit closed less than 1 s ago"
    act(state, MeetDeadline("lamp"), START + 203)
    assert len(late(state, a_bid("Ben", 3, amount=120, unit=2), 204)) == 1
