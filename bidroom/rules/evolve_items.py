"""What events do to the room's items: their rounds, bids and clocks. Called by `evolve` alone."""

from bisect import insort

from bidroom.rules.events import (
    BidAccepted,
    BidVoided,
    CommandRef,
    DeadlinesMoved,
    ItemAdded,
    ItemFinished,
    ItemReopened,
    MovedDeadline,
    Paused,
    ReserveSet,
    Resumed,
    RoomClosing,
    RoomFinished,
    RoomOpened,
    RoundOpened,
)
from bidroom.rules.item import KEPT_BIDS, OPEN, Item, ItemPhase, StandingBid, new_item
from bidroom.rules.state import Bidder, RoomState
from bidroom.rules.transitions import UnlawfulEvent, move_on


def note_command(bidder: Bidder, command: CommandRef | None) -> None:
    """The event answers this command of the bidder's, if any."""
    if command is not None:
        bidder.last_id = command.id


def room_opened(state: RoomState, event: RoomOpened) -> None:
    if state.terms is not None:
        raise UnlawfulEvent(f"the room can't open again (event {event.seq})")
    state.terms = event.terms
    state.limited = any(terms.units_each is not None for terms in (event.terms, *event.terms.items))
    state.items = {terms.id: new_item(terms) for terms in event.terms.items}
    state.unfinished = len(state.items)
    offered = event.terms.items if event.terms.order == "together" else event.terms.items[:1]
    for terms in offered:
        state.items[terms.id].due_at = event.terms.opens_at


def reserve_set(state: RoomState, event: ReserveSet) -> None:
    state.items[event.item].reserve = event.amount


def item_added(state: RoomState, event: ItemAdded) -> None:
    if event.terms.id in state.items:
        raise UnlawfulEvent(f"item {event.terms.id} can't be added again (event {event.seq})")
    item = state.items[event.terms.id] = new_item(event.terms)
    item.due_at = event.opens_at
    state.limited = state.limited or event.terms.units_each is not None
    state.unfinished += 1


def item_finished(state: RoomState, event: ItemFinished) -> None:
    item = state.items[event.item]
    was_open = item.phase is ItemPhase.OPEN
    move_on(item, event)
    if was_open:
        release(state, item)
        insort(item.returned, item.unit)
        close(item, event.at)
    item.because = event.because
    item.due_at = item.stopped_at = None
    item.paused = False
    state.unfinished -= 1
    if event.next_item is not None:
        following = state.items[event.next_item]
        following.due_at = event.opens_at
        if following.stopped_at is not None:
            following.stopped_at = event.at


def item_reopened(state: RoomState, event: ItemReopened) -> None:
    item = state.items[event.item]
    move_on(item, event)
    item.because = None
    item.due_at = event.opens_at
    item.hard_end = None
    state.unfinished += 1


def room_closing(state: RoomState, _event: RoomClosing) -> None:
    state.closing = True


def room_finished(state: RoomState, event: RoomFinished) -> None:
    if state.unfinished:
        raise UnlawfulEvent(f"the room can't finish (event {event.seq}): {state.unfinished} items are not finished")


def round_opened(state: RoomState, event: RoundOpened) -> None:
    item = state.items[event.item]
    move_on(item, event)
    if event.unit in item.returned:
        item.returned.remove(event.unit)
    item.opened = max(item.opened, event.unit)
    item.unit = event.unit
    item.highest_bid = item.highest_bidder = None
    item.minimum = event.minimum
    item.due_at = event.ends_at
    item.bids = []


def bid_accepted(state: RoomState, event: BidAccepted) -> None:
    item = state.items[event.item]
    if item.phase is not OPEN:  # an open round stays open, and most events by far are bids in one
        move_on(item, event)
    release(state, item)
    command, bids = event.command, item.bids
    bid = StandingBid(event.seq, event.at, event.bidder, event.amount, command is not None or event.by != "")
    bids.append(bid)
    if len(bids) > KEPT_BIDS:
        del bids[0]
    item.minimum = event.minimum
    item.due_at = event.ends_at
    bidder = _lead(state, item, bid)
    if command is not None:
        bidder.last_id = command.id


def bid_voided(state: RoomState, event: BidVoided) -> None:
    item = state.items[event.item]
    move_on(item, event)
    release(state, item)
    item.highest_bid = item.highest_bidder = None
    while item.bids and item.bids[-1].seq != event.standing:
        item.bids.pop()
    item.minimum = event.minimum
    item.due_at = event.ends_at
    item.hard_end = event.hard_end
    if item.stopped_at is not None:
        item.stopped_at = event.at
    if item.bids:
        _lead(state, item, item.bids[-1])


def _lead(state: RoomState, item: Item, bid: StandingBid) -> Bidder:
    """The item's last bid leads."""
    amount = item.highest_bid = bid.amount
    name = item.highest_bidder = bid.bidder
    bidder = state.bidders[name]
    bidder.leading += amount
    bidder.leads += 1
    return bidder


def release(state: RoomState, item: Item) -> None:
    """The leader of the open round, if there is one, leads it no more. Price and leader stay on show."""
    name, amount = item.highest_bidder, item.highest_bid
    if name is not None and amount is not None:
        bidder = state.bidders[name]
        bidder.leading -= amount
        bidder.leads -= 1


def close(item: Item, at: int) -> None:
    """The item's round has ended: from now on bids for it are late."""
    item.minimum = item.terms.starting_price
    item.closed = item.unit, at
    item.late = []


def deadlines_moved(state: RoomState, event: DeadlinesMoved) -> None:
    for moved in event.rounds:
        _move(state.items[moved.item], moved)


def _move(item: Item, moved: MovedDeadline) -> None:
    item.due_at = moved.ends_at if item.phase is ItemPhase.OPEN else moved.opens_at
    item.hard_end = moved.hard_end


def paused(state: RoomState, event: Paused) -> None:
    if event.item is None:
        state.paused = True
    else:
        state.items[event.item].paused = True
    for item in state.items.values() if event.item is None else (state.items[event.item],):
        if item.stopped_at is None and item.phase is not ItemPhase.FINISHED:
            item.stopped_at = event.at


def resumed(state: RoomState, event: Resumed) -> None:
    if event.item is None:
        state.paused = False
    else:
        state.items[event.item].paused = False
    for item in state.items.values() if event.item is None else (state.items[event.item],):
        if not (item.paused or state.paused):
            item.stopped_at = None
    for moved in event.rounds:
        _move(state.items[moved.item], moved)
