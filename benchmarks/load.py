"""Runs the native load generator against a server, and measures the server meanwhile."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from benchmarks.errors import BenchmarkError
from benchmarks.histogram import Histogram
from benchmarks.native import program
from benchmarks.processes import CORES, LOAD_CORE, busy_seconds, cpu_seconds, end, running, tail


class Outcome(Struct, frozen=True):
    """What the load generator counted; see native/load.c. What ends in `_ever` includes the time before and after."""

    protocol: str
    bidders: int
    listeners: int
    rate: float
    seconds: float
    accepted: int
    too_low: int
    leading: int
    asked_ever: int
    accepted_ever: int
    unanswered: int
    heard_ever: int
    updates_to_bidders: int
    bytes_ever: int
    load_cpu_s: float
    accepted_after: Histogram
    refused_after: Histogram
    lateness: Histogram

    @property
    def answered(self) -> int:
        """Bids that were decided in the measured time."""
        return self.accepted + self.too_low + self.leading


class Run(Struct, frozen=True):
    """One measured time: what the load saw, and what the server (0: unknown) and the rest of the machine used of it.

    `others_cpu_s` is what neither server nor load used of the cores: the kernel's own threads, and whatever disturbs.
    """

    outcome: Outcome
    server_cpu_s: float
    others_cpu_s: float

    @property
    def accepted_per_s(self) -> float:
        """Accepted bids a second."""
        return self.outcome.accepted / self.outcome.seconds

    @property
    def answered_per_s(self) -> float:
        """Bids a second, accepted or refused."""
        return self.outcome.answered / self.outcome.seconds

    @property
    def accepted_share(self) -> float:
        """How many of the bids that were decided were accepted (0 to 1)."""
        return self.outcome.accepted / max(self.outcome.answered, 1)

    @property
    def cpu_per_thousand(self) -> float:
        """Processor seconds of the server for 1,000 accepted bids."""
        return 1000 * self.server_cpu_s / max(self.outcome.accepted, 1)

    @property
    def load_share(self) -> float:
        """How much of its core the load generator used (0 to 1)."""
        return self.outcome.load_cpu_s / self.outcome.seconds

    @property
    def others_share(self) -> float:
        """How much of both cores went to neither server nor load (0 to 1)."""
        return self.others_cpu_s / self.outcome.seconds / len(set(CORES))


def run_load(port: int, pid: int, options: Sequence[str], log: Path) -> Run:
    """Run the load generator with these options to its end. Raises BenchmarkError where the run was not a fair one."""
    command = [str(program("load")), "--port", str(port), *options]
    with running(command, LOAD_CORE, log) as process:
        assert process.stdout is not None, "what it prints can be read"
        marks: list[tuple[float, float]] = []
        for expected in ("measuring", "measured"):
            line = process.stdout.readline().strip()
            if line != expected:
                process.wait(10)
                raise BenchmarkError(f"the load generator gave up: {tail(log)}")
            marks.append((busy_seconds(CORES), cpu_seconds(pid)))
        text = process.stdout.read()
        process.wait(10)
        end(process)
    if process.returncode != 0:
        raise BenchmarkError(f"the load generator gave up: {tail(log)}")
    outcome = msgspec.json.decode(text, type=Outcome)
    (busy_before, server_before), (busy_after, server_after) = marks
    server = server_after - server_before
    return Run(outcome, server, max(busy_after - busy_before - server - outcome.load_cpu_s, 0))


def stay_off_the_server() -> None:
    """Keep this program itself on the load's core."""
    os.sched_setaffinity(0, {LOAD_CORE})
