"""evolve(state, event): the only code that changes a room's state. It asks nothing and decides nothing.

An event that is out of order or not lawful in the item's phase raises `UnlawfulEvent`: a damaged journal, or a bug.
"""

from bisect import insort
from collections.abc import Callable
from typing import Any

from bidroom.rules.events import (
    Announced,
    AnyEvent,
    BidAccepted,
    BidCameLate,
    BidderRegistered,
    BidderRemoved,
    BidVoided,
    BudgetSet,
    CommandRef,
    DeadlinesMoved,
    ItemAdded,
    ItemEvent,
    ItemFinished,
    ItemReopened,
    MaximumCancelled,
    MaximumSet,
    MovedDeadline,
    OfferDeclined,
    OfferMade,
    Paused,
    PrivateEvent,
    PurchasesHandedOver,
    PurchasesPaid,
    ReserveSet,
    Resumed,
    RoomClosing,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    SaleCancelled,
    TokenReplaced,
    UnitSold,
)
from bidroom.rules.item import KEPT_BIDS, Item, ItemPhase, Maximum, StandingBid, new_item
from bidroom.rules.state import Bidder, Offer, RoomState, Sale
from bidroom.rules.transitions import TRANSITIONS


class UnlawfulEvent(Exception):
    """An event that can't follow on the state it meets."""


def evolve(state: RoomState, event: AnyEvent) -> None:
    """Let one event have happened, in place.

    Raises UnlawfulEvent where its number or time doesn't follow the last one, it names an item, a bidder or a sale that
    the room doesn't have, or its item's phase doesn't allow it; the state is then not to be used any more.
    """
    following = (state.seq, state.sub + 1) if isinstance(event, PrivateEvent) else (state.seq + 1, 0)
    if (event.seq, event.sub) != following:
        raise UnlawfulEvent(f"event {event.seq}.{event.sub} can't follow {state.seq}.{state.sub}")
    if event.at < state.at:
        raise UnlawfulEvent(f"event {event.seq}.{event.sub} is earlier than the one before")
    try:
        _EVOLVERS[type(event)](state, event)
    except KeyError as unknown:
        raise UnlawfulEvent(f"event {event.seq}.{event.sub} names {unknown}, which the room doesn't have") from None
    state.seq, state.sub, state.at = event.seq, event.sub, event.at


def _enter(state: RoomState, event: ItemEvent) -> Item:
    """The event's item, moved to the phase that the table of transitions says."""
    item = state.items[event.item]
    phase = TRANSITIONS.get((item.phase, type(event)))
    if phase is None:
        raise UnlawfulEvent(f"{type(event).__name__} (event {event.seq}) for {event.item}, which is {item.phase.value}")
    item.phase = phase
    return item


def _note_command(bidder: Bidder, command: CommandRef | None) -> None:
    if command is not None:
        bidder.last_id = command.id


# The room and its items


def _room_opened(state: RoomState, event: RoomOpened) -> None:
    if state.terms is not None:
        raise UnlawfulEvent(f"the room can't open again (event {event.seq})")
    state.terms = event.terms
    state.items = {terms.id: new_item(terms) for terms in event.terms.items}
    state.unfinished = len(state.items)
    offered = event.terms.items if event.terms.order == "together" else event.terms.items[:1]
    for terms in offered:
        state.items[terms.id].due_at = event.terms.opens_at


def _reserve_set(state: RoomState, event: ReserveSet) -> None:
    state.items[event.item].reserve = event.amount


def _item_added(state: RoomState, event: ItemAdded) -> None:
    if event.terms.id in state.items:
        raise UnlawfulEvent(f"item {event.terms.id} can't be added again (event {event.seq})")
    item = state.items[event.terms.id] = new_item(event.terms)
    item.due_at = event.opens_at
    state.unfinished += 1


def _item_finished(state: RoomState, event: ItemFinished) -> None:
    was_open = state.items[event.item].phase is ItemPhase.OPEN
    item = _enter(state, event)
    if was_open:
        _release(state, item)
        insort(item.returned, item.unit)
        _close(item, event.at)
    item.because = event.because
    item.due_at = item.stopped_at = None
    item.paused = False
    state.unfinished -= 1
    if event.next_item is not None:
        following = state.items[event.next_item]
        following.due_at = event.opens_at
        if following.stopped_at is not None:
            following.stopped_at = event.at


def _item_reopened(state: RoomState, event: ItemReopened) -> None:
    item = _enter(state, event)
    item.because = None
    item.due_at = event.opens_at
    item.hard_end = None
    state.unfinished += 1


def _room_closing(state: RoomState, _event: RoomClosing) -> None:
    state.closing = True


def _room_finished(state: RoomState, event: RoomFinished) -> None:
    if state.unfinished:
        raise UnlawfulEvent(f"the room can't finish (event {event.seq}): {state.unfinished} items are not finished")


# Rounds and bids


def _round_opened(state: RoomState, event: RoundOpened) -> None:
    item = _enter(state, event)
    if event.unit in item.returned:
        item.returned.remove(event.unit)
    item.opened = max(item.opened, event.unit)
    item.unit = event.unit
    item.highest_bid = item.highest_bidder = None
    item.due_at = event.ends_at
    item.bids = []


def _bid_accepted(state: RoomState, event: BidAccepted) -> None:
    item = _enter(state, event)
    _release(state, item)
    by_hand = event.command is not None or event.by != ""
    item.bids.append(StandingBid(event.seq, event.bidder, event.amount, by_hand))
    if len(item.bids) > KEPT_BIDS:
        del item.bids[0]
    item.due_at = event.ends_at
    _note_command(_lead(state, item), event.command)


def _bid_voided(state: RoomState, event: BidVoided) -> None:
    item = _enter(state, event)
    _release(state, item)
    item.highest_bid = item.highest_bidder = None
    while item.bids and item.bids[-1].seq != event.standing:
        item.bids.pop()
    item.due_at = event.ends_at
    item.hard_end = event.hard_end
    if item.stopped_at is not None:
        item.stopped_at = event.at
    if item.bids:
        _lead(state, item)


def _lead(state: RoomState, item: Item) -> Bidder:
    """The last of the item's bids leads."""
    bid = item.bids[-1]
    item.highest_bid, item.highest_bidder = bid.amount, bid.bidder
    bidder = state.bidders[bid.bidder]
    bidder.leading += bid.amount
    bidder.leads += 1
    return bidder


def _release(state: RoomState, item: Item) -> None:
    """The leader of the open round, if there is one, leads it no more. Price and leader stay on show."""
    if item.highest_bidder is not None and item.highest_bid is not None:
        bidder = state.bidders[item.highest_bidder]
        bidder.leading -= item.highest_bid
        bidder.leads -= 1


def _close(item: Item, at: int) -> None:
    """The item's round has ended: from now on bids for it are late."""
    item.closed = item.unit, at
    item.late = []


def _deadlines_moved(state: RoomState, event: DeadlinesMoved) -> None:
    for moved in event.rounds:
        _move(state.items[moved.item], moved)


def _move(item: Item, moved: MovedDeadline) -> None:
    item.due_at = moved.ends_at if item.phase is ItemPhase.OPEN else moved.opens_at
    item.hard_end = moved.hard_end


def _paused(state: RoomState, event: Paused) -> None:
    if event.item is None:
        state.paused = True
    else:
        state.items[event.item].paused = True
    for item in state.items.values() if event.item is None else (state.items[event.item],):
        if item.stopped_at is None and item.phase is not ItemPhase.FINISHED:
            item.stopped_at = event.at


def _resumed(state: RoomState, event: Resumed) -> None:
    if event.item is None:
        state.paused = False
    else:
        state.items[event.item].paused = False
    for item in state.items.values() if event.item is None else (state.items[event.item],):
        if not (item.paused or state.paused):
            item.stopped_at = None
    for moved in event.rounds:
        _move(state.items[moved.item], moved)


# Maximums


def _maximum_set(state: RoomState, event: MaximumSet) -> None:
    bidder, item = state.bidders[event.bidder], state.items[event.item]
    _drop_maximum(bidder, item)
    maximum = Maximum(event.bidder, event.amount, event.units, (event.seq, event.sub))
    bidder.maximums[event.item] = maximum
    insort(item.maximums, maximum, key=_strength)
    _note_command(bidder, event.command)


def _strength(maximum: Maximum) -> tuple[int, tuple[int, int]]:
    return -maximum.amount, maximum.since


def _maximum_cancelled(state: RoomState, event: MaximumCancelled) -> None:
    bidder = state.bidders[event.bidder]
    _drop_maximum(bidder, state.items[event.item])
    _note_command(bidder, event.command)


def _drop_maximum(bidder: Bidder, item: Item) -> None:
    maximum = bidder.maximums.pop(item.terms.id, None)
    if maximum is not None:
        item.maximums.remove(maximum)


# Sales


def _unit_sold(state: RoomState, event: UnitSold) -> None:
    if event.how == "offer":
        item = state.items[event.item]
        _settle_offer(state, event.item, event.unit)
        runner_up = None
    else:
        item = _enter(state, event)
        runner_up = next(((bid.bidder, bid.amount) for bid in reversed(item.bids) if bid.bidder != event.bidder), None)
        _release(state, item)
        item.units_left -= 1
        item.due_at = event.opens_at
        _close(item, event.at)
    bidder = state.bidders[event.bidder]
    bidder.won += event.amount
    bidder.units[event.item] = bidder.units.get(event.item, 0) + 1
    maximum = bidder.maximums.get(event.item)
    if maximum is not None:
        maximum.units_left -= 1
        if not maximum.units_left:
            _drop_maximum(bidder, item)
    _note_command(bidder, event.command)
    state.sales[event.seq] = Sale(event.seq, event.at, event.item, event.unit, event.bidder, event.amount, runner_up)
    state.sold.append(event)


def _sale_cancelled(state: RoomState, event: SaleCancelled) -> None:
    sale = state.sales.pop(event.sale)
    bidder = state.bidders[sale.bidder]
    bidder.won -= sale.amount
    bidder.units[sale.item] -= 1
    _give_back(state.items[sale.item], sale.unit)
    state.sold.append(event)


def _give_back(item: Item, unit: int) -> None:
    item.units_left += 1
    insort(item.returned, unit)


def _offer_made(state: RoomState, event: OfferMade) -> None:
    item = state.items[event.item]
    item.returned.remove(event.unit)
    item.units_left -= 1
    state.offers.append(Offer(event.item, event.unit, event.bidder, event.amount))


def _settle_offer(state: RoomState, item: str, unit: int) -> None:
    offer = state.find_offer(item, unit)
    if offer is None:
        raise KeyError(f"an offer of {item}, unit {unit}")
    state.offers.remove(offer)


def _offer_declined(state: RoomState, event: OfferDeclined) -> None:
    _settle_offer(state, event.item, event.unit)
    _give_back(state.items[event.item], event.unit)
    _note_command(state.bidders[event.bidder], event.command)


def _purchases_paid(state: RoomState, event: PurchasesPaid) -> None:
    state.bidders[event.bidder].paid += event.amount
    for seq in event.sales:
        state.sales[seq].paid = event.how, event.by


def _purchases_handed_over(state: RoomState, event: PurchasesHandedOver) -> None:
    for seq in event.sales:
        state.sales[seq].handed_over = event.by


# Bidders


def _bidder_registered(state: RoomState, event: BidderRegistered) -> None:
    if event.bidder in state.bidders or event.paddle in state.paddles:
        raise UnlawfulEvent(f"{event.bidder} can't be registered again (event {event.seq}.{event.sub})")
    bidder = Bidder(event.token_hash, event.salt, event.name, event.paddle, event.budget, event.email)
    state.bidders[event.bidder] = bidder
    if event.paddle is not None:
        state.paddles[event.paddle] = event.bidder


def _budget_set(state: RoomState, event: BudgetSet) -> None:
    state.bidders[event.bidder].budget = event.budget


def _token_replaced(state: RoomState, event: TokenReplaced) -> None:
    state.bidders[event.bidder].token_hash = event.token_hash


def _bidder_removed(state: RoomState, event: BidderRemoved) -> None:
    state.bidders[event.bidder].removed = True
    for item in state.items.values():
        if any(bid.bidder == event.bidder for bid in item.bids):
            item.bids = [bid for bid in item.bids if bid.bidder != event.bidder]


# On record only


def _on_record(state: RoomState, event: Announced | BidCameLate) -> None:
    if isinstance(event, BidCameLate):
        state.items[event.item].late.append(event.bidder)


_EVOLVERS: dict[type[AnyEvent], Callable[[RoomState, Any], None]] = {
    RoomOpened: _room_opened,
    ReserveSet: _reserve_set,
    ItemAdded: _item_added,
    BidderRegistered: _bidder_registered,
    BudgetSet: _budget_set,
    TokenReplaced: _token_replaced,
    RoundOpened: _round_opened,
    BidAccepted: _bid_accepted,
    MaximumSet: _maximum_set,
    MaximumCancelled: _maximum_cancelled,
    BidCameLate: _on_record,
    BidVoided: _bid_voided,
    UnitSold: _unit_sold,
    SaleCancelled: _sale_cancelled,
    OfferMade: _offer_made,
    OfferDeclined: _offer_declined,
    ItemFinished: _item_finished,
    ItemReopened: _item_reopened,
    RoomFinished: _room_finished,
    RoomClosing: _room_closing,
    DeadlinesMoved: _deadlines_moved,
    Paused: _paused,
    Resumed: _resumed,
    Announced: _on_record,
    BidderRemoved: _bidder_removed,
    PurchasesPaid: _purchases_paid,
    PurchasesHandedOver: _purchases_handed_over,
}
