"""What comes out of a catalogue file: the catalogue itself, and how the file was understood.

A `Reading` is what `bidroom check` shows. Everything in it was decided while reading; nothing is worked out again.
"""

from typing import Literal

from msgspec import Struct

from bidroom.limits import Limits
from bidroom.rules.item import RoomTerms


class Catalogue(Struct, frozen=True):
    """What a catalogue says: the terms to open a room with, and the limits for its server.

    `reserves` are the amounts (minor units) below which a unit of an item, by its id, isn't sold. They are private, so
    they are no part of the terms.
    """

    terms: RoomTerms
    limits: Limits
    reserves: dict[str, int]


class CsvOptions(Struct, frozen=True):
    """What a CSV file can't say itself: its currency, what its headings mean (heading -> field), the room's name."""

    currency: str | None = None
    map: dict[str, str] = {}
    name: str | None = None


NO_OPTIONS = CsvOptions()
"""Everything is found out from the file."""


class Column(Struct, frozen=True):
    """A column of a CSV file: its heading, and the field that it was read as (None: ignored)."""

    heading: str
    field: str | None


class Reading(Struct, frozen=True, kw_only=True):
    """A catalogue and how its file was understood. `delimiter`, `columns` and `blank_rows` are those of a CSV file."""

    catalogue: Catalogue
    format: Literal["TOML", "CSV"]
    encoding: str
    delimiter: str = ""
    columns: tuple[Column, ...] = ()
    blank_rows: int = 0
    warnings: tuple[str, ...] = ()
