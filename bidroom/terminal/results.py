"""`bidroom results` and `bidroom verify`: what a journal holds, read from its file or from the server that has it."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from bidroom.errors import BidroomError
from bidroom.journal.chain import DamagedJournal
from bidroom.journal.file import JournalInUse
from bidroom.journal.verify import load_file, verify_file
from bidroom.results import Purchase, Report, as_csv, as_json, purchases
from bidroom.terminal.journals import ServerNote, ask, server_of
from bidroom.terminal.show import print_purchases, say

Format = Literal["table", "csv", "json"]


class RoomResults(Struct, frozen=True):
    """The purchases of a room: as rows, and as the text of both formats for programs."""

    id: str
    name: str
    currency: str
    purchases: list[Purchase]
    csv: str
    json: bytes


def print_results(file: Path, format: Format, room: str | None) -> int:
    """Print the purchases of a journal; exit status 0. Raises BidroomError."""
    try:
        rooms = list(_from_file(file, room))
    except JournalInUse:
        rooms = list(_from_server(server_of(file), room))
    if room is not None and not rooms:
        raise BidroomError(f"{file}: there is no room {room!r} in this journal")
    if format != "table" and len(rooms) > 1:
        ids = ", ".join(results.id for results in rooms)
        raise BidroomError(f"{file}: this journal has several rooms; name one with --room: {ids}")
    for results in rooms:
        match format:
            case "table":
                print_purchases(results.name, results.currency, results.purchases)
            case "csv":
                sys.stdout.buffer.write(results.csv.encode())
            case "json":
                sys.stdout.buffer.write(results.json + b"\n")
    if format == "table" and not rooms:
        say("The journal is empty.")
    sys.stdout.flush()
    return 0


def _from_file(file: Path, room: str | None) -> Iterator[RoomResults]:
    for id, state in load_file(file).items():
        terms = state.terms
        if terms is not None and room in (None, id):
            bought = purchases(terms, state.sales)
            yield RoomResults(id, terms.name, terms.currency, bought, as_csv(terms, bought), as_json(terms, bought))


class _Listed(Struct, frozen=True):
    """What /api/rooms says of a room, as far as it is needed here."""

    id: str
    name: str
    currency: str


def _from_server(server: ServerNote, room: str | None) -> Iterable[RoomResults]:
    listed = msgspec.json.decode(ask(server, "/api/rooms"), type=list[_Listed])
    for found in listed:
        if room in (None, found.id):
            path = f"/api/rooms/{quote(found.id, safe='')}/purchases"
            body = ask(server, path)
            table = ask(server, f"{path}?format=csv").decode()
            bought = msgspec.json.decode(body, type=Report).purchases
            yield RoomResults(found.id, found.name, found.currency, bought, table, body)


def verify(file: Path, receipt: str | None) -> int:
    """Say whether the journal is as it was written: exit status 0 or 1. Raises BidroomError where it can't be read."""
    try:
        verified = verify_file(file, receipt)
    except JournalInUse:
        raise JournalInUse(f"{file}: a server is using this journal; verify a copy, or once it has stopped") from None
    except DamagedJournal as error:
        print(f"DAMAGED  {error}", file=sys.stderr)
        return 1
    for room in verified.rooms:
        say(f"{room.id}: {room.events} events, {room.bids} bids, {room.purchases} purchases; the chain is whole")
        say(f"  head after event {room.seq}: {room.head}")
    if verified.receipt is not None:
        say(f"The receipt is that of event {verified.receipt.seq} in {verified.receipt.room}.")
    elif verified.rooms:
        say("A cut-off end shows only against a receipt or a published head: --receipt HEX.")
    else:
        say("The journal is empty.")
    return 0
