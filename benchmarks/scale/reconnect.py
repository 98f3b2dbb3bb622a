"""Row 13: a crowd comes back at once, while others bid."""

import shutil
import signal
import time
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.compare import Spread, spread, take_turns
from benchmarks.errors import BenchmarkError
from benchmarks.histogram import Histogram, add_up
from benchmarks.load import Run, run_load
from benchmarks.native import program
from benchmarks.parts import Form, Stage
from benchmarks.processes import LOAD_CORE, allow_files, running, say_ready, tail
from benchmarks.report import table
from benchmarks.servers.bidroom import Bidroom

CLIENTS, FEW_CLIENTS = 5000, 50
ITEMS = 20
BIDDERS = 19
"""Not a divisor of the number of items, so that nobody bids on what they lead."""

BACK_S, LATE_MS, LATE_TIMES = 5.0, 25.0, 3.0
"""The bars: all back in so many seconds; the others' p99 within this, or within so many times that of quiet times."""

PATIENCE_S = 60.0

LEFT_S = 0.5
"""How long after the crowd has gone the server has had enough time to notice."""

SLOW_MS = 25.0
"""A commit that takes longer waits for the disk. A bound of the server's own histogram."""

WORDS = """\
### A crowd that comes back (row 13)

{clients:,} bidders are in a room of {items} items over WebSockets, from one native process. They are cut off; half a
second later all of them connect at once, upgrade, join with their tokens and `"events": "latest"`, and wait for the
`welcome` with the whole room. Meanwhile 19 others bid at a fixed rate (open loop, JSON lines), either in another room
or in the same one, where each batch of bids is told to everybody who is back by then. Their p99 while the crowd comes
back is compared with a quiet time before, in which the whole crowd is there and listens. That time ends when the last
one is back.

The time is short, so one wait for the disk can decide a turn's p99: the table also counts the commits that took over
{slow_ms:g} ms meanwhile, in all turns.
"""


class Kind(Struct, frozen=True):
    """Who bids meanwhile: in which of the server's two rooms (the crowd is in the first), and how often a second."""

    name: str
    room: int
    rate: float


KINDS = (Kind("in another room", 1, 200), Kind("in the same room", 0, 10))


class Back(Struct, frozen=True):
    """What the crowd prints; see native/crowd.c."""

    clients: int
    retries: int
    welcome_bytes: int
    back_after: Histogram


class Return(Struct, frozen=True):
    """One turn: the bids of the others in a quiet time and while the crowd came back, and the crowd itself.

    `slow_commits` is how many commits took over `SLOW_MS` while it came back.
    """

    quiet: Run
    meanwhile: Run
    back: Back
    slow_commits: int


def measure(stage: Stage) -> str:
    """The chapter."""
    allow_files(3 * CLIENTS)
    clients, kinds = (FEW_CLIENTS, KINDS[:1]) if stage.form.name == "smoke" else (CLIENTS, KINDS)
    repetitions = stage.form.repetitions if stage.form.is_full else 1
    stage.plan(len(kinds) * repetitions)

    def turn(kind: Kind, repetition: int) -> Return:
        stage.step(f"{clients:,} come back, others bid {kind.name}, turn {repetition + 1} of {repetitions}")
        return _take_turn(kind, clients, stage.form, stage.directory)

    results = take_turns(kinds, repetitions, turn)
    words = WORDS.format(clients=clients, items=ITEMS, slow_ms=SLOW_MS)
    return "\n".join([words, _crowd(results), _others(results)])


def _take_turn(kind: Kind, clients: int, form: Form, directory: Path) -> Return:
    folder = directory / "crowd"
    folder.mkdir()
    log = folder / "crowd.log"
    said: list[str] = []

    def come_back() -> None:
        crowd.send_signal(signal.SIGUSR1)
        said.append(say_ready(crowd, log))

    with (
        Bidroom(items=ITEMS, rooms=2).serve(folder) as server,
        running([str(program("crowd")), str(server.port), "room-0", "lamp-0", str(clients)], LOAD_CORE, log) as crowd,
    ):
        _expect(say_ready(crowd, log), "in")
        quiet = run_load(server, _options(kind, form, "quiet"), folder / "load.log")
        crowd.send_signal(signal.SIGUSR1)
        _expect(say_ready(crowd, log), "out")
        time.sleep(LEFT_S)
        slow_before = _slow_commits(server.port)
        patient = replace(form, seconds=PATIENCE_S)
        meanwhile = run_load(server, _options(kind, patient, "meanwhile"), folder / "load.log", come_back)
        if crowd.poll() is not None:
            raise BenchmarkError(f"the crowd gave up: {tail(log)}")
        slow = _slow_commits(server.port) - slow_before
    shutil.rmtree(folder, ignore_errors=True)
    return Return(quiet, meanwhile, msgspec.json.decode(said[0], type=Back), slow)


def _options(kind: Kind, form: Form, name: str) -> list[str]:
    """For the bids of the others; those of a second time are above those of the first."""
    first_amount = 2_000_000 if name == "meanwhile" else 1_000_000
    return [
        *("--bidders", str(BIDDERS), "--listeners", "0", "--rate", str(kind.rate), "--names", name),
        *("--rooms", "1", "--first-room", str(kind.room), "--first-amount", str(first_amount)),
        *("--warmup", str(form.warmup_s), "--seconds", str(form.seconds)),
    ]


def _slow_commits(port: int) -> int:
    """How many commits of the server took over `SLOW_MS` until now."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as page:
        families = text_string_to_metric_families(page.read().decode())
    samples = [sample for family in families if family.name == "bidroom_commit_seconds" for sample in family.samples]
    most = {sample.labels["le"]: int(sample.value) for sample in samples if sample.name.endswith("_bucket")}
    return most["+Inf"] - most[str(SLOW_MS / 1000)]


def _expect(line: str, expected: str) -> None:
    if line != expected:
        raise BenchmarkError(f"the crowd says {line!r}, not {expected!r}")


def _crowd(results: dict[Kind, list[Return]]) -> str:
    rows: list[tuple[str, ...]] = []
    for kind, turns in results.items():
        back = add_up(turn.back.back_after for turn in turns)
        last = spread(turn.back.back_after.greatest / 1e9 for turn in turns)
        clients = turns[0].back.clients
        rows.append(
            (
                f"others bid {kind.name}",
                f"{back.percentile(50) / 1000:.2f} s",
                f"{last.show(2)} s",
                f"{turns[0].back.welcome_bytes / clients:,.0f} bytes",
                f"{median(turn.meanwhile.server_cpu_s for turn in turns) / clients * 1000:.2f} ms",
                f"{sum(turn.back.retries for turn in turns)}",
                f"{BACK_S:g} s",
                "reached" if last.median <= BACK_S else "**missed**",
            )
        )
    head = (
        *("", "half are back after", "all are back after", "a welcome", "server CPU for one (with the bids)"),
        *("turned away", "bar", ""),
    )
    return table(head, rows)


def _others(results: dict[Kind, list[Return]]) -> str:
    rows: list[tuple[str, ...]] = []
    for kind, turns in results.items():
        quiet = [turn.quiet.outcome.accepted_after for turn in turns]
        meanwhile = [turn.meanwhile.outcome.accepted_after for turn in turns]
        late = add_up(turn.meanwhile.outcome.lateness for turn in turns)
        bar = max(LATE_MS, LATE_TIMES * _p99(quiet).median)
        rows.append(
            (
                f"{kind.rate:g} bids/s {kind.name}",
                f"{sum(after.total for after in meanwhile):,}",
                f"{add_up(quiet).percentile(50):.1f}",
                f"{add_up(meanwhile).percentile(50):.1f}",
                _p99(quiet).show(1),
                _p99(meanwhile).show(1),
                f"{sum(turn.slow_commits for turn in turns)}",
                f"{late.percentile(99):.2f}",
                f"{bar:.1f}",
                "reached" if _p99(meanwhile).median <= bar else "**missed**",
            )
        )
    head = (
        *("bids of others, ms", "bids", "p50, quiet", "p50, meanwhile", "p99, quiet", "p99, meanwhile"),
        *(f"commits over {SLOW_MS:g} ms", "load late, p99", "bar for p99", ""),
    )
    return table(head, rows)


def _p99(turns: list[Histogram]) -> Spread:
    """In ms, of the turns one by one."""
    return spread(after.percentile(99) for after in turns)
