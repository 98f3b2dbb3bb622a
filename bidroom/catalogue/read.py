"""A catalogue file to a `Catalogue`: the room's table, the limits, then the items, which fall back on the room's."""

import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from bidroom.catalogue import fields
from bidroom.catalogue.problems import Report, Section, find_sections, shown
from bidroom.catalogue.tables import Table
from bidroom.limits import Limits
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing

MAX_ITEMS = 10_000
MAX_UNITS = 100_000
MAX_FILE_BYTES = 10_000_000
DEFAULT_WINDOW_MS = 10_000
DEFAULT_PAUSE_MS = 2_000

SELLING_KEYS = {
    "increment": "the least step from one bid to the next",
    "closing": '"live" or "timed"',
    "window": "seconds that a round stays open after a bid",
    "pause": "seconds between two units of an item",
    "opening": "seconds that a live round waits for its first bid",
    "duration": "seconds that a timed round lasts",
    "closes_at": "when a timed round closes",
    "hard_end": "when a timed round closes at the latest",
}
ROOM_KEYS = {"id": "", "name": "", "currency": "", **SELLING_KEYS}
ITEM_KEYS = {"id": "", "name": "", "description": "", "starting_price": "", "units": "", **SELLING_KEYS}
LIMIT_KEYS = {"connections_per_address": "", "messages_per_second": ""}
TABLE_KEYS = {"room": "", "limits": "", "items": ""}


class Catalogue(Struct, frozen=True):
    """What a catalogue says: the terms to open a room with, and the limits for its server."""

    terms: RoomTerms
    limits: Limits


def read_catalogue(path: Path, now_ms: int) -> Catalogue:
    """The catalogue in a file; `now_ms` tells what has passed. Raises CatalogueError with everything that is wrong."""
    report = Report(str(path))
    data = b""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        report.add(f"can't be read: {(error.strerror or str(error)).lower()}")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        report.add("is not text in UTF-8; save it as UTF-8", line)
    else:
        if len(data) <= MAX_FILE_BYTES:
            return parse_catalogue(text, str(path), now_ms)
        report.add(f"is too large; a catalogue has at most {MAX_FILE_BYTES // 1_000_000} MB")
    report.raise_if_any()
    raise AssertionError("a file that can't be read is a problem")


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
    limits = _limits(Table(report, "[limits]", limit_values, next(iter(sections["limits"]), Section())))
    terms = _room(report, room, item_values, sections["items"], now_ms)
    report.raise_if_any()
    assert terms is not None, "a room without problems has terms"
    return Catalogue(terms, limits)


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


def _limits(table: Table) -> Limits:
    table.refuse_unknown(LIMIT_KEYS, {"[room]": ROOM_KEYS, "[[items]]": ITEM_KEYS})
    defaults = Limits()
    count = fields.count(1_000_000)
    return Limits(
        table.read("connections_per_address", count) or defaults.connections_per_address,
        table.read("messages_per_second", count) or defaults.messages_per_second,
    )


def _room(
    report: Report, room: Table, item_values: list[dict[str, Any]], sections: list[Section], now_ms: int
) -> RoomTerms | None:
    room.refuse_unknown(ROOM_KEYS, {"[[items]]": ITEM_KEYS, "[limits]": LIMIT_KEYS})
    name = room.require("name", fields.name, 'write what the sale is called: name = "Office surplus"')
    id = room.read("id", fields.identifier) or fields.slug(name or "") or "room"
    currency = room.require("currency", fields.currency, 'write an ISO 4217 code: currency = "EUR"')
    if currency is None:
        return None
    defaults = _Selling(room, None, currency, now_ms)
    items: list[ItemTerms] = []
    lines: dict[str, str] = {}
    for number, (values, section) in enumerate(zip(item_values, sections, strict=True), start=1):
        label = values.get("id") or values.get("name")
        where = f"item {number}" + (f" ({shown(label)})" if isinstance(label, str) else "")
        item = _item(Table(report, where, values, section), number, currency, defaults, now_ms)
        if item is None:
            continue
        if item.id in lines:
            report.add(
                f"{where}: id: {item.id!r} is the id of {lines[item.id]}, too; give one another id", section.line
            )
        lines[item.id] = where
        items.append(item)
    return RoomTerms(id, name or "", currency, tuple(items))


def _item(table: Table, number: int, currency: str, room: "_Selling", now_ms: int) -> ItemTerms | None:
    table.refuse_unknown(ITEM_KEYS, {"[room]": ROOM_KEYS, "[limits]": LIMIT_KEYS})
    name = table.require("name", fields.name, 'write what it is: name = "Desk lamp"')
    id = table.read("id", fields.identifier) or fields.slug(name or "") or f"item-{number}"
    price = table.require("starting_price", fields.money(currency), "write the first price: starting_price = 120.00")
    units = table.read("units", fields.count(MAX_UNITS)) or 1
    selling = _Selling(table, room, currency, now_ms)
    closing = selling.terms(table, units)
    if selling.increment is None and table.fit:
        table.problem("increment", "is missing; write it here, or in [room] for all items: increment = 5.00")
    if not table.fit or closing is None:
        return None
    assert name is not None, "it was required"
    assert price is not None, "it was required"
    assert selling.increment is not None, "it was required"
    description = table.read("description", fields.description) or ""
    return ItemTerms(id, name, price, selling.increment, units, closing, selling.pause_ms, description)


class _Selling:
    """How something is sold: the keys that an item may have of its own, and otherwise has from its room."""

    def __init__(self, table: Table, room: "_Selling | None", currency: str, now_ms: int) -> None:
        def read(key: str, convert: Callable[[Any], Any], default: Any = None) -> Any:
            return table.read(key, convert) if table.has(key) else getattr(room, _ATTRIBUTES[key], default)

        moment = fields.moment_after(now_ms)
        self.increment: int | None = read("increment", fields.money(currency))
        self.closing: str = read("closing", fields.closing, "live") or "live"
        self.window_ms: int = read("window", fields.seconds(1), DEFAULT_WINDOW_MS) or DEFAULT_WINDOW_MS
        pause = read("pause", fields.seconds(0), DEFAULT_PAUSE_MS)
        self.pause_ms: int = DEFAULT_PAUSE_MS if pause is None else pause
        self.opening_ms: int | None = read("opening", fields.seconds(1))
        self.duration_ms: int | None = read("duration", fields.seconds(1))
        self.closes_at: int | None = read("closes_at", moment)
        self.hard_end: int | None = read("hard_end", moment)

    def terms(self, table: Table, units: int) -> LiveClosing | TimedClosing | None:
        """How the item's rounds close; None where what the file says doesn't fit together, which is noted."""
        other = ("duration", "closes_at", "hard_end") if self.closing == "live" else ("opening",)
        for key in other:
            if table.has(key):
                table.problem(key, f'is only for closing = "{"timed" if self.closing == "live" else "live"}"')
        if self.closing == "live":
            return LiveClosing(self.window_ms, self.opening_ms)
        if self.duration_ms is None and self.closes_at is None:
            table.problem("closing", 'is "timed", so say when: closes_at = 2030-05-24T20:00:00Z, or duration = 600')
        elif self.duration_ms is None and units > 1:
            table.problem("units", f"is {units}, so the later ones need a duration in seconds: duration = 600")
        elif self.hard_end is not None and self.closes_at is not None and self.hard_end < self.closes_at:
            table.problem("hard_end", "is before closes_at; it must not be earlier")
        return TimedClosing(self.window_ms, self.duration_ms, self.closes_at, self.hard_end)


_ATTRIBUTES = {
    "increment": "increment",
    "closing": "closing",
    "window": "window_ms",
    "pause": "pause_ms",
    "opening": "opening_ms",
    "duration": "duration_ms",
    "closes_at": "closes_at",
    "hard_end": "hard_end",
}
