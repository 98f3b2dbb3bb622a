"""A server as the command line runs it: catalogues read, journal opened, rooms on, and everything closed at the end.

What is wrong with what was asked for comes out as a BidroomError before anything is changed; a journal that exists is
never overwritten.
"""

import errno
import gc
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import structlog
from msgspec import Struct

from bidroom.catalogue import EXAMPLE_PATH, NO_OPTIONS, Catalogue, CsvOptions, read_catalogue
from bidroom.errors import BidroomError
from bidroom.journal.chain import DamagedJournal
from bidroom.journal.journal import JournalUnavailable
from bidroom.journal.sqlite import SqliteJournal
from bidroom.limits import Limits
from bidroom.results import Purchase, public_purchases
from bidroom.rules.item import RoomTerms
from bidroom.rules.state import RoomState
from bidroom.server.hosts import host_name
from bidroom.server.room import Unavailable
from bidroom.server.settings import ServerSettings
from bidroom.server.start import Server, start_server
from bidroom.terminal.check import PICTURES
from bidroom.terminal.journals import noted, set_aside
from bidroom.terminal.tls import Tls, load_tls
from bidroom.terminal.tokens import TokenFile, make_tokens

_COLLECT_AFTER = (700, 10, 1000)
"""When Python looks for garbage: young objects as usual, all of them a hundred times more rarely. That takes it a tenth
of a second for a full hall, in which nobody is served, and finds next to nothing: whoever goes leaves no cycles."""


class HouseOrder(Struct, frozen=True, kw_only=True):
    """What to open: catalogues (none: what the journal holds, else the example), where to listen, which journal.

    `csv` is what catalogues in CSV don't say themselves. `pictures` is a folder; None: the one called "pictures" beside
    the first catalogue, or else the journal, where there is one. `tls_cert` and `tls_key` are files; None: no TLS.
    """

    catalogues: tuple[Path, ...] = ()
    csv: CsvOptions = NO_OPTIONS
    host: str = "localhost"
    port: int = 12345
    allow_hosts: tuple[str, ...] = ()
    journal: Path = Path("bidroom.db")
    new: bool = False
    pictures: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None


class RoomStanding(Struct, frozen=True):
    """How a room stands: units sold of all its units, and what was bought so far."""

    terms: RoomTerms
    seq: int
    finished: bool
    sold: int
    units: int
    purchases: list[Purchase]


class OpenHouse(Struct, frozen=True):
    """A server that runs. `said` is what to say about its journal; `known` are the rooms that it held before."""

    server: Server
    order: HouseOrder
    tls: Tls | None
    said: list[str]
    known: list[str]

    @property
    def address(self) -> str:
        """Where a client on this machine finds the server: host:port; for TLS the address of its WebSocket."""
        return self.place if self.tls is None else f"wss://{self.place}/ws"

    @property
    def place(self) -> str:
        """Where the server listens for this machine: host:port."""
        host, port = self.server.addresses[0]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return self.server.addresses[0][1]

    @property
    def url(self) -> str:
        """The server for browsers on this machine."""
        return f"{'http' if self.tls is None else 'https'}://{self.place}"

    async def standings(self) -> list[RoomStanding]:
        """How every room stands; rooms that recover their journal just now are left out."""
        found: list[RoomStanding] = []
        for room in self.server.rooms.values():
            try:
                found.append(await room.show(lambda room=room: _standing(room.state)))
            except Unavailable:
                continue
        return found


@asynccontextmanager
async def open_house(order: HouseOrder) -> AsyncIterator[OpenHouse]:
    """A server for as long as the block lasts, then stopped. Raises BidroomError for what a person can put right."""
    _log_warnings_to_stderr()
    tls = load_tls(order.tls_cert, order.tls_key)
    pictures = picture_folder(order)
    allowed = allowed_names(order)
    now_ms = time.time_ns() // 1_000_000
    # A sale that goes on may have begun, or even ended, by its catalogue: its times are looked at only for a new room.
    goes_on = order.journal.exists() and not order.new
    catalogues = [read_catalogue(path, 0 if goes_on else now_ms, order.csv) for path in order.catalogues]
    _refuse_twins(order.catalogues, catalogues)
    aside = await set_aside(order.journal) if order.new and order.journal.exists() else None
    said = [f"The old journal is now {aside}."] if aside else []
    journal = await SqliteJournal.open(order.journal)
    try:
        known = await journal.rooms()
        for path, catalogue in zip(order.catalogues, catalogues, strict=True):
            if goes_on and catalogue.terms.id not in known:
                read_catalogue(path, now_ms, order.csv)
        if not catalogues and not known:
            catalogues = [read_catalogue(EXAMPLE_PATH, now_ms)]
        tokens = make_tokens(order.journal)
        with _to_stay():
            server = await _start(order, catalogues, journal, tokens, allowed, pictures, tls)
        try:
            said += _about_tokens(tokens)
            said += _changed_terms(server, catalogues, known)
            house = OpenHouse(server, order, tls, said, known)
            with noted(order.journal, house.url, "" if tls is None else tls.certificate):
                yield house
        finally:
            await server.stop()
    finally:
        await journal.close()


@contextmanager
def _to_stay() -> Iterator[None]:
    """What is made in this block stays for as long as the server: Python never looks through it for garbage.

    A long journal makes millions of objects meanwhile, of which those that go lead back to themselves nowhere.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
        gc.set_threshold(*_COLLECT_AFTER)
    finally:
        gc.enable()


def picture_folder(order: HouseOrder) -> Path | None:
    """The folder with the pictures. Raises BidroomError where one was asked for that is none."""
    if order.pictures is None:
        beside = order.catalogues[0] if order.catalogues else order.journal
        found = beside.parent / PICTURES
        return found if found.is_dir() else None
    if not order.pictures.is_dir():
        raise BidroomError(f"{order.pictures}: there is no such folder of pictures")
    return order.pictures


def allowed_names(order: HouseOrder) -> tuple[str, ...]:
    """The further names, as requests are compared with them. Raises BidroomError for what no request could name."""
    names = {given: host_name(given) for given in order.allow_hosts}
    for given, name in names.items():
        if name is None:
            raise BidroomError(f"--allow-host {given!r}: give the name alone, as in sale.example.org, without a port")
    return tuple(name for name in names.values() if name is not None)


def client_address(host: str, port: int) -> str:
    """What to type to reach a server; its port is left out where clients take it for granted."""
    return host if port == 12345 else f"{host}:{port}"


async def _start(
    order: HouseOrder,
    catalogues: Sequence[Catalogue],
    journal: SqliteJournal,
    tokens: TokenFile,
    allowed: tuple[str, ...],
    pictures: Path | None,
    tls: Tls | None,
) -> Server:
    settings = ServerSettings(
        host=order.host,
        port=order.port,
        allow_hosts=allowed,
        limits=catalogues[0].limits if catalogues else Limits(),
        tokens=tokens.hashes,
        pictures=pictures,
        tls=None if tls is None else tls.context,
    )
    terms = [catalogue.terms for catalogue in catalogues]
    reserves = {catalogue.terms.id: catalogue.reserves for catalogue in catalogues}
    try:
        return await start_server(terms, journal, settings, reserves=reserves)
    except OSError as error:
        raise BidroomError(_why_not_listening(order, error)) from None
    except DamagedJournal as error:
        raise BidroomError(
            f"{order.journal}: the journal is damaged: {error}; `bidroom verify` says more, --new starts afresh"
        ) from None
    except JournalUnavailable as error:
        raise BidroomError(f"{order.journal}: {error}") from None


def _about_tokens(tokens: TokenFile) -> list[str]:
    if not tokens.is_new:
        return [f"The auctioneer's token is in {tokens.path}."]
    return [
        f"The auctioneer's token, shown this once: {tokens.auctioneer} (it is kept in {tokens.path}, with a clerk's)"
    ]


def _why_not_listening(order: HouseOrder, error: OSError) -> str:
    where = f"{order.host}:{order.port}"
    # asyncio tells of several addresses at once without an errno; its text has the reason.
    if error.errno == errno.EADDRINUSE or "address already in use" in str(error).lower():
        return f"Port {order.port} on {order.host} is taken by another program; stop it, or choose another with --port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"This user may not listen on {where}; choose a port from 1024 up with --port."
    why = error.strerror or os.strerror(error.errno or 0)
    return f"Can't listen on {where}: {why}; --host takes an address of this machine, or 0.0.0.0 for all."


def _refuse_twins(paths: Sequence[Path], catalogues: Sequence[Catalogue]) -> None:
    seen: dict[str, Path] = {}
    for path, catalogue in zip(paths, catalogues, strict=True):
        twin = seen.setdefault(catalogue.terms.id, path)
        if twin is not path:
            raise BidroomError(f"{path}: its room has the same id as that of {twin}: {catalogue.terms.id!r}")


def _changed_terms(server: Server, catalogues: Sequence[Catalogue], known: Sequence[str]) -> list[str]:
    return [
        f"{catalogue.terms.name}: goes on by the terms it was opened with; the catalogue has others by now."
        for catalogue in catalogues
        if catalogue.terms.id in known and server.rooms[catalogue.terms.id].state.terms != catalogue.terms
    ]


def _standing(state: RoomState) -> RoomStanding:
    assert state.terms is not None, "the room is open"
    units = sum(item.terms.units for item in state.items.values())
    bought = public_purchases(state)
    return RoomStanding(state.terms, state.seq, state.finished, len(bought), units, bought)


def _log_warnings_to_stderr() -> None:
    """What the server logs goes through the standard library, whose default shows warnings on the current stderr."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.KeyValueRenderer(key_order=["event"])],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
