"""What RESULTS.md says around the figures: what exactly each side does for an update, and whom that favours."""

from collections.abc import Mapping, Sequence

from bidroom.server.settings import FULL_BUFFER

HEAD = """\
1,000 watchers, each on a WebSocket of its own (NATS: on a TCP connection), all in one native process beside the
bidders, which looks at every message. An update is heard when the last of them has it. A turn in which somebody missed
something doesn't count.
"""

UPDATES = """\
A bid leaves when the first watcher has heard of the one before, and the last watcher of the one before that: while one
update is told, the bid for the next one arrives. So nobody waits for work for long, and no two bids arrive together,
which Bidroom would tell in one message ("bids a message"). All tell the same bytes, an update of one bid as Bidroom
tells it. What each does for it:

- **C, send() in a loop**: one process that does nothing else: finds the bid's amount, puts it into the update that was
  made beforehand, and calls `send()` for one watcher after another. Nothing that sends one message at a time can be
  faster.
- **Bidroom**: decides the bid, seals it, commits it to SQLite, encodes the update, writes it to everyone, answers the
  bidder; ids, limits, chain and metrics are on. Nobody whom it is compared with here keeps anything, so the bars are
  for Bidroom without an fsync for a commit; with one (which is the product) its core has nothing to do meanwhile,
  because the next batch is decided when this one has been told.
- **websockets.broadcast** and **aiohttp** (`send_str` to one watcher after another): small servers on uvloop that
  decide and keep nothing; they put the amount into the update that was made beforehand. No compression, because the
  watchers don't ask for it; browsers would ask `websockets` for it, and every message would cost more.
- **NATS core**: whoever bids publishes the update; no WebSocket, nothing is acknowledged. Its messages have a line of
  their own in front instead of a frame's four bytes.
- **nginx + nchan**, one worker: whoever bids publishes the update over a WebSocket; it keeps the last ten in memory.

So the comparison is kind to everyone but Bidroom: only Bidroom decides, keeps and answers anything. "Deliveries per
CPU-second" leaves waiting out, and counts all threads of a server. It is unkind to the relays in one thing: they are
made to have more than two updates on the way. In the full form they are measured with 32, too, and then they may join
several in one write, as Bidroom does below.
"""


def absorbed(every: str) -> str:
    """About row 7."""
    return f"""\
200 bidders bid as fast as they are answered, so a batch has many bids, and an update tells a batch. Counted are
accepted bids (durable, with an fsync) that the last watcher has heard of. The C program above, and whoever tells one
bid at a time, can't get further than its updates/s, whatever comes in. Watchers hear the latest bid on each item and
how many there were, which is what a page shows; or "{every.rpartition(", ")[2]}" (`"events": "all"`), with all fields
of each. One hot item is kind to Bidroom's latest: with more items an update grows by what changed. "Passed over" are
updates that somebody did not get because too much waited for them; they got the room's state instead.
"""


def latency(halves: Mapping[str, float]) -> str:
    """About row 8."""
    rates = ", ".join(f"{rate:,.0f} bids/s ({key})" for key, rate in halves.items())
    return f"""\
An open loop: bids leave at a fixed rate, and each one's time runs from the moment at which it was to leave until the
last watcher has heard of it, so that nothing is hidden by a load that waits. 200 bidders over WebSocket to Bidroom, in
Redis' protocol to Redis (`appendfsync always`, the bid script of the part on bids, PUBLISH); a gateway on `websockets`
and uvloop subscribes and broadcasts, as one would build it. Redis and the gateway share the server's core. Capacity is
what the last watcher hears at most, with as many bids on the way as keep the server busy; half of it is {rates}.
At half of its own capacity Bidroom takes many times as many bids as the gateway, and its bids wait for the batch
before; so it is measured at the gateway's rate, too. The gateway only passes on what Redis made: nothing is encoded, no
history is kept, nobody comes back to what they missed. Bids at the gateway's low rate come one by one, which is kind to
both.
"""


MEMORY = """\
All watchers come in one after another and hear nothing; the server's memory before the first is subtracted from that
with all of them, and the rest divided by their number. What the kernel holds for a socket is in nobody's figure. In
Bidroom a watcher is in the room, with limits and a ping every 30 seconds; in the others a handler waits for a message.
`websockets` compresses for those who ask for it, as browsers do: these watchers don't, which saves it most of what its
[documentation](https://websockets.readthedocs.io/en/stable/topics/memory.html) gives for a connection (64 KiB; 14 KiB
without). Centrifugo is not measured here; its figure is what its makers [publish](https://centrifugal.dev/docs/4/faq),
for a server that does more for each connection.
"""


def stalled(rate: float, count: int) -> str:
    """About row 10."""
    return f"""\
An open loop of {rate:,.0f} bids/s on ten items in turn, half of Bidroom's capacity with this audience. {count} watchers
stop reading as soon as they are in, and are told to for some seconds before it counts, until the kernel takes no more
for them (all sockets have the segments of an Ethernet; on the loopback a kernel would take megabytes). Then Bidroom
keeps at most a full buffer for each of them ({FULL_BUFFER // 1024} KiB, of bytes that they share), and passes them
over: "KiB told to each" has to be well above that, or nobody was ever full. Times are of those who read.
"""


def ear(greatest: float, limited: int) -> str:
    """About the load generator, which may have been the limit in so many turns."""
    verdict = f"**it may have been the limit in {limited} turns**" if limited else "it was never the limit"
    return f"""\
In the turns above it used at most {greatest:.0%} of its core; where it used more than 80 %, a server that waits for it
would have left some of its own core: {verdict}. Below, the C program hands it ten messages at
a time, which costs the sender a tenth: what it can hear when it is not the sender that is slow.
"""


def tail(versions: Sequence[str], update: str) -> str:
    """What exactly was compared."""
    return f"Compared: {'; '.join(version for version in versions if version)}. The update:\n\n    {update}\n"
