"""What the figures were measured on: figures of different machines are not to be compared, only ratios."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from benchmarks.processes import LOAD_CORE, SERVER_CORE

ROOT = Path(__file__).parent.parent


def describe(directory: Path) -> list[tuple[str, str]]:
    """The machine and what runs on it, as a table's rows. `directory` is where the servers keep their files."""
    return [
        ("processor", f"{_processor()}, {os.cpu_count()} cores; server on core {SERVER_CORE}, load on {LOAD_CORE}"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("system", f"{_system()}, Linux {platform.release()}{_virtual()}"),
        ("disk", f"{file_system(directory)}; write and fdatasync of 4 KiB: {_fsync_ms(directory)}"),
        ("Python", f"{platform.python_version()}, event loop: {_loop()}, {_compiler()}"),
        ("commit", _commit()),
    ]


def file_system(directory: Path) -> str:
    """The type of the file system that a folder is on."""
    found = ("/", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _device, mount, kind, *_ = line.split()
        if directory.is_relative_to(mount) and len(mount) >= len(found[0]):
            found = (mount, kind)
    return found[1]


def is_on_disk(directory: Path) -> bool:
    """Whether an fsync there means anything."""
    return file_system(directory) not in ("tmpfs", "ramfs")


def load_average() -> float:
    """How many processes wanted to run in the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    with suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return platform.system()


def _virtual() -> str:
    with suppress(OSError):
        if "hypervisor" in Path("/proc/cpuinfo").read_text():
            return ", in a virtual machine"
    return ""


def _fsync_ms(directory: Path) -> str:
    file = directory / "fsync"
    times = sorted(_fsyncs(file))
    file.unlink()
    return f"median {median(times):.2f} ms, 95 % within {times[int(len(times) * 0.95)]:.2f} ms"


def _fsyncs(file: Path) -> Iterator[float]:
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(200):
        began = time.perf_counter()
        os.write(descriptor, bytes(4096))
        os.fdatasync(descriptor)
        yield (time.perf_counter() - began) * 1000
    os.close(descriptor)


def _loop() -> str:
    try:
        return f"uvloop {version('uvloop')}"
    except PackageNotFoundError:
        return "asyncio"


def _compiler() -> str:
    return sys.version.partition("[")[2].rstrip("]")


def _commit() -> str:
    def git(*arguments: str) -> str:
        with suppress(OSError):
            return subprocess.run(
                ["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False
            ).stdout.strip()
        return ""

    changed = " with changes" if git("status", "--porcelain", "--", "bidroom") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed
