"""How the auctioneer runs the sale: pause and go on, extend, withdraw, add, reopen, announce, close."""

from bidroom.rules.answers import Reason
from bidroom.rules.closing import after_pause, at_least
from bidroom.rules.control import AddItem, Announce, CloseRoom, Extend, Pause, Reopen, Resume, Withdraw
from bidroom.rules.decision import Decision, Places, accept, refuse
from bidroom.rules.events import (
    Announced,
    AnyEvent,
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
)
from bidroom.rules.item import Item, ItemPhase, new_item
from bidroom.rules.rounds import finish, has_begun, opening_time, round_opened
from bidroom.rules.state import RoomState


def pause(state: RoomState, command: Pause, at: int) -> Decision:
    """Bids are refused and clocks stand still, of one item or of the room."""
    if command.item is None:
        reason = Reason.CLOSED if state.finished else Reason.ALREADY if state.paused else None
    else:
        item = state.items.get(command.item)
        reason = _not_on(item) or (Reason.ALREADY if item is not None and item.paused else None)
    if reason is not None:
        return refuse(command.id, reason)
    return accept(command.id, Paused(seq=state.seq + 1, at=at, item=command.item, by=command.by))


def _not_on(item: Item | None) -> Reason | None:
    """Why nothing can be done with this item any more."""
    if item is None:
        return Reason.UNKNOWN_ITEM
    return Reason.CLOSED if item.phase is ItemPhase.FINISHED else None


def resume(state: RoomState, command: Resume, at: int) -> Decision:
    """Clocks go on with what was left when they stopped; an open round has at least its window."""
    if command.item is None:
        if not state.paused:
            return refuse(command.id, Reason.ALREADY)
        going_on = [item for item in state.items.values() if item.stopped_at is not None and not item.paused]
    else:
        item = state.items.get(command.item)
        if item is None or not item.paused:
            return refuse(command.id, Reason.UNKNOWN_ITEM if item is None else Reason.ALREADY)
        going_on = [] if state.paused else [item]
    rounds = tuple(_resumed(item, at) for item in going_on if item.due_at is not None or item.hard_end is not None)
    return accept(command.id, Resumed(seq=state.seq + 1, at=at, item=command.item, rounds=rounds, by=command.by))


def _resumed(item: Item, at: int) -> MovedDeadline:
    due_at, hard_end = after_pause(item, at)
    if item.phase is ItemPhase.OPEN:
        return MovedDeadline(item.terms.id, item.unit, due_at, hard_end)
    return MovedDeadline(item.terms.id, item.unit, None, hard_end, opens_at=due_at)


def extend(state: RoomState, command: Extend, at: int) -> Decision:
    """The open round closes no earlier than so long from now."""
    item = state.items.get(command.item)
    if item is None or item.phase is not ItemPhase.OPEN:
        return refuse(command.id, Reason.UNKNOWN_ITEM if item is None else Reason.CLOSED)
    if item.stopped_at is not None:
        return refuse(command.id, Reason.PAUSED)
    due_at, hard_end = at_least(item, at + command.span_ms)
    if due_at == item.due_at:
        return refuse(command.id, Reason.ALREADY)
    moved = MovedDeadline(command.item, item.unit, due_at, hard_end)
    return accept(command.id, DeadlinesMoved(seq=state.seq + 1, at=at, rounds=(moved,), by=command.by))


def withdraw(state: RoomState, command: Withdraw, at: int) -> Decision:
    """The item is finished with what is unsold of it; a standing bid falls away."""
    item = state.items.get(command.item)
    reason = _not_on(item)
    if item is None or reason is not None:
        return refuse(command.id, reason or Reason.UNKNOWN_ITEM)
    events = finish(state, item, Places(state), at, "withdrawn", by=command.by, why=command.why)
    return accept(command.id, *events)


def add_item(state: RoomState, command: AddItem, at: int) -> Decision:
    """Another item, behind all others. It opens at once where the others are open."""
    terms = state.terms
    assert terms is not None, "the room is open"
    if command.terms.id in state.items:
        return refuse(command.id, Reason.ALREADY)
    if state.paused or state.closing:
        return refuse(command.id, Reason.PAUSED if state.paused else Reason.CLOSED)
    at_once = terms.order == "together" and has_begun(state)
    opens_at = None if at_once else opening_time(terms, state, command.terms.pause_ms, at)
    places = Places(state)
    added: list[AnyEvent] = [
        ItemAdded(seq=places.public(), at=at, terms=command.terms, opens_at=opens_at, by=command.by)
    ]
    if command.reserve is not None:
        amount, salt = command.reserve.amount, command.reserve.salt
        added.append(
            ReserveSet(seq=places.seq, sub=places.private(), at=at, item=command.terms.id, amount=amount, salt=salt)
        )
    if at_once:
        added.append(round_opened(new_item(command.terms), places, at))
    return accept(command.id, *added)


def reopen(state: RoomState, command: Reopen, at: int) -> Decision:
    """The unsold units of a finished item are offered again."""
    item = state.items.get(command.item)
    if item is None or item.phase is not ItemPhase.FINISHED:
        return refuse(command.id, Reason.UNKNOWN_ITEM if item is None else Reason.ALREADY)
    reason = may_reopen(state)
    if reason is not None or not item.units_left:
        return refuse(command.id, reason or Reason.CLOSED)
    return accept(command.id, reopened(state, item, Places(state), at, item.units_left, command.by))


def may_reopen(state: RoomState) -> Reason | None:
    """Why nothing can be offered again now."""
    if state.closing:
        return Reason.CLOSED
    return Reason.PAUSED if state.paused else None


def reopened(state: RoomState, item: Item, places: Places, at: int, units_left: int, by: str) -> ItemReopened:
    """The event that offers a finished item again."""
    assert state.terms is not None, "the room is open"
    return ItemReopened(
        seq=places.public(),
        at=at,
        item=item.terms.id,
        units_left=units_left,
        opens_at=opening_time(state.terms, state, item.terms.pause_ms, at),
        by=by,
    )


def announce(state: RoomState, command: Announce, at: int) -> Decision:
    """Everyone is told something."""
    return accept(command.id, Announced(seq=state.seq + 1, at=at, text=command.text, by=command.by))


def close_room(state: RoomState, command: CloseRoom, at: int) -> Decision:
    """Rounds with a standing bid run out; every other item is finished now, and nothing new opens."""
    if state.finished or state.closing:
        return refuse(command.id, Reason.CLOSED if state.finished else Reason.ALREADY)
    places = Places(state)
    events: list[AnyEvent] = [RoomClosing(seq=places.public(), at=at, by=command.by, why=command.why)]
    going = [item for item in state.items.values() if item.phase is not ItemPhase.FINISHED]
    ending = [item for item in going if item.phase is ItemPhase.BETWEEN or item.highest_bidder is None]
    events += [
        ItemFinished(
            seq=places.public(),
            at=at,
            item=item.terms.id,
            unsold=item.units_left,
            because="closed",
            by=command.by,
            why=command.why,
        )
        for item in ending
    ]
    if len(ending) == len(going):
        events.append(RoomFinished(seq=places.public(), at=at))
    return accept(command.id, *events)
