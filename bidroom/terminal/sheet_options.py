"""What one may say about a catalogue in CSV at the command line, for `bidroom serve` and `bidroom check` alike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from bidroom.catalogue import CsvOptions


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SheetOptions:
    currency: str | None = None
    "The ISO 4217 code of a CSV file's amounts, where the file doesn't say it."

    map: Annotated[list[str] | None, Parameter(name="--map", negative=(), n_tokens=1)] = None
    'What a column of a CSV file means, as "Heading=field" ("Heading=ignore" for nothing); may be repeated.'

    name: str | None = None
    "What the sale of a CSV file is called; without it, what the file is called."

    def read(self) -> "CsvOptions":
        """The same for the catalogue. Raises CatalogueError."""
        from bidroom.catalogue import CsvOptions, parse_map

        return CsvOptions(self.currency, parse_map(self.map or ()), self.name)
