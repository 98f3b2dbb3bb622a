"""A process that keeps a journal and does what it is told, line by line: run by the tests that break its disk.

append ROOM N       N more bids in one append (opens the room first)     -> ok SEQ | unavailable | conflict
append-all ROOM ... one bid in each of these rooms, all at the same time -> one of those for each, in order
recover N           by N rooms at once                                   -> ok | unavailable
tell ROOM           what the journal holds, replayed                     -> SEQ of its last event | unavailable
ballast N           a file of N bytes beside the journal; 0 removes it   -> ok
close                                                                    -> ok
"""

import asyncio
import os
import sys
from pathlib import Path

from bidroom.journal.journal import Conflict, Fence, JournalUnavailable
from bidroom.journal.replay import replay
from bidroom.journal.sqlite import SqliteJournal
from tests.journal.story import Story


class Keeper:
    """Goes by the journal alone: after a failure it replays before it appends, as a room does."""

    def __init__(self, journal: SqliteJournal, ballast: Path) -> None:
        self.journal = journal
        self.ballast = ballast
        self.rooms: dict[str, tuple[Story, Fence]] = {}

    async def append(self, room: str, bids: int) -> str:
        if room not in self.rooms:
            replayed = await replay(self.journal, room)
            known = replayed.state.terms is not None
            self.rooms[room] = (Story(room, replayed.state if known else None, replayed.head), replayed.fence)
        story, fence = self.rooms.pop(room)
        entries = ([] if story.state.terms else story.open()) + story.bids(bids)
        try:
            self.rooms[room] = story, await self.journal.append(room, fence, entries)
        except Conflict:
            return "conflict"
        return f"ok {entries[-1].seq}"

    async def do(self, command: str, *words: str) -> str:
        match command, words:
            case "append", (room, bids):
                return await self.append(room, int(bids))
            case "append-all", rooms:
                return "; ".join(await asyncio.gather(*(answered(self.append(room, 1)) for room in rooms)))
            case "recover", (times,):
                answers = await asyncio.gather(*(answered(self.journal.recover()) for _ in range(int(times))))
                return "unavailable" if "unavailable" in answers else "ok"
            case "tell", (room,):
                return str((await replay(self.journal, room)).state.seq)
            case "ballast", (size,):
                write_ballast(self.ballast, int(size))
            case "close", ():
                await self.journal.close()
        return "ok"


async def answered(work) -> str:
    try:
        return await work
    except JournalUnavailable:
        return "unavailable"


def write_ballast(path: Path, size: int) -> None:
    if size == 0:
        path.unlink()
    else:
        path.write_bytes(os.urandom(size))


async def main() -> None:
    path = Path(sys.argv[1])
    keeper = Keeper(await SqliteJournal.open(path), path.with_name("ballast"))
    print("open", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(await answered(keeper.do(*line.split())), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
