"""A maximum acceptable price for each item, fixed before the first bid."""

from random import Random

from bidroom.client.strategies.strategy import Limits, StrategyError
from bidroom.client.view import View
from bidroom.rules.item import MAX_AMOUNT


def draw_limits(view: View, rng: Random, given: Limits) -> dict[str, int]:
    """A limit for every item of the room: the given one, or one drawn from 0.8 to 3 times the starting price.

    Minor units, without rounding. Every item draws whether or not its limit is given, so that giving one doesn't change
    the others. Raises StrategyError where `given` names an item that the room doesn't have.
    """
    unknown = sorted(given.keys() - view.items.keys())
    if unknown:
        raise StrategyError(f"The room has no item {unknown[0]!r}; its items are {', '.join(view.items)}.")
    drawn = {item.id: _draw(item.starting_price, rng) for item in view.items.values()}
    return {**drawn, **given}


def _draw(starting_price: int, rng: Random) -> int:
    lowest = -(-8 * starting_price // 10)  # 0.8 times, rounded up: no limit is below it
    return min(rng.randint(lowest, 3 * starting_price), MAX_AMOUNT)
