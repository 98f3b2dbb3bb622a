"""Amounts as people write them in cells: "1.234,50", "1,234.50", "1 234.50", "1'234.50", "$1,200", "EUR 12.50", "12.-".

A cell is first taken apart, which settles everything but one thing: whether the mark in "1.234" parts thousands or
decimals. The other cells of the column settle that, or else those of the file.
"""

import re
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from bidroom.catalogue.problems import Unfit, shown
from bidroom.catalogue.spreadsheet.signs import currencies_of

MAX_CELL_LENGTH = 60

DecimalMark = Literal[".", ","]

_CELL = re.compile(r"(?P<before>[^0-9]*?)(?P<digits>[.,]?[0-9](?:[0-9.,' ]*[0-9])?)(?P<after>[^0-9]*)")
_NUMBER = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?P<group>[.,' ])[0-9]{3}(?:(?P=group)[0-9]{3})*"
    r"|[0-9]{1,2}(?P<pair>[.,])(?:[0-9]{2}(?P=pair))+[0-9]{3}|)"
    r"(?:(?P<mark>[.,])(?P<fraction>[0-9]+))?"
)
_NO_CENTS = re.compile("[.,] ?[-\u2013\u2014]{1,2}(?=[^0-9]*$)")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\t"), " ")
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u00b4`"), "'")
_MINUS = dict.fromkeys(map(ord, "\u2212\u2013\u2014"), "-")


class MoneyCell(Struct, frozen=True):
    """A cell taken apart: its sign or code of a currency, its number as written, and what its decimal mark must be.

    `mark` is None where the number doesn't tell; where it also is `ambiguous`, one mark stands before three digits.
    """

    sign: str
    number: str
    negative: bool
    mark: DecimalMark | None
    ambiguous: bool

    def amount(self, mark: DecimalMark) -> Decimal:
        """The number, with this decimal mark where the cell itself doesn't say."""
        decimal_mark = self.mark or mark
        digits = re.sub(r"[' ]|[.,]", lambda found: "." if found[0] == decimal_mark else "", self.number)
        return -Decimal(digits) if self.negative else Decimal(digits)


def take_apart(cell: str) -> MoneyCell:
    """What a cell says. Raises Unfit where it is not an amount."""
    text = " ".join(cell.translate(_SPACES | _APOSTROPHES).split())
    found = _CELL.fullmatch(_NO_CENTS.sub("", text)) if len(text) <= MAX_CELL_LENGTH else None
    if found is None:
        raise _not_an_amount(cell)
    before, digits, after = found["before"], found["digits"], found["after"]
    if digits[0] == "." and before[-1:].isalpha():  # "Fr.12": the point belongs to the sign
        digits = digits[1:]
    negative, signs = _minus(before.strip(), after.strip())
    if len(signs) > 1 or any(not currencies_of(sign) for sign in signs):
        raise _not_an_amount(cell)
    number = _NUMBER.fullmatch(digits)
    if number is None or (number["mark"] and number["mark"] in (number["group"], number["pair"])):
        raise _not_an_amount(cell)
    mark, ambiguous = _decimal_mark(number)
    return MoneyCell("".join(signs), digits, negative, mark, ambiguous)


def _minus(before: str, after: str) -> tuple[bool, list[str]]:
    """Whether what stands around a number makes it negative, and what else stands there."""
    before, after = before.translate(_MINUS), after.translate(_MINUS)
    negative = "-" in (before[:1], before[-1:], after[-1:]) or (before[:1], after[-1:]) == ("(", ")")
    if negative:
        before, after = before.strip("-( "), after.strip("-) ")
    return negative, [sign for sign in (before, after) if sign]


def _decimal_mark(number: re.Match[str]) -> tuple[DecimalMark | None, bool]:
    whole, mark, group = number["whole"], number["mark"], number["pair"] or number["group"]
    if mark:
        ambiguous = group is None and len(number["fraction"]) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
        return (None, True) if ambiguous else (_as_mark(mark), False)
    if group in (".", ","):
        return _as_mark("," if group == "." else "."), False
    return None, False


def _as_mark(character: str) -> DecimalMark:
    return "." if character == "." else ","


def _not_an_amount(cell: str) -> Unfit:
    return Unfit(f"{shown(cell)} is not an amount; write it like 120.50")
