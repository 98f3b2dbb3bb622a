"""The naive model's telling of what the auctioneer asks: running the sale, and taking back."""

from bidroom.rules import control
from bidroom.rules.control import ControlCommand
from bidroom.rules.item import LiveClosing
from tests.rules import model_desk
from tests.rules.model_desk import who
from tests.rules.model_steps import Outcome, Teller, accepted, finishing, next_minimum, opening_time, refused
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
        control.VoidBid: void_bid,
        control.CancelSale: cancel_sale,
        control.RemoveBidder: remove_bidder,
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


def reopening(teller: Teller, item: str, by: str) -> None:
    story = teller.story
    opens_at = opening_time(story, story.items()[item].pause_ms, teller.at)
    teller.tell("item_reopened", item=item, units_left=story.left(item), opens_at=opens_at, by=by)


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


# Taking back


def void_bid(story: Story, command: control.VoidBid, teller: Teller):
    item = command.item
    if item not in story.items():
        return "unknown_item"
    bids = story.bids(item)
    if story.leader(item) is None or bids[-1].seq != command.bid:
        return "not_standing"
    cancelling(story, teller, bids[-1].bidder, [item])
    return voiding(teller, item, bids[:-1], command)


def cancelling(story: Story, teller: Teller, bidder: str, items: list[str]) -> None:
    for item in items:
        if story.maximum(bidder, item) is not None:
            teller.tell("maximum_cancelled", bidder=bidder, item=item, salt=story.registration(bidder).salt)


def voiding(teller: Teller, item: str, remaining: list, command):
    """The last of the remaining bids stands, and there is a fresh window on the clock, or a fresh wait for a bid."""
    story, terms = teller.story, teller.story.items()[item]
    stood = 0 if story.stopped(item) is None else teller.at - story.stopped(item)
    fresh = teller.at + terms.closing.window_ms
    ends_at, hard_end = story.due(item), story.hard_end(item)
    if not remaining and isinstance(terms.closing, LiveClosing):
        ends_at = None if terms.closing.opening_ms is None else teller.at + terms.closing.opening_ms
    elif ends_at is not None:
        ends_at = max(ends_at + stood, fresh)
    if hard_end is not None:
        hard_end = max(hard_end + stood, fresh)
    standing = remaining[-1] if remaining else None
    amount = standing.amount if standing else None
    return teller.tell(
        "bid_voided",
        item=item,
        unit=story.unit(item),
        bid=story.bids(item)[-1].seq,
        bidder=story.leader(item),
        standing=standing.seq if standing else None,
        leader=standing.bidder if standing else None,
        amount=amount,
        minimum=next_minimum(terms, amount),
        ends_at=ends_at,
        hard_end=hard_end,
        reserve=story.reserve_sign(item, amount),
        buy_now=None if standing else terms.buy_now,
        by=command.by,
        why=command.why,
    )


def remove_bidder(story: Story, command: control.RemoveBidder, teller: Teller):
    bidder = who(story, command.bidder)
    if bidder is None:
        return "unknown_bidder"
    if story.is_removed(bidder):
        return "already"
    cancelling(story, teller, bidder, [left.item for left in story.maximums() if left.bidder == bidder])
    for item in story.led(bidder):
        voiding(teller, item, [bid for bid in story.bids(item) if bid.bidder != bidder], command)
    for offer in story.offers():
        if offer.bidder == bidder:
            teller.tell("offer_declined", item=offer.item, unit=offer.unit, bidder=bidder)
    return teller.tell("bidder_removed", bidder=bidder, by=command.by, why=command.why)


def cancel_sale(story: Story, command: control.CancelSale, teller: Teller) -> str | None:
    sales = [sale for sale in story.standing_sales() if sale.seq == command.sale]
    if not sales:
        return "no_such_sale"
    sale = sales[0]
    runner_up = None
    if command.then == "offer":
        runner_up = second_best(Story(story.story[: story.story.index(sale)]), sale)
        if runner_up is None or story.is_removed(runner_up.bidder):
            return "no_runner_up"
    reopens = command.then == "reopen" and story.phase(sale.item) == "finished"
    if reopens and (story.is_closing() or story.is_paused()):
        return "closed" if story.is_closing() else "paused"
    what = {"item": sale.item, "unit": sale.unit, "bidder": sale.bidder, "amount": sale.amount}
    teller.tell("sale_cancelled", sale=sale.seq, by=command.by, why=command.why, **what)
    if runner_up is not None:
        offered = {"bidder": runner_up.bidder, "amount": runner_up.amount}
        teller.tell("offer_made", **{**what, **offered}, by=command.by)
    if reopens:
        reopening(teller, sale.item, command.by)
    return None


def second_best(then: Story, sale):
    """The last bid of anybody else in the round, as it was when the unit was sold."""
    if sale.how == "offer":
        return None
    others = [bid for bid in then.bids(sale.item) if bid.bidder != sale.bidder]
    return others[-1] if others else None
