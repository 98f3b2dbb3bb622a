"""Kill a loaded server at random moments, again and again, and audit what it kept: `make crash KILLS=1000`."""

import argparse
import asyncio
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from random import Random, randrange
from socket import create_server

from msgspec import Struct

from bidroom.journal.verify import verify_file
from tests.crash.auditor import audit_bidder, audit_journal, audit_watcher, read_rows
from tests.crash.participants import Bidder, Watcher
from tests.crash.serve import TERMS

BIDDERS = 20
WATCHERS = 3
KILLS_PER_FILE = 50
"""After so many kills the audit is made, and a fresh room takes over: the whole journal is read at each restart."""


class Tally(Struct):
    """What was seen over the whole run."""

    kills: int = 0
    accepted: int = 0
    refused: int = 0
    events: int = 0
    sales: int = 0
    faults: list[str] = []


async def kill(kills: int, seed: int, show: bool = False) -> Tally:
    """Run until the server was killed `kills` times. `show`: say on the terminal how far it is."""
    rng = Random(seed)
    tally = Tally()
    while tally.kills < kills and not tally.faults:
        with tempfile.TemporaryDirectory(prefix="bidroom-crash-") as folder:
            await _one_file(Path(folder) / "crash.db", min(KILLS_PER_FILE, kills - tally.kills), rng, tally, show)
    return tally


async def _one_file(file: Path, kills: int, rng: Random, tally: Tally, show: bool) -> None:
    port = _free_port()
    bidders = [Bidder(port, n % 5 == 0, f"Bidder {n}", rng.randrange(2**32)) for n in range(BIDDERS)]
    watchers = [Watcher(port, n == 0) for n in range(WATCHERS)]
    tasks = [asyncio.create_task(participant.run()) for participant in (*bidders, *watchers)]
    try:
        for _ in range(kills):
            server = await _start(file, port)
            await asyncio.sleep(rng.uniform(0.05, 0.6))
            server.kill()
            await server.wait()
            tally.kills += 1
            if show:
                print(f"\r{tally.kills:,} kills", end="", flush=True)
        server = await _start(file, port)
        await asyncio.sleep(0.5)
        server.send_signal(signal.SIGTERM)
        if await server.wait() != 0:
            tally.faults.append(f"the server ended with {server.returncode} on SIGTERM")
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    tally.faults += [
        f"a participant failed: {error!r}" for error in ended if not isinstance(error, asyncio.CancelledError)
    ]
    _audit(file, bidders, watchers, tally)


def _audit(file: Path, bidders: list[Bidder], watchers: list[Watcher], tally: Tally) -> None:
    verify_file(file, None)
    rows = read_rows(file, TERMS.id)
    tally.faults += audit_journal(rows, TERMS.id)
    for bidder in bidders:
        tally.faults += bidder.faults + audit_bidder(rows, bidder.name, bidder.accepted.values())
        tally.accepted += len(bidder.accepted)
        tally.refused += bidder.refusals
    for watcher in watchers:
        tally.faults += watcher.faults + audit_watcher(rows, watcher.events, watcher.heads)
    tally.events += len(rows)
    tally.sales += sum(row.event["type"] == "unit_sold" for row in rows)


async def _start(file: Path, port: int) -> asyncio.subprocess.Process:
    arguments = ("-m", "tests.crash.serve", str(file), str(port))
    server = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    if await server.stdout.readline() != b"ready\n":
        raise RuntimeError("the server did not start again; see above")
    return server


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def main() -> int:
    """0 where nothing was lost, doubled or told twice in different ways; 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=randrange(2**32))
    options = parser.parse_args()
    tally = Tally()
    with suppress(KeyboardInterrupt):
        tally = asyncio.run(kill(options.kills, options.seed, show=sys.stdout.isatty()))
    print(
        f"\r{tally.kills:,} kills (seed {options.seed}): {tally.accepted:,} bids acknowledged, "
        f"{tally.refused:,} refused; {tally.events:,} events and {tally.sales:,} sales audited; "
        f"{len(tally.faults)} faults"
    )
    for fault in tally.faults[:20]:
        print(f"  {fault}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
