"""What a room keeps in memory of a long journal: the same as if it had been there all along."""

from typing import get_args

from bidroom.journal.chain import Entry, read_event
from bidroom.journal.journal import MAX_PAGE
from bidroom.journal.memory import MemoryJournal
from bidroom.rules.control import Invite
from bidroom.rules.events import AnyEvent, BidAccepted
from bidroom.rules.once import KEPT_ANSWERS
from bidroom.server.latest import ANSWERING, LastAnswers, read_ring
from bidroom.server.ring import Ring
from bidroom.server.settings import RING_EVENTS
from bidroom.wire.messages import Accepted
from tests.journal.story import BIDDERS, Story


async def ring_of(entries: list[Entry]) -> Ring:
    return await read_ring(MemoryJournal({"hall": entries}), "hall", entries[-1].seq if entries else 0)


def public(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.sub == 0]


async def test_of_a_room_without_events_there_is_nothing():
    ring = await ring_of([])
    assert (ring.before, len(ring), list(LastAnswers())) == (0, 0, [])


async def test_after_many_bids_the_ring_is_full_and_ends_with_the_last_of_them():
    story = Story("hall")
    entries = story.open() + story.bids(2 * RING_EVENTS)
    ring, last = await ring_of(entries), public(entries)[-RING_EVENTS:]
    assert (len(ring), ring.before) == (RING_EVENTS, last[0].seq - 1)
    assert ring.since(ring.before) == [read_event(entry).public() for entry in last]
    assert [ring.hash_of(entry.seq) for entry in last] == [entry.hash for entry in last]


async def test_the_ring_ends_with_the_last_public_event_however_many_private_ones_came_after_it():
    story = Story("hall")
    opened = story.open()
    invited: list[Entry] = []
    for n in range(2 * MAX_PAGE):
        invited += story.go(Invite(id=0, by="Zoe", bidder=f"Guest {n}", token_hash=f"{n:064x}"))
    ring = await ring_of(opened + invited)
    assert ring.hash_of(opened[-1].seq) == opened[-1].hash
    assert (ring.before, len(ring)) == (0, opened[-1].seq)


def test_of_each_bidder_the_last_answers_are_kept():
    story = Story("hall")
    entries = story.open() + story.bids(4 * KEPT_ANSWERS)
    last_answers = LastAnswers()
    for begin in range(0, len(entries), MAX_PAGE):
        page = entries[begin : begin + MAX_PAGE]
        last_answers.note([read_event(entry) for entry in page], page)
    answers = dict(last_answers)
    assert set(answers) == set(BIDDERS)
    assert all(len(kept) == KEPT_ANSWERS for kept in answers.values())
    event = read_event(entries[-1])
    assert isinstance(event, BidAccepted)
    assert event.command is not None
    answer = Accepted(event.command.id, event.seq, entries[-1].hash.hex())
    assert answers[event.bidder][-1] == (event.command, answer)


def test_whatever_carries_a_command_is_looked_at():
    assert {kind for kind in get_args(AnyEvent) if "command" in kind.__struct_fields__} == ANSWERING
