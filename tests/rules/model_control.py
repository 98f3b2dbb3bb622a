"""The naive model's telling of what the auctioneer asks: how the sale is run."""

from bidroom.rules import control
from bidroom.rules.control import ControlCommand
from tests.rules import model_desk, model_undo
from tests.rules.model_steps import Outcome, Teller, accepted, finishing, opening_time, refused, reopening
from tests.rules.story import Story


def ask(story: Story, command: ControlCommand, at: int) -> Outcome:
    """Each command is told by the function that has its name."""
    tellers = {
        control.OpenBidding: open_bidding,
        control.OpenItem: open_item,
        control.Pause: pause,
        control.Resume: resume,
        control.Extend: extend,
        control.Withdraw: withdraw,
        control.AddItem: add_item,
        control.Reopen: reopen,
        control.Announce: announce,
        control.CloseRoom: close_room,
        control.VoidBid: model_undo.void_bid,
        control.CancelSale: model_undo.cancel_sale,
        control.SettleOffer: model_undo.settle_offer,
        control.RemoveBidder: model_undo.remove_bidder,
        control.Invite: model_desk.invite,
        control.SetBudget: model_desk.set_budget,
        control.ReplaceToken: model_desk.replace_token,
        control.MarkPaid: model_desk.mark_paid,
        control.HandOver: model_desk.hand_over,
    }
    teller = Teller(story, at)
    told = tellers[type(command)](story, command, teller)
    if isinstance(told, str):
        return refused(command, told)
    return accepted(command, teller, told)


def open_bidding(story: Story, command: control.OpenBidding, teller: Teller) -> str | None:
    if story.is_paused():
        return "paused"
    waiting = [item for item in story.unfinished() if not story.of(item, "round_opened")]
    if story.room.order == "one-by-one":
        waiting = [] if story.has_begun() else waiting[:1]
    if not waiting:
        return "already"
    waiting = [item for item in waiting if not story.is_paused(item)]
    for item in waiting:
        teller.opening(item, command.by)
    return None if waiting else "paused"


def open_item(story: Story, command: control.OpenItem, teller: Teller) -> str | None:
    item = command.item
    if item is None:
        waiting = [item for item in story.items() if story.phase(item) == "between"]
        if not waiting:
            return "closed"
        item = waiting[0]
    if item not in story.items():
        return "unknown_item"
    if story.phase(item) == "open":
        return "already"
    if story.phase(item) == "finished" or story.is_closing():
        return "closed"
    if story.is_paused() or story.is_paused(item):
        return "paused"
    teller.opening(item, command.by)
    return None


def pause(story: Story, command: control.Pause, teller: Teller) -> str | None:
    if command.item is not None and command.item not in story.items():
        return "unknown_item"
    if not story.unfinished() or (command.item is not None and story.phase(command.item) == "finished"):
        return "closed"
    if story.is_paused(command.item):
        return "already"
    teller.tell("paused", item=command.item, by=command.by)
    return None


def resume(story: Story, command: control.Resume, teller: Teller) -> str | None:
    """What was left on a clock when it stopped is left on it now; an open round has at least its window."""
    if command.item is not None and command.item not in story.items():
        return "unknown_item"
    if not story.is_paused(command.item):
        return "already"
    rounds = []
    for item in story.items() if command.item is None else [command.item]:
        stopped, due, hard_end = story.stopped(item), story.due(item), story.hard_end(item)
        still_paused = story.is_paused(item) if command.item is None else story.is_paused()
        if stopped is None or still_paused or (due is None and hard_end is None):
            continue
        if due is not None:
            left = max(due - stopped, story.items()[item].closing.window_ms if story.phase(item) == "open" else 0)
            due = teller.at + left
        if hard_end is not None:
            hard_end = max(teller.at + hard_end - stopped, due or 0)
        is_open = story.phase(item) == "open"
        rounds.append((item, story.unit(item), due if is_open else None, hard_end, None if is_open else due))
    teller.tell("resumed", item=command.item, rounds=tuple(rounds), by=command.by)
    return None


def extend(story: Story, command: control.Extend, teller: Teller) -> str | None:
    item, until = command.item, teller.at + command.span_ms
    if item not in story.items():
        return "unknown_item"
    if story.phase(item) != "open":
        return "closed"
    if story.is_paused() or story.is_paused(item):
        return "paused"
    due, hard_end = story.due(item), story.hard_end(item)
    if due is None or until <= due:
        return "already"
    later = None if hard_end is None else max(hard_end, until)
    teller.tell("deadlines_moved", rounds=((item, story.unit(item), until, later, None),), by=command.by)
    return None


def withdraw(story: Story, command: control.Withdraw, teller: Teller) -> str | None:
    if command.item not in story.items():
        return "unknown_item"
    if story.phase(command.item) == "finished":
        return "closed"
    finishing(teller, command.item, "withdrawn", command.by, command.why)
    return None


def add_item(story: Story, command: control.AddItem, teller: Teller) -> str | None:
    room, terms = story.room, command.terms
    if terms.id in story.items():
        return "already"
    if story.is_paused():
        return "paused"
    if story.is_closing():
        return "closed"
    at_once = room.order == "together" and story.has_begun()
    opens_at = None if at_once else opening_time(story, terms.pause_ms, teller.at)
    teller.tell("item_added", terms=terms, opens_at=opens_at, by=command.by)
    if command.reserve is not None:
        teller.tell("reserve_set", item=terms.id, amount=command.reserve.amount, salt=command.reserve.salt)
    if at_once:
        teller.opening(terms.id)
    return None


def reopen(story: Story, command: control.Reopen, teller: Teller) -> str | None:
    item = command.item
    if item not in story.items():
        return "unknown_item"
    if story.phase(item) != "finished":
        return "already"
    if story.is_closing():
        return "closed"
    if story.is_paused():
        return "paused"
    if not story.left(item):
        return "closed"
    reopening(teller, item, command.by)
    return None


def announce(_story: Story, command: control.Announce, teller: Teller) -> None:
    teller.tell("announced", text=command.text, by=command.by)


def close_room(story: Story, command: control.CloseRoom, teller: Teller) -> str | None:
    if not story.unfinished():
        return "closed"
    if story.is_closing():
        return "already"
    teller.tell("room_closing", by=command.by, why=command.why)
    for item in story.unfinished():
        if story.leader(item) is None:
            finishing(teller, item, "closed", command.by, command.why)
    return None
