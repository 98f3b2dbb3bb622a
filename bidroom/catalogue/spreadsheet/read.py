"""A CSV file to a catalogue: settles what is true for the whole file, then reads it row by row like TOML tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bidroom.catalogue.doubts import doubts
from bidroom.catalogue.items import Ids
from bidroom.catalogue.problems import Report, Section, Unfit
from bidroom.catalogue.reading import CsvOptions, Reading
from bidroom.catalogue.room import read_room
from bidroom.catalogue.spreadsheet.currency import find_currency
from bidroom.catalogue.spreadsheet.encoding import FALLBACK, decode, first_foreign_word
from bidroom.catalogue.spreadsheet.headings import MAX_HEADING_LENGTH, assign, known_headings, unknown_headings
from bidroom.catalogue.spreadsheet.row import Row
from bidroom.catalogue.spreadsheet.rows import Grid, split_rows
from bidroom.catalogue.spreadsheet.sheet import Sheet, amounts, check_headings, decimal_marks, lay_out, signs
from bidroom.catalogue.tables import Table
from bidroom.limits import Limits

DEFAULT_INCREMENT = "5%"
"""For items whose increment no cell says: it fits every price and every currency."""


def interpret_csv(data: bytes, path: Path, now_ms: int, options: CsvOptions) -> Reading:
    """The catalogue in these bytes, and how they were understood. Raises CatalogueError with all that is wrong."""
    report = Report(str(path))
    with _told(report):
        text, encoding = decode(data)
        grid = _name_columns(split_rows(text, lambda headings: known_headings(headings, options.map)))
    columns = assign(grid.headings, options.map, report)
    report.raise_if_any()
    sheet = lay_out(grid, columns, report)
    seen = amounts(sheet)
    with _told(report):
        currency = find_currency(options.currency, signs(sheet, seen))
    check_headings(sheet, currency, report)
    marks = decimal_marks(sheet, seen, currency, report)
    rows = [Row(report, sheet, row, currency, marks) for row in sheet.rows]
    room = Table(report, "the room", _room_values(path, currency, options), Section())
    given_ids = [cells["id"] for _, cells in sheet.rows if "id" in cells]
    catalogue = read_room(report, room, rows, Ids(numbered=True, given=given_ids), Limits(), now_ms)
    _warn(report, sheet, unknown_headings(columns, options.map))
    if encoding == FALLBACK:
        word = first_foreign_word(text)
        report.warn(
            f"is not UTF-8, so it is read as {encoding}; look whether letters such as those of {word} are right"
        )
    return Reading(
        catalogue=catalogue,
        format="CSV",
        encoding=encoding,
        delimiter=grid.delimiter,
        columns=tuple(columns),
        blank_rows=grid.blank_rows,
        warnings=(*report.warnings, *doubts(catalogue.terms, now_ms)),
    )


@contextmanager
def _told(report: Report) -> Iterator[None]:
    """What can't be used within the block ends the reading, with what was noted before."""
    try:
        yield
    except Unfit as error:
        report.add(str(error))
        report.raise_if_any()


def _name_columns(grid: Grid) -> Grid:
    """The grid with a name for each column that can be printed: the last ones without a heading are none."""
    width = max((index for index, heading in enumerate(grid.headings, start=1) if heading), default=0)
    headings = [heading or f"column {number}" for number, heading in enumerate(grid.headings[:width], start=1)]
    return Grid(grid.delimiter, [_printable(heading) for heading in headings], grid.rows, grid.blank_rows)


def _printable(heading: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in heading[:MAX_HEADING_LENGTH])


def _room_values(path: Path, currency: str, options: CsvOptions) -> dict[str, str]:
    words = " ".join(path.stem.replace("_", " ").replace("-", " ").split())
    name = options.name if options.name is not None else words[:1].upper() + words[1:]
    return {"name": name, "currency": currency, "increment": DEFAULT_INCREMENT}


def _warn(report: Report, sheet: Sheet, unknown: Sequence[str]) -> None:
    if unknown:
        ignored = ", ".join(f'"{heading}"' for heading in unknown)
        report.warn(f'ignored: {ignored}; to read a column, say what it is: --map "{unknown[0]}=FIELD"')
    without = sum("increment" not in cells for _, cells in sheet.rows)
    if "increment" not in sheet.headings:
        report.warn(f"no column is the increment, so every item has {DEFAULT_INCREMENT} of its price")
    elif without:
        report.warn(f"{without} of {len(sheet.rows)} rows say no increment and have {DEFAULT_INCREMENT} of their price")
