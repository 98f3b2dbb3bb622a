"""What must be true of a journal, given what participants were told. Trusts nothing of the server's.

Reads the file with plain SQLite, plain hashes and plain JSON; `tests.crash.history` has what events mean.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from tests.crash.history import History, Maximums, Place

Message = dict[str, Any]


PRIVATE = frozenset(
    (
        *("reserve_set", "bidder_registered", "budget_set", "token_replaced", "maximum_set", "maximum_cancelled"),
        *("bid_came_late", "purchases_paid", "purchases_handed_over"),
    )
)
"""Events of which nobody hears."""


class Row(NamedTuple):
    """One entry as it stands in the file."""

    seq: int
    sub: int
    event: Message
    hash: str


def read_rows(file: Path, room: str) -> list[Row]:
    """The room's entries in order. Run it when no server has the file."""
    database = sqlite3.connect(file)
    try:
        rows = database.execute("SELECT seq, sub, body, hash FROM events WHERE room = ? ORDER BY seq, sub", (room,))
        return [Row(seq, sub, json.loads(body) | {"body": body}, hash.hex()) for seq, sub, body, hash in rows]
    finally:
        database.close()


def audit_journal(rows: list[Row], room: str) -> list[str]:
    """What is wrong with the journal by itself: its chain, its order, its ids, and what it says has happened."""
    faults = [*_broken_chain(rows, room), *_misnumbered(rows), *_doubled_commands(rows)]
    times = [row.event["at"] for row in rows]
    if times != sorted(times):
        faults.append("time runs backwards")
    history = tell_history(rows)
    return faults + history.faults + history.unaccounted()


def tell_history(rows: list[Row]) -> History:
    """The room as all its events together tell it."""
    history = History()
    for row in rows:
        history.take(row.event)
    return history


def _broken_chain(rows: list[Row], room: str) -> list[str]:
    previous = sha256(f"bidroom 1 {room}".encode()).digest()
    for row in rows:
        body = row.event["body"]
        previous = sha256(previous + (body if isinstance(body, bytes) else body.encode())).digest()
        if previous.hex() != row.hash:
            return [f"the chain breaks at {row.seq}.{row.sub}"]
    return []


def _misnumbered(rows: list[Row]) -> list[str]:
    """Public events count on by one, private ones below them."""
    seq, sub = 0, 0
    for row in rows:
        seq, sub = (seq, sub + 1) if row.sub else (seq + 1, 0)
        if (row.seq, row.sub) != (seq, sub) or (row.event["seq"], row.event.get("sub", 0)) != (seq, sub):
            return [f"events are not numbered without a gap: {row.seq}.{row.sub} in place of {seq}.{sub}"]
    return [
        f"{row.event['body']} does not hide what it should, or too much" for row in rows if not _is_hidden_well(row)
    ]


def _is_hidden_well(row: Row) -> bool:
    """Whether what is private has no public number, and a salt; and everything else neither."""
    if row.event["type"] not in PRIVATE:
        return not row.sub and "salt" not in row.event
    return bool(row.sub and re.fullmatch("[0-9a-f]{32}", row.event.get("salt", "")))


def _doubled_commands(rows: list[Row]) -> list[str]:
    """The ids of a bidder's accepted commands rise, so none counts twice."""
    faults: list[str] = []
    last: dict[str, int] = {}
    for row in rows:
        if "command" in row.event:
            bidder, id = row.event["bidder"], row.event["command"]["id"]
            if id <= last.get(bidder, 0):
                faults.append(f"{bidder}'s command {id} counts after {last[bidder]}: {row.event['body']}")
            last[bidder] = id
    return faults


WHAT_IT_LEADS_TO: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "bid": (("bid_accepted",), ("item", "unit", "amount")),
    "max_bid": (("maximum_set",), ("item", "amount")),
    "cancel_max": (("maximum_cancelled",), ("item",)),
    "buy_now": (("bid_accepted",), ("item", "unit")),
    "answer_offer": (("unit_sold", "offer_declined"), ("item", "unit")),
    "void_bid": (("bid_voided",), ("item", "bid", "why")),
    "cancel_sale": (("sale_cancelled",), ("sale", "why")),
    "pause": (("paused",), ("item",)),
    "resume": (("resumed",), ("item",)),
    "extend": (("deadlines_moved",), ()),
    "reopen": (("item_reopened",), ("item",)),
    "mark_paid": (("purchases_paid",), ("bidder", "how")),
    "hand_over": (("purchases_handed_over",), ("bidder",)),
    "remove_bidder": (("bidder_removed",), ("bidder", "why")),
    "bid_for": (("bid_accepted",), ("item", "unit", "bidder", "amount", "via")),
    "close_room": (("room_closing",), ("why",)),
}
"""The event that answers each command, and what it has in common with it."""


def fits(message: Message, event: Message) -> bool:
    """Whether this event is what was asked for with this message."""
    types, keys = WHAT_IT_LEADS_TO[message["type"]]
    if event["type"] not in types or any(message.get(key) != event.get(key) for key in keys):
        return False
    match message["type"]:
        case "max_bid":
            return event["units"] == message.get("units", 1)
        case "answer_offer":
            return message["accept"] == (event["type"] == "unit_sold")
        case "mark_paid" | "hand_over":
            return event["sales"] == [message["sale"]]
        case "extend":
            (moved,) = event["rounds"]
            return moved["item"] == message["item"] and moved["ends_at"] >= event["at"] + message["span_ms"]
        case _:
            return not message.get("dry_run")


def audit_bidder(rows: list[Row], name: str, sent: dict[int, Message], accepted: Iterable[Message]) -> list[str]:
    """What was acknowledged to a bidder and is not in the journal as it was told, or not what they had asked for."""
    by_hash = {row.hash: row for row in rows}
    faults: list[str] = []
    for answer in accepted:
        row = by_hash.get(answer["head"])
        if row is None or row.seq != answer["seq"]:
            faults.append(f"{name} lost {answer}")
            continue
        mine = row.event.get("bidder") == name and row.event.get("command", {}).get("id") == answer["id"]
        if not mine or not fits(sent[answer["id"]], row.event):
            faults.append(f"{name} asked for {sent[answer['id']]} and has a receipt for {row.event['body']}")
    return faults


def audit_refusals(rows: list[Row], name: str, sent: Iterable[int], refused: Iterable[int]) -> list[str]:
    """What counts for a bidder though they were told that it doesn't, or though they never asked for it."""
    counted = {row.event["command"]["id"] for row in rows if "command" in row.event and row.event["bidder"] == name}
    faults = [f"{name} was refused {id}, and it counts" for id in counted & set(refused)]
    return faults + [f"{name} never sent {id}, and it counts" for id in counted - set(sent)]


def audit_welcomes(past: list[tuple[Place, Maximums]], name: str, welcomes: Iterable[Message]) -> list[str]:
    """What a bidder was told on coming in that they have left, and did not have then. `past`: as in `History`.

    A welcome names a public event only; the private ones behind it may have happened already.
    """
    faults: list[str] = []
    for welcome in welcomes:
        seq = welcome["seq"]
        told = {maximum["item"]: (maximum["amount"], maximum["units"]) for maximum in welcome["maximums"]}
        possible = [maximums for place, maximums in past if place <= (seq, 0)][-1:] or [{}]
        possible += [maximums for place, maximums in past if place[0] == seq and place[1]]
        if told not in possible:
            faults.append(f"{name} was told after event {seq} that they have left {told}, not {possible}")
    return faults


CONTROLLED = frozenset(
    (
        *("bid_voided", "sale_cancelled", "paused", "resumed", "bidder_removed", "room_closing"),
        *("purchases_paid", "purchases_handed_over", "deadlines_moved", "bid_accepted"),
    )
)
"""Events that, where they say by whom, somebody asked for."""


def audit_auctioneer(rows: list[Row], name: str, asked: list[tuple[Message, list[Message]]]) -> list[str]:
    """What was acknowledged to the auctioneer and is not there once, and what is there and was not asked for."""
    by_hash = {row.hash: row for row in rows}
    faults: list[str] = []
    receipts = [(message, answer) for message, answers in asked for answer in answers if answer["type"] == "accepted"]
    for message, answer in receipts:
        row = by_hash.get(answer["head"])
        if row is None or row.seq != answer["seq"]:
            faults.append(f"{name} lost {answer}")
        elif row.event.get("by") != name or not fits(message, row.event):
            faults.append(f"{name} asked for {message} and has a receipt for {row.event['body']}")
    twice = Counter(answer["head"] for _, answer in receipts)
    faults += [f"{count} receipts for one event: {head}" for head, count in twice.items() if count > 1]
    return faults + _unasked(rows, name, [message for message, _ in asked])


def _unasked(rows: list[Row], name: str, messages: list[Message]) -> list[str]:
    """Events in the auctioneer's name that fit no request, or one that was carried out already."""
    controlled = [row.event for row in rows if row.event.get("by") == name and row.event["type"] in CONTROLLED]
    removals = {message["why"]: message["bidder"] for message in messages if message["type"] == "remove_bidder"}
    faults = [
        f"nobody asked for {event['body']}"
        for event in controlled
        if not any(fits(message, event) for message in messages)
        and not (event["type"] == "bid_voided" and removals.get(event["why"]) == event["bidder"])
    ]
    others = [event for event in controlled if "why" in event and event["why"] not in removals]
    reasons = Counter((event["type"], event["why"]) for event in others)
    return faults + [f"done {count} times: {reason}" for reason, count in reasons.items() if count > 1]


def audit_watcher(rows: list[Row], events: list[Message], heads: dict[int, str]) -> list[str]:
    """What a watcher was told that the journal does not have, or has otherwise."""
    public = [_as_told(row.event) for row in rows if not row.sub]
    faults = [
        f"a watcher heard {told}, the journal has {kept}"
        for told, kept in zip(events, public, strict=False)
        if told != kept
    ]
    if len(events) > len(public):
        faults.append(f"a watcher heard {len(events)} events, the journal has {len(public)}")
    hashes = {row.seq: row.hash for row in rows if not row.sub}
    return faults + [
        f"a head that isn't in the journal: {seq}" for seq, head in heads.items() if hashes.get(seq) != head
    ]


def _as_told(event: Message) -> Message:
    """The event without what stays in the journal."""
    private = {"body", "command", "by"} if event["type"] == "bid_accepted" else {"body", "command"}
    return {key: value for key, value in event.items() if key not in private}
