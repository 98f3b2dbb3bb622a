"""Small servers in Python, as one would write them on a WebSocket library, in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.native import CACHE
from benchmarks.processes import SERVER_CORE, running, say_ready
from benchmarks.servers import Running

PACKAGES = CACHE / "python"
"""Where setup.sh puts peers that are Python packages: beside Bidroom's .venv, which they are no part of."""

_VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"


def environment() -> dict[str, str]:
    """What lets a child find those packages."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH"))))}


def package_version(package: str) -> str:
    """The version of a peer's package; empty where it is not installed."""
    done = subprocess.run(
        [sys.executable, "-c", _VERSION, package],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment(),
    )
    return done.stdout.strip()


def package_missing(package: str) -> str:
    """What to do where a peer's package is not installed."""
    return "" if package_version(package) else f"{package} is not installed: sudo sh benchmarks/setup.sh"


class PythonPeer:
    """A server that accepts every bid and tells it in the given words: `package` is "websockets" or "aiohttp"."""

    def __init__(self, package: str, name: str, update: str) -> None:
        self.name = name
        self._package = package
        self._update = update

    def missing(self) -> str:
        return package_missing(self._package)

    def version(self) -> str:
        return f"{self._package} {package_version(self._package)}"

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        log = directory / f"{self._package}.log"
        command = [sys.executable, "-m", f"benchmarks.servers.serve_{self._package}", self._update]
        with running(command, SERVER_CORE, log, environment=environment()) as process:
            yield Running(int(say_ready(process, log)), process.pid, ("--protocol", "websocket"), lambda: 0)
