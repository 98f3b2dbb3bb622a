"""The one place that wires journal, rooms and listener together."""

import asyncio
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog
from aiohttp import web

from bidroom.clock import Clock, SystemClock
from bidroom.journal.journal import Journal
from bidroom.rules.item import RoomTerms
from bidroom.server.admission import Admission, bind
from bidroom.server.bidding import manage_bidding, open_room
from bidroom.server.connection import House
from bidroom.server.door import Addresses, Door
from bidroom.server.http import Http
from bidroom.server.metrics import Metrics
from bidroom.server.room import Room
from bidroom.server.settings import PULSE_S, STOP_S, ServerSettings
from bidroom.wire.messages import Bye

log = structlog.get_logger("bidroom")


class Server:
    """A server that runs. `failed` ends with an exception where it can't go on; the process must say why and exit."""

    def __init__(self, house: House, rooms: dict[str, Room], admission: Admission, runner: web.AppRunner) -> None:
        self.rooms = rooms
        self.addresses = admission.addresses
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._house = house
        self._admission = admission
        self._runner = runner
        self._writers = [asyncio.create_task(manage_bidding(room)) for room in rooms.values()]
        for task in self._writers:
            task.add_done_callback(self._writer_ended)
        self._pulse = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Stop accepting, commit what is in, say goodbye to everyone; the journal stays open. At most 5 seconds."""
        self._house.stopping = True
        self._admission.close()
        self._pulse.cancel()
        if not self._house.connections:
            self._house.empty.set()
        for room in self.rooms.values():
            room.stopping = True
            room.awake.set()
        await asyncio.wait(self._writers, timeout=STOP_S)
        for connection in list(self._house.connections):
            connection.close(Bye("The server stops; what was acknowledged is kept."))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._house.empty.wait(), 1)
        for connection in list(self._house.connections):
            connection.transport.abort()
        for task in self._writers:
            task.cancel()
        await asyncio.gather(*self._writers, self._pulse, return_exceptions=True)
        await self._runner.cleanup()
        if not self.failed.done():
            self.failed.cancel()

    def _writer_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None and not self.failed.done():
            self.failed.set_exception(task.exception() or RuntimeError())

    async def _beat(self) -> None:
        """Look after those who are behind, and find out whether the machine itself was away."""
        clock = self._house.clock
        while True:
            before = clock.now()
            await asyncio.sleep(PULSE_S)
            away_ms = clock.now() - before - int(PULSE_S * 1000)
            for room in self.rooms.values():
                if away_ms > room.tolerance_ms:
                    room.interrupted = True
                    room.awake.set()
                elif room.audience.behind:
                    room.awake.set()


async def start_server(
    catalogues: Sequence[RoomTerms],
    journal: Journal,
    settings: ServerSettings,
    clock: Clock | None = None,
    reserves: Mapping[str, Mapping[str, int]] | None = None,
) -> Server:
    """Bring back the rooms that the journal knows, open the others, and listen.

    A room that the journal knows goes on by the terms it was opened with. `reserves` are the hidden prices below which
    nothing is sold, by room and item. Raises OSError where the port is taken,
    DamagedJournal and JournalUnavailable where the journal can't be used.
    """
    _allow_many_sockets()
    metrics = Metrics()
    rooms: dict[str, Room] = {}
    clock = clock or SystemClock()
    for id in dict.fromkeys((*await journal.rooms(), *(terms.id for terms in catalogues))):
        room = rooms[id] = Room(id, journal, clock, settings, metrics)
        await room.load()
        room.interrupted = room.state.terms is not None
        clock.not_before(room.state.at)  # the wall clock may have been set back since
    house = House(rooms, settings, clock, set(), asyncio.Event())
    runner = web.AppRunner(Http(house, metrics).application(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        admission = await _admission(house, runner)
    except OSError:
        await runner.cleanup()
        raise
    for terms in catalogues:
        if rooms[terms.id].state.terms is None:
            await open_room(rooms[terms.id], terms, (reserves or {}).get(terms.id, {}))
    try:
        admission.start()
    except OSError:
        admission.close()
        await runner.cleanup()
        raise
    return Server(house, rooms, admission, runner)


async def _admission(house: House, runner: web.AppRunner) -> Admission:
    addresses = Addresses(house.settings.limits.connections_per_address)
    http = runner.server
    assert http is not None, "the runner is set up"

    def door(sock: socket.socket) -> Door:
        return Door(house, addresses, http, sock if house.settings.tls is None else None)

    return Admission(await bind(house.settings.host, house.settings.port), door, house.settings.tls)


def _allow_many_sockets() -> None:
    """Raise the process's soft limit of open files to its hard one: every participant is a socket."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
