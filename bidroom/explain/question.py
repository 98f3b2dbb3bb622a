"""What somebody asks about: an item, a unit, a bidder, as people name them."""

from collections.abc import Iterable

from msgspec import Struct

from bidroom.errors import BidroomError
from bidroom.rules.names import name_key
from bidroom.rules.state import RoomState

_SHOWN = 8
"""How many of those that there are an error names."""


class Question(Struct, frozen=True):
    """Who got this item (or this unit of it), and, with a bidder, why they did not."""

    item: str
    unit: int | None = None
    bidder: str | None = None


def ask(state: RoomState, item: str, unit: int | None, bidder: str | None) -> Question:
    """The question by the room's own ids: an item by id or name, a bidder by label, paddle or own name.

    Raises BidroomError naming some that there are.
    """
    id = _find_item(state, item)
    units = state.items[id].terms.units
    if unit is not None and not 1 <= unit <= units:
        raise BidroomError(f"{id} has no unit {unit}; it has units 1 to {units}")
    return Question(id, unit, None if bidder is None else _find_bidder(state, bidder))


def _find_item(state: RoomState, wanted: str) -> str:
    if wanted in state.items:
        return wanted
    named = [id for id, item in state.items.items() if name_key(item.terms.name) == name_key(wanted)]
    if len(named) == 1:
        return named[0]
    if named:
        raise BidroomError(f"several items are called {wanted!r}; name one by its id: {_some(named)}")
    raise BidroomError(f"there is no item {wanted!r}; there are: {_some(state.items)}")


def _find_bidder(state: RoomState, wanted: str) -> str:
    found = state.find_bidder(wanted)
    if found is None and wanted.isascii() and wanted.isdigit():
        found = state.find_bidder(int(wanted))
    if found is not None:
        return found
    named = [
        label for label, bidder in state.bidders.items() if name_key(wanted) in (name_key(label), name_key(bidder.name))
    ]
    if len(named) == 1:
        return named[0]
    if named:
        raise BidroomError(f"several bidders are called {wanted!r}; name one as others see them: {_some(named)}")
    there = f"there are: {_some(state.bidders)}" if state.bidders else "nobody bid at all"
    raise BidroomError(f"there is no bidder {wanted!r}; {there} (who never made a bid that counted is not known)")


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
