"""Makes a journal to restart with: `python -m benchmarks.scale.make_journal JOURNAL EVENTS...`.

The events are those of a sale (`sale.py`), sealed and appended by the product's own journal. At each of the numbers of
events, which rise, a copy is laid aside as JOURNAL.EVENTS, and the number of its last public event is printed.
"""

import asyncio
import shutil
import sys
from pathlib import Path

from benchmarks.scale.sale import TERMS, Sale
from bidroom.journal.chain import Entry, genesis, seal
from bidroom.journal.journal import MAX_PAGE
from bidroom.journal.sqlite import SqliteJournal


async def make(path: Path, marks: list[int]) -> None:
    """Write until the last mark is reached: a command's events are never torn apart, so it may be a few more."""
    journal = await SqliteJournal.open(path)
    fence, hash, count = journal.start, genesis(TERMS.id), 0
    entries: list[Entry] = []
    for _, events in Sale().go_on():
        for event in events:
            entry = seal(event, hash)
            hash = entry.hash
            entries.append(entry)
        if len(entries) < MAX_PAGE and count + len(entries) < marks[0]:
            continue
        fence = await journal.append(TERMS.id, fence, entries)
        count += len(entries)
        if count >= marks[0]:
            await journal.close()  # which moves its log into the file
            shutil.copyfile(path, copy_of(path, marks[0]))
            print(entries[-1].seq, flush=True)
            del marks[0]
            if not marks:
                return
            journal = await SqliteJournal.open(path)
        entries = []


def copy_of(path: Path, mark: int) -> Path:
    """Where the journal with so many events is."""
    return path.with_name(f"{path.name}.{mark}")


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1]), [int(argument) for argument in sys.argv[2:]]))
