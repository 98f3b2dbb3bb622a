"""`bidroom results` and `bidroom verify`: what a journal holds, read from its file or from the server that has it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct
from rich.console import Console, RenderableType
from rich.table import Table as Drawing
from rich.text import Text

from bidroom.errors import BidroomError
from bidroom.journal.chain import DamagedJournal
from bidroom.journal.file import JournalInUse
from bidroom.journal.verify import load_file, verify_file
from bidroom.results.render import write
from bidroom.results.report import Report, What, report
from bidroom.results.tables import Cell, Column, Table, for_people, overview, statement_table
from bidroom.rules.money import format_money
from bidroom.terminal.journals import ServerNote, server_of
from bidroom.terminal.owner import ask_as_owner
from bidroom.terminal.progress import progress
from bidroom.terminal.request import request
from bidroom.terminal.show import STDOUT, say
from bidroom.terminal.story import clock_time, visible

Shape = Literal["table", "csv", "json", "html"]


def print_results(file: Path, format: Shape, what: What, room: str | None) -> int:
    """Print the results of a journal; exit status 0. Raises BidroomError."""
    with progress(f"Reading {file}"):
        try:
            found = list(_from_file(file, what, room))
        except JournalInUse:
            found = list(_from_server(server_of(file), file, what, room))
    if room is not None and not found:
        raise BidroomError(f"{file}: there is no room {room!r} in this journal")
    if format != "table" and len(found) > 1:
        ids = ", ".join(results.room for results in found)
        raise BidroomError(f"{file}: this journal has several rooms; name one with --room: {ids}")
    for results in found:
        if format == "table":
            _print_tables(results)
        else:
            sys.stdout.buffer.write(write(results, format) + (b"\n" if format == "json" else b""))
    if format == "table" and not found:
        say("The journal is empty.")
    sys.stdout.flush()
    return 0


def _from_file(file: Path, what: What, room: str | None) -> Iterator[Report]:
    for id, state in load_file(file).items():
        if state.terms is not None and room in (None, id):
            yield report(state, what)


class _Listed(Struct, frozen=True):
    """What /api/rooms says of a room, as far as it is needed here."""

    id: str


def _from_server(server: ServerNote, file: Path, what: What, room: str | None) -> Iterator[Report]:
    rooms = b"".join(request(server.url, "/api/rooms", certificate=server.certificate))
    for found in msgspec.json.decode(rooms, type=list[_Listed]):
        if room in (None, found.id):
            query = urlencode({"what": what, "format": "json"})
            body = ask_as_owner(server, file, f"/api/rooms/{quote(found.id, safe='')}/results?{query}")
            yield msgspec.json.decode(b"".join(body), type=Report)


def _print_tables(found: Report) -> None:
    """The tables of a room, for people; wide enough for their columns where no terminal sets a width."""
    console = STDOUT if STDOUT.is_terminal else Console(highlight=False, width=160)
    console.print(Text(f"\n{visible(found.name)}", style="bold"))
    tables = overview(found)
    if isinstance(found.statements, list) and not isinstance(found.purchases, list):  # they were asked for by name
        tables += [statement_table(found.currency, each) for each in found.statements]
    for table in tables:
        console.print(Text(visible(table.title), style="bold"))
        console.print(_drawn(table, found.currency))
        console.print()
    if found.purchases == []:
        console.print("Nothing was bought.")
    elif not tables:
        console.print("Nothing to show.")


def _drawn(table: Table, currency: str) -> RenderableType:
    shown = for_people(table)
    drawing = Drawing(box=None, pad_edge=False, show_footer=shown.footer is not None)
    footer = shown.footer or (None,) * len(shown.columns)
    for column, below in zip(shown.columns, footer, strict=True):
        drawing.add_column(
            column.title,
            footer=_shown(below, column, currency),
            justify="left" if column.kind == "text" else "right",
            no_wrap=column.kind != "text",
            overflow="fold",
            header_style="dim",
        )
    for row in shown.rows:
        drawing.add_row(*(_shown(cell, column, currency) for cell, column in zip(row, shown.columns, strict=True)))
    return drawing


def _shown(cell: Cell, column: Column, currency: str) -> Text:
    if cell is None or isinstance(cell, str):
        return Text(visible(cell or ""))
    if column.kind == "money":
        return Text(format_money(cell, currency))
    return Text(clock_time(cell) if column.kind == "time" else str(cell))


def verify(file: Path, receipt: str | None) -> int:
    """Say whether the journal is as it was written: exit status 0 or 1. Raises BidroomError where it can't be read."""
    try:
        with progress(f"Verifying {file}"):
            verified = verify_file(file, receipt)
    except JournalInUse:
        raise JournalInUse(f"{file}: a server is using this journal; verify a copy, or once it has stopped") from None
    except DamagedJournal as error:
        print(f"DAMAGED  {error}", file=sys.stderr)
        return 1
    for room in verified.rooms:
        say(f"{room.id}: {room.events} events, {room.bids} bids, {room.purchases} purchases; the chain is whole")
        say(f"  head after event {room.seq}: {room.head}")
    place = verified.receipt
    if place is not None and place.sub:
        say(f"The receipt is that of a private event in {place.room}, which only the journal shows:")
        say(f"  event {place.seq}.{place.sub}, the {_ordinal(place.sub)} behind public event {place.seq}.")
    elif place is not None:
        say(f"The receipt is that of event {place.seq} in {place.room}.")
    elif verified.rooms:
        say("A cut-off end shows only against a receipt or a published head: --receipt HEX.")
    else:
        say("The journal is empty.")
    return 0


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
