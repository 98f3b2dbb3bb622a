"""Starts a Bidroom server: `python -m benchmarks.servers.serve_bidroom JOURNAL CATALOGUE... [--no-fsync]`

Everything is as `bidroom serve` has it (event loop, limits, tokens, metrics, frozen garbage collection), only that
nothing is shown. Prints the port once it listens. `--no-fsync` is for comparing with servers that answer before their
record is on the disk: SQLite's synchronous = NORMAL, where only a checkpoint waits for the disk. The product has no
such setting, because what it acknowledges is durable.
"""

import asyncio
import sys
from functools import partial
from pathlib import Path

from bidroom.journal import file
from bidroom.terminal.house import HouseOrder, open_house
from bidroom.terminal.loop import run


async def serve(journal: Path, catalogues: tuple[Path, ...], stop: asyncio.Event) -> int:
    """Serve until SIGTERM."""
    async with open_house(HouseOrder(catalogues=catalogues, port=0, host="127.0.0.1", journal=journal)) as house:
        print(house.port, flush=True)
        await stop.wait()
    return 0


def without_fsync() -> None:
    """Let commits end without waiting for the disk, in this process."""
    opened = file.open_file

    def open_file(path: Path) -> file.HeldFile:
        connection = opened(path)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    file.open_file = open_file


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[1:] if argument != "--no-fsync"]
    if len(paths) < len(sys.argv) - 1:
        without_fsync()
    sys.exit(run(partial(serve, paths[0], tuple(paths[1:]))))
