"""decide(state, command, now) -> Decision: what a command leads to. Looks, and changes nothing.

`now` is the arrival of the command in room time (milliseconds). Events come out numbered and timed, in order, ready for
`evolve`. Room time never runs backwards: an event is never earlier than the one before it.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from bidroom.rules.answers import Accepted, Answer, Reason, Refused
from bidroom.rules.closing import after_outage, deadline_after_bid, first_deadline
from bidroom.rules.commands import Bid, Command, EndOutage, MeetDeadline, OpenRoom
from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    BidderRegistered,
    CommandRef,
    DeadlinesMoved,
    ItemFinished,
    MovedDeadline,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    UnitSold,
)
from bidroom.rules.item import Item, ItemPhase, ItemTerms
from bidroom.rules.once import digest
from bidroom.rules.state import RoomState


class Decision(Struct, frozen=True):
    """An answer for the bidder who asked (None where the house did), and the events that make it so."""

    answer: Answer | None
    events: tuple[AnyEvent, ...] = ()


def decide(state: RoomState, command: Command, now: int) -> Decision:
    """Apply the rules to one command. Every command gets a decision; only a bug in the house raises."""
    return _DECIDERS[type(command)](state, command, max(now, state.at))


def refusal(state: RoomState, bid: Bid, at: int) -> Refused | None:
    """Why a bid may not be accepted, by the first rule that it breaks; None where it may."""
    item = state.items.get(bid.item)
    if item is None:
        return Refused(bid.id, Reason.UNKNOWN_ITEM)
    if not _takes_bids(item, at) or bid.unit not in (None, item.unit):
        return Refused(bid.id, Reason.CLOSED)
    if bid.bidder == item.highest_bidder:
        return Refused(bid.id, Reason.LEADING)
    if bid.amount < item.minimum:
        return Refused(bid.id, Reason.TOO_LOW, item.minimum)
    return None


def _takes_bids(item: Item, at: int) -> bool:
    return item.phase is ItemPhase.OPEN and (item.due_at is None or at < item.due_at)


def _bid(state: RoomState, bid: Bid, at: int) -> Decision:
    refused = refusal(state, bid, at)
    if refused is not None:
        return Decision(refused)
    item = state.items[bid.item]
    seq = state.seq + 1
    accepted = BidAccepted(
        seq=seq,
        at=at,
        item=bid.item,
        unit=item.unit,
        bidder=bid.bidder,
        amount=bid.amount,
        minimum=bid.amount + item.terms.increment,
        ends_at=deadline_after_bid(item, at),
        command=CommandRef(bid.id, digest(bid)),
    )
    if bid.bidder in state.bidders:
        return Decision(Accepted(bid.id, seq), (accepted,))
    return Decision(Accepted(bid.id, seq), (_registered(state, bid, at), accepted))


def _registered(state: RoomState, bid: Bid, at: int) -> BidderRegistered:
    registration = bid.registration
    return BidderRegistered(
        seq=state.seq,
        sub=state.sub + 1,
        at=at,
        bidder=bid.bidder,
        token_hash=registration.token_hash,
        salt=registration.salt,
    )


def _open_room(state: RoomState, command: OpenRoom, at: int) -> Decision:
    assert state.terms is None, "a room opens once"
    opened = RoomOpened(seq=state.seq + 1, at=at, terms=command.terms)
    rounds = (
        _round_opened(terms, 1, opened.seq + number, at) for number, terms in enumerate(command.terms.items, start=1)
    )
    return Decision(None, (opened, *rounds))


def _round_opened(terms: ItemTerms, unit: int, seq: int, at: int) -> RoundOpened:
    ends_at = first_deadline(terms, unit, at)
    return RoundOpened(seq=seq, at=at, item=terms.id, unit=unit, minimum=terms.starting_price, ends_at=ends_at)


def _meet_deadline(state: RoomState, command: MeetDeadline, at: int) -> Decision:
    item = state.items[command.item]
    if item.due_at is None or at < item.due_at:
        return Decision(None)
    if item.phase is ItemPhase.BETWEEN:
        return Decision(None, (_round_opened(item.terms, item.unit + 1, state.seq + 1, at),))
    if item.highest_bidder is None:
        return Decision(None, _finish(state, item, state.seq + 1, item.units_left, at))
    assert item.highest_bid is not None, "a leader leads at a price"
    last = item.units_left == 1
    sold = UnitSold(
        seq=state.seq + 1,
        at=at,
        item=item.terms.id,
        unit=item.unit,
        bidder=item.highest_bidder,
        amount=item.highest_bid,
        opens_at=None if last else at + item.terms.pause_ms,
    )
    return Decision(None, (sold, *(_finish(state, item, sold.seq + 1, 0, at) if last else ())))


def _finish(state: RoomState, item: Item, seq: int, unsold: int, at: int) -> tuple[AnyEvent, ...]:
    finished = ItemFinished(seq=seq, at=at, item=item.terms.id, unsold=unsold)
    if state.unfinished > 1:
        return (finished,)
    return finished, RoomFinished(seq=seq + 1, at=at)


def _end_outage(state: RoomState, _command: EndOutage, at: int) -> Decision:
    moved: list[MovedDeadline] = []
    for item in state.items.values():
        due_at, hard_end = after_outage(item, at)
        if item.phase is ItemPhase.OPEN and (due_at, hard_end) != (item.due_at, item.hard_end):
            moved.append(MovedDeadline(item.terms.id, item.unit, due_at, hard_end))
    if not moved:
        return Decision(None)
    return Decision(None, (DeadlinesMoved(seq=state.seq + 1, at=at, rounds=tuple(moved)),))


_DECIDERS: dict[type[Command], Callable[[RoomState, Any, int], Decision]] = {
    Bid: _bid,
    OpenRoom: _open_room,
    MeetDeadline: _meet_deadline,
    EndOutage: _end_outage,
}
