"""What the columns mean: headings in several languages to fields, and what somebody says with --map.

Headings are compared by their letters and digits alone, without accents, and without a currency at the end: "Starting
price (EUR)", "starting_price" and "StartingPrice" are one.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from bidroom.catalogue.problems import CatalogueError, Report, shown
from bidroom.catalogue.reading import Column
from bidroom.catalogue.spreadsheet.aliases import ALIASES
from bidroom.catalogue.spreadsheet.signs import split_heading

IGNORE = "ignore"
MAX_HEADING_LENGTH = 200
REQUIRED = ("name", "starting_price")


def plain(heading: str) -> str:
    """What is compared of a heading."""
    bare = split_heading(heading[:MAX_HEADING_LENGTH])[0].replace("#", " number ")
    letters = unicodedata.normalize("NFKD", re.sub(r"\(.*?\)|\[.*?\]", " ", bare) or bare).casefold()
    return "".join(character for character in letters if character.isalnum())


_FIELDS = {plain(alias): field for field, aliases in ALIASES.items() for alias in (field, *aliases)}


def known_headings(headings: Sequence[str], meanings: Mapping[str, str]) -> int:
    """How many of the headings are understood, by their aliases or by what somebody says of them."""
    said = {plain(heading) for heading in meanings}
    return sum(plain(heading) in _FIELDS or plain(heading) in said for heading in headings)


def parse_map(pairs: Sequence[str]) -> dict[str, str]:
    """What `--map "Opening bid=starting_price"` says, each pair once. Raises CatalogueError."""
    meanings: dict[str, str] = {}
    for pair in pairs:
        heading, sign, field = pair.rpartition("=")
        if not sign or not heading.strip() or not field.strip():
            raise CatalogueError(
                [f'--map {shown(pair)}: write it as "Heading=field", such as "Opening bid=starting_price"']
            )
        meanings[heading.strip()] = field.strip()
    return meanings


def assign(headings: Sequence[str], meanings: Mapping[str, str], report: Report) -> list[Column]:
    """What each column is read as; `meanings` go before the aliases. What can't be settled is noted."""
    said = _said(headings, meanings, report)
    columns = [Column(heading, said.get(plain(heading), _FIELDS.get(plain(heading)))) for heading in headings]
    columns = [Column(column.heading, None) if column.field == IGNORE else column for column in columns]
    columns = _description_as_name(columns, report)
    _refuse_twins(columns, report)
    for field in REQUIRED:
        if all(column.field != field for column in columns):
            report.add(f"no column is the {field}; say which one is: {_map(_likely(columns), field)}")
    return columns


def unknown_headings(columns: Sequence[Column], meanings: Mapping[str, str]) -> list[str]:
    """The columns that are ignored without anybody having said so."""
    said = {plain(heading) for heading in meanings}
    return [column.heading for column in columns if column.field is None and plain(column.heading) not in said]


def _said(headings: Sequence[str], meanings: Mapping[str, str], report: Report) -> dict[str, str]:
    present = {plain(heading) for heading in headings}
    for heading, field in meanings.items():
        if plain(heading) not in present:
            report.add(
                f"--map: no column is called {shown(heading)}; the columns are {', '.join(map(_quoted, headings))}"
            )
        if field not in ALIASES and field != IGNORE:
            near = get_close_matches(field[:60].lower(), ALIASES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(ALIASES)}, or {IGNORE}"
            report.add(f"--map: {shown(field)} is not a field; {hint}")
    return {plain(heading): field for heading, field in meanings.items()}


def _description_as_name(columns: list[Column], report: Report) -> list[Column]:
    """Many a list of lots calls the one text that it has a description."""
    fields = [column.field for column in columns]
    if "name" in fields or fields.count("description") != 1:
        return columns
    described = columns[fields.index("description")]
    report.warn(f"no column is a name, so column {_quoted(described.heading)} is read as the name")
    return [Column(column.heading, "name") if column is described else column for column in columns]


def _refuse_twins(columns: Sequence[Column], report: Report) -> None:
    found: dict[str, str] = {}
    for column in columns:
        if column.field is None:
            continue
        other = found.setdefault(column.field, column.heading)
        if other is not column.heading:
            report.add(
                f"columns {_quoted(other)} and {_quoted(column.heading)} both mean {column.field}; "
                f"leave one out: {_map(column.heading, IGNORE)}"
            )


def _likely(columns: Sequence[Column]) -> str:
    """A heading to give as the example: one that is not read yet."""
    return next((column.heading for column in columns if column.field is None and column.heading), "Heading")


def _map(heading: str, field: str) -> str:
    return f'--map "{heading[:60]}={field}"'


def _quoted(heading: str) -> str:
    return f'"{heading[:60]}"'
