"""The catalogue: a file that a person writes, in TOML or as a spreadsheet's CSV, read into the terms of a room.

Strategy: whatever the file is, it becomes tables, which are read field by field with everything that is wrong
collected, so that one run tells all of it. Invariant: what comes out is fit to open a room with; the rules need no
checks of their own.
"""

from bidroom.catalogue.doubts import missing_pictures
from bidroom.catalogue.problems import CatalogueError
from bidroom.catalogue.read import interpret_catalogue, read_catalogue
from bidroom.catalogue.reading import NO_OPTIONS, Catalogue, Column, CsvOptions, Reading
from bidroom.catalogue.sample import EXAMPLE_PATH, SAMPLE
from bidroom.catalogue.spreadsheet.headings import parse_map
from bidroom.catalogue.toml import parse_catalogue
from bidroom.limits import Limits

__all__ = [
    "EXAMPLE_PATH",
    "NO_OPTIONS",
    "SAMPLE",
    "Catalogue",
    "CatalogueError",
    "Column",
    "CsvOptions",
    "Limits",
    "Reading",
    "interpret_catalogue",
    "missing_pictures",
    "parse_catalogue",
    "parse_map",
    "read_catalogue",
]
