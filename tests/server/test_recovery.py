"""A commit that nobody can vouch for: nobody is acknowledged, what is found is published, and nothing counts twice."""

import asyncio

import pytest

from bidroom.journal.journal import JournalUnavailable
from bidroom.journal.memory import Fault, MemoryJournal
from tests.server.house import house, room


class FragileJournal(MemoryJournal):
    """Its fault goes away by itself before it is recovered, unless it is `broken`."""

    broken = False

    async def recover(self) -> None:
        if not self.broken:
            self.fault = None
        await super().recover()


@pytest.mark.parametrize("fault", list(Fault))
async def test_an_unknown_commit_is_neither_acknowledged_nor_counted_twice(fault: Fault):
    journal = FragileJournal()
    async with house(journal=journal) as hall:
        ana, bob, watcher = await hall.bidder("Ana"), await hall.bidder("Bob"), await hall.watcher()
        assert (await ana.bid(1, 100))["type"] == "accepted"
        await watcher.hear()
        journal.fault = fault
        assert (await bob.bid(1, 110))["reason"] == "unavailable"
        assert (await watcher.hear())["reason"] == "unavailable"
        if fault is Fault.KEPT:
            found = await watcher.hear()
            assert [(event["seq"], event["bidder"]) for event in found["events"]] == [(5, "Bob")]
        answer = await bob.bid(1, 110)
        assert (answer["type"], answer["seq"]) == ("accepted", 5)
        assert (await ana.bid(1, 100))["type"] == "accepted"
        counted = [entry for entry in journal.kept["hall"] if entry.type == "bid_accepted"]
        assert [entry.seq for entry in counted] == [4, answer["seq"]]


async def test_who_was_coming_in_may_try_again():
    journal = FragileJournal()
    async with house(journal=journal) as hall:
        ana = await hall.bidder("Ana")
        journal.fault = Fault.LOST
        late = await hall.peer()
        ana.send(type="bid", item="lamp", amount=100, id=1)
        late.send(type="join", name="Late")
        while (answer := await late.hear())["type"] != "welcome":
            assert answer["reason"] == "unavailable"
            late.send(type="join", name="Late")
        assert (await late.bid(1, 1000, item="desk"))["type"] == "accepted"


async def test_who_leaves_meanwhile_is_gone_afterwards():
    journal = FragileJournal()
    async with house(journal=journal) as hall:
        ana, visitor = await hall.bidder("Ana"), await hall.bidder("Visitor")
        one = hall.server.rooms["hall"]
        journal.fault = Fault.LOST
        visitor.send(type="bid", item="lamp", amount=100, id=1)
        visitor.writer.transport.close()
        await hall.until(lambda: journal.fault is None)
        await hall.until(lambda: len(one.audience) == 1)
        assert (await ana.bid(1, 100))["type"] == "accepted"
        assert [seat.name for seat in one.seats] == ["Ana"]


async def test_another_writer_is_noticed_and_its_events_are_told():
    journal = MemoryJournal()
    async with house(journal=journal) as hall:
        ana, watcher = await hall.bidder("Ana"), await hall.watcher()
        copy = MemoryJournal({"hall": list(journal.kept["hall"])})
        async with house(room(), journal=copy) as other:
            await (await other.bidder("Eve")).bid(1, 100)
        journal.kept["hall"] = copy.kept["hall"]
        assert (await ana.bid(1, 100))["reason"] == "unavailable"
        update = await watcher.hear_until("update")
        assert [event["bidder"] for event in update["events"] if "bidder" in event] == ["Eve"]
        assert (await ana.bid(1, 100))["reason"] == "too_low"


async def test_a_journal_that_stays_broken_ends_the_server_with_the_reason():
    journal = FragileJournal()
    async with house(journal=journal) as hall:
        ana = await hall.bidder("Ana")
        journal.broken = True
        journal.fault = Fault.LOST
        assert (await ana.bid(1, 100))["reason"] == "unavailable"
        with pytest.raises(JournalUnavailable):
            await asyncio.wait_for(hall.server.failed, 5)


async def test_a_journal_that_lost_what_was_published_ends_the_server():
    journal = FragileJournal()
    async with house(journal=journal) as hall:
        ana = await hall.bidder("Ana")
        await ana.bid(1, 100)
        journal.kept["hall"] = journal.kept["hall"][:-1]
        assert (await ana.bid(2, 1000, item="desk"))["reason"] == "unavailable"
        with pytest.raises(Exception, match="no longer has event 4"):
            await asyncio.wait_for(hall.server.failed, 5)
