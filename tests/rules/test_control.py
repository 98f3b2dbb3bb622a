"""What the auctioneer asks: in the wrong state, a second time, of what is not there; and the books of the desk."""

from typing import Any

import pytest

from bidroom.rules import control
from bidroom.rules.act import act
from bidroom.rules.answers import Accepted, Reason, Refused
from bidroom.rules.commands import Bid, MeetDeadline, Reserve
from bidroom.rules.control import ControlCommands
from bidroom.rules.decide import Command
from bidroom.rules.events import OfferDeclined, OfferMade, PurchasesPaid, SaleCancelled, UnitSold
from bidroom.rules.item import LiveClosing
from bidroom.rules.state import RoomState
from tests.rules.versus import a_bid, a_max, an_answer, buy, item_terms, opened, played

LIVE = LiveClosing(window_ms=1000)
OPENED = opened(item_terms("lamp", closing=LIVE, pause_ms=50), item_terms("desk", closing=LIVE, units=1))
BY_HAND = opened(item_terms("lamp", closing=LIVE), item_terms("desk", closing=LIVE), opens="by-hand")
ZOE: dict[str, Any] = {"by": "Zoe", "salt": "salt"}

PAUSE, RESUME = control.Pause(**ZOE), control.Resume(**ZOE)
CLOSE = control.CloseRoom(**ZOE, why="late")
BEGIN = control.OpenBidding(**ZOE)
INVITE = control.Invite(**ZOE, bidder="Ana", paddle=7, token_hash="hash")
OUT = control.RemoveBidder(**ZOE, bidder="Ana", why="rude")
BUDGET = control.SetBudget(**ZOE, bidder=7, budget=100)
TOKEN = control.ReplaceToken(**ZOE, bidder="Ana", token_hash="other")
PAID, HANDED = control.MarkPaid(**ZOE, bidder="Ana", how="cash"), control.HandOver(**ZOE, bidder="Ana")
WITHDRAW = control.Withdraw(**ZOE, item="lamp", why="broken")
ADD = control.AddItem(**ZOE, terms=item_terms("vase", closing=LIVE))
BID, SOLD = a_bid("Ana", 1, "lamp", 300), MeetDeadline("lamp")
DESK_SOLD = (a_bid("Ana", 9, "desk", 200), MeetDeadline("desk"))


def item(kind: type, item: str, **more) -> Any:
    return kind(**ZOE, item=item, **more)


def after(*commands: Command) -> RoomState:
    """The room after these commands, a millisecond apart; clocks are met when they are due."""
    state = RoomState()
    for command in commands:
        assert asked(state, command) is None, command
    return state


def asked(state: RoomState, command: Command) -> Reason | None:
    at = max(state.at + 1, 1000)
    if isinstance(command, MeetDeadline):
        at = max(at, state.items[command.item].alarm or 0)
    answer = act(state, command, at).answer
    return answer.reason if isinstance(answer, Refused) else None


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


def test_a_void_and_a_cancelled_sale_are_not_done_twice():
    state = after(OPENED, BID, a_bid("Ben", 1, "lamp", 310))
    void = item(control.VoidBid, "lamp", bid=state.seq, why="a slip")
    assert (asked(state, void), asked(state, void)) == (None, Reason.NOT_STANDING)
    assert (state.items["lamp"].highest_bidder, state.items["lamp"].minimum) == ("Ana", 310)
    asked(state, SOLD)
    cancel = control.CancelSale(**ZOE, sale=state.seq, why="a slip")
    assert (asked(state, cancel), asked(state, cancel)) == (None, Reason.NO_SUCH_SALE)
    assert (state.bidders["Ana"].won, state.items["lamp"].units_left, state.items["lamp"].next_unit) == (0, 2, 1)


def sold_to_ana() -> RoomState:
    """Ana has bought the only desk at 200; Ben's last bid was 150."""
    return after(OPENED, a_bid("Ben", 1, "desk", 150), *DESK_SOLD)


def cancelled(state: RoomState, then: Any) -> Reason | None:
    return asked(state, control.CancelSale(**ZOE, sale=max(state.sales), why="a slip", then=then))


def test_a_cancelled_sale_is_offered_to_the_runner_up_at_their_own_last_bid():
    for accept in (True, False):
        state = sold_to_ana()
        assert cancelled(state, "offer") is None
        assert asked(state, an_answer("Ana", 10, "desk", 1, True)) is Reason.NO_OFFER, "it is Ben's"
        assert asked(state, an_answer("Ben", 2, "desk", 1, accept)) is None
        assert state.bidders["Ben"].won == (150 if accept else 0)
        assert state.items["desk"].units_left == (0 if accept else 1)
        assert asked(state, an_answer("Ben", 3, "desk", 1, True)) is Reason.NO_OFFER, "once"


def test_an_offer_is_held_to_limits_and_budgets():
    state = sold_to_ana()
    cancelled(state, "offer")
    asked(state, control.SetBudget(**ZOE, bidder="Ben", budget=149))
    assert asked(state, an_answer("Ben", 2, "desk", 1, True)) is Reason.OVER_BUDGET
    asked(state, control.SetBudget(**ZOE, bidder="Ben", budget=150))
    assert asked(state, an_answer("Ben", 3, "desk", 1, True)) is None
    room = opened(item_terms("desk", closing=LIVE, units=2), units_each=1)
    state = after(room, a_bid("Ben", 1, "desk", 150), *DESK_SOLD, MeetDeadline("desk"), a_bid("Ben", 2, "desk", 100))
    cancelled(state, "offer")
    assert asked(state, an_answer("Ben", 3, "desk", 1, True)) is Reason.LIMIT, "he leads for as many as he may buy"


def test_nobody_is_offered_what_only_one_has_bid_for_or_who_was_removed():
    assert cancelled(after(OPENED, *DESK_SOLD), "offer") is Reason.NO_RUNNER_UP
    state = sold_to_ana()
    asked(state, control.RemoveBidder(**ZOE, bidder="Ben", why="rude"))
    assert cancelled(state, "offer") is Reason.NO_RUNNER_UP


def test_a_cancelled_sale_can_be_offered_to_all_again():
    state = sold_to_ana()
    asked(state, PAUSE)
    assert cancelled(state, "reopen") is Reason.PAUSED
    asked(state, RESUME)
    assert cancelled(state, "reopen") is None
    asked(state, MeetDeadline("desk"))
    assert (state.items["desk"].phase.value, state.items["desk"].unit) == ("open", 1)
    closing = sold_to_ana()
    asked(closing, CLOSE)
    assert cancelled(closing, "reopen") is Reason.CLOSED


def test_whoever_is_removed_leads_nothing_and_their_bids_never_come_to_stand():
    state = after(
        OPENED, a_bid("Ben", 1), a_bid("Ana", 1, amount=110), a_bid("Ben", 2, amount=120), a_max("Ben", 3, "desk")
    )
    act(state, control.RemoveBidder(**ZOE, bidder="Ben", why="rude"), state.at)
    assert [(bid.bidder, bid.amount) for bid in state.items["lamp"].bids] == [("Ana", 110)]
    assert state.items["desk"].highest_bidder is None
    assert (state.bidders["Ben"].leading, state.bidders["Ben"].maximums) == (0, {})
    void = item(control.VoidBid, "lamp", bid=state.items["lamp"].bids[-1].seq, why="a slip")
    assert asked(state, void) is None
    assert state.items["lamp"].highest_bidder is None


def test_an_offer_to_whoever_is_removed_is_declined():
    state = sold_to_ana()
    cancelled(state, "offer")
    events = act(state, control.RemoveBidder(**ZOE, bidder="Ben", why="rude"), state.at).events
    assert isinstance(events[0], OfferDeclined)
    assert (state.offers, state.items["desk"].units_left) == ([], 1)


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


def test_an_answer_names_its_event():
    state = after(OPENED, a_max("Ana", 1, amount=300))
    decision = act(state, item(control.VoidBid, "lamp", bid=state.seq, why="a slip"), state.at)
    assert isinstance(decision.answer, Accepted)
    assert (decision.answer.seq, decision.answer.sub) == (state.seq, 0), "the bid that was voided, not the maximum"


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


def test_every_kind_of_sale_says_how():
    room = opened(item_terms("desk", closing=LIVE, units=2, buy_now=500))
    state, events = played(
        (room, 0), (buy("Cem", 1, "desk"), 1), (MeetDeadline("desk"), 1), (a_bid("Ben", 1, "desk"), 2)
    )
    for command in DESK_SOLD:
        events += act(state, command, max(state.at, state.items["desk"].due_at or 0) - isinstance(command, Bid)).events
    offered = act(state, control.CancelSale(**ZOE, sale=max(state.sales), why="a slip", then="offer"), state.at)
    assert [type(event) for event in offered.events] == [SaleCancelled, OfferMade]
    events += act(state, an_answer("Ben", 2, "desk", 2, True), state.at).events
    assert [event.how for event in events if isinstance(event, UnitSold)] == ["buy_now", "hammer", "offer"]
