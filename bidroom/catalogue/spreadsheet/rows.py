"""Text to rows of cells: finds the delimiter, and counts rows as a spreadsheet does, so that people find them again."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from bidroom.catalogue.items import MAX_ITEMS
from bidroom.catalogue.problems import Unfit

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 65_536
MAX_COLUMNS = 1_000

_EXCEL_HINT = re.compile(r"sep=([,;\t|])\r?\n")


class NumberedRow(Struct, frozen=True):
    """A row that is not blank; `number` counts from 1, blank rows and all, as a spreadsheet shows them."""

    number: int
    cells: list[str]


class Grid(Struct, frozen=True):
    """A file as rows: the headings first, then the items. `blank_rows` were skipped, those at the end not counted."""

    delimiter: str
    headings: list[str]
    rows: list[NumberedRow]
    blank_rows: int


def split_rows(text: str, known: Callable[[Sequence[str]], int]) -> Grid:
    """The rows of a text. `known` tells how many of some headings make sense. Raises Unfit."""
    hint = _EXCEL_HINT.match(text)
    body = text[hint.end() :] if hint else text
    delimiter = hint[1] if hint else _find_delimiter(body[:SAMPLE_CHARACTERS], known)
    rows: list[NumberedRow] = []
    for row in _filled_rows(body, delimiter):
        if len(row.cells) > MAX_COLUMNS:
            raise Unfit(f"has {len(row.cells)} columns in row {row.number}; at most {MAX_COLUMNS} make sense")
        if len(rows) > MAX_ITEMS:
            raise Unfit(f"has more than {MAX_ITEMS} rows; a room has at most that many items")
        rows.append(row)
    if not rows:
        raise Unfit("is empty; it needs a row of headings, such as name and starting_price, and a row for each item")
    if len(rows) == 1:
        raise Unfit("has only one row; below the headings it needs a row for each item")
    return Grid(delimiter, [cell.strip() for cell in rows[0].cells], rows[1:], rows[-1].number - len(rows))


def _filled_rows(text: str, delimiter: str) -> Iterator[NumberedRow]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 0
    try:
        for number, cells in enumerate(lines, start=1):
            if any(not cell.isspace() for cell in cells if cell):
                yield NumberedRow(number, cells)
    except csv.Error as error:
        raise Unfit(f"row {number + 1}: {_why(error)}") from None


def _why(error: csv.Error) -> str:
    match str(error):
        case "unexpected end of data":
            return 'a text begins with " that never ends; end it, or double every " that belongs to the text'
        case problem if "expected after" in problem:
            return 'a text in quotes goes on after its closing "; double every " that belongs to the text'
        case problem if "field limit" in problem:
            return 'a cell is far too long; maybe a " is missing at the end of a text'
        case problem:
            return f"is not CSV: {problem}"


def _find_delimiter(sample: str, known: Callable[[Sequence[str]], int]) -> str:
    """The delimiter by which the headings make the most sense, or else are the most."""
    return max(DELIMITERS, key=lambda delimiter: _sense(sample, delimiter, known))


def _sense(sample: str, delimiter: str, known: Callable[[Sequence[str]], int]) -> tuple[int, int]:
    try:
        headings = next((row.cells for row in _filled_rows(sample, delimiter)), [])
    except Unfit:  # with another delimiter it may read
        headings = []
    return known(headings), max(len(headings), 1)  # a delimiter that parts nothing is no better than none
