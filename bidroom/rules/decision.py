"""What a command leads to, and the places that its events take."""

from msgspec import Struct

from bidroom.rules.answers import Accepted, Answer, Reason, Refused
from bidroom.rules.events import AnyEvent
from bidroom.rules.state import RoomState


class Decision(Struct, frozen=True, gc=False):
    """An answer for who asked (None where the house did), and the events that make it so."""

    answer: Answer | None
    events: tuple[AnyEvent, ...] = ()


class Places:
    """Hands out the places of events to come: each public one the next `seq`, each private one the next `sub`."""

    def __init__(self, state: RoomState) -> None:
        self.seq = state.seq
        self._sub = state.sub

    def public(self) -> int:
        """The `seq` of the next event, which is public."""
        self.seq += 1
        self._sub = 0
        return self.seq

    def private(self) -> int:
        """The `sub` of the next event, which is private and stands below `seq`."""
        self._sub += 1
        return self._sub


def refuse(id: int, reason: Reason, minimum: int | None = None) -> Decision:
    """Nothing happens, for this reason."""
    return Decision(Refused(id, reason, minimum))


def accept(id: int, *events: AnyEvent) -> Decision:
    """These events happen, of which the first answers the command."""
    return Decision(Accepted(id, events[0].seq, events[0].sub), events)
