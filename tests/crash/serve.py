"""The server that gets killed: `python -m tests.crash.serve FILE PORT`. Says "ready" once it listens."""

import asyncio
import signal
import sys
from pathlib import Path

from bidroom.journal.sqlite import SqliteJournal
from bidroom.limits import Limits
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.server.settings import ServerSettings, Tokens, token_hash
from bidroom.server.start import start_server

AUCTIONEER_TOKEN = "crash-crash-crash"
UNITS = 1000
LIVE = LiveClosing(60)
TIMED = TimedClosing(30, duration_ms=100)
ITEMS = (
    *(ItemTerms(f"live{n}", f"Live {n}", 100, 10, UNITS, LIVE, 10) for n in range(3)),
    *(ItemTerms(f"timed{n}", f"Timed {n}", 100, 10, UNITS, TIMED, 0) for n in range(2)),
    ItemTerms("now", "At a fixed price", 100, 10, UNITS, LIVE, 20, buy_now=250),
    ItemTerms("hidden", "With a reserve", 100, 10, UNITS, TIMED, 0, reserve=True),
    ItemTerms("few", "Soon sold out", 100, 10, 3, LIVE, 10),
)
TERMS = RoomTerms("crash", "Crash", "EUR", ITEMS)
RESERVES = {TERMS.id: {"hidden": 320}}


async def serve(file: Path, port: int) -> None:
    """Serve the room until SIGTERM."""
    journal = await SqliteJournal.open(file)
    settings = ServerSettings(
        host="127.0.0.1",
        port=port,
        limits=Limits(messages_per_second=100_000),
        tokens=Tokens(auctioneer=token_hash(AUCTIONEER_TOKEN)),
    )
    server = await start_server([TERMS], journal, settings, reserves=RESERVES)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("ready", flush=True)
    await stop.wait()
    await server.stop()
    await journal.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
