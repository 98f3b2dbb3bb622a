"""Runs the native load generator against a server, and measures the server meanwhile."""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from benchmarks.errors import BenchmarkError
from benchmarks.histogram import Histogram
from benchmarks.native import program
from benchmarks.processes import (
    CORES,
    LOAD_CORE,
    busy_seconds,
    cpu_seconds,
    end,
    kernel_seconds,
    peak_kib,
    resident_kib,
    running,
    tail,
)
from benchmarks.servers import Running


class Outcome(Struct, frozen=True):
    """What the load generator counted; see native/load.c. What ends in `_ever` includes the time before and after.

    Where an audience is watched: `deliveries` are messages to it, `absorbed` the accepted bids that all of it has
    heard, `heard_after` how long that took, `states_ever` what came in place of updates that somebody did not get,
    `behind` how many have not heard everything in the end, `message_bytes` the mean size of a message with its frame.
    """

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
    deliveries: int
    absorbed: int
    states_ever: int
    behind: int
    message_bytes: float
    updates_ever: int
    heard_after: Histogram
    accepted_after: Histogram
    refused_after: Histogram
    lateness: Histogram

    @property
    def answered(self) -> int:
        """Bids that were decided in the measured time."""
        return self.accepted + self.too_low + self.leading


class Run(Struct, frozen=True):
    """One measured time: what the load saw, and what the server (0: unknown) and the rest of the machine used of it.

    `kernel_cpu_s` is how much of `server_cpu_s` the kernel worked for the server.
    `others_cpu_s` is what neither server nor load used of the cores: the kernel's own threads, and whatever disturbs.
    `resident_kib` is the server's memory at the end (RSS), `peak_kib` the most that it ever was.
    """

    outcome: Outcome
    server_cpu_s: float
    kernel_cpu_s: float
    others_cpu_s: float
    resident_kib: int
    peak_kib: int

    @property
    def deliveries_per_s(self) -> float:
        """Messages a second to all of a watched audience."""
        return self.outcome.deliveries / self.outcome.seconds

    @property
    def deliveries_per_cpu_s(self) -> float:
        """Messages to a watched audience for a processor second of the server."""
        return self.outcome.deliveries / max(self.server_cpu_s, 1e-9)

    @property
    def absorbed_per_s(self) -> float:
        """Accepted bids a second that all of a watched audience has heard."""
        return self.outcome.absorbed / self.outcome.seconds

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
    def kernel_share(self) -> float:
        """How much of the server's processor time was the kernel's (0 to 1)."""
        return self.kernel_cpu_s / max(self.server_cpu_s, 1e-9)

    @property
    def server_share(self) -> float:
        """How much of a core the server used (0 to 1)."""
        return self.server_cpu_s / self.outcome.seconds

    @property
    def load_share(self) -> float:
        """How much of its core the load generator used (0 to 1)."""
        return self.outcome.load_cpu_s / self.outcome.seconds

    @property
    def others_share(self) -> float:
        """How much of both cores went to neither server nor load (0 to 1)."""
        return self.others_cpu_s / self.outcome.seconds / len(set(CORES))


def run_load(server: Running, options: Sequence[str], log: Path, meanwhile: Callable[[], None] | None = None) -> Run:
    """Run the load generator with these options to its end. Raises BenchmarkError where the run was not a fair one.

    `meanwhile` is called as the measured time begins, which then ends when it returns.
    """
    command = [str(program("load")), "--port", str(server.port), *server.options, *options]
    with running(command, LOAD_CORE, log) as process:
        assert process.stdout is not None, "what it prints can be read"
        marks: list[tuple[float, float, float]] = []
        for expected in ("measuring", "measured"):
            line = process.stdout.readline().strip()
            if line != expected:
                process.wait(10)
                raise BenchmarkError(f"the load generator gave up: {tail(log)}")
            marks.append(
                (busy_seconds(CORES), *(sum(map(used, server.pids)) for used in (cpu_seconds, kernel_seconds)))
            )
            if expected == "measuring" and meanwhile is not None:
                meanwhile()
                process.send_signal(signal.SIGUSR1)
        resident, peak = (sum(memory(pid) for pid in server.pids) for memory in (resident_kib, peak_kib))
        text = process.stdout.read()
        process.wait(10)
        end(process)
    if process.returncode != 0:
        raise BenchmarkError(f"the load generator gave up: {tail(log)}")
    outcome = msgspec.json.decode(text, type=Outcome)
    busy, used, kernel = (after - before for before, after in zip(*marks, strict=True))
    others = max(busy - used - outcome.load_cpu_s, 0)
    return Run(outcome, used, kernel, others, resident, peak)


def stay_off_the_server() -> None:
    """Keep this program itself on the load's core."""
    os.sched_setaffinity(0, {LOAD_CORE})
