"""Backups: whole and consistent while the journal grows, and never a file in place that is anything less."""

import asyncio
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from bidroom.errors import BidroomError
from bidroom.journal import backup
from bidroom.journal.backup import copy_file, copy_journal
from bidroom.journal.chain import DamagedJournal, Entry
from bidroom.journal.file import JournalInUse
from bidroom.journal.journal import MAX_PAGE, Fence, JournalUnavailable, Page
from bidroom.journal.memory import Fault, MemoryJournal
from bidroom.journal.sqlite import SqliteJournal
from bidroom.journal.verify import load_events, load_file, verify_file
from tests.journal.story import Story, entries_of


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies" / "copy.db"


def put(path: Path) -> None:
    path.write_text("mine")


def text(path: Path) -> str:
    return path.read_text()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def left(target: Path) -> list[str]:
    return [file.name for file in target.parent.iterdir()]


async def test_a_copy_has_every_room_to_the_byte_and_is_its_owners_alone(target: Path):
    kept = {room: entries_of(room) for room in ("hall", "attic")}
    await copy_journal(MemoryJournal(kept), target)
    assert list(load_file(target)) == ["hall", "attic"]
    copy = await SqliteJournal.open(target)
    for room, entries in kept.items():
        assert (await copy.read(room, copy.start)).entries == entries
    await copy.close()
    assert mode(target) == 0o600
    assert left(target) == ["copy.db"]
    receipt = next(entry for entry in kept["hall"] if entry.sub).hash.hex()
    assert verify_file(target, receipt).receipt is not None, "private events are in it too"


async def test_a_copy_of_many_pages_says_how_far_it_is(target: Path):
    story = Story("hall")
    journal = MemoryJournal()
    await journal.append("hall", journal.start, story.open() + story.bids(2 * MAX_PAGE))
    said: list[int] = []
    await copy_journal(journal, target, said.append)
    assert said == [MAX_PAGE, 2 * MAX_PAGE, len(journal.kept["hall"])]
    assert load_file(target) == {"hall": story.state}


@pytest.mark.parametrize("count", [MAX_PAGE, 2 * MAX_PAGE])
async def test_a_room_that_ends_with_a_page(target: Path, count: int):
    story = Story("hall")
    entries = (story.open() + story.bids(count))[:count]
    await copy_journal(MemoryJournal({"hall": entries}), target)
    assert verify_file(target).rooms[0].events == count


async def test_an_empty_journal_gives_an_empty_copy(target: Path):
    await copy_journal(MemoryJournal(), target)
    assert load_file(target) == {}


async def test_bids_go_on_meanwhile_and_the_copy_is_a_room_that_there_was(tmp_path: Path, target: Path):
    journal = await SqliteJournal.open(tmp_path / "journal")
    story = Story("hall")
    fence = await journal.append("hall", journal.start, story.open() + story.bids(1500))
    heads = {story.head}
    copied = asyncio.ensure_future(copy_journal(journal, target))
    batches = 0
    while not copied.done():
        fence = await journal.append("hall", fence, story.bids(7))
        heads.add(story.head)
        batches += 1
    await copied
    await journal.close()
    assert batches > 3
    head = bytes.fromhex(verify_file(target).rooms[0].head)
    assert head in heads, "it ends where a batch ended"
    assert verify_file(tmp_path / "journal", head.hex()).receipt is not None


class Racing(MemoryJournal):
    """Grows by less than a page whenever it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story("hall")
        self.kept["hall"] = self.story.open()
        self.limits: list[int] = []

    async def read(self, room: str, after: Fence, limit: int = MAX_PAGE) -> Page:
        self.limits.append(limit)
        page = await super().read(room, after, limit)
        self.kept["hall"] += self.story.bids(3)
        return page


async def test_a_copy_ends_although_the_room_never_does(target: Path):
    journal = Racing()
    await asyncio.wait_for(copy_journal(journal, target), 10)
    assert verify_file(target).rooms[0].events == 3
    assert max(journal.limits) <= MAX_PAGE


async def test_nothing_is_overwritten(target: Path):
    put(target)
    with pytest.raises(BidroomError, match="a file of this name already"):
        await copy_journal(MemoryJournal(), target)
    assert text(target) == "mine"
    link = target.with_name("link")
    link.symlink_to("nowhere")
    with pytest.raises(BidroomError, match="a file of this name already"):
        await copy_journal(MemoryJournal(), link)
    assert sorted(left(target)) == ["copy.db", "link"]


async def test_nothing_is_overwritten_that_came_meanwhile(target: Path):
    class Rival(MemoryJournal):
        async def rooms(self) -> list[str]:
            put(target)
            return []

    with pytest.raises(BidroomError, match="a file of this name already"):
        await copy_journal(Rival(), target)
    assert (text(target), left(target)) == ("mine", ["copy.db"])


async def test_a_damaged_journal_leaves_no_copy(target: Path):
    entries = entries_of("hall")
    entries[5] = replace(entries[5], body=entries[5].body.replace(b"1", b"2", 1))
    with pytest.raises(DamagedJournal, match=f"copy.db: not made, .*room 'hall', event {entries[5].seq}") as caught:
        await copy_journal(MemoryJournal({"hall": entries}), target)
    assert ".partial" not in str(caught.value)
    assert left(target) == []


async def test_a_journal_that_fails_meanwhile_leaves_no_copy(target: Path):
    journal = MemoryJournal({"hall": entries_of("hall")})
    journal.fault = Fault.LOST
    with pytest.raises(JournalUnavailable):
        await journal.append("hall", (await journal.read("hall", journal.start)).fence, entries_of("hall"))
    with pytest.raises(JournalUnavailable):
        await copy_journal(journal, target)
    assert left(target) == []


async def test_a_copy_that_is_broken_off_leaves_nothing(target: Path):
    class Endless(MemoryJournal):
        async def rooms(self) -> list[str]:
            await asyncio.sleep(3600)
            return []

    copying = asyncio.ensure_future(copy_journal(Endless(), target))
    await asyncio.sleep(0.1)
    assert any(name.endswith(".partial") for name in left(target))
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert left(target) == []


async def test_a_full_disk_is_said_in_one_line_and_leaves_nothing(target: Path, monkeypatch: pytest.MonkeyPatch):
    async def full(*_: object) -> Fence:
        raise JournalUnavailable("the journal could not be written: database or disk is full")

    monkeypatch.setattr(backup.SqliteJournal, "append", full)
    with pytest.raises(BidroomError, match=r"copy.db: can't be written; .* disk is full"):
        await copy_journal(MemoryJournal({"hall": entries_of("hall")}), target)
    assert left(target) == []


async def test_a_place_where_no_file_can_be_is_said_in_one_line(tmp_path: Path):
    with pytest.raises(BidroomError, match="there is no directory"):
        await copy_journal(MemoryJournal(), tmp_path / "missing" / "copy")
    with pytest.raises(BidroomError, match="already"):
        await copy_journal(MemoryJournal(), tmp_path)


async def on_file(path: Path, entries: list[Entry]) -> SqliteJournal:
    journal = await SqliteJournal.open(path)
    await journal.append("hall", journal.start, entries)
    return journal


async def test_a_file_is_copied_and_left_alone(tmp_path: Path, target: Path):
    story = Story("hall")
    journal = await on_file(tmp_path / "journal", story.open() + story.bids(1500))
    with pytest.raises(JournalInUse):
        await copy_file(tmp_path / "journal", target)
    assert left(target) == []
    await journal.close()
    before = (tmp_path / "journal").read_bytes()
    await copy_file(tmp_path / "journal", target)
    assert (tmp_path / "journal").read_bytes() == before
    assert load_file(target) == {"hall": story.state}
    assert load_events(target) == load_events(tmp_path / "journal")


async def test_a_missing_or_foreign_file_is_said_in_one_line(tmp_path: Path, target: Path):
    (tmp_path / "letter").write_text("Dear all,\n" * 100)
    for name in ("missing", "letter"):
        with pytest.raises(BidroomError, match=name) as caught:
            await copy_file(tmp_path / name, target)
        assert "\n" not in str(caught.value)
    assert left(target) == []
