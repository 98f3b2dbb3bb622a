"""What RESULTS.md says around the figures: what exactly each side does for a bid."""

from collections.abc import Sequence

ORDER = """\
Amounts rise from bid to bid in the order in which the load generator sends them, over all bidders, so a server that
takes bids in the order of their arrival accepts all of them. Redis doesn't: it answers the clients of one pass in
reverse order, and reads them in the order of the pass before (its list of ready sockets keeps it), so bidders who bid
again at once come in behind higher amounts, and almost all of their bids are too low: "bidders who don't wait".
PostgreSQL's backends reach the lock in the order in which the kernel wakes them. So that the servers are compared and
not the order, a peer's bidders otherwise wait for a moment between an answer and the next bid ("wait"): several times
are tried first, and each peer gets the one with which it accepts the most bids a second. Bidroom's bidders never wait.
A refused bid costs every server less than an accepted one, so "decided bids/s" is kind to whoever refuses more."""

HEAD = f"""\
One hot item, whose round stays open. A closed loop: every bidder has one bid on the way and sends the next one when it
is answered. What each does for a bid:

- **Bidroom**, 200 connections. It decodes and checks the message, the rate limit, that the id is new; that the round is
  open, that the bidder does not lead, the minimum, budget and limits; makes an event with its time, sealed with a
  sha256 chain; commits a batch to SQLite (WAL, `synchronous = FULL`: one fsync for all bids that waited). The bidder
  gets a receipt, the listener every event (`"events": "all"`). Bidders have joined, with tokens, and ask for
  `"events": "none"`. Metrics are on.
- **Redis**, 200 connections. One Lua script by EVALSHA looks at the bidder's last id, unit, leader and minimum; it
  writes the item, the last id and a stream as the record, and PUBLISHes. One fsync for all bids of a pass
  (`appendfsync always`), or one a second (`everysec`). No chain, receipt or limits; answers are not kept for who asks
  again. No snapshots and no rewriting of the file while it is measured.
- **PostgreSQL**, 64 connections. One prepared statement: an advisory lock (its queue is fair; with the lock of the row
  alone, a third as many bids are accepted), conditional UPDATE, INSERT into the record with a unique index on bidder
  and id, NOTIFY; `synchronous_commit = on`. A refused bid is told no reason.

After every turn the accepted bids are counted in the record, and in what the listener heard; a turn in which these
differ from what the bidders were told doesn't count. "Others" is the most that neither server nor load used of the two
cores: the kernel's threads that write to the disk, and whatever else ran. Where that is more than a few percent, the
machine was not quiet.

{ORDER}
"""

LATENCY = """\
An open loop: bids leave at a fixed rate, whether answers come or not, and each one's time runs from the moment at which
it was to leave, so that nothing is hidden by a load that waits for the server. The rates are shares of each one's own
capacity above (decided bids). Accepted bids only. "Load late" is by how much the load generator itself was behind.
"""


def load(greatest: float, verdict: str) -> str:
    """About the load generator."""
    return (
        f"One native process on a core of its own; in the turns above it used at most {greatest:.0%} of it: {verdict}. "
        "Below, it runs against a native server that does nothing but answer: what that takes for a bid is what the\n"
        "machine itself asks for reading one and writing an answer.\n"
    )


def tail(versions: Sequence[str]) -> str:
    """What exactly was compared."""
    return f"Compared: {'; '.join(version for version in versions if version)}.\n"
