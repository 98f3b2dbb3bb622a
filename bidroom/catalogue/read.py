"""A catalogue file to what it says: finds out which kind of file it is, and has it read that way."""

import re
from pathlib import Path

from bidroom.catalogue.problems import Report
from bidroom.catalogue.reading import NO_OPTIONS, Catalogue, CsvOptions, Reading
from bidroom.catalogue.spreadsheet.read import interpret_csv
from bidroom.catalogue.toml import decode_toml, interpret_toml

MAX_FILE_BYTES = 10_000_000

_CSV_ENDINGS = frozenset({".csv", ".tsv", ".tab"})
_TOML_HEADER = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*\[{1,2}[ \t]*(?:room|items|limits)[ \t]*\]{1,2}", re.MULTILINE)


def read_catalogue(path: Path, now_ms: int, options: CsvOptions = NO_OPTIONS) -> Catalogue:
    """The catalogue in a file; `now_ms` tells what has passed. Raises CatalogueError with everything that is wrong."""
    return interpret_catalogue(path, now_ms, options).catalogue


def interpret_catalogue(path: Path, now_ms: int, options: CsvOptions = NO_OPTIONS) -> Reading:
    """The catalogue in a file, and how the file was understood. Raises CatalogueError like `read_catalogue`."""
    report = Report(str(path))
    data = _bytes(path, report)
    if _is_toml(path, data):
        return interpret_toml(decode_toml(data, report), str(path), now_ms, options)
    return interpret_csv(data, path, now_ms, options)


def _bytes(path: Path, report: Report) -> bytes:
    data = b""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        report.add(f"can't be read: {(error.strerror or str(error)).lower()}")
    if len(data) > MAX_FILE_BYTES:
        report.add(f"is too large; a catalogue has at most {MAX_FILE_BYTES // 1_000_000} MB")
    report.raise_if_any()
    return data


def _is_toml(path: Path, data: bytes) -> bool:
    """By its name where that says so; else a TOML catalogue is known by its headers."""
    ending = path.suffix.lower()
    return ending == ".toml" or (ending not in _CSV_ENDINGS and _TOML_HEADER.search(data) is not None)
