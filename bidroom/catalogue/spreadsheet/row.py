"""One row as a table: texts become the values that a TOML file would have, problems name row and column."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bidroom.catalogue.problems import Report, Section
from bidroom.catalogue.spreadsheet.currency import check_sign
from bidroom.catalogue.spreadsheet.money import DecimalMark, take_apart
from bidroom.catalogue.spreadsheet.sheet import MONEY, Sheet
from bidroom.catalogue.tables import Table
from bidroom.rules.increments import PRESETS

WHOLE = ("units", "units_each")

_WHOLE = re.compile(r"([0-9]{1,9})(?:[.,]0{1,2})?")


class Row(Table):
    """A row of a sheet in this currency, with the decimal mark of each of its columns."""

    _missing = "is empty; every item needs one"

    def __init__(
        self,
        report: Report,
        sheet: Sheet,
        row: tuple[int, Mapping[str, str]],
        currency: str,
        marks: Mapping[str, DecimalMark],
    ) -> None:
        number, cells = row
        super().__init__(report, f"row {number}", cells, Section())
        self._sheet = sheet
        self._currency = currency
        self._marks = marks

    def problem(self, key: str | None, text: str) -> None:
        """Note what is wrong with the row or with one cell of it."""
        self.fit = False
        column = f", {self._sheet.column(key)}" if key in self._sheet.headings else ""
        self._report.add(f"{self.where}{column}: {text}")

    def _value(self, key: str) -> Any:
        cell = self._values[key]
        if key == "increment" and ("%" in cell or cell.casefold() in PRESETS):
            return cell.replace(",", ".")
        if key in MONEY:
            return self._amount(key, cell)
        if key in WHOLE and (whole := _WHOLE.fullmatch(cell)):
            return int(whole[1])
        lines = cell.replace("\r\n", "\n").replace("\r", "\n")
        return lines if key == "description" else re.sub(r"[\n\t]+", " ", lines)

    def _amount(self, key: str, cell: str) -> Decimal:
        apart = take_apart(cell)
        check_sign(apart.sign, self._currency)
        return apart.amount(self._marks.get(key, "."))
