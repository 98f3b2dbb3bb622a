"""A room with two items, and an auctioneer, Zoe, who has something to ask."""

from typing import Any

from bidroom.rules import control
from bidroom.rules.act import act
from bidroom.rules.answers import Reason, Refused
from bidroom.rules.commands import MeetDeadline
from bidroom.rules.decide import Command
from bidroom.rules.item import LiveClosing
from bidroom.rules.state import RoomState
from tests.rules.versus import a_bid, item_terms, opened

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
