"""The catalogue: a file that a person writes, read into the terms of a room. Today's format is TOML.

Strategy: every table of the file is read field by field, with everything that is wrong collected, so that one run tells
all of it. Invariant: what comes out is fit to open a room with; the rules need no checks of their own.
"""

from bidroom.catalogue.problems import CatalogueError
from bidroom.catalogue.read import Catalogue, Limits, parse_catalogue, read_catalogue
from bidroom.catalogue.sample import EXAMPLE_PATH, SAMPLE

__all__ = ["EXAMPLE_PATH", "SAMPLE", "Catalogue", "CatalogueError", "Limits", "parse_catalogue", "read_catalogue"]
