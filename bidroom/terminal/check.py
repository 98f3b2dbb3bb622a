"""`bidroom check`: what a catalogue says, as it was understood, before anybody bids on it. It changes nothing.

The reading decides everything; this only puts it into words, and looks whether the pictures are there. The amounts of
reserves are shown: who has the catalogue knows them. What comes from the file is printable: the reading sees to that.
"""

import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bidroom.catalogue import Catalogue, CatalogueError, CsvOptions, Reading, interpret_catalogue, missing_pictures
from bidroom.rules.increments import PRESETS, Increment, Percentage
from bidroom.rules.item import Closing, ItemTerms, LiveClosing, RoomTerms
from bidroom.rules.money import format_money, format_plain
from bidroom.rules.pictures import is_address
from bidroom.terminal.sheet_options import SheetOptions

SHOWN_ITEMS = 20
SHOWN_CLOSINGS = 5
WIDTH_OF_A_PIPE = 120
ID_WIDTH = 16
PICTURES = "pictures"
"""The folder beside a catalogue in which its pictures are looked for."""

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def check(path: Path, sheet: SheetOptions, every: bool) -> int:
    """Show how a catalogue is understood; exit status 0, or 2 with a line for each problem."""
    now_ms = time.time_ns() // 1_000_000
    try:
        options = sheet.read()
        reading = interpret_catalogue(path, now_ms, options)
    except CatalogueError as error:
        print(error, file=sys.stderr)
        return 2
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)
    for part in _parts(path, reading, every):
        console.print(part)
    serve = ["bidroom", "serve", str(path), *_given(options)]
    console.print(Text(f"\nNothing stands in the way. Open the room with: {shlex.join(serve)}"), soft_wrap=True)
    return 0


def _parts(path: Path, reading: Reading, every: bool) -> Iterator[Text | Table]:
    terms = reading.catalogue.terms
    yield Text.assemble((terms.name, "bold"), f"  {terms.id}, {terms.currency}")
    yield Text(_file(path, reading) + "\n")
    if reading.columns:
        yield _columns(reading)
    yield _conduct(terms)
    yield _items(reading.catalogue, every)
    hidden = 0 if every else len(terms.items) - SHOWN_ITEMS
    if hidden > 0:
        yield Text(f"... and {hidden} more; --all shows them", style="dim")
    yield _totals(reading.catalogue)
    warnings = [*reading.warnings, *missing_pictures(terms.items, path.parent / PICTURES)]
    if warnings:
        yield _warnings(warnings)


def _given(options: CsvOptions) -> Iterator[str]:
    if options.currency is not None:
        yield from ("--currency", options.currency)
    for heading, field in options.map.items():
        yield from ("--map", f"{heading}={field}")
    if options.name is not None:
        yield from ("--name", options.name)


def _file(path: Path, reading: Reading) -> str:
    said = [reading.format, reading.encoding]
    if reading.delimiter:
        said.append(f"cells parted by {_DELIMITERS[reading.delimiter]}")
    if reading.blank_rows:
        said.append(f"{reading.blank_rows} blank row{'' if reading.blank_rows == 1 else 's'} skipped")
    return f"{path}: {', '.join(said)}"


def _grid(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _columns(reading: Reading) -> Table:
    table = _grid("Column", "Read as")
    for column in reading.columns:
        field = Text(column.field) if column.field else Text("nothing, it is ignored", style="yellow")
        table.add_row(Text(column.heading), field)
    return _spaced(table)


def _conduct(terms: RoomTerms) -> Table:
    """How the sale goes, in plain sentences."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("Opens", _opening(terms))
    closings = Counter(item.closing for item in terms.items)
    for closing, count in closings.most_common(SHOWN_CLOSINGS):
        which = "" if len(closings) == 1 else f"{count} item{'' if count == 1 else 's'}: "
        table.add_row("Closes", which + _closing(closing))
    if len(closings) > SHOWN_CLOSINGS:
        table.add_row("", f"... and {len(closings) - SHOWN_CLOSINGS} more ways to close")
    table.add_row("Bidders", _bidders(terms))
    return _spaced(table)


def _opening(terms: RoomTerms) -> str:
    moment = "" if terms.opens_at is None else _moment(terms.opens_at)
    if terms.opens == "by-hand":
        when = "when the auctioneer says so" + (f", at {moment} at the latest" if moment else "")
    else:
        when = f"at {moment}" if moment else "as soon as the server runs"
    if terms.order == "together":
        return f"Bidding opens {when}, for all items together."
    following = "by itself" if terms.next_item == "by-itself" else "when the auctioneer calls it"
    return f"Bidding opens {when}, one item after another; the next one comes {following}."


def _closing(closing: Closing) -> str:
    window = _seconds(closing.window_ms)
    if isinstance(closing, LiveClosing):
        waits = "waits for one" if closing.opening_ms is None else f"passes after {_seconds(closing.opening_ms)}"
        return f"A round closes {window} after its last bid; one without a bid {waits}."
    lasts = "" if closing.duration_ms is None else f"{_seconds(closing.duration_ms)} after it opens"
    when = lasts if closing.closes_at is None else f"at {_moment(closing.closes_at)}"
    later = f", a later unit's {lasts}" if lasts and closing.closes_at is not None else ""
    most = "" if closing.hard_end is None else f", at most to {_moment(closing.hard_end)}"
    return f"A round closes {when}{later}; a bid in the last {window} moves the close{most}."


def _bidders(terms: RoomTerms) -> str:
    who = "Anybody may join" if terms.registration == "open" else "Only who is invited may join"
    most = "" if terms.units_each is None else f", and buys {terms.units_each} units at most"
    shown = "names" if terms.bidders == "names" else "paddles"
    return f"{who}{most}; bidders are seen by their {shown}."


def _items(catalogue: Catalogue, every: bool) -> Table:
    """The items with the columns that some item has something in."""
    terms = catalogue.terms
    items = terms.items if every else terms.items[:SHOWN_ITEMS]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Id", no_wrap=True, max_width=ID_WIDTH)
    table.add_column("Item")  # not `no_wrap`, so it gives way before the prices do, and so does the picture
    columns = _price_columns(catalogue, items)
    for heading in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    pictures = any(item.picture for item in items)
    if pictures:
        table.add_column("Picture")
    for number, item in enumerate(items):
        cells = [column[number] for column in columns.values()]
        picture = [_in_one_line(_place(item.picture))] if pictures else []
        table.add_row(Text(item.id), _in_one_line(item.name), *cells, *picture)
    return table


def _place(picture: str) -> str:
    """Where a picture is, in a word: its name is in the file that is checked, and may be long."""
    return picture and ("web" if is_address(picture) else "file")


def _in_one_line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")


def _price_columns(catalogue: Catalogue, items: Sequence[ItemTerms]) -> dict[str, list[str]]:
    code = catalogue.terms.currency

    def plain(amount: int | None) -> str:
        return "" if amount is None else format_money(amount, code).removesuffix(f" {code}")

    columns = {
        "Start": [plain(item.starting_price) for item in items],
        "Step": [_step(item.increment, code) for item in items],
        "Units": [str(item.units) for item in items],
        "Reserve": [plain(catalogue.reserves.get(item.id)) for item in items],
        "Buy now": [plain(item.buy_now) for item in items],
    }
    return {heading: cells for heading, cells in columns.items() if any(cells)}


def _step(increment: Increment, code: str) -> str:
    if isinstance(increment, int):
        return format_money(increment, code).removesuffix(f" {code}")
    if isinstance(increment, Percentage):
        whole, hundredths = divmod(increment.basis_points, 100)
        percent = f"{whole}.{hundredths:02}".rstrip("0").rstrip(".")
        return f"{percent}% to {format_plain(increment.rounded_to, code)}"
    return next((name for name, ladder in PRESETS.items() if ladder == increment), "ladder")


def _totals(catalogue: Catalogue) -> Text:
    items = catalogue.terms.items
    units = sum(item.units for item in items)
    everything = format_money(sum(item.units * item.starting_price for item in items), catalogue.terms.currency)
    fixed = sum(item.buy_now is not None for item in items)
    pictures = sum(item.picture != "" for item in items)
    return Text(
        f"\nItems: {len(items)}. Units: {units}, together {everything} at their starting prices.\n"
        f"With a reserve: {len(catalogue.reserves) or 'none'}. With a price to buy at once: {fixed or 'none'}. "
        f"With a picture: {pictures or 'none'}."
    )


def _warnings(warnings: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="yellow")
    table.add_column(overflow="fold")
    table.add_row("", "")
    for warning in warnings:
        table.add_row("!", Text(warning))
    return table


def _spaced(table: Table) -> Table:
    table.add_row()
    return table


def _seconds(span_ms: int) -> str:
    return f"{span_ms / 1000:g} s"


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
