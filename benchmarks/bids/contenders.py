"""Who takes part, with which audience, and which rows are made of whom."""

from msgspec import Struct

from benchmarks.servers import Server
from benchmarks.servers.bidroom import Bidroom
from benchmarks.servers.postgres import Postgres
from benchmarks.servers.redis import Redis


class Contender(Struct, frozen=True):
    """A server and the load that it gets. `think_s` is how long its bidders wait between an answer and the next bid.

    Where bidders are `patient` the time is found by trying: see `tuning.py`.
    """

    key: str
    server: Server
    bidders: int = 200
    options: tuple[str, ...] = ()
    patient: bool = False
    think_s: float = 0
    audience: str = ""

    @property
    def name(self) -> str:
        """As tables call it."""
        return self.server.name + (f"; {self.audience}" if self.audience else "")

    @property
    def is_ours(self) -> bool:
        """Whether it is Bidroom."""
        return isinstance(self.server, Bidroom)


class Row(Struct, frozen=True):
    """One comparison: ours is to be at least `bar` times theirs."""

    row: str
    what: str
    ours: str
    theirs: str
    bar: float


class Class(Struct, frozen=True):
    """Contenders that promise the same about a bid that they have answered; figures of two classes are never mixed."""

    key: str
    title: str
    contenders: tuple[Contender, ...]
    rows: tuple[Row, ...]


DURABLE = Class(
    "durable",
    "On the disk before it is answered; one listener hears every bid",
    (
        Contender("lines", Bidroom()),
        Contender("redis-eager", Redis(), audience="bidders who don't wait"),
        Contender("redis", Redis(), patient=True),
        Contender("websocket", Bidroom("websocket")),
        Contender("postgres", Postgres(), bidders=64, patient=True),
    ),
    (
        Row("1", "JSON lines against Redis, whose bidders don't wait either", "lines", "redis-eager", 1.3),
        Row("1", "JSON lines against Redis, whose bidders wait as suits it best", "lines", "redis", 1.3),
        Row("2", "WebSocket against Redis, whose bidders don't wait either", "websocket", "redis-eager", 1.0),
        Row("2", "WebSocket against Redis, whose bidders wait as suits it best", "websocket", "redis", 1.0),
        Row("3", "JSON lines against PostgreSQL", "lines", "postgres", 8.0),
    ),
)

HEARD = Class(
    "heard",
    "On the disk before it is answered; all 200 bidders hear the room, and one listener every bid",
    (
        Contender("heard", Bidroom(), options=("--bidders-hear",), audience="the latest bid of each batch"),
        Contender(
            "redis-heard",
            Redis(),
            options=("--listeners", "201"),
            patient=True,
            audience="200 subscribers, every bid",
        ),
    ),
    (Row("1b", "JSON lines against Redis, appendfsync always, everyone hears", "heard", "redis-heard", 2.0),),
)

HEARD_ALL = Contender("heard-all", Bidroom(), options=("--bidders-hear", "--every"), audience="every bid")
"""In the full form: what the bidders of Redis hear, too."""

RELAXED = Class(
    "relaxed",
    "Answered before it is on the disk; one listener hears every bid",
    (
        Contender("relaxed", Bidroom(fsync=False)),
        Contender("everysec-eager", Redis("everysec"), audience="bidders who don't wait"),
        Contender("everysec", Redis("everysec"), patient=True),
    ),
    (
        Row("4", "JSON lines against Redis, whose bidders don't wait either", "relaxed", "everysec-eager", 1.0),
        Row("4", "JSON lines against Redis, whose bidders wait as suits it best", "relaxed", "everysec", 1.0),
    ),
)

CLASSES = (DURABLE, HEARD, RELAXED)
