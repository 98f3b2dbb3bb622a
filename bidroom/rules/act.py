"""act(state, command, now): decide, let it happen, and let maximums answer until none has anything more to say.

This is how a room is run; `decide` alone shows what a command leads to before anybody answers. The answers belong to
the command: they happen at its time, in its batch. So between two commands no maximum ever waits.
"""

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
    at = max(now, state.at)
    decision = decide(state, command, at)
    if not decision.events:
        return decision
    events = list(decision.events)
    contested: Contested = {}
    for event in decision.events:
        _happen(state, event, contested)
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
    freed = _freed_by(state, event)
    evolve(state, event)
    if isinstance(event, Resumed | DeadlinesMoved):
        contested.update((id, None) for id, item in state.items.items() if item.maximums)
    elif (id := getattr(event, "item", None)) is not None and state.items[id].maximums:
        contested[id] = None
    if freed is not None and (isinstance(event, BudgetSet) or _has_limits(state, freed)):
        contested.update((id, None) for id in state.bidders[freed].maximums)


def _freed_by(state: RoomState, event: AnyEvent) -> str | None:
    """The bidder whose budget or limits may allow more once this has happened."""
    if isinstance(event, SaleCancelled | BudgetSet):
        return event.bidder
    if isinstance(event, BidAccepted | BidVoided | ItemFinished):
        return state.items[event.item].highest_bidder
    return None


def _has_limits(state: RoomState, bidder: str) -> bool:
    return state.terms is not None and (state.bidders[bidder].budget is not None or state.terms.units_each is not None)
