"""The machine's limit: a native program that tells an update by one send() for each who watches."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.native import program
from benchmarks.processes import SERVER_CORE, running, say_ready
from benchmarks.servers import Running


class CLoop:
    """Accepts every bid, and tells it in the given words (JSON with an amount). `copies`: messages in each send()."""

    def __init__(self, update: str, copies: int = 1) -> None:
        self.name = "C, send() in a loop" if copies == 1 else f"C, {copies} messages a send()"
        self._arguments = ["websocket", update, str(copies)]

    def missing(self) -> str:
        return ""

    def version(self) -> str:
        return ""

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        log = directory / "loop.log"
        with running([str(program("echo")), *self._arguments], SERVER_CORE, log) as process:
            yield Running(int(say_ready(process, log)), process.pid, ("--protocol", "websocket"), lambda: 0)
