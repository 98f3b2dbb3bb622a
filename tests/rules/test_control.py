"""What the auctioneer asks: in the wrong state, a second time, of what is not there; and the books of the desk."""

import pytest

from bidroom.rules import control
from bidroom.rules.act import act
from bidroom.rules.answers import Reason
from bidroom.rules.commands import MeetDeadline, Reserve
from bidroom.rules.control import ControlCommands
from bidroom.rules.decide import Command
from bidroom.rules.events import PurchasesPaid
from tests.rules.hall import (
    ADD,
    BEGIN,
    BID,
    BUDGET,
    BY_HAND,
    CLOSE,
    DESK_SOLD,
    HANDED,
    INVITE,
    LIVE,
    OPENED,
    OUT,
    PAID,
    PAUSE,
    RESUME,
    SOLD,
    TOKEN,
    WITHDRAW,
    ZOE,
    after,
    asked,
    item,
)
from tests.rules.versus import a_bid, item_terms

REFUSED: list[tuple[tuple[Command, ...], ControlCommands, Reason | None]] = [
    ((BY_HAND,), BEGIN, None),
    ((BY_HAND, BEGIN), BEGIN, Reason.ALREADY),
    ((BY_HAND, PAUSE), BEGIN, Reason.PAUSED),
    ((BY_HAND, item(control.Pause, "lamp"), item(control.Pause, "desk")), BEGIN, Reason.PAUSED),
    ((OPENED,), item(control.OpenItem, "ghost"), Reason.UNKNOWN_ITEM),
    ((OPENED,), item(control.OpenItem, "lamp"), Reason.ALREADY),
    ((OPENED,), control.OpenItem(**ZOE), Reason.CLOSED),
    ((OPENED, BID, SOLD), control.OpenItem(**ZOE), None),
    ((OPENED, BID, SOLD), item(control.OpenItem, "lamp"), None),
    ((OPENED, BID, SOLD, PAUSE), item(control.OpenItem, "lamp"), Reason.PAUSED),
    ((OPENED, BID, SOLD, item(control.Pause, "lamp")), item(control.OpenItem, "lamp"), Reason.PAUSED),
    ((OPENED, WITHDRAW), item(control.OpenItem, "lamp"), Reason.CLOSED),
    ((OPENED,), item(control.Pause, "ghost"), Reason.UNKNOWN_ITEM),
    ((OPENED, PAUSE), PAUSE, Reason.ALREADY),
    ((OPENED, PAUSE), item(control.Pause, "lamp"), None),
    ((OPENED, item(control.Pause, "lamp")), item(control.Pause, "lamp"), Reason.ALREADY),
    ((OPENED, item(control.Pause, "lamp")), PAUSE, None),
    ((OPENED, WITHDRAW), item(control.Pause, "lamp"), Reason.CLOSED),
    ((OPENED, CLOSE), PAUSE, Reason.CLOSED),
    ((OPENED,), RESUME, Reason.ALREADY),
    ((OPENED,), item(control.Resume, "lamp"), Reason.ALREADY),
    ((OPENED,), item(control.Resume, "ghost"), Reason.UNKNOWN_ITEM),
    ((OPENED, item(control.Pause, "lamp")), RESUME, Reason.ALREADY),
    ((OPENED, PAUSE), item(control.Resume, "lamp"), Reason.ALREADY),
    ((OPENED, PAUSE, CLOSE), RESUME, None),
    ((OPENED,), item(control.Extend, "ghost", span_ms=9), Reason.UNKNOWN_ITEM),
    ((OPENED,), item(control.Extend, "lamp", span_ms=9), Reason.ALREADY),
    ((OPENED, BID), item(control.Extend, "lamp", span_ms=999), Reason.ALREADY),
    ((OPENED, BID), item(control.Extend, "lamp", span_ms=1000), None),
    ((OPENED, BID, PAUSE), item(control.Extend, "lamp", span_ms=9999), Reason.PAUSED),
    ((OPENED, BID, SOLD), item(control.Extend, "lamp", span_ms=9999), Reason.CLOSED),
    ((OPENED,), item(control.Withdraw, "ghost", why="broken"), Reason.UNKNOWN_ITEM),
    ((OPENED, WITHDRAW), WITHDRAW, Reason.CLOSED),
    ((OPENED, PAUSE), WITHDRAW, None),
    ((OPENED, ADD), ADD, Reason.ALREADY),
    ((OPENED, PAUSE), ADD, Reason.PAUSED),
    ((OPENED, CLOSE), ADD, Reason.CLOSED),
    ((OPENED,), item(control.Reopen, "ghost"), Reason.UNKNOWN_ITEM),
    ((OPENED,), item(control.Reopen, "lamp"), Reason.ALREADY),
    ((OPENED, WITHDRAW, item(control.Reopen, "lamp")), item(control.Reopen, "lamp"), Reason.ALREADY),
    ((OPENED, WITHDRAW, PAUSE), item(control.Reopen, "lamp"), Reason.PAUSED),
    ((OPENED, WITHDRAW, CLOSE), item(control.Reopen, "lamp"), Reason.CLOSED),
    ((OPENED, *DESK_SOLD), item(control.Reopen, "desk"), Reason.CLOSED),
    ((OPENED, WITHDRAW), item(control.Reopen, "lamp"), None),
    ((OPENED,), control.Announce(**ZOE, text="Tea"), None),
    ((OPENED, CLOSE), control.Announce(**ZOE, text="Goodbye"), None),
    ((OPENED, BID, CLOSE), CLOSE, Reason.ALREADY),
    ((OPENED, CLOSE), CLOSE, Reason.CLOSED),
    ((OPENED,), control.BidFor(**ZOE, bidder=7, item="lamp", amount=100), Reason.UNKNOWN_BIDDER),
    ((OPENED, INVITE), control.BidFor(**ZOE, bidder=7, item="lamp", amount=99), Reason.TOO_LOW),
    ((OPENED, INVITE), control.BidFor(**ZOE, bidder=7, item="lamp", amount=100, unit=2), Reason.CLOSED),
    ((OPENED, INVITE), control.BidFor(**ZOE, bidder="Ana", item="lamp", amount=100), None),
    ((OPENED, INVITE, OUT), control.BidFor(**ZOE, bidder=7, item="lamp", amount=100), Reason.REMOVED),
    ((OPENED,), item(control.VoidBid, "ghost", bid=1, why="a slip"), Reason.UNKNOWN_ITEM),
    ((OPENED,), item(control.VoidBid, "lamp", bid=1, why="a slip"), Reason.NOT_STANDING),
    ((OPENED, BID, SOLD), item(control.VoidBid, "lamp", bid=4, why="a slip"), Reason.NOT_STANDING),
    ((OPENED,), control.CancelSale(**ZOE, sale=5, why="a slip"), Reason.NO_SUCH_SALE),
    ((OPENED,), OUT, Reason.UNKNOWN_BIDDER),
    ((OPENED, INVITE, OUT), OUT, Reason.ALREADY),
    ((OPENED, INVITE), INVITE, Reason.ALREADY),
    ((OPENED, INVITE), control.Invite(**ZOE, bidder="Ben", paddle=7, token_hash="hash"), Reason.ALREADY),
    ((OPENED, INVITE), control.Invite(**ZOE, bidder="Ben", paddle=8, token_hash="hash"), None),
    ((OPENED,), BUDGET, Reason.UNKNOWN_BIDDER),
    ((OPENED, INVITE, BUDGET), BUDGET, Reason.ALREADY),
    ((OPENED, INVITE), control.SetBudget(**ZOE, bidder=7, budget=None), Reason.ALREADY),
    ((OPENED,), TOKEN, Reason.UNKNOWN_BIDDER),
    ((OPENED, INVITE, TOKEN), TOKEN, None),
    ((OPENED,), PAID, Reason.UNKNOWN_BIDDER),
    ((OPENED, BID), PAID, Reason.NO_SUCH_SALE),
    ((OPENED, BID, SOLD), PAID, None),
    ((OPENED, BID, SOLD, PAID), PAID, Reason.ALREADY),
    ((OPENED, BID, SOLD, PAID), HANDED, None),
    ((OPENED, BID, SOLD, HANDED), HANDED, Reason.ALREADY),
    ((OPENED,), HANDED, Reason.UNKNOWN_BIDDER),
    ((OPENED, BID), HANDED, Reason.NO_SUCH_SALE),
]


@pytest.mark.parametrize(
    ("before", "command", "reason"),
    REFUSED,
    ids=[f"{type(command).__name__} {reason and reason.value} {len(before)}" for before, command, reason in REFUSED],
)
def test_commands_in_every_state(before: tuple[Command, ...], command: ControlCommands, reason: Reason | None):
    state = after(*before)
    place = (state.seq, state.sub)
    assert asked(state, command) == reason
    assert ((state.seq, state.sub) == place) == (reason is not None), "a refusal changes nothing"


def test_what_is_paid_is_the_sum_of_what_is_owed():
    state = after(OPENED, BID, SOLD, MeetDeadline("lamp"), a_bid("Ana", 2, "lamp", 120), SOLD, *DESK_SOLD)
    first = min(state.sales)
    paid = act(state, control.MarkPaid(**ZOE, bidder="Ana", how="cash", sale=first), state.at)
    assert isinstance(paid.events[0], PurchasesPaid)
    assert (paid.events[0].amount, state.bidders["Ana"].won - state.bidders["Ana"].paid) == (300, 320)
    rest = act(state, control.MarkPaid(**ZOE, bidder="Ana", how="card"), state.at)
    assert isinstance(rest.events[0], PurchasesPaid)
    assert (rest.events[0].amount, len(rest.events[0].sales)) == (320, 2)
    assert state.bidders["Ana"].won == state.bidders["Ana"].paid == 620
    assert [sale.paid for sale in state.sales.values()] == [("cash", "Zoe"), ("card", "Zoe"), ("card", "Zoe")]
    asked(state, control.CancelSale(**ZOE, sale=first, why="broken"))
    assert state.bidders["Ana"].won - state.bidders["Ana"].paid == -300, "to be given back"


def test_closing_lets_rounds_with_a_bid_run_out_and_nothing_new_opens():
    state = after(OPENED, BID, CLOSE)
    assert [each.phase.value for each in state.items.values()] == ["open", "finished"]
    assert asked(state, a_bid("Ben", 1, "lamp", 310)) is None
    asked(state, SOLD)
    assert (state.finished, state.items["lamp"].units_left, len(state.sales)) == (True, 1, 1)


def test_an_item_that_is_added_brings_its_reserve():
    added = control.AddItem(
        **ZOE, terms=item_terms("vase", closing=LIVE, reserve=True), reserve=Reserve("vase", 400, "salt")
    )
    state = after(OPENED, added, a_bid("Ana", 1, "vase", 399))
    assert state.items["vase"].reserve_sign(399) == "not_met"
    asked(state, MeetDeadline("vase"))
    assert (state.items["vase"].phase.value, state.items["vase"].units_left) == ("finished", 2)
