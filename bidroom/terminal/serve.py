"""`bidroom serve` and Tserver.py: opens the house, shows its first room, and keeps serving until it is told to stop.

What is shown comes over the socket, from a client that watches like any other; so what the auctioneer sees is what
everybody sees. When every room is finished the purchases are printed once, and the server stays for whoever asks.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress

from bidroom.client.client import Client
from bidroom.client.connection import ClientError
from bidroom.rules.money import format_money
from bidroom.server.hosts import network_addresses
from bidroom.terminal.board import Board
from bidroom.terminal.house import HouseOrder, OpenHouse, RoomStanding, client_address, open_house
from bidroom.terminal.loop import unless_stopped
from bidroom.terminal.show import follow, is_live, print_purchases, say, view_of
from bidroom.terminal.tls import trusting

LOOK_S = 1.0
"""How often the other rooms, and who is there, are looked at."""


async def serve(order: HouseOrder, plain: bool, stop: asyncio.Event) -> int:
    """Serve until `stop`. The exit status is 0, or 1 where the server had to give up. Raises BidroomError."""
    async with open_house(order) as house:
        for line in await _greeting(house):
            say(line)
        showing = asyncio.create_task(_show(house, is_live(plain), stop))
        try:
            failed = await serve_until(house, stop)
        finally:
            stop.set()
            await showing
    say(failed or "The server has stopped. What was acknowledged is kept.")
    return 1 if failed else 0


async def serve_until(house: OpenHouse, stop: asyncio.Event) -> str | None:
    """Wait for `stop`; or for the server to give up, and then why it did."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((stopping, house.server.failed), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    failed = house.server.failed
    if not failed.done() or failed.cancelled():
        return None
    print(f"The server can't go on: {failed.exception()}", file=sys.stderr, flush=True)
    return "The server stopped. What was acknowledged is in the journal; start it again once the cause is mended."


async def _show(house: OpenHouse, live: bool, stop: asyncio.Event) -> None:
    await unless_stopped(stop, show_first_room(house, live))
    if stop.is_set():
        return
    if not await unless_stopped(stop, _all_finished(house)):
        return
    for standing in await house.standings():
        print_purchases(standing.terms.name, standing.terms.currency, standing.purchases)
    say(f"\nEverything is finished. The results stay at {house.url}/api/rooms; Ctrl-C stops the server.")


async def show_first_room(house: OpenHouse, live: bool) -> None:
    """Show the house's first room until it is finished; a room that was finished before is not shown."""
    first = next(iter(house.server.rooms))
    with suppress(ClientError):  # when the server gives up it says why itself
        tls = None if house.tls is None else trusting(house.tls.certificate)
        async with Client(house.address, room=first, tls=tls) as watcher:
            view = view_of(watcher)
            if view.finished:
                return
            board = Board(view)
            looking = asyncio.create_task(_look_around(house, board))
            try:
                await follow(watcher, board, live)
            finally:
                looking.cancel()


async def _look_around(house: OpenHouse, board: Board) -> None:
    """Keep the lines below the board true: who is there, the other rooms, what to type."""
    addresses = _from_elsewhere(house)[:2]
    while True:
        others = (await house.standings())[1:]
        here = len(house.server.rooms[board.view.id].audience) - 1  # without the board's own watcher
        joining = f"{here} connected · join in: {_how_to_join(house)} · Ctrl-C stops"
        board.footer = (*_other_rooms(others), *addresses, joining)
        await asyncio.sleep(LOOK_S)


def _other_rooms(others: Sequence[RoomStanding]) -> list[str]:
    lines = [f"{room.terms.name}: {_progress(room)}" for room in others[:3]]
    return lines if len(others) <= 3 else [*lines, f"... and {len(others) - 3} more rooms"]


def _progress(room: RoomStanding) -> str:
    turnover = format_money(sum(bought.amount for bought in room.purchases), room.terms.currency)
    return f"{room.sold} of {room.units} units sold, {turnover}{', finished' if room.finished else ''}"


async def _all_finished(house: OpenHouse) -> None:
    while True:
        standings = await house.standings()
        if len(standings) == len(house.server.rooms) and all(room.finished for room in standings):
            return
        await asyncio.sleep(LOOK_S)


async def _greeting(house: OpenHouse) -> list[str]:
    standings = await house.standings()
    lines = [f"{room.terms.name}: {len(room.terms.items)} items, {room.units} units" for room in standings[:5]]
    if len(standings) > 5:
        lines.append(f"... and {len(standings) - 5} more rooms")
    lines += house.said
    lines.append(_journal_line(house, standings))
    lines.append(f"Listening at {house.url}. Join in: {house.url}/ in a browser, or {_how_to_join(house)}")
    lines.append(f"The auctioneer's desk is {house.url}/auctioneer, a screen for the hall {house.url}/hall")
    return lines + _from_elsewhere(house)


def _journal_line(house: OpenHouse, standings: Sequence[RoomStanding]) -> str:
    journal = house.order.journal
    before = [room for room in standings if room.terms.id in house.known]
    if not before:
        return f"The journal is {journal} (new)."
    if all(room.finished for room in before) and len(before) == len(standings):
        return f"The journal {journal} goes on, but everything in it is sold already; start with --new to begin afresh."
    sold, units = sum(room.sold for room in before), sum(room.units for room in before)
    return f"The journal {journal} goes on: {sold} of {units} units were sold before."


def _from_elsewhere(house: OpenHouse) -> list[str]:
    hosts = network_addresses(house.order.host)
    if house.tls is None:
        return [_elsewhere(f"http://{host}:{house.port}/", client_address(host, house.port)) for host in hosts]
    hosts = house.order.allow_hosts or hosts  # a certificate is for a name: one that is known is better than an address
    return [_elsewhere(f"https://{host}:{house.port}/", f"wss://{host}:{house.port}/ws") for host in hosts]


def _elsewhere(page: str, address: str) -> str:
    return f"From other machines: {page} in a browser, or python3 Tclient.py {address}"


def _how_to_join(house: OpenHouse) -> str:
    if house.tls is not None:
        return f"python3 Tclient.py wss://{(*house.order.allow_hosts, 'localhost')[0]}:{house.port}/ws"
    return "python3 Tclient.py" if house.port == 12345 else f"python3 Tclient.py localhost:{house.port}"
