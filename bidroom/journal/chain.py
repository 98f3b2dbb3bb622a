"""Events sealed for the journal: each with a hash chained to the one before, so that no entry changes unnoticed.

hash(n) = sha256(hash(n-1) + body(n)), where body is the event as JSON, exactly as stored, and hash(0) is the sha256 of
"bidroom 1 " + the room's id. An entry's hash is its bidder's receipt, and the published head of the room until the next
public event.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import get_args

import msgspec
from msgspec import Struct

from bidroom.errors import BidroomError
from bidroom.rules.events import AnyEvent

_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(AnyEvent)

_NAMES: dict[type[AnyEvent], str] = {kind: kind.__struct_config__.tag for kind in get_args(AnyEvent)}
"""What each kind of event is called in the journal."""


class DamagedJournal(BidroomError):
    """What is in the journal is not what was written; the text says where and how."""


class Entry(Struct, frozen=True, gc=False):
    """One event as the journal keeps it. `body` is its JSON, `hash` the 32 bytes that seal it and all before it."""

    seq: int
    sub: int
    at: int
    type: str
    body: bytes
    hash: bytes


def genesis(room: str) -> bytes:
    """The hash before a room's first event."""
    return sha256(f"bidroom 1 {room}".encode()).digest()


def seal(event: AnyEvent, previous: bytes) -> Entry:
    """The entry for an event that follows on the entry with the hash `previous`."""
    body = _encode(event)
    return Entry(event.seq, event.sub, event.at, _NAMES[type(event)], body, sha256(previous + body).digest())


def read_event(entry: Entry) -> AnyEvent:
    """The event of one entry that the journal has just given, without its chain."""
    return _decoder.decode(entry.body)


def unseal(entries: Sequence[Entry], previous: bytes) -> list[AnyEvent]:
    """The events of entries that follow on the hash `previous`, each one checked. Raises DamagedJournal."""
    _check_hashes(entries, previous)
    events: list[AnyEvent] = []
    try:
        for entry in entries:
            events.append(_decoder.decode(entry.body))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise DamagedJournal(f"{name(entries[len(events)])}: not an event that this version knows: {error}") from None
    for event, entry in zip(events, entries, strict=True):
        same = event.seq == entry.seq and event.sub == entry.sub and event.at == entry.at
        if not same or _NAMES[type(event)] != entry.type:
            raise DamagedJournal(f"{name(entry)}: its columns don't agree with its body")
    return events


def _check_hashes(entries: Sequence[Entry], previous: bytes) -> None:
    for entry in entries:
        if sha256(previous + entry.body).digest() != entry.hash:
            raise DamagedJournal(
                f"{name(entry)}: its hash doesn't follow from the entry before; it was changed or one is missing"
            )
        previous = entry.hash


def name(entry: Entry) -> str:
    """What an entry is called in front of people: "event 41", or "event 41.1" for a private one."""
    return f"event {entry.seq}" + (f".{entry.sub}" if entry.sub else "")
