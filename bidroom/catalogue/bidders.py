"""The bidders whom an auctioneer invites: a spreadsheet's CSV with a name for each, and whatever else is known of them.

Encodings, delimiters and headings are met as in a catalogue. Everything that is wrong is collected and told at once.
"""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from bidroom.catalogue.fields import money
from bidroom.catalogue.problems import Report, Unfit, shown
from bidroom.catalogue.spreadsheet.currency import check_sign
from bidroom.catalogue.spreadsheet.encoding import decode
from bidroom.catalogue.spreadsheet.headings import plain
from bidroom.catalogue.spreadsheet.money import take_apart
from bidroom.catalogue.spreadsheet.rows import NumberedRow, split_rows
from bidroom.rules.names import BadName, clean_name, name_key

MAX_PADDLE = 1_000_000
MAX_FILE_BYTES = 10_000_000

_ALIASES = {
    "name": (
        "bidder",
        "guest",
        "full name",
        "attendee",
        "participant",
        "Name",
        "Bieter",
        "Gast",
        "nom",
        "nombre",
        "naam",
    ),
    "paddle": ("number", "paddle number", "bidder number", "no", "Nummer", "Bieternummer", "numéro", "número"),
    "budget": ("limit", "maximum", "credit", "Limit", "plafond", "límite", "limiet"),
    "code": ("invitation code", "invite code", "password", "Zugangscode"),
    "email": ("e-mail", "mail", "email address", "E-Mail", "courriel", "correo"),
}
_FIELDS = {plain(alias): field for field, aliases in _ALIASES.items() for alias in (field, *aliases)}


class Guest(Struct, frozen=True):
    """Somebody to be invited. `budget` is in minor units; None, or an empty text, is what the file doesn't say."""

    name: str
    paddle: int | None = None
    budget: int | None = None
    code: str = ""
    email: str = ""


def read_guests(path: Path, currency: str) -> list[Guest]:
    """The bidders in a CSV file, in its order. Raises CatalogueError with everything that is wrong."""
    report = Report(str(path))
    guests: list[Guest] = []
    try:
        guests = _read(path, currency, report)
    except OSError as error:
        report.add(f"can't be read: {(error.strerror or str(error)).lower()}")
    except Unfit as error:
        report.add(str(error))
    report.raise_if_any()
    return guests


def _read(path: Path, currency: str, report: Report) -> list[Guest]:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise Unfit(f"is too large; a list of bidders has at most {MAX_FILE_BYTES // 1_000_000} MB")
    grid = split_rows(decode(data)[0], _known)
    fields = [_FIELDS.get(plain(heading), "") for heading in grid.headings]
    if fields.count("name") != 1:
        raise Unfit("needs exactly one column with the heading name, and may have paddle, budget, code and email")
    guests = [guest for row in grid.rows if (guest := _guest(row, fields, currency, report)) is not None]
    _refuse_twins(guests, report)
    return guests


def _known(headings: Sequence[str]) -> int:
    return sum(plain(heading) in _FIELDS for heading in headings)


def _guest(row: NumberedRow, fields: Sequence[str], currency: str, report: Report) -> Guest | None:
    cells = {field: cell.strip() for field, cell in zip(fields, row.cells, strict=False) if field}
    field = "name"
    try:
        name = clean_name(cells.get("name", ""))
        field = "paddle"
        paddle = _paddle(cells.get("paddle", ""))
        field = "budget"
        budget = _budget(cells.get("budget", ""), currency)
        return Guest(name, paddle, budget, cells.get("code", "")[:64], cells.get("email", "")[:200])
    except (Unfit, BadName) as error:
        report.add(f'row {row.number}, column "{field}": {error}')
        return None


def _paddle(cell: str) -> int | None:
    if not cell:
        return None
    if not (cell.isascii() and cell.isdigit() and 1 <= int(cell[:8]) <= MAX_PADDLE):
        raise Unfit(f"{shown(cell)} is not a paddle; write a whole number from 1 to {MAX_PADDLE}")
    return int(cell)


def _budget(cell: str, currency: str) -> int | None:
    if not cell:
        return None
    apart = take_apart(cell)
    check_sign(apart.sign, currency)
    # "1,000" and "1.000" are a thousand: nobody writes a budget with three decimals.
    mark = "," if apart.ambiguous and "." in apart.number else "."
    return money(currency)(apart.amount(mark))


def _refuse_twins(guests: Sequence[Guest], report: Report) -> None:
    seen: set[tuple[str, str | int | None]] = set()
    for guest in guests:
        for what, key in (("name", name_key(guest.name)), ("paddle", guest.paddle), ("code", guest.code.upper())):
            if key and (what, key) in seen:
                report.add(f"{what} {shown(getattr(guest, what))} is there twice; each bidder has their own")
            seen.add((what, key))
