"""NATS core over TCP: every watcher subscribes to one subject, and whoever bids publishes the update there."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import SERVER_CORE, find, running
from benchmarks.servers import Running
from benchmarks.servers.ports import free_port, until_open
from benchmarks.servers.python_peer import PACKAGES


class Nats:
    """A server as it comes, without JetStream: at most once, nothing is kept, nothing is acknowledged."""

    name = "NATS core over TCP"

    def __init__(self, update: str) -> None:
        self._update = update

    def missing(self) -> str:
        return "" if _program() else "nats-server is not installed: sudo sh benchmarks/setup.sh"

    def version(self) -> str:
        said = subprocess.run([_program() or "", "--version"], capture_output=True, text=True, check=True)
        return said.stdout.strip().replace("nats-server: v", "NATS ")

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        port, log = free_port(), directory / "nats.log"
        command = [_program() or "", "--addr", "127.0.0.1", "--port", str(port), "--log", str(log)]
        with running(command, SERVER_CORE, directory / "nats.err") as process:
            until_open(port, process, log)
            yield Running(port, process.pid, ("--protocol", "nats", "--update", self._update), lambda: 0)


def _program() -> str | None:
    """The newer one of PyPI, where setup.sh could get it, before that of the system."""
    return shutil.which("nats-server", path=str(PACKAGES / "bin")) or find("nats-server", "/usr/sbin")
