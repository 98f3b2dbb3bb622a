"""evolve(state, event): the only code that changes a room's state. It asks nothing and decides nothing.

An event that is out of order or not lawful in the item's phase raises `UnlawfulEvent`: a damaged journal, or a bug.
"""

from collections.abc import Callable
from typing import Any

from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    BidderRegistered,
    DeadlinesMoved,
    ItemFinished,
    PrivateEvent,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    UnitSold,
)
from bidroom.rules.item import Item, new_item
from bidroom.rules.state import Bidder, RoomState
from bidroom.rules.transitions import TRANSITIONS


class UnlawfulEvent(Exception):
    """An event that can't follow on the state it meets."""


def evolve(state: RoomState, event: AnyEvent) -> None:
    """Let one event have happened, in place.

    Raises UnlawfulEvent where its number or time doesn't follow the last one, it names an item or a bidder that the
    room doesn't have, or its item's phase doesn't allow it; the state is then not to be used any more.
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


def _enter(state: RoomState, event: RoundOpened | BidAccepted | UnitSold | ItemFinished) -> Item:
    """The event's item, moved to the phase that the table of transitions says."""
    item = state.items[event.item]
    phase = TRANSITIONS.get((item.phase, type(event)))
    if phase is None:
        raise UnlawfulEvent(f"{type(event).__name__} (event {event.seq}) for {event.item}, which is {item.phase.value}")
    item.phase = phase
    return item


def _room_opened(state: RoomState, event: RoomOpened) -> None:
    if state.terms is not None:
        raise UnlawfulEvent(f"the room can't open again (event {event.seq})")
    state.terms = event.terms
    state.items = {terms.id: new_item(terms) for terms in event.terms.items}
    state.unfinished = len(state.items)


def _bidder_registered(state: RoomState, event: BidderRegistered) -> None:
    state.bidders[event.bidder] = Bidder(event.token_hash)


def _round_opened(state: RoomState, event: RoundOpened) -> None:
    item = _enter(state, event)
    item.unit = event.unit
    item.highest_bid = None
    item.highest_bidder = None
    item.due_at = event.ends_at


def _bid_accepted(state: RoomState, event: BidAccepted) -> None:
    item = _enter(state, event)
    item.highest_bid = event.amount
    item.highest_bidder = event.bidder
    item.due_at = event.ends_at
    if event.command is not None:
        state.bidders[event.bidder].last_id = event.command.id


def _unit_sold(state: RoomState, event: UnitSold) -> None:
    item = _enter(state, event)
    item.units_left -= 1
    item.due_at = event.opens_at
    state.sales.append(event)


def _item_finished(state: RoomState, event: ItemFinished) -> None:
    item = _enter(state, event)
    item.due_at = None
    state.unfinished -= 1


def _room_finished(state: RoomState, event: RoomFinished) -> None:
    if state.unfinished:
        raise UnlawfulEvent(f"the room can't finish (event {event.seq}): {state.unfinished} items are not finished")


def _deadlines_moved(state: RoomState, event: DeadlinesMoved) -> None:
    for moved in event.rounds:
        item = state.items[moved.item]
        item.due_at = moved.ends_at
        item.hard_end = moved.hard_end


_EVOLVERS: dict[type[AnyEvent], Callable[[RoomState, Any], None]] = {
    RoomOpened: _room_opened,
    BidderRegistered: _bidder_registered,
    RoundOpened: _round_opened,
    BidAccepted: _bid_accepted,
    UnitSold: _unit_sold,
    ItemFinished: _item_finished,
    RoomFinished: _room_finished,
    DeadlinesMoved: _deadlines_moved,
}
