"""What must be true of a journal, given what participants were told. Trusts nothing of the server's.

Reads the file with plain SQLite and plain hashes.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

Message = dict[str, Any]


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
    """What is wrong with the journal by itself: its chain, its order, its ids, its purchases."""
    faults: list[str] = []
    previous = sha256(f"bidroom 1 {room}".encode()).digest()
    for row in rows:
        body = row.event["body"]
        previous = sha256(previous + (body if isinstance(body, bytes) else body.encode())).digest()
        if previous.hex() != row.hash:
            faults.append(f"the chain breaks at {row.seq}.{row.sub}")
            break
    numbers = [row.seq for row in rows if not row.sub]
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append("public events are not numbered without a gap")
    times = [row.event["at"] for row in rows]
    if times != sorted(times):
        faults.append("time runs backwards")
    bids = [row.event for row in rows if row.event["type"] == "bid_accepted"]
    commands = Counter((bid["bidder"], bid["command"]["id"]) for bid in bids)
    faults += [f"counted {count} times: {command}" for command, count in commands.items() if count > 1]
    sales = [row.event for row in rows if row.event["type"] == "unit_sold"]
    units = Counter((sale["item"], sale["unit"]) for sale in sales)
    faults += [f"sold {count} times: {unit}" for unit, count in units.items() if count > 1]
    highest = {(bid["item"], bid["unit"]): bid for bid in bids}
    for sale in sales:
        best = highest.get((sale["item"], sale["unit"]), {})
        if (best.get("bidder"), best.get("amount")) != (sale["bidder"], sale["amount"]):
            faults.append(f"sold to somebody who did not lead: {sale}")
    return faults


def audit_bidder(rows: list[Row], name: str, accepted: Iterable[Message]) -> list[str]:
    """What was acknowledged to a bidder and is not in the journal as it was told."""
    kept = {
        (row.event["command"]["id"], row.seq, row.hash)
        for row in rows
        if row.event["type"] == "bid_accepted" and row.event["bidder"] == name
    }
    return [f"{name} lost {answer}" for answer in accepted if (answer["id"], answer["seq"], answer["head"]) not in kept]


def audit_watcher(rows: list[Row], events: list[Message], heads: dict[int, str]) -> list[str]:
    """What a watcher was told that the journal does not have, or has otherwise."""
    private = {"body", "command"}
    public = [{key: row.event[key] for key in row.event if key not in private} for row in rows if not row.sub]
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
