"""The native server that does nothing: what the load generator can do when nobody holds it up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.native import program
from benchmarks.processes import SERVER_CORE, running, say_ready
from benchmarks.servers import Running


class Echo:
    """Accepts every bid at once, in the words of one protocol ("lines", "websocket", "redis")."""

    def __init__(self, protocol: str) -> None:
        self.name = f"nothing but an answer, {protocol}"
        self._protocol = protocol

    def missing(self) -> str:
        return ""

    def version(self) -> str:
        return ""

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        log = directory / "echo.log"
        with running([str(program("echo")), self._protocol], SERVER_CORE, log) as process:
            port = int(say_ready(process, log))
            options = ("--protocol", self._protocol, "--script", "0" * 40)
            yield Running(port, process.pid, options, lambda: 0)
