"""The auditor itself: it accepts an honest history, and finds in a bad one what it is there to find."""

import json
from hashlib import sha256

import pytest

from tests.crash.auditor import (
    Row,
    audit_auctioneer,
    audit_bidder,
    audit_journal,
    audit_refusals,
    audit_watcher,
    audit_welcomes,
    tell_history,
)
from tests.crash.view import Message

LAMP = {"id": "lamp", "name": "Lamp", "starting_price": 100, "increment": 10, "units": 3, "buy_now": 500}
TERMS = {"items": [LAMP | {"closing": {"kind": "live", "window_ms": 50}}]}
SALT = "0" * 32


def event(type: str, at: int, **fields: object) -> Message:
    return {"type": type, "at": at, **fields}


def lamp(type: str, at: int, **fields: object) -> Message:
    return event(type, at, **({"item": "lamp"} | fields))


def bid(at: int, bidder: str, amount: int, id: int | None, **fields: object) -> Message:
    command = {} if id is None else {"command": {"id": id, "digest": "d"}}
    told = {"unit": 1, "bidder": bidder, "amount": amount, "minimum": amount + 10, "ends_at": at + 50}
    return lamp("bid_accepted", at, **(told | command | fields))


def sold(at: int, bidder: str, amount: int, **fields: object) -> Message:
    return lamp("unit_sold", at, **({"unit": 1, "bidder": bidder, "amount": amount, "opens_at": at} | fields))


def maximum(at: int, bidder: str, amount: int, id: int, **fields: object) -> Message:
    command = {"id": id, "digest": "d"}
    return lamp("maximum_set", at, bidder=bidder, amount=amount, units=1, salt=SALT, command=command, **fields)


def cancelled_maximum(at: int, bidder: str) -> Message:
    return lamp("maximum_cancelled", at, bidder=bidder, salt=SALT)


def voided(at: int, bid: int, bidder: str, standing: int | None, leader: str | None, amount: int | None) -> Message:
    stands = {"standing": standing, "leader": leader, "amount": amount, "minimum": (amount or 90) + 10}
    end = None if standing is None else at + 50
    return lamp("bid_voided", at, unit=1, bid=bid, bidder=bidder, ends_at=end, by="Zoe", why="reason 1", **stands)


def cancelled(at: int, sale: int, bidder: str, amount: int) -> Message:
    return lamp("sale_cancelled", at, unit=1, sale=sale, bidder=bidder, amount=amount, by="Zoe", why="reason 2")


def paused(type: str, at: int, item: str | None = None, **fields: object) -> Message:
    return event(type, at, item=item, by="Zoe", **fields)


def journal(*events: Message) -> list[Row]:
    """Rows as a truthful server would have written them: numbered, and chained."""
    rows: list[Row] = []
    previous = sha256(b"bidroom 1 r").digest()
    seq = sub = 0
    for told in events:
        seq, sub = (seq, sub + 1) if "salt" in told else (seq + 1, 0)
        numbered = {"seq": seq} | ({"sub": sub} if sub else {}) | told
        body = json.dumps(numbered)
        previous = sha256(previous + body.encode()).digest()
        rows.append(Row(numbered["seq"], numbered.get("sub", 0), numbered | {"body": body}, previous.hex()))
    return rows


OPENED = (
    event("room_opened", 0, terms=TERMS),
    event("bidder_registered", 0, bidder="Ana", token_hash="t", salt=SALT),
    event("bidder_registered", 0, bidder="Bob", token_hash="u", salt=SALT),
    lamp("round_opened", 0, unit=1, minimum=100, ends_at=None),
)
BIDS = (*OPENED, bid(1, "Ana", 100, 1), bid(2, "Bob", 110, 1))
HONEST = (*BIDS, sold(52, "Bob", 110))
MAXIMUMS = (*BIDS, maximum(3, "Ana", 200, 2), bid(3, "Ana", 120, None), sold(53, "Ana", 120))
UNDONE = (
    *MAXIMUMS[:-1],
    cancelled_maximum(4, "Ana"),
    voided(5, 5, "Ana", 4, "Bob", 110),
    sold(55, "Bob", 110),
    cancelled(60, 7, "Bob", 110),
    lamp("offer_made", 60, unit=1, bidder="Ana", amount=100, by="Zoe"),
    sold(61, "Ana", 100, how="offer", opens_at=None, command={"id": 3, "digest": "d"}),
)


@pytest.mark.parametrize("events", [HONEST, MAXIMUMS, UNDONE])
def test_it_accepts_an_honest_history(events: tuple[Message, ...]):
    assert audit_journal(journal(*events), "r") == []


BAD = {
    "without a gap": (*BIDS, sold(52, "Bob", 110) | {"seq": 9}),
    "does not hide what it should": (*OPENED[:1], OPENED[1] | {"salt": "1234"}),
    "or too much": (*BIDS, {key: value for key, value in maximum(3, "Ana", 200, 2).items() if key != "salt"}),
    "backwards": (*BIDS[:-1], bid(0, "Bob", 110, 1)),
    "command 1 counts after 1": (*BIDS, bid(3, "Ana", 120, 1)),
    "command 2 counts after 2": (*BIDS, maximum(3, "Ana", 200, 2), maximum(3, "Ana", 200, 2)),
    "nothing is known of": (*BIDS, bid(3, "Ana", 120, 2, item="chair")),
    "sold twice": (*HONEST, lamp("round_opened", 52, unit=2, minimum=100, ends_at=None), sold(53, "Bob", 110)),
    "did not lead": (*BIDS, sold(52, "Ana", 100)),
    "was to end at 52": (*BIDS, sold(51, "Bob", 110)),
    "now ends at 53": (*BIDS, bid(3, "Ana", 120, 2, ends_at=54)),
    "after the close": (*BIDS, bid(52, "Ana", 120, 2)),
    "the price falls": (*BIDS, bid(3, "Ana", 105, 2)),
    "below the minimum": (*BIDS, bid(3, "Ana", 115, 2)),
    "against oneself": (*BIDS, bid(3, "Bob", 120, 2)),
    "a wrong minimum": (*BIDS, bid(3, "Ana", 120, 2, minimum=131)),
    "beyond the maximum 0": (*BIDS, bid(3, "Ana", 120, None)),
    "beyond the maximum 120": (*BIDS, maximum(3, "Ana", 120, 2), bid(3, "Ana", 130, None)),
    "maximum of Ana was forgotten": (*MAXIMUMS[:-2], sold(52, "Bob", 110)),
    "still there": (*MAXIMUMS[:-1], voided(5, 5, "Ana", 4, "Bob", 110)),
    "no such maximum": (*BIDS, cancelled_maximum(3, "Ana")),
    "left below 120": (*BIDS, maximum(3, "Ana", 119, 2)),
    "does not stand": (*BIDS, voided(3, 3, "Ana", None, None, None)),
    "the bid of Ana": (*BIDS, voided(3, 4, "Bob", None, None, None)),
    "after it stands": (*BIDS, voided(3, 4, "Bob", 3, "Ana", 110)),
    "a fresh window": (*BIDS, voided(3, 4, "Bob", 3, "Ana", 100) | {"ends_at": 52}),
    "paused twice": (*BIDS, paused("paused", 3), paused("paused", 4)),
    "in a pause": (*BIDS, paused("paused", 3), bid(4, "Ana", 120, 2)),
    "closed in a pause": (*BIDS, paused("paused", 3, "lamp"), sold(52, "Bob", 110)),
    "without a pause": (*BIDS, paused("resumed", 3, rounds=[])),
    "less than its window": (*BIDS, paused("paused", 3), paused("resumed", 4, rounds=[])),
    "moved back": (*BIDS, event("deadlines_moved", 3, by="Zoe", rounds=[{"item": "lamp", "ends_at": 51}])),
    "though the sale is": (*HONEST, cancelled(60, 5, "Bob", 110), cancelled(60, 5, "Bob", 110)),
    "it was not offered": (*UNDONE[:-1], sold(61, "Bob", 100, how="offer")),
    "was never bid": (*UNDONE[:-2], lamp("offer_made", 60, unit=1, bidder="Ana", amount=101, by="Zoe")),
    "not at the fixed price": (*BIDS, sold(3, "Bob", 110, how="buy_now")),
    "below the reserve": (
        event("room_opened", 0, terms=TERMS),
        lamp("reserve_set", 0, amount=120, salt=SALT),
        *HONEST[1:],
    ),
    "units are left": (*HONEST, lamp("item_finished", 52, unsold=3, because="withdrawn")),
    "a unit that isn't there": (*HONEST, lamp("round_opened", 52, unit=1, minimum=100, ends_at=None)),
    "they still lead": (*BIDS, event("bidder_removed", 3, bidder="Bob", by="Zoe", why="reason 3")),
    "by nobody": (*BIDS, event("bidder_removed", 3, bidder="Ana", by="Zoe", why="reason 3"), bid(4, "Ana", 120, 2)),
}


@pytest.mark.parametrize("fault", BAD)
def test_it_finds_a_bad_journal(fault: str):
    found = audit_journal(journal(*BAD[fault]), "r")
    assert any(fault in told for told in found), found


def test_it_finds_a_broken_chain():
    rows = journal(*HONEST)
    rows[1] = rows[1]._replace(hash=rows[0].hash)
    assert audit_journal(rows, "r") == ["the chain breaks at 1.1"]


ANAS = {
    1: {"type": "bid", "item": "lamp", "unit": 1, "amount": 100},
    2: {"type": "max_bid", "item": "lamp", "amount": 200},
    3: {"type": "answer_offer", "item": "lamp", "unit": 1, "accept": True},
}


def answer(row: Row, id: int) -> Message:
    return {"type": "accepted", "id": id, "seq": row.seq, "head": row.hash}


def test_it_finds_what_a_bidder_was_told_otherwise():
    rows = journal(*UNDONE)
    bid, maximum, offer = (row for row in rows if row.event.get("command") and row.event["bidder"] == "Ana")
    honest = [answer(bid, 1), answer(maximum, 2), answer(offer, 3)]
    assert audit_bidder(rows, "Ana", ANAS, honest) == []
    assert audit_bidder(rows[:-1], "Ana", ANAS, honest)
    assert audit_bidder(rows, "Bob", ANAS, honest[:1])
    assert audit_bidder(rows, "Ana", ANAS, [answer(maximum, 3)])
    assert audit_bidder(rows, "Ana", ANAS, [honest[0] | {"seq": 2}])
    for id, otherwise in ((1, {"amount": 110}), (2, {"amount": 210}), (2, {"units": 2}), (3, {"accept": False})):
        assert audit_bidder(rows, "Ana", ANAS | {id: ANAS[id] | otherwise}, honest)


def test_it_finds_what_counts_though_it_was_refused_or_never_sent():
    rows = journal(*HONEST)
    assert audit_refusals(rows, "Ana", [1, 2], [2]) == []
    assert audit_refusals(rows, "Ana", [1], [1]) == ["Ana was refused 1, and it counts"]
    assert audit_refusals(rows, "Ana", [2], []) == ["Ana never sent 1, and it counts"]


def test_it_finds_a_maximum_that_was_forgotten_or_made_up():
    past = tell_history(journal(*MAXIMUMS)).past["Ana"]
    left = [{"item": "lamp", "amount": 200, "units": 1}]
    before, within, after, sold = 3, 4, 5, 6
    for seq, maximums in ((before, []), (within, []), (within, left), (after, left), (sold, [])):
        assert audit_welcomes(past, "Ana", [{"seq": seq, "maximums": maximums}]) == []
    for seq, maximums in ((before, left), (after, []), (sold, left)):
        assert audit_welcomes(past, "Ana", [{"seq": seq, "maximums": maximums}])


VOID = {"type": "void_bid", "item": "lamp", "bid": 5, "why": "reason 1"}
CANCEL = {"type": "cancel_sale", "sale": 7, "why": "reason 2"}


def test_it_finds_what_the_auctioneer_was_told_otherwise():
    rows = journal(*UNDONE)
    void, cancel = (row for row in rows if row.event.get("why"))
    honest = [(VOID, [answer(void, 1)]), (CANCEL, [answer(cancel, 2)])]
    assert audit_auctioneer(rows, "Zoe", honest) == []
    assert audit_auctioneer(rows, "Zoe", [(VOID, []), (CANCEL, [])]) == []
    assert audit_auctioneer(rows[:-3], "Zoe", honest)
    assert audit_auctioneer(rows, "Zoe", honest[:1])
    assert audit_auctioneer(rows, "Zoe", [*honest, honest[0]])
    assert audit_auctioneer(rows, "Zoe", [(VOID | {"bid": 4}, [answer(void, 1)]), honest[1]])
    assert audit_auctioneer(rows, "Zoe", [(VOID | {"dry_run": True}, [answer(void, 1)]), honest[1]])


def test_it_finds_a_bid_that_was_voided_for_a_reason_that_had_voided_another():
    rows = journal(*BIDS, voided(3, 4, "Bob", 3, "Ana", 100), voided(4, 3, "Ana", None, None, None))
    (first, second) = (row.event for row in rows if row.event.get("why"))
    asked = [(VOID | {"bid": event["bid"]}, []) for event in (first, second)]
    assert audit_auctioneer(rows, "Zoe", asked) == ["done 2 times: ('bid_voided', 'reason 1')"]


def test_it_finds_what_a_watcher_was_told_otherwise():
    rows = journal(*UNDONE)
    private = ("command", "body")
    told = [{key: row.event[key] for key in row.event if key not in private} for row in rows if not row.sub]
    heads = {row.seq: row.hash for row in rows if not row.sub}
    assert audit_watcher(rows, told, heads) == []
    assert audit_watcher(rows, told[1:], {})
    assert audit_watcher(rows, [], {3: heads[2]})
    assert audit_watcher(rows[:1], told[:2], {})
