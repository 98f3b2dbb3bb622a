"""What is wrong with a catalogue, collected: each problem in one line that names file, line, place, field and remedy.

`tomllib` tells no positions, so the lines are looked up in the text afterwards. A line is named only where the text
leaves no doubt about it.
"""

import re
from datetime import date, datetime, time
from typing import Any

from bidroom.errors import BidroomError

SHOWN_PROBLEMS = 10

_HEADER = re.compile(r"\s*\[\s*([\w-]+)\s*\]\s*(#.*)?$|\s*\[\[\s*([\w-]+)\s*\]\]\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


class CatalogueError(BidroomError):
    """A catalogue that no room can open with. `problems` has one line for each thing that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        shown = problems[:SHOWN_PROBLEMS]
        hidden = len(problems) - len(shown)
        super().__init__("\n".join([*shown, f"and {hidden} more"] if hidden else shown))


class Unfit(ValueError):
    """A value that can't be used; its text says why and what would do."""


class Section:
    """One table as the text has it: the line of its header (None: not known) and those of its keys."""

    def __init__(self, line: int | None = None) -> None:
        self.line = line
        self._keys: dict[str, list[int]] = {}

    def note_key(self, key: str, line: int) -> None:
        """A line of this table that looks like `key = ...`."""
        self._keys.setdefault(key, []).append(line)

    def line_of(self, key: str | None) -> int | None:
        """The line of a key, or else of the table's header."""
        lines = self._keys.get(key, []) if key else []
        return lines[0] if len(lines) == 1 else self.line


def find_sections(text: str, tables: dict[str, int]) -> dict[str, list[Section]]:
    """The sections under each header of the text; `tables` says how many of each name there are.

    Where the count doesn't fit (a header inside a text, a table written in another way), sections without lines.
    """
    found: dict[str, list[Section]] = {name: [] for name in tables}
    section = Section()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            section = Section(number)
            found.setdefault(header[1] or header[3], []).append(section)
        elif key := _KEY.match(line):
            section.note_key(key[1], number)
    return {
        name: found[name] if len(found[name]) == count else [Section() for _ in range(count)]
        for name, count in tables.items()
    }


class Report:
    """Collects what is wrong with one file, and in `warnings` what is merely to be looked at."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.warnings: list[str] = []
        self._problems: dict[str, None] = {}

    def add(self, text: str, line: int | None = None) -> None:
        """Note a problem; `line` counts from 1. What many items have from their room is told once."""
        self._problems[f"{self.source}{'' if line is None else f':{line}'}: {text}"] = None

    def warn(self, text: str) -> None:
        """Note something that may be meant so, but would surprise if it weren't."""
        self.warnings.append(text)

    def raise_if_any(self) -> None:
        """Raises CatalogueError with every problem noted so far, if any was."""
        if self._problems:
            raise CatalogueError(list(self._problems))


def shown(value: Any) -> str:
    """A value of the file as an error message quotes it: short, in one line, without control characters."""
    match value:
        case str():
            return repr(value if len(value) <= 60 else value[:60] + "...")
        case bool():
            return str(value).lower()
        case list():
            return "a list"
        case dict():
            return "a table"
        case datetime() | date() | time():
            return value.isoformat()
        case int() if value.bit_length() > 200:
            return "a number with very many digits"
        case _:
            return str(value)[:60]
