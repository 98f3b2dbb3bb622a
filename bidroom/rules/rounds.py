"""When rounds open and close, what is sold, and which item comes next: what the clock does, and opening by hand."""

from typing import Literal

from bidroom.rules.answers import Reason
from bidroom.rules.closing import after_outage, first_deadline
from bidroom.rules.commands import EndOutage, MeetDeadline, OpenRoom
from bidroom.rules.control import OpenBidding, OpenItem
from bidroom.rules.decision import Decision, Places, accept, refuse
from bidroom.rules.events import (
    AnyEvent,
    DeadlinesMoved,
    ItemFinished,
    MovedDeadline,
    ReserveSet,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    UnitSold,
)
from bidroom.rules.item import Because, Item, ItemPhase, RoomTerms, new_item
from bidroom.rules.state import RoomState


def open_room(state: RoomState, command: OpenRoom, at: int) -> Decision:
    """A new room, with its first rounds where bidding opens at once."""
    assert state.terms is None, "a room opens once"
    terms, places = command.terms, Places(state)
    events: list[AnyEvent] = [RoomOpened(seq=places.public(), at=at, terms=terms)]
    for reserve in command.reserves:
        events.append(
            ReserveSet(
                seq=places.seq,
                sub=places.private(),
                at=at,
                item=reserve.item,
                amount=reserve.amount,
                salt=reserve.salt,
            )
        )
    if terms.opens == "at-once" and terms.opens_at is None:
        offered = terms.items if terms.order == "together" else terms.items[:1]
        events += [round_opened(new_item(item), places, at) for item in offered]
    return Decision(None, tuple(events))


def round_opened(item: Item, places: Places, at: int, by: str = "") -> RoundOpened:
    """The event that opens the item's next round."""
    return RoundOpened(
        seq=places.public(),
        at=at,
        item=item.terms.id,
        unit=item.next_unit,
        minimum=item.terms.starting_price,
        ends_at=first_deadline(item.terms, item.opened == 0, at),
        reserve=item.reserve_sign(None),
        buy_now=item.terms.buy_now,
        by=by,
    )


def open_bidding(state: RoomState, command: OpenBidding, at: int) -> Decision:
    """The auctioneer opens the first rounds, before `opens_at` or in its place."""
    assert state.terms is not None, "the room is open"
    if state.paused:
        return refuse(command.id, Reason.PAUSED)
    waiting = [item for item in state.items.values() if item.opened == 0 and item.phase is ItemPhase.BETWEEN]
    if state.terms.order == "one-by-one":
        waiting = [] if has_begun(state) else waiting[:1]
    if not waiting:
        return refuse(command.id, Reason.ALREADY)
    places = Places(state)
    opened = [round_opened(item, places, at, command.by) for item in waiting if not item.paused]
    return accept(command.id, *opened) if opened else refuse(command.id, Reason.PAUSED)


def open_item(state: RoomState, command: OpenItem, at: int) -> Decision:
    """The auctioneer opens the next round of an item, or of the item that comes next."""
    item = next_item(state) if command.item is None else state.items.get(command.item)
    if item is None:
        return refuse(command.id, Reason.CLOSED if command.item is None else Reason.UNKNOWN_ITEM)
    if item.phase is not ItemPhase.BETWEEN or state.closing:
        return refuse(command.id, Reason.ALREADY if item.phase is ItemPhase.OPEN else Reason.CLOSED)
    if item.stopped_at is not None or state.paused:
        return refuse(command.id, Reason.PAUSED)
    return accept(command.id, round_opened(item, Places(state), at, command.by))


def next_item(state: RoomState, besides: Item | None = None) -> Item | None:
    """The first item, in the order of the sale, that waits to be offered."""
    waiting = (item for item in state.items.values() if item.phase is ItemPhase.BETWEEN and item is not besides)
    return next(waiting, None)


def meet_deadline(state: RoomState, command: MeetDeadline, at: int) -> Decision:
    """The clock opens the item's next round, or closes the open one."""
    item = state.items[command.item]
    if item.alarm is None or at < item.alarm:
        return Decision(None)
    places = Places(state)
    if item.phase is ItemPhase.BETWEEN:
        return Decision(None, (round_opened(item, places, at),))
    if item.highest_bidder is None or item.highest_bid is None:
        return Decision(None, finish(state, item, places, at, "passed"))
    if not item.meets_reserve(item.highest_bid):
        return Decision(None, finish(state, item, places, at, "reserve_not_met"))
    return Decision(None, sell(state, item, places, at, item.highest_bidder, item.highest_bid))


def sell(
    state: RoomState,
    item: Item,
    places: Places,
    at: int,
    bidder: str,
    amount: int,
    how: Literal["hammer", "buy_now"] = "hammer",
) -> tuple[AnyEvent, ...]:
    """The open unit is the bidder's; after the last one, and where the sale is closing, the item is finished."""
    is_last = item.units_left == 1 or state.closing
    sold = UnitSold(
        seq=places.public(),
        at=at,
        item=item.terms.id,
        unit=item.unit,
        bidder=bidder,
        amount=amount,
        opens_at=None if is_last else at + item.terms.pause_ms,
        how=how,
    )
    if not is_last:
        return (sold,)
    unsold = item.units_left - 1
    return sold, *finish(state, item, places, at, "closed" if unsold else "sold", unsold=unsold)


def finish(
    state: RoomState,
    item: Item,
    places: Places,
    at: int,
    because: Because,
    *,
    unsold: int | None = None,
    by: str = "",
    why: str = "",
) -> tuple[AnyEvent, ...]:
    """The item takes no more bids; the room is finished with its last one. `unsold`: all that are left, if None."""
    opens_at = _opening_after(state, item, at)
    following = None if opens_at is None else next_item(state, besides=item)
    finished = ItemFinished(
        seq=places.public(),
        at=at,
        item=item.terms.id,
        unsold=item.units_left if unsold is None else unsold,
        because=because,
        next_item=None if following is None else following.terms.id,
        opens_at=None if following is None else opens_at,
        by=by,
        why=why,
    )
    if state.unfinished > 1:
        return (finished,)
    return finished, RoomFinished(seq=places.public(), at=at)


def _opening_after(state: RoomState, item: Item, at: int) -> int | None:
    """When the next item opens by itself once this one is finished; None: not by the clock, or another is still on."""
    terms = state.terms
    if terms is None or terms.order == "together" or terms.next_item == "by-hand" or state.closing:
        return None
    if anything_on(state, besides=item):
        return None
    return at + item.terms.pause_ms if has_begun(state) else terms.opens_at


def has_begun(state: RoomState) -> bool:
    """Whether any round was ever opened."""
    return any(item.opened for item in state.items.values())


def anything_on(state: RoomState, besides: Item | None = None) -> bool:
    """Whether an item is open, or opens by the clock."""
    return any(
        item.phase is ItemPhase.OPEN or (item.phase is ItemPhase.BETWEEN and item.due_at is not None)
        for item in state.items.values()
        if item is not besides
    )


def opening_time(terms: RoomTerms, state: RoomState, pause_ms: int, at: int) -> int | None:
    """When an item that is added or offered again opens by the clock.

    One by one, it waits for its turn; before the sale has begun, it opens with it.
    """
    if terms.order == "one-by-one" and (terms.next_item == "by-hand" or anything_on(state)):
        return None
    return at + pause_ms if has_begun(state) else terms.opens_at


def end_outage(state: RoomState, _command: EndOutage, at: int) -> Decision:
    """Every open round whose clock runs has at least its window left; what should have opened meanwhile opens now."""
    moved: list[MovedDeadline] = []
    for item in state.items.values():
        if item.phase is ItemPhase.BETWEEN and item.alarm is not None and item.alarm < at:
            moved.append(MovedDeadline(item.terms.id, item.unit, None, item.hard_end, opens_at=at))
        if item.phase is not ItemPhase.OPEN or item.stopped_at is not None:
            continue
        due_at, hard_end = after_outage(item, at)
        if (due_at, hard_end) != (item.due_at, item.hard_end):
            moved.append(MovedDeadline(item.terms.id, item.unit, due_at, hard_end))
    if not moved:
        return Decision(None)
    return Decision(None, (DeadlinesMoved(seq=state.seq + 1, at=at, rounds=tuple(moved)),))
