"""Kill a loaded server at random moments, again and again, and audit what it kept: `make crash KILLS=1000`."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random, randrange
from socket import create_server

from msgspec import Struct

from bidroom.journal.verify import verify_file
from tests.crash import auditor
from tests.crash.auctioneer import NAME, Auctioneer
from tests.crash.participants import Bidder, Participant, Watcher
from tests.crash.serve import AUCTIONEER_TOKEN, TERMS

BIDDERS = 20
WATCHERS = 3
KILLS_PER_FILE = 50
"""After so many kills the audit is made, and a fresh room takes over: the whole journal is read at each restart."""

CLOSE_S = 30
"""How long a room may take to finish once the auctioneer closes it."""


class Tally(Struct):
    """What was seen over the whole run: `acknowledged` counts commands, and `kept` events, by type."""

    kills: int = 0
    refused: int = 0
    acknowledged: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    faults: list[str] = []

    @property
    def sales(self) -> int:
        return self.kept["unit_sold"]


async def kill(kills: int, seed: int, show: bool = False) -> Tally:
    """Run until the server was killed `kills` times. `show`: say on the terminal how far it is."""
    rng = Random(seed)
    tally = Tally(acknowledged=Counter(), kept=Counter())
    while tally.kills < kills and not tally.faults:
        with tempfile.TemporaryDirectory(prefix="bidroom-crash-") as folder:
            await _one_file(Path(folder) / "crash.db", min(KILLS_PER_FILE, kills - tally.kills), rng, tally, show)
    return tally


async def _one_file(file: Path, kills: int, rng: Random, tally: Tally, show: bool) -> None:
    port = _free_port()
    bidders = [Bidder(port, n % 5 == 0, f"Bidder {n}", rng.randrange(2**32)) for n in range(BIDDERS)]
    watchers = [Watcher(port, n == 0) for n in range(WATCHERS)]
    names = [bidder.name for bidder in bidders]
    auctioneer = Auctioneer(port, rng.random() < 0.5, AUCTIONEER_TOKEN, rng.randrange(2**32), names)
    tasks = [asyncio.create_task(participant.run()) for participant in (*bidders, *watchers, auctioneer)]
    try:
        for _ in range(kills):
            server = await _start(file, port)
            await asyncio.sleep(rng.uniform(0.05, 0.6))
            server.kill()
            await server.wait()
            tally.kills += 1
            if show:
                print(f"\r{tally.kills:,} kills", end="", flush=True)
        await _end(file, port, auctioneer, tally)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    tally.faults += [f"a participant failed: {error!r}" for error in ended if isinstance(error, Exception)]
    _audit(file, bidders, watchers, auctioneer, tally)


async def _end(file: Path, port: int, auctioneer: Auctioneer, tally: Tally) -> None:
    """Let the sale come to its end, and the server stop as it should."""
    server = await _start(file, port)
    await asyncio.sleep(0.5)
    auctioneer.close()
    try:
        await asyncio.wait_for(auctioneer.closed.wait(), CLOSE_S)
    except TimeoutError:
        tally.faults.append(f"the room was not finished {CLOSE_S} seconds after it was closed")
    await asyncio.sleep(0.1)
    server.send_signal(signal.SIGTERM)
    if await server.wait() != 0:
        tally.faults.append(f"the server ended with {server.returncode} on SIGTERM")


def _audit(file: Path, bidders: list[Bidder], watchers: list[Watcher], auctioneer: Auctioneer, tally: Tally) -> None:
    verify_file(file, None)
    rows = auditor.read_rows(file, TERMS.id)
    past = auditor.tell_history(rows).past
    tally.faults += auditor.audit_journal(rows, TERMS.id)
    for bidder in bidders:
        tally.faults += auditor.audit_bidder(rows, bidder.name, bidder.sent, bidder.accepted.values())
        tally.faults += auditor.audit_refusals(rows, bidder.name, bidder.sent, bidder.refused)
        tally.faults += auditor.audit_welcomes(past.get(bidder.name, []), bidder.name, bidder.welcomes)
        tally.acknowledged.update(bidder.sent[id]["type"] for id in bidder.accepted)
        tally.refused += len(bidder.refused)
    for watcher in watchers:
        tally.faults += auditor.audit_watcher(rows, watcher.events, watcher.heads)
    asked = [(ask.message, ask.answers) for ask in auctioneer.asks]
    tally.faults += auditor.audit_auctioneer(rows, NAME, asked)
    for message, answers in asked:
        tally.acknowledged.update(message["type"] for answer in answers if answer["type"] == "accepted")
        tally.refused += sum(answer["type"] == "refused" for answer in answers)
    everyone: list[Participant] = [*bidders, *watchers, auctioneer]
    tally.faults += [fault for participant in everyone for fault in participant.faults]
    tally.kept.update(row.event["type"] for row in rows)


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
        f"\r{tally.kills:,} kills (seed {options.seed}): {tally.acknowledged.total():,} commands acknowledged, "
        f"{tally.refused:,} refused; {tally.kept.total():,} events and {tally.sales:,} sales audited; "
        f"{len(tally.faults)} faults"
    )
    for title, counts in (("acknowledged", tally.acknowledged), ("in the journals", tally.kept)):
        print(f"  {title}: " + ", ".join(f"{type} {count:,}" for type, count in counts.most_common()))
    for fault in tally.faults[:20]:
        print(f"  {fault}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
