"""What a room keeps in memory of a long journal: the same as if it had been there all along."""

from bidroom.journal.chain import Entry, read_event
from bidroom.journal.journal import MAX_PAGE
from bidroom.rules.control import Invite
from bidroom.rules.events import BidAccepted
from bidroom.rules.once import KEPT_ANSWERS
from bidroom.server.latest import Latest
from bidroom.server.settings import RING_EVENTS
from bidroom.wire.messages import Accepted
from tests.journal.story import BIDDERS, Story


def latest_of(entries: list[Entry]) -> Latest:
    latest = Latest()
    for begin in range(0, len(entries), MAX_PAGE):
        page = entries[begin : begin + MAX_PAGE]
        latest.note([read_event(entry) for entry in page], page)
    return latest


def public(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.sub == 0]


def test_of_a_room_without_events_there_is_nothing():
    latest = latest_of([])
    assert (latest.head, latest.ring().before, len(latest.ring()), list(latest.answers())) == (None, 0, 0, [])


def test_after_many_bids_the_ring_is_full_and_ends_with_the_last_of_them():
    story = Story("hall")
    entries = story.open() + story.bids(2 * RING_EVENTS)
    latest, last = latest_of(entries), public(entries)[-RING_EVENTS:]
    ring = latest.ring()
    assert latest.head == last[-1].hash
    assert (len(ring), ring.before) == (RING_EVENTS, last[0].seq - 1)
    assert ring.since(ring.before) == [read_event(entry).public() for entry in last]
    assert [ring.hash_of(entry.seq) for entry in last] == [entry.hash for entry in last]


def test_the_head_is_that_of_the_last_public_event_however_many_private_ones_came_after_it():
    story = Story("hall")
    opened = story.open()
    invited: list[Entry] = []
    for n in range(2 * MAX_PAGE):
        invited += story.go(Invite(id=0, by="Zoe", bidder=f"Guest {n}", token_hash=f"{n:064x}"))
    latest = latest_of(opened + invited)
    assert latest.head == opened[-1].hash
    assert (latest.ring().before, len(latest.ring())) == (0, opened[-1].seq)


def test_of_each_bidder_the_last_answers_are_kept():
    story = Story("hall")
    entries = story.open() + story.bids(4 * KEPT_ANSWERS)
    answers = dict(latest_of(entries).answers())
    assert set(answers) == set(BIDDERS)
    assert all(len(kept) == KEPT_ANSWERS for kept in answers.values())
    event = read_event(entries[-1])
    assert isinstance(event, BidAccepted)
    assert event.command is not None
    answer = Accepted(event.command.id, event.seq, entries[-1].hash.hex())
    assert answers[event.bidder][-1] == (event.command, answer)
