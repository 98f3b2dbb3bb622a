"""Replaying a room: the same state to the byte, and every reason why a journal can't be one."""

from collections.abc import Sequence

import msgspec
import pytest
from msgspec.structs import replace

from bidroom.journal.chain import DamagedJournal, Entry, genesis, read_event, seal
from bidroom.journal.journal import MAX_PAGE
from bidroom.journal.memory import MemoryJournal
from bidroom.journal.replay import replay
from bidroom.rules.events import AnyEvent
from bidroom.rules.state import RoomState
from tests.journal.story import Story, entries_of


async def test_a_room_of_many_pages_comes_back_to_the_byte_and_every_event_is_shown():
    story = Story("hall")
    entries = story.open() + story.bids(2 * MAX_PAGE + 10) + story.hammer()
    journal = MemoryJournal()
    fence = await journal.append("hall", journal.start, entries)
    shown: list[tuple[AnyEvent, Entry]] = []
    replayed = await replay(journal, "hall", lambda events, page: shown.extend(zip(events, page, strict=True)))
    assert msgspec.json.encode(replayed.state) == msgspec.json.encode(story.state)
    assert (replayed.fence, replayed.head) == (fence, entries[-1].hash)
    assert shown == [(read_event(entry), entry) for entry in entries]


async def test_a_room_without_entries_is_as_before_its_first():
    journal = MemoryJournal()
    replayed = await replay(journal, "hall")
    assert replayed.state == RoomState()
    assert (replayed.fence, replayed.head) == (journal.start, genesis("hall"))


async def test_a_changed_entry_is_named_with_its_room():
    entries = entries_of("hall")
    entries[5] = replace(entries[5], body=entries[5].body.replace(b"1", b"2", 1))
    named = f"room 'hall', event {entries[5].seq}"
    with pytest.raises(DamagedJournal, match=named):
        await replay(MemoryJournal({"hall": entries}), "hall")


def sealed(room: str, events: list[AnyEvent]) -> list[Entry]:
    """A chain that is in order, whatever it tells."""
    head, entries = genesis(room), []
    for event in events:
        entries.append(seal(event, head))
        head = entries[-1].hash
    return entries


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("bid_accepted", {"item": "no such item"}),
        ("bid_accepted", {"bidder": "nobody"}),
        ("bid_accepted", {"seq": 77}),
        ("round_opened", {"item": "no such item"}),
    ],
)
async def test_an_event_that_could_not_have_happened_there_is_named(kind: str, change: dict[str, object]):
    events = [read_event(entry) for entry in entries_of("hall")]
    number = next(n for n, event in enumerate(events) if event.__struct_config__.tag == kind)
    events[number] = replace(events[number], **change)
    entries = sealed("hall", events)
    with pytest.raises(DamagedJournal, match=f"room 'hall', event {entries[number].seq}: can't have happened"):
        await replay(MemoryJournal({"hall": entries}), "hall")


async def test_a_bug_in_whoever_looks_on_is_not_taken_for_damage():
    def look(_events: Sequence[AnyEvent], _entries: Sequence[Entry]) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await replay(MemoryJournal({"hall": entries_of("hall")}), "hall", look)
