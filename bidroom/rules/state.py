"""A room as its events made it. Only `rules.evolve` changes it; replaying the same events gives the same state."""

from msgspec import Struct

from bidroom.rules.events import UnitSold
from bidroom.rules.item import Item, RoomTerms


class Bidder(Struct):
    """A registered bidder. `last_id` is the highest id among their accepted commands."""

    token_hash: str
    last_id: int = 0


class RoomState(Struct):
    """Everything that the rules need to know; `terms` is None only before the room's first event.

    `seq` and `sub` name the last event, `at` is its room time in milliseconds. `unfinished` counts items that are not
    finished. `sales` are the purchases in order: one `UnitSold` a unit, which is its proof that it has one winner.
    """

    terms: RoomTerms | None = None
    seq: int = 0
    sub: int = 0
    at: int = 0
    items: dict[str, Item] = {}
    unfinished: int = 0
    bidders: dict[str, Bidder] = {}
    sales: list[UnitSold] = []

    @property
    def finished(self) -> bool:
        """Whether every item of the room is finished."""
        return self.terms is not None and self.unfinished == 0
