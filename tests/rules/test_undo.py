"""What the auctioneer takes back: bids, sales, and bidders."""

from typing import Any

from bidroom.rules import control
from bidroom.rules.act import act
from bidroom.rules.answers import Accepted, Reason
from bidroom.rules.commands import Bid, MeetDeadline, Reserve
from bidroom.rules.events import OfferDeclined, OfferMade, SaleCancelled, UnitSold
from bidroom.rules.state import RoomState
from tests.rules.hall import (
    BID,
    CLOSE,
    DESK_SOLD,
    LIVE,
    OPENED,
    OUT,
    PAUSE,
    RESUME,
    SOLD,
    ZOE,
    after,
    asked,
    item,
)
from tests.rules.versus import a_bid, a_max, an_answer, buy, item_terms, opened, played


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


def test_an_answer_names_its_event():
    state = after(OPENED, a_max("Ana", 1, amount=300))
    decision = act(state, item(control.VoidBid, "lamp", bid=state.seq, why="a slip"), state.at)
    assert isinstance(decision.answer, Accepted)
    assert (decision.answer.seq, decision.answer.sub) == (state.seq, 0), "the bid that was voided, not the maximum"


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


def test_no_earlier_bid_of_whoever_is_removed_comes_to_stand():
    """Two bids of one bidder can follow on one another: one between was taken out, or a reserve lifted the first."""
    state = after(OPENED, a_bid("Ben", 1), a_bid("Ana", 1, amount=110), a_bid("Ben", 2, amount=120), OUT)
    assert [bid.bidder for bid in state.items["lamp"].bids] == ["Ben", "Ben"]
    assert asked(state, control.RemoveBidder(**ZOE, bidder="Ben", why="rude")) is None
    assert (state.items["lamp"].highest_bidder, state.items["lamp"].bids) == (None, [])
    hidden = opened(item_terms(closing=LIVE, reserve=True), reserves=(Reserve("lamp", 400, "salt"),))
    state = after(hidden, a_max("Ana", 1, amount=200), a_max("Ana", 2, amount=500))
    assert [bid.amount for bid in state.items["lamp"].bids] == [100, 400]
    assert asked(state, OUT) is None
    assert (state.items["lamp"].highest_bidder, state.items["lamp"].bids) == (None, [])
