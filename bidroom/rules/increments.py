"""How much more the next bid must be: a fixed step, a percentage of the price, or a ladder of steps by price.

Amounts are in minor units. The step is always found by the current price.
"""

from itertools import pairwise

from msgspec import Struct


class Percentage(Struct, frozen=True, tag_field="kind", tag="percentage"):
    """A step of `basis_points` (hundredths of a percent) of the price, rounded up to a multiple of `rounded_to`."""

    basis_points: int
    rounded_to: int


class Rung(Struct, frozen=True):
    """From this price up, up to the next rung, the step is `step`."""

    price: int
    step: int


class Ladder(Struct, frozen=True, tag_field="kind", tag="ladder"):
    """Steps by price: the first rung begins at 0, the prices rise."""

    rungs: tuple[Rung, ...]


Increment = int | Percentage | Ladder
"""A plain number is a fixed step."""


def step(increment: Increment, price: int) -> int:
    """How far above `price` the next bid must be."""
    if isinstance(increment, int):
        return increment
    if isinstance(increment, Percentage):
        whole = increment.rounded_to * 10_000
        return max(-(-price * increment.basis_points // whole), 1) * increment.rounded_to
    for rung, following in pairwise(increment.rungs):
        if price < following.price:
            return rung.step
    return increment.rungs[-1].step


EBAY = Ladder(
    (
        Rung(0, 5),
        Rung(100, 25),
        Rung(500, 50),
        Rung(25_00, 100),
        Rung(100_00, 250),
        Rung(250_00, 500),
        Rung(500_00, 10_00),
        Rung(1_000_00, 25_00),
        Rung(2_500_00, 50_00),
        Rung(5_000_00, 100_00),
    )
)
"""eBay's ladder, in hundredths. Source: https://www.ebay.com/help/buying/bidding/automatic-bidding?id=4014"""

TRADEME = Ladder(
    (
        Rung(0, 50),
        Rung(20_00, 100),
        Rung(200_00, 5_00),
        Rung(1_000_00, 10_00),
        Rung(5_000_00, 50_00),
        Rung(25_000_00, 100_00),
    )
)
"""Trade Me's ladder, in hundredths.

Source: https://help.trademe.co.nz/hc/en-us/articles/360007263411-Placing-a-bid (minimum bid increments)."""

PRESETS = {"ebay": EBAY, "trademe": TRADEME}
"""Ladders by the name that a catalogue may use, for currencies with two decimals."""
