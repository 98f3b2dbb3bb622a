"""Row 12: from starting the process until somebody who watches has the room, by how long the journal is."""

import re
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from benchmarks.compare import Spread, spread, take_turns
from benchmarks.errors import BenchmarkError
from benchmarks.parts import Stage
from benchmarks.plots import curves
from benchmarks.processes import LOAD_CORE, SERVER_CORE, cpu_seconds, resident_kib, running, say_ready, tail
from benchmarks.report import table
from benchmarks.scale.make_journal import copy_of
from benchmarks.servers.ports import free_port
from benchmarks.spy import find_spy, functions_in, look

BAR_S = 5.0
MARKS: tuple[int, ...] = (100_000, 300_000, 1_000_000)
SMALL_MARKS: tuple[int, ...] = (500, 2_000)
PATIENCE_S = 120.0
ASK_EVERY_S = 0.002

_WAITING = ("Runner.run (asyncio/runners.py)", "Writer._gather (journal/writer.py)")
"""The event loop while the journal's thread reads, and that thread while the loop takes in what it has read."""

WORDS = """\
### Restart (row 12)

`bidroom serve` with a journal and no catalogue, as after a crash, on one core. The time runs from starting the process
until a client that asks again and again has a `welcome` with the room: Python's own start, checking the file's pages,
reading every event, checking its hash, and letting it happen once more. There are no snapshots: what a restart shows is
what the events say. The journal is made by the product's own journal from a sale with bids, maximums and rounds that
end (see row 11), and lies in the system's cache.
"""


class Restart(Struct, frozen=True):
    """One start: `seconds` until somebody had the room, the processor time, and the server's memory (RSS) by then."""

    seconds: float
    cpu_s: float
    resident_kib: int


def measure(stage: Stage, plots: dict[str, str]) -> str:
    """The chapter."""
    marks = SMALL_MARKS if stage.form.name == "smoke" else MARKS
    stage.plan(2 + len(marks) * stage.form.repetitions)
    journal = stage.directory / "sale.db"
    last = _make(stage, journal, marks)

    def turn(mark: int, repetition: int) -> Restart:
        stage.step(f"restart with {mark:,} events, turn {repetition + 1} of {stage.form.repetitions}")
        return _restart(copy_of(journal, mark), last[mark])

    results = take_turns(marks, stage.form.repetitions, turn)
    sizes = {mark: copy_of(journal, mark).stat().st_size for mark in marks}
    profile = _profile(stage, copy_of(journal, marks[-1]), last[marks[-1]])
    for file in stage.directory.glob(f"{journal.name}*"):
        file.unlink()
    times = {mark: spread(restart.seconds for restart in found) for mark, found in results.items()}
    points = [(mark / 1000, time.median) for mark, time in times.items()]
    bar = [(mark / 1000, BAR_S) for mark in marks]
    plots["scale-restart.svg"] = curves(
        "Restart", "thousand events in the journal", "seconds", {"until the room is there": points, "bar p50": bar}
    )
    return WORDS + "\n" + _figures(results, sizes) + profile


def _make(stage: Stage, journal: Path, marks: Sequence[int]) -> dict[int, int]:
    """Make the journals; gives the number of the last public event in each."""
    stage.step(f"a journal of {marks[-1]:,} events")
    log = stage.directory / "make-journal.log"
    command = [sys.executable, "-m", "benchmarks.scale.make_journal", str(journal), *map(str, marks)]
    with running(command, LOAD_CORE, log) as process:
        return {mark: int(say_ready(process, log)) for mark in marks}


def _profile(stage: Stage, journal: Path, last: int) -> str:
    """Where the time of one more restart goes, or why that is not known."""
    stage.step("where the time of a restart goes")
    stacks = stage.directory / "restart-stacks.txt"
    lookers: list[threading.Thread] = []
    try:
        spy = find_spy()

        def look_on(pid: int) -> None:
            lookers.append(threading.Thread(target=look, args=(spy, pid, int(PATIENCE_S), stacks)))
            lookers[0].start()

        _restart(journal, last, look_on)
        lookers[0].join()
        functions, looks = functions_in(stacks, _WAITING)
    except BenchmarkError as error:
        return f"\n**Not measured**: where the time of a restart goes: {error}.\n"
    return f"\nThe functions that were running in one restart more, in {looks:,} looks:\n\n{functions}"


def _restart(journal: Path, last: int, look_on: Callable[[int], None] = lambda _pid: None) -> Restart:
    """Start a server with a copy of the journal, which `look_on` is told of.

    Raises BenchmarkError where it doesn't have all events.
    """
    copy = journal.with_name("restart.db")
    shutil.copyfile(journal, copy)
    port, log = free_port(), copy.with_suffix(".log")
    command = [sys.executable, "-m", "bidroom", "serve", "--journal", str(copy), "--host", "127.0.0.1", "--plain"]
    began = time.perf_counter()
    with running([*command, "--port", str(port)], SERVER_CORE, log) as process:
        look_on(process.pid)
        while True:
            try:
                welcome = _watch(port)
                break
            except ConnectionError:
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_S:
                    raise BenchmarkError(f"the server didn't come up: {tail(log)}") from None
                time.sleep(ASK_EVERY_S)
        seconds = time.perf_counter() - began
        cpu, memory = cpu_seconds(process.pid), resident_kib(process.pid)
    seq = re.search(rb'"seq":(\d+),"head":', welcome)
    if seq is None or int(seq[1]) < last:
        raise BenchmarkError(f"the room came back without all of its {last} public events: {welcome[:200]!r}")
    for file in copy.parent.glob(f"{copy.stem}.*"):
        file.unlink()
    return Restart(seconds, cpu, memory)


def _watch(port: int) -> bytes:
    """The welcome for somebody who watches. Raises ConnectionError where nobody listens."""
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as lines:
        connection.sendall(b'{"type":"watch"}\n')
        return lines.readline()


def _figures(results: Mapping[int, Sequence[Restart]], sizes: Mapping[int, int]) -> str:
    rows: list[tuple[str, ...]] = []
    for mark, found in results.items():
        seconds = spread(restart.seconds for restart in found)
        cpu = spread(restart.cpu_s for restart in found)
        rows.append(
            (
                f"{mark:,}",
                f"{sizes[mark] / 2**20:,.0f} MiB",
                seconds.show(2),
                cpu.show(2),
                f"{cpu.median / mark * 1e6:.1f} us",
                f"{max(restart.resident_kib for restart in found) / 1024:,.0f} MiB",
                _verdict(mark, seconds),
            )
        )
    head = (
        *("events", "file", "seconds until the room is there", "server CPU, seconds", "for an event"),
        *("server's memory", ""),
    )
    return table(head, rows)


def _verdict(mark: int, time: Spread) -> str:
    if mark != MARKS[-1]:
        return ""
    return f"bar {BAR_S:g} s: " + ("reached" if time.median <= BAR_S else "**missed**")
