"""The contract of `bidroom.journal.journal.Journal`, held against every backend."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bidroom.journal.chain import Entry
from bidroom.journal.journal import MAX_PAGE, Conflict, Journal, JournalUnavailable
from bidroom.journal.memory import MemoryJournal
from bidroom.journal.sqlite import SqliteJournal
from tests.journal.story import Story, entries_of, whole_story

Opener = Callable[[], Awaitable[Journal]]
"""Opens the same journal each time: what it held before it was closed is there again."""

BACKENDS = ("memory", "sqlite")


def opener(backend: str, directory: Path) -> Opener:
    kept: dict[str, list[Entry]] = {}

    async def open_memory() -> Journal:
        return MemoryJournal(kept)

    async def open_sqlite() -> Journal:
        return await SqliteJournal.open(directory / "journal")

    return {"memory": open_memory, "sqlite": open_sqlite}[backend]


@pytest.fixture(params=BACKENDS)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    return opener(request.param, tmp_path)


@pytest.fixture
async def journal(reopen: Opener):
    journal = await reopen()
    yield journal
    await journal.close()


async def write_story(journal: Journal, room: str):
    fence = journal.start
    for batch in whole_story(room):
        fence = await journal.append(room, fence, batch)
    return fence


async def read_all(journal: Journal, room: str, limit: int = MAX_PAGE) -> list[Entry]:
    found: list[Entry] = []
    fence = journal.start
    while (page := await journal.read(room, fence, limit)).entries:
        assert len(page.entries) <= limit
        found += page.entries
        fence = page.fence
    return found


async def test_what_was_appended_is_read_back_to_the_byte(journal: Journal):
    fence = await write_story(journal, "hall")
    page = await journal.read("hall", journal.start)
    assert page.entries == entries_of("hall")
    assert page.fence == fence
    assert all(type(entry.body) is bytes and type(entry.hash) is bytes for entry in page.entries)


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
async def test_pages_join_without_gap_or_overlap(journal: Journal, limit: int):
    await write_story(journal, "hall")
    assert await read_all(journal, "hall", limit) == entries_of("hall")


async def test_a_page_ends_at_its_most_and_a_fence_is_good_for_going_on(journal: Journal):
    story = Story("hall")
    entries = story.open() + story.bids(MAX_PAGE)
    fence = await journal.append("hall", journal.start, entries)
    page = await journal.read("hall", journal.start, limit=10 * MAX_PAGE)
    assert page.entries == entries[:MAX_PAGE]
    rest = await journal.read("hall", page.fence)
    assert rest.entries == entries[MAX_PAGE:]
    assert rest.fence == fence
    end = await journal.read("hall", fence)
    assert (end.entries, end.fence) == ([], fence)
    assert len(await journal.read_since("hall", 0, limit=10 * MAX_PAGE)) == MAX_PAGE
    for nothing in (0, -1):
        assert (await journal.read("hall", journal.start, nothing)).entries == []
        assert await journal.read_since("hall", 0, nothing) == []


async def test_read_since_gives_public_entries_only(journal: Journal):
    await write_story(journal, "hall")
    public = [entry for entry in entries_of("hall") if entry.sub == 0]
    assert any(entry.sub for entry in entries_of("hall")), "the story has private entries"
    assert await journal.read_since("hall", 0) == public
    assert await journal.read_since("hall", 4, 3) == public[4:7]
    assert await journal.read_since("hall", public[-1].seq) == []


async def test_a_room_without_entries_is_empty_and_not_listed(journal: Journal):
    assert await journal.append("hall", journal.start, []) == journal.start
    page = await journal.read("hall", journal.start)
    assert (page.entries, page.fence) == ([], journal.start)
    assert await journal.read_since("hall", 0) == []
    assert await journal.rooms() == []


async def test_rooms_are_listed_in_the_order_in_which_they_were_opened(journal: Journal):
    for room in ("b", "c", "a"):
        await journal.append(room, journal.start, Story(room).open())
    fence = (await journal.read("c", journal.start)).fence
    await journal.append("c", fence, [])
    assert await journal.rooms() == ["b", "c", "a"]


async def test_a_fence_behind_or_ahead_is_a_conflict_and_writes_nothing(journal: Journal):
    story = Story("hall")
    opened = story.open()
    first = await journal.append("hall", journal.start, opened)
    more = story.bids(1)
    ahead = (more[-1].seq, more[-1].sub)
    for wrong in (journal.start, ahead):
        with pytest.raises(Conflict, match="hall"):
            await journal.append("hall", wrong, more)
        assert await read_all(journal, "hall") == opened
    await journal.append("hall", first, more)
    with pytest.raises(Conflict):
        await journal.append("hall", first, more)
    with pytest.raises(Conflict):
        await journal.append("other", first, more)
    assert await journal.rooms() == ["hall"]
    assert await read_all(journal, "hall") == opened + more


async def test_of_two_writers_on_one_fence_exactly_one_writes_and_other_rooms_do_not_notice(journal: Journal):
    mine, theirs = Story("hall").open(), [*Story("hall").open()][:1]
    results = await asyncio.gather(
        journal.append("hall", journal.start, mine),
        journal.append("attic", journal.start, Story("attic").open()),
        journal.append("hall", journal.start, theirs),
        journal.append("cellar", journal.start, Story("cellar").open()),
        return_exceptions=True,
    )
    assert [isinstance(result, Conflict) for result in results] == [False, False, True, False]
    assert await read_all(journal, "hall") == mine
    assert await journal.rooms() == ["hall", "attic", "cellar"]


async def test_many_tasks_on_many_rooms(journal: Journal):
    rooms = [f"room {number}" for number in range(20)]
    await asyncio.gather(*(write_story(journal, room) for room in rooms))
    assert sorted(await journal.rooms()) == sorted(rooms)
    for room in rooms:
        assert await read_all(journal, room, 5) == entries_of(room)


async def test_a_task_that_stops_waiting_leaves_the_journal_in_order(journal: Journal):
    story = Story("hall")
    task = asyncio.create_task(journal.append("hall", journal.start, story.open()))
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    fence = await write_story(journal, "attic")
    assert fence == (await journal.read("attic", journal.start)).fence
    assert await read_all(journal, "hall") in ([], Story("hall").open())


async def test_what_was_acknowledged_is_there_when_it_is_opened_again(reopen: Opener):
    journal = await reopen()
    await write_story(journal, "b")
    story = Story("a")
    fence = await journal.append("a", journal.start, story.open())
    await journal.close()
    journal = await reopen()
    assert await journal.rooms() == ["b", "a"]
    assert await read_all(journal, "b") == entries_of("b")
    with pytest.raises(Conflict):
        await journal.append("a", journal.start, Story("a").open())
    await journal.append("a", fence, story.bids(1))
    await journal.close()


async def test_close_finishes_what_waits_and_may_be_called_again(reopen: Opener):
    journal = await reopen()
    waiting = [asyncio.ensure_future(journal.append(room, journal.start, Story(room).open())) for room in ("a", "b")]
    await asyncio.sleep(0)
    await asyncio.gather(*waiting, journal.close(), journal.close())
    await journal.close()
    for call in (
        lambda: journal.append("a", journal.start, []),
        lambda: journal.read("a", journal.start),
        lambda: journal.read_since("a", 0),
        journal.rooms,
        journal.recover,
    ):
        with pytest.raises(JournalUnavailable):
            await call()
    journal = await reopen()
    assert sorted(await journal.rooms()) == ["a", "b"]
    await journal.close()


async def test_recover_without_a_failure_changes_nothing(journal: Journal):
    fence = await write_story(journal, "hall")
    await asyncio.gather(*(journal.recover() for _ in range(5)))
    assert await read_all(journal, "hall") == entries_of("hall")
    await journal.append("hall", fence, [])


class AnyUse(RuleBasedStateMachine):
    """Whatever is done in whatever order, the journal says what lists in memory would say."""

    backend: str

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.open = opener(self.backend, Path(self.directory.name))
        self.journal = self.run(self.open())
        self.stories: dict[str, Story] = {}
        self.expected: dict[str, list[Entry]] = {}

    def run(self, work):
        return self.runner.run(work)

    def fence(self, room: str):
        held = self.expected.get(room)
        return (held[-1].seq, held[-1].sub) if held else self.journal.start

    def further(self, room: str, bids: int) -> list[Entry]:
        if room not in self.stories:
            self.stories[room] = Story(room)
            return self.stories[room].open()
        return self.stories[room].bids(bids)

    @rule(rooms=st.sets(st.sampled_from("abc"), min_size=1), bids=st.integers(1, 3))
    def append(self, rooms: set[str], bids: int):
        """To several rooms at a time."""

        async def together():
            batches = {room: self.further(room, bids) for room in sorted(rooms)}
            fences = await asyncio.gather(
                *(self.journal.append(room, self.fence(room), batch) for room, batch in batches.items())
            )
            for (room, batch), fence in zip(batches.items(), fences, strict=True):
                self.expected.setdefault(room, []).extend(batch)
                assert fence == self.fence(room)

        self.run(together())

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), by=st.sampled_from([(-1, 0), (0, 1), (0, -1), (1, 0)]))
    def append_elsewhere(self, data: st.DataObject, by: tuple[int, int]):
        room = data.draw(st.sampled_from(sorted(self.expected)))
        seq, sub = self.fence(room)
        with pytest.raises(Conflict):
            self.run(self.journal.append(room, (seq + by[0], sub + by[1]), self.expected[room][-1:]))

    @rule(room=st.sampled_from("abcd"), seq=st.integers(0, 20), limit=st.integers(0, 9))
    def read_since(self, room: str, seq: int, limit: int):
        public = [entry for entry in self.expected.get(room, []) if entry.seq > seq and not entry.sub]
        assert self.run(self.journal.read_since(room, seq, limit)) == public[:limit]

    @rule(room=st.sampled_from("abcd"), limit=st.integers(1, 9))
    def read_in_pages(self, room: str, limit: int):
        assert self.run(read_all(self.journal, room, limit)) == self.expected.get(room, [])

    @rule()
    def close_and_open(self):
        self.run(self.journal.close())
        self.journal = self.run(self.open())

    @rule()
    def recover(self):
        self.run(self.journal.recover())

    @invariant()
    def the_rooms_are_known(self):
        assert self.run(self.journal.rooms()) == list(self.expected)

    def teardown(self):
        self.run(self.journal.close())
        self.runner.close()
        self.directory.cleanup()


@pytest.mark.parametrize("name", BACKENDS)
def test_any_use(name: str):
    machine = type("AnyUse", (AnyUse,), {"backend": name})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
