"""Child processes: pinned to a core, never outliving this program, and their use of the processor.

The kernel kills a child when this program dies, however it dies (`setpriv --pdeathsig`); on the way out in good order,
which Ctrl-C is, every child has been told to stop and was waited for.
"""

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.errors import BenchmarkError

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
"""Servers have one core, the load (and this program) another: the same one only where there is no other."""

_STOP_S = 10


def find(command: str, *folders: str) -> str | None:
    """The program's path: on PATH, or in one of the folders."""
    return shutil.which(command) or shutil.which(command, path=os.pathsep.join(folders))


def pinned(command: Sequence[str], core: int, user: str | None = None) -> list[str]:
    """The command that runs this one on one core (as `user`, if this program may choose) and dies with this program."""
    run = ["setpriv", "--pdeathsig", "KILL"]
    if user is not None and os.geteuid() == 0:
        run += [f"--reuid={user}", f"--regid={user}", "--init-groups"]
    return [*run, "taskset", "-c", str(core), *command]


@contextmanager
def running(
    command: Sequence[str],
    core: int,
    log: Path,
    *,
    user: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
    environment: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """The command for as long as the block lasts; what it prints can be read, its errors are in `log`."""
    process = None
    try:
        with log.open("a") as errors, _uninterrupted():
            process = subprocess.Popen(
                pinned(command, core, user),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # Ctrl-C is for this program, which stops its children in order
                env=None if environment is None else os.environ | environment,
                cwd=Path(__file__).parent.parent if user is None else "/",
            )
        yield process
    finally:
        if process is not None:
            end(process, stop)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits for the end of the block: a child that is being started could not be stopped."""
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heeded = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heeded:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def end(process: subprocess.Popen[str], stop: signal.Signals = signal.SIGTERM) -> None:
    """See that the process and whatever it started are gone."""
    with suppress(ProcessLookupError):
        if process.poll() is None:
            process.send_signal(stop)
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def say_ready(process: subprocess.Popen[str], log: Path) -> str:
    """The first line that the process prints. Raises BenchmarkError where it ends without one."""
    assert process.stdout is not None, "what it prints can be read"
    line = process.stdout.readline().strip()
    if not line:
        process.wait(_STOP_S)
        raise BenchmarkError(f"{process.args!r} ended with status {process.returncode}: {tail(log)}")
    return line


def until(attempt: Sequence[str], process: subprocess.Popen[str], log: Path, seconds: float = 15) -> None:
    """Run a command again and again until it succeeds: the server answers. Raises BenchmarkError."""
    deadline = time.monotonic() + seconds
    while subprocess.run(attempt, capture_output=True, check=False, cwd="/").returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchmarkError(f"the server didn't come up: {tail(log)}")
        time.sleep(0.05)


def tail(log: Path) -> str:
    """The last of what a process wrote to its log."""
    return log.read_text(errors="replace").strip()[-600:] or "(it said nothing)"


def cpu_seconds(pid: int) -> float:
    """The processor time that a process, its threads and its living children have used so far (seconds)."""
    return sum(_own_cpu_seconds(member) for member in _family(pid))


def kernel_seconds(pid: int) -> float:
    """How much of that the kernel has worked for them (seconds)."""
    return sum(_own_kernel_seconds(member) for member in _family(pid))


def busy_seconds(cores: Sequence[int]) -> float:
    """The time that these cores have worked so far, for whomever (seconds)."""
    wanted = {f"cpu{core}" for core in cores}
    busy = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name in wanted:
            user, nice, system, _idle, _waiting, irq, softirq = map(int, ticks[:7])
            busy += user + nice + system + irq + softirq
    return busy / os.sysconf("SC_CLK_TCK")


def _own_cpu_seconds(pid: int) -> float:
    total_ns = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that has just ended
            total_ns += int(thread.read_text().split()[0])
    return total_ns / 1e9


def _own_kernel_seconds(pid: int) -> float:
    with suppress(OSError):  # it has just ended
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[12]) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _family(pid: int) -> list[int]:
    """The process and its children."""
    family = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                family.append(int(stat.parent.name))
    return family


def resident_kib(pid: int) -> int:
    """The memory that a process and its living children have in use (RSS, KiB)."""
    return sum(_status_kib(member, "VmRSS:") for member in _family(pid))


def peak_kib(pid: int) -> int:
    """The most memory that a process and its living children ever had in use (RSS, KiB)."""
    return sum(_status_kib(member, "VmHWM:") for member in _family(pid))


def _status_kib(pid: int, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    return 0


def allow_files(count: int) -> None:
    """Let this program's children have so many files and sockets open. Raises BenchmarkError where they may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise BenchmarkError(f"{count:,} open files are needed and {hard:,} allowed: ulimit -Hn {count}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
