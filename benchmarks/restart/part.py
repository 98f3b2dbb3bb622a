"""The part: row 12, a server started on journals of several lengths."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from benchmarks.compare import Spread, spread, take_turns
from benchmarks.errors import BenchmarkError
from benchmarks.parts import Part, Section, Stage
from benchmarks.plots import bars
from benchmarks.processes import SERVER_CORE, peak_kib, running, say_ready
from benchmarks.report import table
from benchmarks.servers.bidroom import catalogue

SIZES = {"smoke": (1_000,), "short": (100_000, 1_000_000), "full": (100_000, 300_000, 1_000_000)}
BAR_EVENTS, BAR_S = 1_000_000, 5

TEXT = """\
A journal of one room in which 200 bidders have bid on ten items, made by the rules and the product's own journal. The
time runs from the start of the server's process until a watcher has the room. In between Python is loaded, SQLite
checks the file (`quick_check`), every event is read, its hash found to follow from the one before, and the state made
from all of them. There are no snapshots: nothing is believed that was not checked. The file was written just before, so
the disk is hardly asked; a cold one adds the time that it needs to read the file.
"""


class Start(Struct, frozen=True):
    """One start: until the watcher had the room, and the most memory that the server then had used."""

    seconds: float
    peak_kib: int


def run(stage: Stage) -> Section:
    """Make the journals, then start on each of them in turn."""
    sizes = SIZES[stage.form.name]
    stage.plan(len(sizes) * (1 + stage.form.repetitions))
    stage.directory.joinpath("bench.toml").write_text(catalogue(10))
    for size in sizes:
        stage.step(f"a journal of {size:,} events")
        _fill(stage.directory, size)

    def turn(size: int, repetition: int) -> Start:
        stage.step(f"start with {size:,} events, turn {repetition + 1} of {stage.form.repetitions}")
        return _start(stage.directory, size)

    starts = take_turns(sizes, stage.form.repetitions, turn)
    spreads = {size: spread(start.seconds for start in starts[size]) for size in sizes}
    rows = [_row(size, spreads[size], starts[size], _journal(stage.directory, size)) for size in sizes]
    head = ("events", "journal, MiB", "ready after, s", "us an event", "peak memory, MiB", "bar", "")
    plot = bars("Ready after a restart", "s", [(f"{size:,} events", spreads[size], True) for size in sizes], digits=1)
    return Section(f"{TEXT}\n{table(head, rows)}", {"restart.svg": plot})


def _row(size: int, ready: Spread, starts: Sequence[Start], journal: Path) -> tuple[str, ...]:
    verdict = "reached" if ready.median <= BAR_S else "**missed**"
    return (
        f"{size:,}",
        f"{journal.stat().st_size / 2**20:,.0f}",
        ready.show(2),
        f"{ready.median / size * 1e6:.1f}",
        f"{max(start.peak_kib for start in starts) / 1024:,.0f}",
        *((f"at most {BAR_S} s", verdict) if size == BAR_EVENTS else ("", "")),
    )


def _journal(directory: Path, size: int) -> Path:
    return directory / f"{size}.db"


def _fill(directory: Path, size: int) -> None:
    command = [sys.executable, "-m", "benchmarks.restart.fill", str(directory / "bench.toml")]
    done = subprocess.run([*command, str(_journal(directory, size)), str(size)], capture_output=True, check=False)
    if done.returncode != 0:
        raise BenchmarkError(f"the journal was not made: {done.stderr.decode(errors='replace').strip()[-400:]}")


def _start(directory: Path, size: int) -> Start:
    """Start on a copy, because a start moves the deadlines, which is an event."""
    journal, log = directory / "started.db", directory / "started.log"
    shutil.copyfile(_journal(directory, size), journal)
    command = [sys.executable, "-m", "benchmarks.servers.serve_bidroom", str(directory / "bench.toml"), str(journal)]
    begun = time.monotonic()
    with running(command, SERVER_CORE, log) as process:
        with socket.create_connection(("127.0.0.1", int(say_ready(process, log)))) as watcher:
            watcher.sendall(b'{"type":"watch"}\n')
            welcome = json.loads(watcher.makefile("rb").readline())
        start = Start(time.monotonic() - begun, peak_kib(process.pid))
    if welcome["type"] != "welcome" or welcome["seq"] < size - 1000:
        raise BenchmarkError(f"the server came back with another room: {str(welcome)[:200]}")
    for file in directory.glob("started.*"):
        file.unlink()
    return start


PART = Part(name="restart", title="A restart", rows=("12",), minutes=(1.5, 2.5), run=run)
