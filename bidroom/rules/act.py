"""act(state, command, now): decide, let it happen, and let maximums answer until none has anything more to say.

This is how a room is run; `decide` alone shows what a command leads to before anybody answers. The answers belong to
the command: they happen at its time, in its batch. So between two commands no maximum ever waits.
"""

from collections.abc import Callable, Collection
from typing import Any

from bidroom.rules import maximums
from bidroom.rules.commands import BidderCommand, HouseCommand
from bidroom.rules.control import ControlCommands
from bidroom.rules.decide import decide
from bidroom.rules.decision import Decision
from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    BidVoided,
    BudgetSet,
    DeadlinesMoved,
    ItemFinished,
    Resumed,
    SaleCancelled,
)
from bidroom.rules.evolve import evolve
from bidroom.rules.state import RoomState

MOST_ANSWERS = 1000
"""How many exchanges of maximums one command can lead to; what is left then waits for the next command."""

Contested = dict[str, None]
"""Items on which maximums may have something to say, in the order in which they are asked."""


def act(state: RoomState, command: BidderCommand | HouseCommand | ControlCommands, now: int) -> Decision:
    """Apply the rules to one command, and change the state by all that it leads to. Only a bug in the house raises."""
    decision = decide(state, command, now)
    contested: Contested = {}
    for event in decision.events:
        _happen(state, event, contested)
    if not contested:
        return decision
    events, at = list(decision.events), state.at
    for _ in range(MOST_ANSWERS):
        if not contested:
            break
        id = next(iter(contested))
        answers = maximums.answers(state, state.items[id], at)
        if not answers:
            del contested[id]
        for answer in answers:
            events.append(answer)
            _happen(state, answer, contested)
    return Decision(decision.answer, tuple(events))


def _happen(state: RoomState, event: AnyEvent, contested: Contested) -> None:
    """Let the event have happened, and note the items on which maximums may now have something to say.

    These are the item that it is about, those whose clocks it moves, and those of a bidder whom it leaves more to
    spend. Where nobody has left a maximum, which is most of the time, there is nothing to look for; and once all that
    are left on an item are beaten, it need not be asked again.
    """
    freed = _freed(state, event) if state.limited and state.maximums else ()
    evolve(state, event)
    if not state.maximums:
        return
    if (id := getattr(event, "item", None)) is not None:
        if maximums.have_a_say(state.items[id]):
            contested[id] = None
        elif id in contested:
            del contested[id]
    elif type(event) in _MOVES_CLOCKS:
        contested.update((id, None) for id, item in state.items.items() if item.maximums)
    for id in freed:
        contested[id] = None


def _freed(state: RoomState, event: AnyEvent) -> Collection[str]:
    """The items with maximums of the bidder whose budget or limits may allow more once the event has happened."""
    frees = _FREES.get(type(event))
    return () if frees is None else frees(state, event)


def _of_leader(state: RoomState, event: BidAccepted | BidVoided | ItemFinished) -> Collection[str]:
    leader = state.items[event.item].highest_bidder
    return () if leader is None else _held_back(state, leader)


def _of_bidder(state: RoomState, event: SaleCancelled | BudgetSet) -> Collection[str]:
    return _held_back(state, event.bidder)


def _held_back(state: RoomState, name: str) -> Collection[str]:
    """The bidder's items with maximums, where a limit of theirs binds one to another. An item's own binds no other."""
    bidder = state.bidders[name]
    limited = bidder.budget is not None or (state.terms is not None and state.terms.units_each is not None)
    return bidder.maximums if limited else ()


_FREES: dict[type[AnyEvent], Callable[[RoomState, Any], Collection[str]]] = {
    BidAccepted: _of_leader,
    BidVoided: _of_leader,
    ItemFinished: _of_leader,
    SaleCancelled: _of_bidder,
    BudgetSet: _of_bidder,
}
"""By the kind of event, whose items these are."""

_MOVES_CLOCKS = frozenset({Resumed, DeadlinesMoved})
