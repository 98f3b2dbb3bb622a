"""Every lawful change of an item's phase, in one table. The diagram in docs/rules.md is drawn from it."""

from bidroom.rules.events import (
    BidAccepted,
    BidVoided,
    Event,
    ItemEvent,
    ItemFinished,
    ItemReopened,
    RoundOpened,
    UnitSold,
)
from bidroom.rules.item import Item, ItemPhase

TRANSITIONS: dict[tuple[ItemPhase, type[Event]], ItemPhase] = {
    (ItemPhase.BETWEEN, RoundOpened): ItemPhase.OPEN,
    (ItemPhase.OPEN, BidAccepted): ItemPhase.OPEN,
    (ItemPhase.OPEN, BidVoided): ItemPhase.OPEN,
    (ItemPhase.OPEN, UnitSold): ItemPhase.BETWEEN,
    (ItemPhase.BETWEEN, ItemFinished): ItemPhase.FINISHED,  # no units left, or withdrawn
    (ItemPhase.OPEN, ItemFinished): ItemPhase.FINISHED,  # passed, reserve not met, or withdrawn
    (ItemPhase.FINISHED, ItemReopened): ItemPhase.BETWEEN,
}


class UnlawfulEvent(Exception):
    """An event that can't follow on the state it meets."""


def move_on(item: Item, event: ItemEvent) -> None:
    """Move the item to the phase that the table says. Raises UnlawfulEvent where it says none."""
    phase = TRANSITIONS.get((item.phase, type(event)))
    if phase is None:
        name = type(event).__name__
        raise UnlawfulEvent(f"{name} (event {event.seq}) for {event.item}, which is {item.phase.value}")
    if phase is not item.phase:
        item.phase = phase
