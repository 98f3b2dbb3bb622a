"""The server that gets killed: `python -m tests.crash.serve FILE PORT`. Says "ready" once it listens."""

import asyncio
import signal
import sys
from pathlib import Path

from bidroom.journal.sqlite import SqliteJournal
from bidroom.limits import Limits
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.server.settings import ServerSettings
from bidroom.server.start import start_server

UNITS = 1000
ITEMS = (
    *(ItemTerms(f"live{n}", f"Live {n}", 100, 10, UNITS, LiveClosing(60), 10) for n in range(4)),
    *(ItemTerms(f"timed{n}", f"Timed {n}", 100, 10, UNITS, TimedClosing(30, duration_ms=100), 0) for n in range(2)),
)
TERMS = RoomTerms("crash", "Crash", "EUR", ITEMS)


async def serve(file: Path, port: int) -> None:
    """Serve the room until SIGTERM."""
    journal = await SqliteJournal.open(file)
    settings = ServerSettings(host="127.0.0.1", port=port, limits=Limits(messages_per_second=100_000))
    server = await start_server([TERMS], journal, settings)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("ready", flush=True)
    await stop.wait()
    await server.stop()
    await journal.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
