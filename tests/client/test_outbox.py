"""The outbox: ids that rise without a gap, at most 32 of them from the oldest unanswered bid to the newest."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidroom.client.outbox import Outbox
from bidroom.rules.answers import Reason
from bidroom.rules.once import KEPT_ANSWERS, AnswerLog
from bidroom.wire.messages import Accepted, Bid, Refused
from tests.rules.versus import a_bid


async def settled() -> None:
    """Let everything that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_33rd_bid_waits_until_the_oldest_is_answered() -> None:
    outbox = Outbox()
    adding = [
        asyncio.ensure_future(outbox.add(Bid, {"item": "lamp", "amount": amount, "unit": 1})) for amount in range(1, 41)
    ]
    await settled()
    assert sum(task.done() for task in adding) == 32
    for id in range(2, 20):  # not the oldest
        outbox.settle(Accepted(id, 1, "h"))
    await settled()
    assert sum(task.done() for task in adding) == 32
    outbox.settle(Accepted(1, 1, "h"))
    await settled()
    assert all(task.done() for task in adding)
    assert [task.result().message.id for task in adding] == list(range(1, 41))
    assert [task.result().message.amount for task in adding] == list(range(1, 41))  # in the order of the calls


async def test_one_who_waits_for_their_turn_hears_of_the_end() -> None:
    outbox = Outbox()
    adding = [
        asyncio.ensure_future(outbox.add(Bid, {"item": "lamp", "amount": amount, "unit": 1})) for amount in range(1, 35)
    ]
    await settled()
    outbox.fail(ConnectionError("gone"))
    for task in adding[32:]:
        with pytest.raises(ConnectionError, match="gone"):
            await task
    for task in adding[:32]:
        with pytest.raises(ConnectionError, match="gone"):
            await (await task).answer


async def test_one_who_gives_up_their_turn_blocks_nobody() -> None:
    outbox = Outbox()
    adding = [
        asyncio.ensure_future(outbox.add(Bid, {"item": "lamp", "amount": amount, "unit": 1})) for amount in range(1, 36)
    ]
    await settled()
    adding[32].cancel()
    outbox.settle(Accepted(1, 1, "h"))
    outbox.settle(Accepted(2, 1, "h"))
    await settled()
    assert adding[33].result().message.id == 33
    assert adding[34].result().message.id == 34


async def test_a_bid_that_only_waited_when_the_connection_was_lost_is_not_in_doubt() -> None:
    outbox = Outbox()
    waiting, out = (
        await outbox.add(Bid, {"item": "lamp", "amount": 1, "unit": 1}),
        await outbox.add(Bid, {"item": "lamp", "amount": 2, "unit": 1}),
    )
    outbox.settle(Refused(1, Reason.RATE_LIMITED, ""))
    outbox.doubt()
    assert outbox.again() == [waiting, out]
    assert outbox.settle(Refused(1, Reason.STALE_ID, "")) is waiting
    assert waiting.message.id == 3
    assert outbox.settle(Refused(2, Reason.STALE_ID, "")) is None
    assert out.answer.done()


async def test_ids_go_on_above_what_the_server_knows() -> None:
    outbox = Outbox()
    outbox.go_on_from(7)
    outbox.go_on_from(3)
    assert (await outbox.add(Bid, {"item": "lamp", "amount": 1, "unit": 1})).message.id == 8


@settings(max_examples=40)
@given(st.data())
async def test_every_bid_is_decided_once_whatever_the_connection_does(data: st.DataObject) -> None:
    """Against the answer log of the real server, on connections that lose messages at both ends."""
    outbox, log = Outbox(), AnswerLog()
    decided: list[int] = []
    added = []
    wire: list = []

    def server(bid) -> Accepted | Refused | None:
        fate = data.draw(st.sampled_from(["fine", "fine", "fine", "busy", "unheard", "unanswered"]))
        if fate == "busy":
            return Refused(bid.id, Reason.RATE_LIMITED, "")
        if fate == "unheard":
            return None
        command = a_bid("Ana", bid.id, bid.item, bid.amount)
        answer = log.recall(command)
        if answer is None:
            decided.append(bid.amount)
            answer = Accepted(bid.id, len(decided), "h")
            log.keep(bid.id, command, answer)
        if not isinstance(answer, Accepted):
            answer = Refused(bid.id, answer.reason, "")
        return None if fate == "unanswered" else answer

    for amount in range(1, 61):
        adding = asyncio.ensure_future(outbox.add(Bid, {"item": "lamp", "amount": amount, "unit": 1}))
        await settled()
        while not adding.done() or data.draw(st.booleans()):
            lost = False
            for unanswered in wire + outbox.again():
                answer = None if lost else server(unanswered.message)
                lost = lost or answer is None  # a connection that has lost something carries no more
                again = None if answer is None else outbox.settle(answer)
                while again is not None:
                    answer = server(again.message)
                    again = None if answer is None else outbox.settle(answer)
            wire = []
            if lost:
                outbox.doubt()
            await settled()
        added.append(adding.result())
        if outbox.waiting:
            added[-1].waits = True
        else:
            wire.append(added[-1])
    assert len(decided) == len(set(decided))
    done = [unanswered for unanswered in added if unanswered.answer.done()]
    for unanswered in done:
        assert isinstance(unanswered.answer.result(), Accepted) == (unanswered.message.amount in decided)
    ids = sorted(unanswered.message.id for unanswered in added if not unanswered.answer.done())
    assert not ids or outbox.last_id - ids[0] < KEPT_ANSWERS
