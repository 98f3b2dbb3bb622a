"""The rows of a file by field, once its columns are known, and what is true for all of its amounts."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from bidroom.catalogue.problems import Report, Unfit, shown
from bidroom.catalogue.reading import Column
from bidroom.catalogue.spreadsheet.currency import SignSeen, check_sign
from bidroom.catalogue.spreadsheet.money import DecimalMark, MoneyCell, take_apart
from bidroom.catalogue.spreadsheet.rows import Grid, NumberedRow
from bidroom.catalogue.spreadsheet.signs import split_heading
from bidroom.rules.money import exponent

MONEY = ("starting_price", "reserve", "buy_now", "increment")
"""The fields that hold amounts; an increment may also be a percentage or a preset's name."""

_OPTIONAL = frozenset({"reserve", "buy_now", "increment", "units", "units_each", "picture"})
_NOTHING = re.compile("[-\u2013\u2014]|n/?a|none", re.IGNORECASE)
_ZERO = re.compile(r"[^0-9]{0,5}0+(?:[.,]0+)?[^0-9]{0,5}")


class Sheet(Struct, frozen=True):
    """Which heading each field has, and the cells of each row by field: only those that say something."""

    headings: dict[str, str]
    rows: list[tuple[int, dict[str, str]]]

    def column(self, field: str) -> str:
        """The column of a field as messages call it."""
        return f'column "{self.headings[field]}"'


class AmountSeen(Struct, frozen=True):
    """A cell that is an amount, and where it is."""

    row: int
    field: str
    text: str
    cell: MoneyCell


def lay_out(grid: Grid, columns: Sequence[Column], report: Report) -> Sheet:
    """The rows by field; cells beyond the last heading are a problem, which is noted."""
    places = [(index, column.field) for index, column in enumerate(columns) if column.field]
    headings = {column.field: column.heading for column in columns if column.field}
    rows: list[tuple[int, dict[str, str]]] = []
    for row in grid.rows:
        if any(cell.strip() for cell in row.cells[len(columns) :]):
            report.add(_too_many(row, len(columns)))
        cells = ((field, row.cells[index].strip()) for index, field in places if index < len(row.cells))
        rows.append((row.number, {field: cell for field, cell in cells if cell and not _says_nothing(field, cell)}))
    return Sheet(headings, rows)


def amounts(sheet: Sheet) -> list[AmountSeen]:
    """Every cell that can be read as an amount; what can't be is told when its row is read."""
    seen: list[AmountSeen] = []
    for number, cells in sheet.rows:
        for field in MONEY:
            if field in cells:
                try:
                    seen.append(AmountSeen(number, field, cells[field], take_apart(cells[field])))
                except Unfit:
                    continue
    return seen


def signs(sheet: Sheet, seen: Sequence[AmountSeen]) -> Iterator[SignSeen]:
    """Every sign or code of a currency, in headings and in cells."""
    for field in MONEY:
        sign = split_heading(sheet.headings.get(field, ""))[1]
        if sign:
            yield SignSeen(sign, f"{sheet.column(field)} is in {sign}")
    for amount in seen:
        if amount.cell.sign:
            yield SignSeen(amount.cell.sign, f"row {amount.row}, {sheet.column(amount.field)} has {amount.cell.sign}")


def check_headings(sheet: Sheet, currency: str, report: Report) -> None:
    """Note the headings that name another currency."""
    for field in MONEY:
        try:
            check_sign(split_heading(sheet.headings.get(field, ""))[1], currency)
        except Unfit as error:
            report.add(f"{sheet.column(field)}: {error}")


def decimal_marks(sheet: Sheet, seen: Sequence[AmountSeen], currency: str, report: Report) -> Mapping[str, DecimalMark]:
    """The decimal mark of each column with amounts. Cells of one column that contradict each other are noted."""
    by_field = {field: [amount for amount in seen if amount.field == field] for field in MONEY}
    of_file: set[DecimalMark] = {amount.cell.mark for amount in seen if amount.cell.mark}
    marks: dict[str, DecimalMark] = {}
    for field, column in by_field.items():
        certain = _first_with_each_mark(column)
        if len(certain) == 2:
            one, other = certain.values()
            report.add(
                f"{sheet.column(field)}: {shown(one.text)} in row {one.row} and {shown(other.text)} in row {other.row} "
                "don't go together: is the decimal mark a point or a comma? Write all amounts alike"
            )
        elif certain:
            marks[field] = next(iter(certain))
        elif len(of_file) == 1:
            marks[field] = next(iter(of_file))
        else:
            marks[field] = _assumed(sheet, field, column, currency, report)
    return marks


def _first_with_each_mark(column: Sequence[AmountSeen]) -> dict[DecimalMark, AmountSeen]:
    first: dict[DecimalMark, AmountSeen] = {}
    for amount in column:
        if amount.cell.mark:
            first.setdefault(amount.cell.mark, amount)
    return first


def _assumed(sheet: Sheet, field: str, column: Sequence[AmountSeen], currency: str, report: Report) -> DecimalMark:
    """Where no amount of the file tells: three digits after a mark are thousands, unless they are the decimals."""
    unclear = [amount for amount in column if amount.cell.ambiguous]
    if not unclear:
        return "."
    example, places = unclear[0], exponent(currency)
    decimals: DecimalMark = "." if "." in example.cell.number else ","
    thousands: DecimalMark = "," if decimals == "." else "."
    mark = decimals if places == 3 else thousands
    if any(amount.cell.number.count(decimals) == 0 for amount in unclear):
        report.add(f"{sheet.column(field)}: both . and , stand before three digits; write all amounts alike")
    elif places:
        report.warn(
            f"{sheet.column(field)}: nothing tells whether {shown(example.text)} (row {example.row}) has thousands or "
            f"decimals; it is read as {example.cell.amount(mark)}"
        )
    return mark


def _says_nothing(field: str, cell: str) -> bool:
    """Whether the cell is a way to leave something out; a reserve or fixed price of nothing is none."""
    if field not in _OPTIONAL:
        return False
    return bool(_NOTHING.fullmatch(cell) or (field in ("reserve", "buy_now") and _ZERO.fullmatch(cell)))


def _too_many(row: NumberedRow, columns: int) -> str:
    return (
        f"row {row.number}: has {len(row.cells)} cells, but there are {columns} headings; "
        'a text with the delimiter in it must be in quotes: "..."'
    )
