"""One table of a catalogue: reads its fields, refuses keys that it does not know, and says where a problem is."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from bidroom.catalogue.problems import Report, Section, Unfit

Value = TypeVar("Value")


class Table:
    """`where` is what people call the table."""

    _missing = "is missing; {remedy}"

    def __init__(self, report: Report, where: str, values: Mapping[str, Any], section: Section) -> None:
        self._report = report
        self._section = section
        self._values = values
        self.where = where
        self.fit = True
        """Whether no problem was noted so far."""

    def has(self, key: str) -> bool:
        """Whether the file gives this key here."""
        return key in self._values

    def read(self, key: str, convert: Callable[[Any], Value]) -> Value | None:
        """The value of a key; None where it isn't given, and where it is unfit (which is noted)."""
        if key not in self._values:
            return None
        try:
            return convert(self._value(key))
        except Unfit as error:
            self.problem(key, str(error))
            return None

    def _value(self, key: str) -> Any:
        """The value as it is to be converted. Raises Unfit."""
        return self._values[key]

    def require(self, key: str, convert: Callable[[Any], Value], remedy: str) -> Value | None:
        """Like `read`, but not to give the key is a problem too; `remedy` says what to write."""
        if key not in self._values:
            self.problem(key, self._missing.format(remedy=remedy))
        return self.read(key, convert)

    def problem(self, key: str | None, text: str) -> None:
        """Note what is wrong with the table or with one key of it."""
        self.fit = False
        field = f"{key}: " if key else ""
        self._report.add(f"{self.where}: {field}{text}", self._section.line_of(key))

    def refuse_unknown(self, keys: Mapping[str, str], others: Mapping[str, Mapping[str, str]]) -> None:
        """Note the keys that are not among `keys`. `others`: the keys of other tables, by what the table is called."""
        for key in self._values:
            if key not in keys:
                self.problem(_brief(key), f"is not known here; {_suggestion(key, keys, others)}")


def _suggestion(key: str, keys: Mapping[str, str], others: Mapping[str, Mapping[str, str]]) -> str:
    for other, known in others.items():
        if key in known:
            return f"it belongs into {other}"
    near = get_close_matches(key[:60].lower(), keys, n=1)
    return f"did you mean {near[0]}?" if near else f"the keys are {', '.join(keys)}"


def _brief(key: str) -> str:
    return key[:60] if key.isprintable() else repr(key[:60])
