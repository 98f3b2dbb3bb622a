"""A room at work: order, batches, deadlines on the room's clock, coming back, and nothing told before it is durable."""

import asyncio
from collections.abc import Sequence

import aiohttp
import pytest

from bidroom.journal.chain import Entry
from bidroom.journal.journal import Fence
from bidroom.journal.memory import MemoryJournal
from bidroom.rules.item import LiveClosing, TimedClosing
from bidroom.server import ring
from bidroom.server.room import Unavailable
from tests.server.house import PAUSE, WINDOW, HandClock, house, room


class HeldJournal(MemoryJournal):
    """A journal whose commits wait until the test lets them through, and which counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = asyncio.Event()
        self.batches: list[int] = []

    async def append(self, room: str, fence: Fence, entries: Sequence[Entry]) -> Fence:
        self.batches.append(len(entries))
        self.waiting.set()
        await self.gate.wait()
        return await super().append(room, fence, entries)


async def test_a_bid_is_answered_and_everybody_hears_of_it():
    async with house() as hall:
        ana, watcher = await hall.bidder("Ana"), await hall.watcher()
        answer = await ana.bid(1, 100, unit=1)
        assert answer == {"type": "accepted", "id": 1, "seq": 4, "head": answer["head"]}
        update = await watcher.hear()
        assert (update["first"], update["seq"], update["head"]) == (4, 4, answer["head"])
        assert update["events"][0]["bidder"] == "Ana"
        assert await ana.hear() == update


async def test_a_unit_is_sold_at_its_deadline_and_the_next_one_opens_after_the_pause():
    async with house() as hall:
        ana, watcher = await hall.bidder("Ana"), await hall.watcher()
        await ana.bid(1, 100)
        await watcher.hear()
        hall.pass_time(WINDOW)
        (sold,) = (await watcher.hear())["events"]
        assert (sold["type"], sold["bidder"], sold["amount"], sold["at"]) == ("unit_sold", "Ana", 100, hall.clock.at)
        assert (await ana.bid(2, 110, unit=1))["reason"] == "closed"
        hall.pass_time(PAUSE)
        (opened,) = (await watcher.hear())["events"]
        assert (opened["type"], opened["unit"], opened["minimum"]) == ("round_opened", 2, 100)
        assert (await ana.bid(3, 100, unit=1))["reason"] == "closed"
        assert (await ana.bid(4, 100, unit=2))["type"] == "accepted"


async def test_a_bid_meets_the_room_as_it_is_when_it_arrives():
    """Also where the room has not yet got round to the deadlines before it."""
    async with house() as hall:
        ana = await hall.bidder("Ana", events="none")
        await ana.bid(1, 100)
        hall.clock.at += WINDOW + PAUSE
        assert (await ana.bid(2, 100, unit=2))["type"] == "accepted"


async def test_a_bidder_keeps_their_name_when_they_go():
    async with house() as hall:
        ana = await hall.peer()
        token = (await ana.join("Ana"))["token"]
        await ana.bid(1, 100)
        await ana.close()
        await hall.until(lambda: len(hall.server.rooms["hall"].audience) == 0)
        again = await hall.peer()
        assert (await again.join("Ana"))["reason"] == "name_taken"
        assert (await again.join("Ana", token=token))["you"] == {"name": "Ana", "last_id": 1, "paddle": 1}


async def test_a_timed_round_is_extended_and_the_room_finishes():
    async with house(room(closing=TimedClosing(1_000, duration_ms=5_000), units=1)) as hall:
        ana, bob = await hall.bidder("Ana"), await hall.bidder("Bob")
        await ana.bid(1, 100)
        hall.pass_time(4_500)
        await bob.bid(1, 110)
        update = await ana.hear_until("update")
        while update["events"][-1]["bidder"] != "Bob":
            update = await ana.hear_until("update")
        assert update["events"][-1]["ends_at"] == hall.clock.at + 1_000
        hall.pass_time(500)  # the desk's time is up; nobody wanted it
        assert (await ana.hear_until("update"))["events"][0]["unsold"] == 1
        hall.pass_time(500)
        kinds: list[str] = []
        while "room_finished" not in kinds:
            kinds += [event["type"] for event in (await ana.hear_until("update"))["events"]]
        assert kinds == ["unit_sold", "item_finished", "room_finished"]


async def test_nothing_is_told_before_it_is_durable():
    journal = HeldJournal()
    async with house(journal=journal) as hall:
        ana, watcher = await hall.bidder("Ana"), await hall.watcher()
        journal.gate.clear()
        journal.waiting.clear()
        ana.send(type="bid", item="lamp", amount=100, id=1)
        await journal.waiting.wait()
        late = await hall.peer()
        late.send(type="join", name="Late")
        async with aiohttp.ClientSession() as session:
            url = "http://{}:{}/api/rooms/hall".format(*hall.address)
            page = asyncio.create_task(session.get(url))
            listeners = [asyncio.create_task(peer.hear()) for peer in (ana, watcher, late)]
            done, _ = await asyncio.wait([page, *listeners], timeout=0.2)
            assert not done
            journal.gate.set()
            answer, update, welcome = await asyncio.gather(*listeners)
            shown = await (await page).json()
        assert (answer["type"], update["type"], welcome["type"]) == ("accepted", "update", "welcome")
        assert shown["seq"] == welcome["seq"] == update["seq"] == 4
        assert shown["room"]["items"][0]["price"] == 100


async def test_what_waits_is_one_commit_and_one_update():
    journal = HeldJournal()
    async with house(journal=journal) as hall:
        watcher, auditor = await hall.watcher(), await hall.watcher(events="all")
        bidders = [await hall.bidder(f"Bidder {number}", events="none") for number in range(5)]
        journal.gate.clear()
        journal.waiting.clear()
        bidders[0].send(type="bid", item="desk", amount=1000, id=1)
        await journal.waiting.wait()
        journal.batches.clear()
        for number, bidder in enumerate(bidders):
            bidder.send(type="bid", item="lamp", amount=100 + 10 * number, id=2)
        await hall.until(lambda: len(hall.server.rooms["hall"].inbox) == 5)
        journal.gate.set()
        assert [(await bidder.hear())["type"] for bidder in bidders] == ["accepted"] * 5
        assert journal.batches == [5 + 4]  # four of the five are registered with it
        await watcher.hear()
        update = await watcher.hear()
        assert (update["first"], update["seq"]) == (5, 9)
        assert [(event["amount"], event["bids"]) for event in update["events"]] == [(140, 5)]
        await auditor.hear()
        assert [event["amount"] for event in (await auditor.hear())["events"]] == [100, 110, 120, 130, 140]


async def test_a_slow_commit_gives_the_bidders_their_time_back():
    journal = HeldJournal()
    async with house(journal=journal) as hall:
        ana, bob = await hall.bidder("Ana"), await hall.bidder("Bob")
        await ana.bid(1, 100)
        journal.gate.clear()
        journal.waiting.clear()
        bob.send(type="bid", item="lamp", amount=110, id=1)
        await journal.waiting.wait()
        hall.clock.at += WINDOW + 1
        journal.gate.set()
        assert (await bob.hear_until("accepted"))["id"] == 1
        update = await bob.hear_until("update")
        while update["events"][-1]["type"] != "deadlines_moved":
            update = await bob.hear_until("update")
        assert update["events"][-1]["rounds"][0]["ends_at"] == hall.clock.at + WINDOW


async def test_a_machine_that_slept_through_a_deadline_moves_it():
    async with house() as hall:
        ana = await hall.bidder("Ana")
        await ana.bid(1, 100)
        await ana.hear()
        hall.pass_time(2 * WINDOW)
        (moved,) = (await ana.hear())["events"]
        assert moved["type"] == "deadlines_moved"
        assert moved["rounds"] == [{"item": "lamp", "unit": 1, "ends_at": hall.clock.at + WINDOW, "hard_end": None}]


async def test_a_restart_keeps_everything_and_gives_every_round_its_window():
    journal = MemoryJournal()
    async with house(journal=journal) as hall:
        ana = await hall.peer()
        token = (await ana.join("Ana"))["token"]
        first = await ana.bid(7, 100)
        await hall.bidder("Visitor")
        at = hall.clock.at
    async with house(room(), journal=journal, clock=HandClock(at + 1_000)) as hall:
        ana = await hall.peer()
        assert (await ana.join("ana"))["reason"] == "name_taken"
        assert (await ana.join("Ana", token="0" * 32))["reason"] == "bad_token"
        welcome = await ana.join("ANA", token=token)
        assert welcome["you"] == {"name": "Ana", "last_id": 7, "paddle": 1}
        lamp = welcome["room"]["items"][0]
        assert (lamp["leader"], lamp["price"], lamp["ends_at"]) == ("Ana", 100, at + 1_000 + WINDOW)
        assert await ana.bid(7, 100) == first
        assert (await ana.bid(7, 120))["reason"] == "id_conflict"
        assert (await ana.bid(6, 120))["reason"] == "stale_id"
        assert (await (await hall.peer()).join("Visitor"))["type"] == "welcome"


async def test_room_time_never_falls_behind_the_journal():
    journal = MemoryJournal()
    async with house(journal=journal) as hall:
        await (await hall.bidder("Ana")).bid(1, 100)
        at = hall.clock.at
    async with house(journal=journal, clock=HandClock(at - 1_000_000)) as hall:
        assert hall.clock.at >= at


async def test_who_comes_back_hears_what_they_missed():
    async with house() as hall:
        ana, bob = await hall.bidder("Ana"), await hall.bidder("Bob")
        seen = await ana.bid(1, 100)
        await bob.bid(1, 110)
        await ana.bid(2, 120)
        for events, amounts in (("all", [110, 120]), ("latest", [120])):
            peer = await hall.peer()
            peer.send(type="watch", events=events, after=seen["seq"], head=seen["head"])
            welcome = await peer.hear()
            assert "room" not in welcome
            assert (welcome["seq"], welcome["head"]) == (seen["seq"], seen["head"])
            update = await peer.hear()
            assert (update["first"], update["seq"]) == (5, 6)
            assert [event["amount"] for event in update["events"]] == amounts
        await bob.bid(2, 130)
        assert (await peer.hear())["first"] == 7


async def test_who_comes_back_very_late_reads_the_journal(monkeypatch):
    monkeypatch.setattr(ring, "RING_EVENTS", 2)
    async with house() as hall:
        ana, bob = await hall.bidder("Ana"), await hall.bidder("Bob")
        for step in range(6):
            await (ana, bob)[step % 2].bid(step + 1, 100 + 10 * step)
        hall.pass_time(WINDOW)
        watcher = await hall.watcher()
        everything = await hall.watcher(events="all", after=0)
        heard: list[int] = []
        while len(heard) < 10:
            heard += [event["seq"] for event in (await everything.hear_until("update"))["events"]]
        assert heard == list(range(1, 11))
        latest = await hall.watcher(after=3)
        state, sales = await latest.hear(), await latest.hear()
        assert (state["type"], state["seq"]) == ("state", 10)
        assert [(sale["item"], sale["bidder"], sale["amount"]) for sale in sales["events"]] == [("lamp", "Bob", 150)]
        hall.pass_time(PAUSE)
        for peer in (watcher, everything, latest):
            assert (await peer.hear())["first"] == 11


async def test_who_saw_another_history_is_told(monkeypatch):
    monkeypatch.setattr(ring, "RING_EVENTS", 1)
    async with house() as hall:
        ana, bob = await hall.bidder("Ana"), await hall.bidder("Bob")
        await ana.bid(1, 100)
        await bob.bid(1, 110)
        for after in (5, 4, 99, 0):
            peer = await hall.peer()
            peer.send(type="watch", after=after, head="0" * 64)
            assert (await peer.hear_until("error"))["reason"] == "forked"
        peer = await hall.peer()
        peer.send(type="watch", after=99)
        assert (await peer.hear())["reason"] == "forked"


async def test_a_watcher_may_join_and_choose_anew_what_to_hear():
    async with house() as hall:
        peer, bob = await hall.watcher(events="all"), await hall.bidder("Bob")
        assert (await peer.join("Ana", events="none"))["type"] == "welcome"
        await bob.bid(1, 100)
        assert (await peer.bid(1, 110))["type"] == "accepted"
        peer.send(type="ping")
        assert (await peer.hear())["type"] == "pong"


async def test_several_rooms_have_their_own_order():
    async with house(room("hall"), room("yard", LiveClosing(500))) as both:
        peer = await both.peer()
        assert (await peer.join("Ana"))["reason"] == "unknown_room"
        assert (await peer.join("Ana", room="cellar"))["reason"] == "unknown_room"
        assert (await peer.join("Ana", room="yard"))["room"]["id"] == "yard"
        ana = await both.bidder("Ana", room="hall")
        assert (await ana.bid(1, 100))["seq"] == (await peer.bid(1, 100))["seq"] == 4


async def test_stopping_commits_what_is_in_and_says_goodbye():
    journal = HeldJournal()
    async with house(journal=journal) as hall:
        ana = await hall.bidder("Ana", events="none")
        journal.gate.clear()
        journal.waiting.clear()
        ana.send(type="bid", item="lamp", amount=100, id=1)
        await journal.waiting.wait()
        stopping = asyncio.create_task(hall.server.stop())
        await asyncio.sleep(0)
        journal.gate.set()
        assert (await ana.hear())["type"] == "accepted"
        assert (await ana.hear())["type"] == "bye"
        assert await ana.hear() == {}
        await stopping
    assert [entry.type for entry in journal.kept["hall"]][-1] == "bid_accepted"


async def test_a_server_that_stops_keeps_no_reader_waiting():
    async with house() as hall:
        one = hall.server.rooms["hall"]
        asking = asyncio.create_task(one.show(lambda: one.state.seq))
        await asyncio.sleep(0)
        await hall.server.stop()
        assert await asking == 3
        with pytest.raises(Unavailable):
            await one.show(lambda: one.state.seq)


async def test_hundreds_of_rooms_in_one_server():
    """Each with its own order and clock, all in one journal; every one of them comes back."""
    journal = MemoryJournal()
    ids = [f"room{number}" for number in range(300)]
    async with house(*(room(id, units=1) for id in ids), journal=journal) as many:
        bidders = [await many.bidder("Ana", room=id, events="all") for id in ids]
        for bidder in bidders:
            assert (await bidder.bid(1, 100))["seq"] == 4
        many.pass_time(WINDOW)
        for bidder in bidders:
            assert (await bidder.hear())["seq"] == 4
            assert [event["type"] for event in (await bidder.hear())["events"]] == ["unit_sold", "item_finished"]
    async with house(journal=journal, clock=many.clock) as many:
        assert [len(many.server.rooms[id].state.sales) for id in ids] == [1] * 300
