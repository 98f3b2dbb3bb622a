"""Ports for servers that can't choose one by themselves, and don't say when they listen."""

import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.processes import tail


def free_port() -> int:
    """A port on which nobody listened just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_open(port: int, process: subprocess.Popen[str], log: Path, seconds: float = 15) -> None:
    """Wait until somebody listens on the port. Raises BenchmarkError."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    raise BenchmarkError(f"the server didn't come up: {tail(log) if log.exists() else process.args}")
