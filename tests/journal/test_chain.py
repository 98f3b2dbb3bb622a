"""The hash chain: whatever is changed in an entry, or in their order, is found."""

from hashlib import sha256

import msgspec
import pytest
from msgspec.structs import replace

from bidroom.journal.chain import DamagedJournal, Entry, genesis, name, read_event, seal, unseal
from bidroom.rules.events import PrivateEvent
from tests.journal.story import entries_of

ENTRIES = entries_of("hall")


def found(entries: list[Entry], room: str = "hall") -> bool:
    try:
        unseal(entries, genesis(room))
    except DamagedJournal:
        return True
    return False


def test_the_whole_story_unseals_to_its_events():
    events = unseal(ENTRIES, genesis("hall"))
    assert [read_event(entry) for entry in ENTRIES] == events
    head = genesis("hall")
    for event, entry in zip(events, ENTRIES, strict=True):
        assert seal(event, head) == entry
        head = entry.hash


def test_a_private_event_stands_between_public_ones_and_is_sealed_like_them():
    events = unseal(ENTRIES, genesis("hall"))
    private = next(number for number, event in enumerate(events) if isinstance(event, PrivateEvent))
    before, this, after = ENTRIES[private - 1 : private + 2]
    assert (this.seq, this.sub) == (before.seq, before.sub + 1)
    assert (after.seq, after.sub) == (before.seq + 1, 0)
    assert name(this) == f"event {before.seq}.1"
    assert found(ENTRIES[:private] + ENTRIES[private + 1 :]), "it can't be left out"


@pytest.mark.parametrize("number", range(len(ENTRIES)))
def test_any_changed_byte_of_body_or_hash_is_found(number: int):
    entry = ENTRIES[number]
    for field in ("body", "hash"):
        whole = getattr(entry, field)
        for place in range(len(whole)):
            for bits in (0x01, 0x80):
                changed = whole[:place] + bytes([whole[place] ^ bits]) + whole[place + 1 :]
                damaged = replace(entry, **{field: changed})
                assert found([*ENTRIES[:number], damaged, *ENTRIES[number + 1 :]]), (field, place)


@pytest.mark.parametrize("number", range(len(ENTRIES)))
def test_any_changed_column_is_found(number: int):
    entry = ENTRIES[number]
    changes = {"seq": entry.seq + 1, "sub": entry.sub + 1, "at": entry.at - 1, "type": entry.type + "x"}
    for field, value in changes.items():
        with pytest.raises(DamagedJournal, match="columns"):
            unseal([*ENTRIES[:number], replace(entry, **{field: value}), *ENTRIES[number + 1 :]], genesis("hall"))


@pytest.mark.parametrize("number", range(len(ENTRIES) - 1))
def test_an_entry_removed_swapped_repeated_or_inserted_is_found(number: int):
    entry, following = ENTRIES[number : number + 2]
    assert found(ENTRIES[:number] + ENTRIES[number + 1 :])
    assert found([*ENTRIES[:number], following, entry, *ENTRIES[number + 2 :]])
    assert found([*ENTRIES[:number], entry, entry, *ENTRIES[number + 1 :]])
    # One that follows lawfully on the entry before it still breaks what comes after.
    inserted = seal(msgspec.structs.replace(read_event(entry), at=entry.at + 1), entry.hash)
    assert found([*ENTRIES[: number + 1], inserted, *ENTRIES[number + 1 :]])


def test_entries_of_another_room_are_found():
    assert found(ENTRIES, "attic")


def test_a_sealed_body_that_is_no_event_is_found():
    deep = b'{"type":"room_finished","x":' + b"[" * 100_000
    for body in (b"{}", b'{"type":"never_heard_of","seq":1,"at":1}', b"\xff", deep):
        entry = seal(read_event(ENTRIES[0]), genesis("hall"))
        forged = replace(entry, body=body, hash=_hash(genesis("hall"), body))
        with pytest.raises(DamagedJournal, match="event 1: not an event"):
            unseal([forged], genesis("hall"))


def _hash(previous: bytes, body: bytes) -> bytes:
    return sha256(previous + body).digest()
