"""Tables as CSV that a spreadsheet opens right, and in which nothing that somebody typed becomes a formula.

A byte order mark tells the encoding. Behind anything that some spreadsheet takes for the start of a cell, a character
that starts a formula gets an apostrophe in front.
"""

import csv
import io
import re
from datetime import UTC, datetime

from bidroom.results.tables import Cell, Column, Table
from bidroom.rules.money import format_plain

_FORMULA = re.compile(r"(^|[;,|\t\r\n])(?=[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])")
"""Places in front of which a formula could start. Where the decimal sign is a comma, spreadsheets end cells at `;`."""


def as_csv(table: Table, currency: str) -> bytes:
    """The table with a header, lines ended as spreadsheets do, in UTF-8 with a byte order mark."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(column.key for column in table.columns)
    for row in table.rows:
        rows.writerow(_written(cell, column, currency) for cell, column in zip(row, table.columns, strict=True))
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def when(at: int) -> str:
    """A room time as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03}Z"


def harmless(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return _FORMULA.sub(r"\1'", text)


def _written(cell: Cell, column: Column, currency: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if column.kind == "money":
        return format_plain(cell, currency)
    return when(cell) if column.kind == "time" else str(cell)
