"""Why a bidder's command is refused: by the first reason that is true, shown where the next one is true as well."""

from typing import Any

import pytest

from bidroom.rules.act import act
from bidroom.rules.answers import Accepted, Reason, Refused
from bidroom.rules.commands import MeetDeadline
from bidroom.rules.control import AddItem, Extend, Invite, Pause, RemoveBidder, Resume, SetBudget
from bidroom.rules.decide import Command
from bidroom.rules.item import LiveClosing
from bidroom.rules.state import RoomState
from tests.rules.versus import START, a_bid, a_max, an_answer, buy, item_terms, no_max, opened, played

LIVE = LiveClosing(window_ms=1000)
OPENED = opened(
    item_terms("lamp", closing=LIVE, units=3, pause_ms=50, units_each=1, seller="Lea Berg", buy_now=500),
    item_terms("desk", closing=LIVE, units=1, pause_ms=50, seller="SUE berg", buy_now=500),
    item_terms("vase", closing=LIVE, units=1, seller="Lea Berg"),
)
PAUSE, RESUME = Pause(by="Zoe"), Resume(by="Zoe")


def invited(bidder: str, budget: int | None = None, name: str = "") -> Invite:
    return Invite(by="Zoe", bidder=bidder, name=name, budget=budget, token_hash="hash", salt="salt")


def out(bidder: str) -> RemoveBidder:
    return RemoveBidder(by="Zoe", bidder=bidder, why="rude")


def after(*commands: Command) -> RoomState:
    """The room after these commands, a millisecond apart; clocks are met when they are due."""
    state, _ = played((OPENED, 0))
    for command in commands:
        assert asked(state, command) is None
    return state


def asked(state: RoomState, command: Command) -> Reason | None:
    at = state.at + 1
    if isinstance(command, MeetDeadline):
        at = max(at, state.items[command.item].alarm or 0)
    answer = act(state, command, at).answer
    return answer.reason if isinstance(answer, Refused) else None


SOLD_LAMP = (a_bid("Ana", 1, "lamp", 300), MeetDeadline("lamp"))
NEXT_LAMP = (*SOLD_LAMP, MeetDeadline("lamp"))
"""Ana has as many lamps as she may buy, and the second one is open."""
FINISHED = (a_bid("Ana", 1, "desk", 100), MeetDeadline("desk"))

BIDS = {
    "removed before all": ((invited("Ana"), out("Ana"), PAUSE), a_bid("Ana", 1, "ghost"), Reason.REMOVED),
    "unknown before paused": ((PAUSE,), a_bid("Ana", 1, "ghost"), Reason.UNKNOWN_ITEM),
    "paused before between": ((*SOLD_LAMP, PAUSE), a_bid("Lea", 1, "lamp"), Reason.PAUSED),
    "the item alone paused": ((Pause(by="Zoe", item="desk"),), a_bid("Sue", 1, "desk"), Reason.PAUSED),
    "another item paused": ((Pause(by="Zoe", item="desk"),), a_bid("Lea", 1, "lamp"), Reason.OWN_ITEM),
    "finished is not paused": ((*FINISHED, PAUSE), a_bid("Ben", 1, "desk"), Reason.CLOSED),
    "between before seller": (SOLD_LAMP, a_bid("Lea", 1, "lamp"), Reason.CLOSED),
    "seller before unit": ((), a_bid("Sue", 1, "desk", 100, 2), Reason.OWN_ITEM),
    "seller by what all see": ((invited("lea berg", name="X"),), a_bid("lea berg", 1, "vase"), Reason.OWN_ITEM),
    "unit before leading": ((a_bid("Ana", 1, "lamp"),), a_bid("Ana", 2, "lamp", 500, 2), Reason.CLOSED),
    "leading before too low": ((a_bid("Ana", 1, "lamp"),), a_bid("Ana", 2, "lamp", 1), Reason.LEADING),
    "too low before limit": (NEXT_LAMP, a_bid("Ana", 2, "lamp", 99), Reason.TOO_LOW),
    "limit before budget": (
        (*NEXT_LAMP, SetBudget(by="Zoe", bidder="Ana", budget=1, salt="s")),
        a_bid("Ana", 2, "lamp"),
        Reason.LIMIT,
    ),
    "budget": ((invited("Ana", 150),), a_bid("Ana", 1, "lamp", 151), Reason.OVER_BUDGET),
    "budget with what they lead at": (
        (invited("Ana", 250), a_bid("Ana", 1, "vase", 100)),
        a_bid("Ana", 2, "desk", 151),
        Reason.OVER_BUDGET,
    ),
    "budget with what they won": (
        (invited("Ana", 450), *NEXT_LAMP),
        a_bid("Ana", 2, "desk", 151),
        Reason.OVER_BUDGET,
    ),
    "none: all of the budget": (
        (invited("Ana", 250), a_bid("Ana", 1, "vase", 100)),
        a_bid("Ana", 2, "desk", 150),
        None,
    ),
    "none: another bids": (NEXT_LAMP, a_bid("Ben", 1, "lamp", 100, 2), None),
}

MAXIMUMS = {
    "removed before all": ((invited("Ana"), out("Ana"), PAUSE), a_max("Ana", 1, "ghost"), Reason.REMOVED),
    "unknown before paused": ((PAUSE,), a_max("Ana", 1, "ghost"), Reason.UNKNOWN_ITEM),
    "paused before between": ((*SOLD_LAMP, PAUSE), a_max("Lea", 1, "lamp"), Reason.PAUSED),
    "finished is not paused": ((*FINISHED, PAUSE), a_max("Ben", 1, "desk"), Reason.CLOSED),
    "finished before seller": (FINISHED, a_max("Sue", 1, "desk"), Reason.CLOSED),
    "seller before too low": (SOLD_LAMP, a_max("Lea", 1, "lamp", 1), Reason.OWN_ITEM),
    "limit before too low": (SOLD_LAMP, a_max("Ana", 2, "lamp", 1), Reason.LIMIT),
    "too low before budget": ((invited("Ana", 50),), a_max("Ana", 1, "lamp", 99), Reason.TOO_LOW),
    "too low for who leads": (
        (a_bid("Ana", 1, "lamp", 120),),
        a_max("Ana", 2, "lamp", 119),
        Reason.TOO_LOW,
    ),
    "budget": ((invited("Ana", 150),), a_max("Ana", 1, "lamp", 151), Reason.OVER_BUDGET),
    "budget without what they won": (
        (invited("Ana", 400), *NEXT_LAMP),
        a_max("Ana", 2, "vase", 101),
        Reason.OVER_BUDGET,
    ),
    "none: leading counts only once it bids": (
        (invited("Ana", 250), a_bid("Ana", 1, "vase", 100)),
        a_max("Ana", 2, "desk", 250),
        None,
    ),
    "none: between rounds": (SOLD_LAMP, a_max("Ben", 1, "lamp", 100), None),
    "none: as much as they lead at": ((a_bid("Ana", 1, "lamp", 120),), a_max("Ana", 2, "lamp", 120), None),
    "none: the budget to the last": ((invited("Ana", 150),), a_max("Ana", 1, "lamp", 150), None),
}

OTHERS = {
    "no maximum on what is not there": ((), no_max("Ana", 1, "ghost"), Reason.UNKNOWN_ITEM),
    "no maximum of a stranger": ((), no_max("Ana", 1, "lamp"), Reason.NO_MAXIMUM),
    "no maximum on this item": ((a_max("Ana", 1, "desk"),), no_max("Ana", 2, "lamp"), Reason.NO_MAXIMUM),
    "no maximum once it is used up": (
        (a_max("Ana", 1, "lamp", 300), MeetDeadline("lamp")),
        no_max("Ana", 2, "lamp"),
        Reason.NO_MAXIMUM,
    ),
    "cancelling goes during a pause": ((a_max("Ana", 1, "lamp"), PAUSE), no_max("Ana", 2, "lamp"), None),
    "buying: removed": ((invited("Ana"), out("Ana")), buy("Ana", 1, "ghost", 1), Reason.REMOVED),
    "buying: unknown": ((), buy("Ana", 1, "ghost", 1), Reason.UNKNOWN_ITEM),
    "buying: paused": ((PAUSE,), buy("Lea", 1, "lamp", 2), Reason.PAUSED),
    "buying: between": (SOLD_LAMP, buy("Ben", 1, "lamp", 1), Reason.CLOSED),
    "buying: one's own": ((), buy("Lea", 1, "lamp", 2), Reason.OWN_ITEM),
    "buying: another unit": ((), buy("Ana", 1, "vase", 2), Reason.CLOSED),
    "buying: no fixed price": ((), buy("Ana", 1, "vase", 1), Reason.NO_BUY_NOW),
    "buying: somebody has bid": ((a_bid("Ben", 1, "lamp"),), buy("Ana", 1, "lamp", 1), Reason.NO_BUY_NOW),
    "buying: limit": (NEXT_LAMP, buy("Ana", 2, "lamp", 2), Reason.LIMIT),
    "buying: budget": ((invited("Ana", 499),), buy("Ana", 1, "desk", 1), Reason.OVER_BUDGET),
    "buying: none": ((invited("Ana", 500),), buy("Ana", 1, "desk", 1), None),
    "no offer": ((), an_answer("Ana", 1, "lamp", 1, True), Reason.NO_OFFER),
}


@pytest.mark.parametrize(
    ("before", "command", "reason"),
    [*BIDS.values(), *MAXIMUMS.values(), *OTHERS.values()],
    ids=[*BIDS, *MAXIMUMS, *OTHERS],
)
def test_the_first_reason_that_is_true(before: tuple[Command, ...], command: Any, reason: Reason | None):
    assert asked(after(*before), command) == reason


def test_too_low_says_what_would_do():
    state = after(a_bid("Ana", 1, "lamp", 120))
    assert act(state, a_bid("Ben", 1, "lamp", 129), START + 9).answer == Refused(1, Reason.TOO_LOW, 130)
    assert act(state, a_max("Ben", 2, "lamp", 129), START + 9).answer == Refused(2, Reason.TOO_LOW, 130)
    assert act(state, a_max("Ana", 2, "lamp", 119), START + 9).answer == Refused(2, Reason.TOO_LOW, 120)
    assert act(state, a_bid("Ben", 3, "lamp", 130), START + 9).answer == Accepted(3, state.seq)


def test_a_clock_that_has_run_out_takes_no_bids_even_before_the_hammer_falls():
    state = after(a_bid("Ana", 1, "lamp"))
    due = state.items["lamp"].due_at or 0
    for command in (a_bid("Ben", 1, "lamp", 110), a_max("Ben", 2, "lamp", 110)):
        answer = act(state, command, due).answer
        assert answer == Refused(command.id, Reason.CLOSED)
    assert isinstance(act(state, a_bid("Ben", 3, "lamp", 110), due - 1).answer, Accepted)


def test_limits_of_the_room_count_what_is_led():
    room = opened(*(item_terms(id, closing=LIVE, buy_now=200) for id in ("lamp", "desk", "vase")), units_each=2)
    state, _ = played((room, 0), (a_bid("Ana", 1, "lamp"), 1), (a_bid("Ana", 2, "desk"), 2))
    assert asked(state, a_bid("Ana", 3, "vase")) is Reason.LIMIT
    assert asked(state, buy("Ana", 4, "vase")) is Reason.LIMIT
    assert asked(state, a_max("Ana", 5, "vase", 150)) is None, "it may be left, and waits"
    assert state.items["vase"].highest_bidder is None
    assert asked(state, a_bid("Ben", 1, "desk", 110)) is None
    assert state.items["vase"].highest_bidder == "Ana", "outbid on the desk, she may lead on the vase"


@pytest.mark.parametrize("begins_with_it", [True, False], ids=["in the catalogue", "added"])
def test_a_limit_that_only_one_item_has_binds_bids_by_hand(begins_with_it: bool):
    vase = item_terms("vase", closing=LIVE, units_each=1)
    state, _ = played((opened(item_terms("lamp", closing=LIVE), *([vase] if begins_with_it else [])), 0))
    if not begins_with_it:
        assert asked(state, AddItem(by="Zoe", terms=vase)) is None
    for command in (a_bid("Ana", 1, "vase"), MeetDeadline("vase"), MeetDeadline("vase")):
        assert asked(state, command) is None
    assert asked(state, a_bid("Ana", 2, "vase")) is Reason.LIMIT
    assert asked(state, a_bid("Ana", 3, "lamp")) is None


def test_a_round_that_is_given_more_time_takes_bids_again():
    state = after(a_bid("Ana", 1, "lamp"))
    due = state.items["lamp"].due_at or 0
    act(state, Extend(by="Zoe", item="lamp", span_ms=100), due)
    assert isinstance(act(state, a_bid("Ben", 1, "lamp", 110), due).answer, Accepted)
