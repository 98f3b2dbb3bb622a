"""Spreadsheets for tests: a text or bytes as a file, read the way the commands read it."""

from pathlib import Path

import pytest

from bidroom.catalogue import CatalogueError, CsvOptions, Reading, interpret_catalogue
from bidroom.rules.item import ItemTerms

NOW = 1_800_000_000_000
EUR = CsvOptions(currency="EUR")


class Desk:
    """A folder with one spreadsheet in it, `sale.csv` or another name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, content: str | bytes, options: CsvOptions = EUR, name: str = "sale.csv") -> Reading:
        path = self._folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return interpret_catalogue(path, NOW, options)

    def items(self, content: str | bytes, options: CsvOptions = EUR) -> tuple[ItemTerms, ...]:
        return self.read(content, options).catalogue.terms.items

    def problems(self, content: str | bytes, options: CsvOptions = EUR, name: str = "sale.csv") -> list[str]:
        with pytest.raises(CatalogueError) as caught:
            self.read(content, options, name)
        return [problem.removeprefix(f"{self._folder / name}: ") for problem in caught.value.problems]

    def problem(self, content: str | bytes, options: CsvOptions = EUR) -> str:
        (only,) = self.problems(content, options)
        return only
