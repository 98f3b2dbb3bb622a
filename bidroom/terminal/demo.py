"""`bidroom demo`, which `make run` runs: a whole sale on this machine, with five bots as processes of their own.

The server, the journal and the sockets are the real ones; anybody may join meanwhile. It ends by itself when everything
is finished, and leaves no process behind, however it ends.
"""

import asyncio
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bidroom.catalogue import EXAMPLE_PATH
from bidroom.terminal.house import HouseOrder, OpenHouse, open_house
from bidroom.terminal.loop import unless_stopped
from bidroom.terminal.serve import serve_until, show_first_room
from bidroom.terminal.show import is_live, print_purchases, say

CATALOGUE = Path(__file__).resolve().parent.parent.parent / "examples" / "office-surplus.toml"
BOTS = ("Ana", "Boris", "Chidi", "Dunja", "Emre")
PACE_S = 0.9
LEAVE_S = 5.0
"""How long the bots have to leave by themselves."""


async def demo(port: int, plain: bool, stop: asyncio.Event) -> int:
    """One sale to its end: exit status 0, or 1 where the server or a bot failed. Raises BidroomError."""
    catalogue = CATALOGUE if CATALOGUE.exists() else EXAMPLE_PATH  # an installed Bidroom has no examples beside it
    journal = Path(tempfile.mkdtemp(prefix="bidroom-demo-")) / "demo.db"
    async with open_house(HouseOrder(catalogues=(catalogue,), port=port, journal=journal)) as house:
        say(f"A sale with {len(BOTS)} bots. Bid against them: {house.url}/ in a browser, or in another terminal")
        say(f"  python3 Tclient.py localhost:{house.port}")
        async with _bots(house) as bots:
            watching = asyncio.create_task(_give_up(house, stop))
            finished = await unless_stopped(stop, show_first_room(house, is_live(plain)))
            if finished:
                await _wait_for(bots)
            watching.cancel()
        for standing in await house.standings():
            print_purchases(standing.terms.name, standing.terms.currency, standing.purchases)
    failed = house.server.failed.done() and not house.server.failed.cancelled()
    if not finished:
        return 1 if failed else 0
    complaints = {name: await _why(bot) for name, bot in zip(BOTS, bots, strict=True) if bot.returncode != 0}
    for name, complaint in complaints.items():
        print(f"{name}: {complaint}", file=sys.stderr)
    say(f"\nThe sale is kept in its journal; check it with:\nbidroom verify {journal}")
    return 1 if complaints else 0


async def _give_up(house: OpenHouse, stop: asyncio.Event) -> None:
    if await serve_until(house, stop):
        stop.set()


@asynccontextmanager
async def _bots(house: OpenHouse) -> AsyncIterator[list[Process]]:
    """The bots, for as long as the block lasts at most."""
    bots: list[Process] = []
    try:
        for seed, name in enumerate(BOTS, start=1):
            command = [sys.executable, "-m", "bidroom", "bot", house.address, "--name", name]
            command += ["--seed", str(seed), "--pace", str(PACE_S)]
            bots.append(await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE))
        yield bots
    finally:
        for bot in bots:
            with suppress(ProcessLookupError):
                bot.terminate()
        await _wait_for(bots)
        for bot in bots:
            with suppress(ProcessLookupError):
                bot.kill()


async def _wait_for(bots: list[Process]) -> None:
    waits = [asyncio.create_task(bot.wait()) for bot in bots]
    await asyncio.wait(waits, timeout=LEAVE_S)
    for wait in waits:
        wait.cancel()


async def _why(bot: Process) -> str:
    """What a bot that failed said."""
    assert bot.stderr is not None, "it was started with a pipe"
    return (await bot.stderr.read()).decode(errors="replace").strip() or f"ended with status {bot.returncode}"
