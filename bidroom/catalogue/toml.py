"""A catalogue in TOML: the tables [room] and [limits], and one [[items]] for each item."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bidroom.catalogue import fields
from bidroom.catalogue.doubts import doubts
from bidroom.catalogue.items import ITEM_KEYS, MAX_ITEMS, Ids
from bidroom.catalogue.problems import Report, Section, find_sections, shown
from bidroom.catalogue.reading import NO_OPTIONS, Catalogue, CsvOptions, Reading
from bidroom.catalogue.room import ROOM_KEYS, read_room
from bidroom.catalogue.tables import Table
from bidroom.limits import Limits

LIMIT_KEYS = {
    "connections_per_address": "how many connections one address may hold",
    "messages_per_second": "how many messages a participant may send a second",
}
TABLE_KEYS = {"room": "the sale", "limits": "what the server lets its peers do", "items": "what is sold"}


def decode_toml(data: bytes, report: Report) -> str:
    """The text of a TOML file, which is UTF-8. Raises CatalogueError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        report.add("is not text in UTF-8; save it as UTF-8", line)
        report.raise_if_any()
        raise


def interpret_toml(text: str, source: str, now_ms: int, options: CsvOptions) -> Reading:
    """The catalogue in a text, and what is to be looked at. Raises CatalogueError."""
    catalogue = parse_catalogue(text, source, now_ms)
    warnings = doubts(catalogue.terms, now_ms)
    if options != NO_OPTIONS:
        warnings.insert(0, "--currency, --map and --name are for CSV files; a TOML file says these things itself")
    return Reading(catalogue=catalogue, format="TOML", encoding="UTF-8", warnings=tuple(warnings))


def parse_catalogue(text: str, source: str, now_ms: int) -> Catalogue:
    """The catalogue in a text; `source` is what error messages call it. Raises CatalogueError."""
    report = Report(source)
    tables = _parse(text, report)
    Table(report, "the file", tables, Section()).refuse_unknown(
        TABLE_KEYS, {"[room]": ROOM_KEYS, "[[items]]": ITEM_KEYS}
    )
    room_values = _table(report, tables, "room")
    limit_values = _table(report, tables, "limits")
    item_values = _items(report, tables)
    report.raise_if_any()
    counts = {"room": int("room" in tables), "limits": int("limits" in tables), "items": len(item_values)}
    sections = find_sections(text, counts)
    room = Table(report, "[room]", room_values, next(iter(sections["room"]), Section()))
    room.refuse_unknown(ROOM_KEYS, {"[[items]]": ITEM_KEYS, "[limits]": LIMIT_KEYS})
    limits = _limits(Table(report, "[limits]", limit_values, next(iter(sections["limits"]), Section())))
    items = [
        _item_table(report, number, values, section)
        for number, (values, section) in enumerate(zip(item_values, sections["items"], strict=True), start=1)
    ]
    return read_room(report, room, items, Ids(), limits, now_ms)


def _parse(text: str, report: Report) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        report.add(f"is not TOML: {error}")
    except (RecursionError, ValueError) as error:  # nested too deeply; a number of too many digits
        report.add(f"is not TOML that can be read: {error}")
    report.raise_if_any()
    return tables


def _table(report: Report, tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = tables.get(name, {})
    if isinstance(value, dict):
        return value
    report.add(f"{name} is {shown(value)}; write it as a table with the header [{name}]")
    return {}


def _items(report: Report, tables: Mapping[str, Any]) -> list[dict[str, Any]]:
    values = tables.get("items", [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        report.add("items must be tables, each with the header [[items]]")
        return []
    if not values:
        report.add("has no items; add a table with the header [[items]] for each one")
    elif len(values) > MAX_ITEMS:
        report.add(f"has {len(values)} items; a room has at most {MAX_ITEMS}")
    return values


def _item_table(report: Report, number: int, values: dict[str, Any], section: Section) -> Table:
    label = values.get("id") or values.get("name")
    where = f"item {number}" + (f" ({shown(label)})" if isinstance(label, str) else "")
    table = Table(report, where, values, section)
    table.refuse_unknown(ITEM_KEYS, {"[room]": ROOM_KEYS, "[limits]": LIMIT_KEYS})
    return table


def _limits(table: Table) -> Limits:
    table.refuse_unknown(LIMIT_KEYS, {"[room]": ROOM_KEYS, "[[items]]": ITEM_KEYS})
    defaults = Limits()
    count = fields.count(1_000_000)
    return Limits(
        table.read("connections_per_address", count) or defaults.connections_per_address,
        table.read("messages_per_second", count) or defaults.messages_per_second,
    )
