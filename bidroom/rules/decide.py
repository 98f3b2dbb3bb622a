"""decide(state, command, now) -> Decision: what a command leads to. Looks, and changes nothing.

`now` is the arrival of the command in room time (milliseconds). Events come out numbered and timed, in order, ready for
`evolve`. Room time never runs backwards: an event is never earlier than the one before it.
"""

from collections.abc import Callable
from typing import Any

from bidroom.rules import bids, desk, rounds, running, undo
from bidroom.rules.commands import (
    AnswerOffer,
    Bid,
    BidderCommand,
    BuyNow,
    CancelMax,
    EndOutage,
    HouseCommand,
    MaxBid,
    MeetDeadline,
    OpenRoom,
)
from bidroom.rules.control import (
    AddItem,
    Announce,
    BidFor,
    CancelSale,
    CloseRoom,
    ControlCommands,
    Extend,
    HandOver,
    Invite,
    MarkPaid,
    OpenBidding,
    OpenItem,
    Pause,
    RemoveBidder,
    Reopen,
    ReplaceToken,
    Resume,
    SetBudget,
    SettleOffer,
    VoidBid,
    Withdraw,
)
from bidroom.rules.decision import Decision
from bidroom.rules.state import RoomState

Command = BidderCommand | HouseCommand | ControlCommands


def decide(state: RoomState, command: Command, now: int) -> Decision:
    """Apply the rules to one command. Every command gets a decision; only a bug in the house raises."""
    return _DECIDERS[type(command)](state, command, now if now > state.at else state.at)


_DECIDERS: dict[type[Command], Callable[[RoomState, Any, int], Decision]] = {
    Bid: bids.bid,
    MaxBid: bids.max_bid,
    CancelMax: bids.cancel_max,
    BuyNow: bids.buy_now,
    AnswerOffer: bids.answer_offer,
    OpenRoom: rounds.open_room,
    MeetDeadline: rounds.meet_deadline,
    EndOutage: rounds.end_outage,
    OpenBidding: rounds.open_bidding,
    OpenItem: rounds.open_item,
    Pause: running.pause,
    Resume: running.resume,
    Extend: running.extend,
    Withdraw: running.withdraw,
    AddItem: running.add_item,
    Reopen: running.reopen,
    Announce: running.announce,
    CloseRoom: running.close_room,
    BidFor: bids.bid_for,
    VoidBid: undo.void_bid,
    CancelSale: undo.cancel_sale,
    SettleOffer: bids.settle_offer,
    RemoveBidder: undo.remove_bidder,
    Invite: desk.invite,
    SetBudget: desk.set_budget,
    ReplaceToken: desk.replace_token,
    MarkPaid: desk.mark_paid,
    HandOver: desk.hand_over,
}
