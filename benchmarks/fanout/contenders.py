"""Who takes part, and which rows are made of whom."""

from msgspec import Struct

from benchmarks.bids.contenders import Contender
from benchmarks.servers.bidroom import Bidroom
from benchmarks.servers.c_loop import CLoop
from benchmarks.servers.gateway import Gateway
from benchmarks.servers.nats import Nats
from benchmarks.servers.nchan import Nchan
from benchmarks.servers.python_peer import PythonPeer
from bidroom.rules.events import BidAccepted
from bidroom.wire.codec import encode
from bidroom.wire.messages import Update

FIRST_AMOUNT = 1_000_000
"""All amounts of a turn have as many digits, so that every update has as many bytes."""

_NOW_MS = 1_790_000_000_000


def example_update() -> str:
    """An update of one bid as Bidroom tells it, made by its own encoder: what every peer tells, with other amounts."""
    amount = FIRST_AMOUNT
    bid = BidAccepted(
        seq=1000,
        at=_NOW_MS,
        item="lamp",
        unit=1,
        bidder="bidder-1",
        amount=amount,
        minimum=amount + 1,
        ends_at=_NOW_MS + 86_400_000,
    )
    return encode(Update(1000, 1000, "6" * 64, _NOW_MS, [bid])).decode()


def in_flight(count: int) -> tuple[str, ...]:
    """So many bids are on the way to the audience at a time."""
    return ("--in-flight", str(count))


UPDATE = example_update()
ONE_EACH = (*in_flight(2), "--apart")
"""While one update is told, the bid for the next one arrives, and never two: one message an update."""

OURS = Contender("bidroom", Bidroom("websocket"), 2, ONE_EACH)
RELAXED = Contender("relaxed", Bidroom("websocket", fsync=False), 2, ONE_EACH)
LOOP = Contender("loop", CLoop(UPDATE), 2, ONE_EACH)

PEERS = (
    Contender("websockets", PythonPeer("websockets", "websockets.broadcast", UPDATE), 2, ONE_EACH),
    Contender("aiohttp", PythonPeer("aiohttp", "aiohttp, send_str in a loop", UPDATE), 2, ONE_EACH),
    Contender("nats", Nats(UPDATE), 2, ONE_EACH),
    Contender("nchan", Nchan(UPDATE), 2, ONE_EACH),
)

BUSY_RELAYS = (
    Contender("nats-32", Nats(UPDATE), 2, in_flight(32), audience="32 updates on the way"),
    Contender("nchan-32", Nchan(UPDATE), 2, in_flight(32), audience="32 updates on the way"),
)
"""In the full form: relays that have more to send than one message, and may join several in one write."""

CROWD = Contender("crowd", Bidroom("websocket"), 200, audience="200 bidders at once, the latest bid of each batch")
CROWD_ALL = Contender("crowd-all", Bidroom("websocket"), 200, ("--every",), audience="200 bidders at once, every bid")

HOUSE = Contender("house", Bidroom("websocket"), 200)
HALL = Contender("hall", Bidroom("websocket", items=10), 200)
"""Ten hot items, so that an update has some 2 KB and who doesn't read it soon has much waiting for them."""

GATEWAY = Contender("gateway", Gateway(), 200)

EAR = Contender("ear", CLoop(UPDATE, 10), 2, ONE_EACH)
"""What the load generator can hear: a server that hands it ten messages at a time."""


class Row(Struct, frozen=True):
    """One comparison: ours is to be at least `bar` times theirs (`strict`: more than that); no bar: only shown."""

    row: str
    ours: str
    theirs: str
    bar: float | None
    strict: bool = False


ROWS = (
    Row("5", "relaxed", "loop", 0.85),
    *(Row("6", "relaxed", peer, 1.0, strict=True) for peer in ("websockets", "aiohttp", "nats")),
    Row("6", "relaxed", "nchan", 0.95),
    *(Row("with fsync", "bidroom", peer, None) for peer in ("loop", "websockets", "aiohttp", "nats", "nchan")),
)
"""The bars are for Bidroom without fsync, because nobody that it is compared with here keeps anything."""
