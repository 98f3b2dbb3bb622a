"""An increment as a catalogue writes it: an amount, a percentage, a preset's name, or a ladder of pairs.

increment = 5.00
increment = "5%"                        # of the price, rounded up to a whole unit of the currency
increment = "5% rounded to 0.50"        # rounded up to a multiple of 0.50
increment = "ebay"
increment = [[0, 1.00], [100.00, 5.00]] # a step of 1.00, and of 5.00 from a price of 100.00 up
"""

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bidroom.catalogue import fields
from bidroom.catalogue.problems import Unfit, shown
from bidroom.rules.increments import PRESETS, Increment, Ladder, Percentage, Rung
from bidroom.rules.money import exponent

MAX_RUNGS = 100
PRESET_DECIMALS = 2

_PERCENTAGE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ?%(?: rounded to ([0-9]{1,16}(?:\.[0-9]{1,6})?))?")
_WAYS = f'write an amount such as 5.00, a percentage such as "5%", or the name of a ladder: {", ".join(PRESETS)}'
_PAIRS = "write pairs of a price and the step from there up: [[0, 1.00], [100.00, 5.00]]"


def increment(code: str) -> Callable[[Any], Increment]:
    """Increments in this currency, in every way to write one."""
    amount = fields.money(code)

    def read(value: Any) -> Increment:
        match value:
            case str() if value.casefold() in PRESETS:
                return _preset(value.casefold(), code)
            case str() if "%" in value:
                return _percentage(value, code)
            case str() if not re.search("[0-9]", value):
                raise Unfit(f"{shown(value)} is not an increment; {_WAYS}")
            case list():
                return _ladder(value, amount)
            case _:
                return amount(value)

    return read


def _preset(name: str, code: str) -> Ladder:
    places = exponent(code)
    if places != PRESET_DECIMALS:
        raise Unfit(
            f'"{name}" is for currencies with {PRESET_DECIMALS} decimals; {code} has {places}, so write a ladder of '
            f"your own, or a percentage"
        )
    return PRESETS[name]


def _percentage(text: str, code: str) -> Percentage:
    found = _PERCENTAGE.fullmatch(" ".join(text.split()))
    if found is None:
        raise Unfit(f'{shown(text)} is not a percentage; write it like "5%", or "5% rounded to 0.50"')
    basis_points = Decimal(found[1]) * 100
    if basis_points != int(basis_points) or not 1 <= basis_points <= 10_000:
        raise Unfit(f"{shown(text)} is out of range; a percentage is from 0.01% to 100%, with two decimals at most")
    rounded_to = fields.money(code)(Decimal(found[2])) if found[2] else 10 ** exponent(code)
    return Percentage(int(basis_points), rounded_to)


def _ladder(pairs: list[Any], amount: Callable[[Any], int]) -> Ladder:
    if not 1 <= len(pairs) <= MAX_RUNGS:
        raise Unfit(f"has {len(pairs)} steps; a ladder has 1 to {MAX_RUNGS}: {_PAIRS}")
    if any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):
        raise Unfit(f"is not a ladder; {_PAIRS}")
    first, later = pairs[0], pairs[1:]
    if not isinstance(first[0], int | Decimal) or first[0] != 0:
        raise Unfit(f"begins at the price {shown(first[0])}; the first price is 0: {_PAIRS}")
    rungs = (Rung(0, amount(first[1])), *(Rung(amount(price), amount(step)) for price, step in later))
    if any(rung.price >= following.price for rung, following in pairwise(rungs)):
        raise Unfit("has prices that don't rise; each pair begins at a higher price than the one before it")
    return Ladder(rungs)
