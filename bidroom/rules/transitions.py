"""Every lawful change of an item's phase, in one table. The diagram in docs/rules.md is drawn from it."""

from bidroom.rules.events import BidAccepted, BidVoided, Event, ItemFinished, ItemReopened, RoundOpened, UnitSold
from bidroom.rules.item import ItemPhase

TRANSITIONS: dict[tuple[ItemPhase, type[Event]], ItemPhase] = {
    (ItemPhase.BETWEEN, RoundOpened): ItemPhase.OPEN,
    (ItemPhase.OPEN, BidAccepted): ItemPhase.OPEN,
    (ItemPhase.OPEN, BidVoided): ItemPhase.OPEN,
    (ItemPhase.OPEN, UnitSold): ItemPhase.BETWEEN,
    (ItemPhase.BETWEEN, ItemFinished): ItemPhase.FINISHED,  # no units left, or withdrawn
    (ItemPhase.OPEN, ItemFinished): ItemPhase.FINISHED,  # passed, reserve not met, or withdrawn
    (ItemPhase.FINISHED, ItemReopened): ItemPhase.BETWEEN,
}
