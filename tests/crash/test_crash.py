"""The real server, killed in the middle of its work: nothing acknowledged is lost, nothing counts twice.

And the auditor itself: it finds what it is there to find.
"""

import json
from hashlib import sha256

import pytest

from tests.crash.auditor import Message, Row, audit_bidder, audit_journal, audit_watcher
from tests.crash.kill import kill


@pytest.mark.timeout(300)
async def test_thirty_kills():
    tally = await kill(30, seed=2026)
    assert not tally.faults
    assert tally.kills == 30
    assert tally.accepted > 1000
    assert tally.sales > 50


def journal(*events: Message) -> list[Row]:
    """Rows as a truthful server would have written them."""
    rows: list[Row] = []
    previous = sha256(b"bidroom 1 r").digest()
    for event in events:
        body = json.dumps(event)
        previous = sha256(previous + body.encode()).digest()
        rows.append(Row(event["seq"], event.get("sub", 0), event | {"body": body}, previous.hex()))
    return rows


def bid(seq: int, bidder: str, amount: int, id: int, unit: int = 1) -> Message:
    command = {"id": id, "digest": "d"}
    event = {"type": "bid_accepted", "seq": seq, "at": seq, "item": "lamp", "unit": unit}
    return event | {"bidder": bidder, "amount": amount, "command": command}


def sold(seq: int, bidder: str, amount: int, unit: int = 1) -> Message:
    return {
        "type": "unit_sold",
        "seq": seq,
        "at": seq,
        "item": "lamp",
        "unit": unit,
        "bidder": bidder,
        "amount": amount,
    }


HONEST = (bid(1, "Ana", 100, 1), bid(2, "Bob", 110, 1), sold(3, "Bob", 110))


def test_the_auditor_accepts_an_honest_history():
    rows = journal(*HONEST)
    assert not audit_journal(rows, "r")
    assert not audit_bidder(rows, "Bob", [{"id": 1, "seq": 2, "head": rows[1].hash}])
    assert not audit_watcher(
        rows, [{k: v for k, v in event.items() if k != "command"} for event in HONEST], {3: rows[2].hash}
    )


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        ((HONEST[0], HONEST[2]), "without a gap"),
        ((*HONEST, bid(4, "Ana", 200, 1, unit=2)), "counted 2 times"),
        ((*HONEST, sold(4, "Bob", 110)), "sold 2 times"),
        ((*HONEST[:2], sold(3, "Ana", 100)), "did not lead"),
        ((HONEST[0] | {"at": 9}, *HONEST[1:]), "backwards"),
    ],
)
def test_the_auditor_finds_a_bad_journal(events: tuple[Message, ...], fault: str):
    assert any(fault in found for found in audit_journal(journal(*events), "r"))


def test_the_auditor_finds_what_was_told_otherwise():
    rows = journal(*HONEST)
    assert audit_journal([rows[0], rows[1]._replace(hash=rows[0].hash)], "r") == ["the chain breaks at 2.0"]
    assert audit_bidder(rows, "Bob", [{"id": 1, "seq": 1, "head": rows[1].hash}])
    assert audit_bidder(rows, "Bob", [{"id": 2, "seq": 2, "head": rows[1].hash}])
    assert audit_watcher(rows, [HONEST[1]], {})
    assert audit_watcher(rows, [], {3: rows[1].hash})
    assert audit_watcher(rows[:1], [{k: v for k, v in event.items() if k != "command"} for event in HONEST[:2]], {})
