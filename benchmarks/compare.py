"""Contenders that take turns: A B A B, so that what disturbs the machine for a while disturbs all of them.

A figure is the median of all turns, with the least and the greatest. A ratio is made within each round of turns first,
and then it is the median of those, with the least and the greatest: how far two contenders are apart is known better
than either of their figures.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import TypeVar

from msgspec import Struct

Key = TypeVar("Key")
Result = TypeVar("Result")


class Spread(Struct, frozen=True):
    """A median between the least and the greatest value."""

    median: float
    least: float
    most: float

    def show(self, digits: int = 0) -> str:
        """As a table has it: "58,300 (56,100 to 59,900)"."""
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f} to {self.most:,.{digits}f})"


def spread(values: Iterable[float]) -> Spread:
    """The spread of at least one value."""
    found = list(values)
    return Spread(median(found), min(found), max(found))


def take_turns(
    contenders: Sequence[Key], repetitions: int, measure: Callable[[Key, int], Result]
) -> dict[Key, list[Result]]:
    """Measure each contender `repetitions` times, in rounds: the result of each round for each."""
    results: dict[Key, list[Result]] = {contender: [] for contender in contenders}
    for repetition in range(repetitions):
        for contender in contenders:
            results[contender].append(measure(contender, repetition))
    return results


def ratio(
    results: Mapping[Key, Sequence[Result]], ours: Key, theirs: Key, figure: Callable[[Result], float]
) -> Spread | None:
    """How many times theirs ours is, round by round; None where one of them was not measured."""
    pairs = list(zip(results.get(ours, ()), results.get(theirs, ()), strict=False))
    return spread(figure(a) / figure(b) for a, b in pairs) if pairs and all(figure(b) for _, b in pairs) else None
