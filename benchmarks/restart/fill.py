"""Makes a journal of a sale that has gone on for long: `python -m benchmarks.restart.fill CATALOGUE JOURNAL EVENTS`.

The rules decide each bid, and the product's own journal keeps what they say; only nobody sends messages.
"""

import asyncio
import sys
from pathlib import Path

from bidroom.catalogue import read_catalogue
from bidroom.journal.chain import Entry, genesis, seal
from bidroom.journal.sqlite import SqliteJournal
from bidroom.rules.act import act
from bidroom.rules.commands import Bid, OpenRoom, Registration
from bidroom.rules.decide import Command
from bidroom.rules.state import RoomState

NOW_MS = 1_790_000_000_000
BIDDERS = 200
BATCH = 1000


async def fill(catalogue: Path, path: Path, events: int) -> None:
    """Bids of 200 bidders in turn on every item in turn, until there are so many events."""
    terms = read_catalogue(catalogue, NOW_MS).terms
    registered = [Registration("0" * 64, "a1" * 16, f"bidder-{number}") for number in range(BIDDERS)]
    state, head, fence = RoomState(), genesis(terms.id), None
    entries: list[Entry] = []

    def happen(command: Command, at: int) -> None:
        nonlocal head
        for event in act(state, command, at).events:
            entries.append(seal(event, head))
            head = entries[-1].hash

    journal = await SqliteJournal.open(path)
    fence = journal.start
    happen(OpenRoom(terms), NOW_MS)
    items = list(state.items.values())
    bids = written = 0
    while written < events:
        while len(entries) < min(BATCH, events - written):
            number, item = bids % BIDDERS, items[bids % len(items)]
            bids += 1
            bid = Bid(f"bidder-{number}", bids, item.terms.id, item.minimum, 1, registered[number])
            happen(bid, NOW_MS + bids)
        fence = await journal.append(terms.id, fence, entries)
        written += len(entries)
        entries.clear()
    await journal.close()


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
