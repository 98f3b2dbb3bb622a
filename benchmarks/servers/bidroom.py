"""Bidroom as its command line runs it, with everything on: bidders' tokens, ids, chain, rate limits, metrics."""

import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from benchmarks.processes import SERVER_CORE, end, running, say_ready
from benchmarks.servers import Running

CATALOGUE = """\
[room]
id = "{room}"
name = "Bench"
currency = "EUR"
closing = "live"
window = 86400              # the round stays open

[limits]
messages_per_second = 1000000
"""

ITEM = """
[[items]]
id = "{id}"
name = "{id}"
starting_price = 0.01
increment = 0.01
"""


_KEPT = "SELECT count(*) FROM events WHERE type = 'bid_accepted'"


class Bidroom:
    """A server with one room or several, and in each one item or several that are bid on in turn.

    `fsync`: whether every commit is on the disk before it is answered.
    """

    def __init__(
        self, protocol: Literal["lines", "websocket"] = "lines", *, fsync: bool = True, items: int = 1, rooms: int = 1
    ) -> None:
        self.name = "Bidroom, JSON lines" if protocol == "lines" else "Bidroom, WebSocket"
        if not fsync:
            self.name += ", no fsync for a commit"
        self._protocol = protocol
        self._fsync = fsync
        self._items = items
        self._rooms = rooms

    def missing(self) -> str:
        return ""

    def version(self) -> str:
        return f"Bidroom {version('bidroom')}, SQLite {sqlite3.sqlite_version}"

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        journal, log = directory / "bidroom.db", directory / "bidroom.log"
        ids = ["lamp"] if self._items == 1 else [f"lamp-{number}" for number in range(self._items)]
        items = "".join(ITEM.format(id=id) for id in ids)
        command = [sys.executable, "-m", "benchmarks.servers.serve_bidroom", str(journal)]
        for number in range(self._rooms):
            catalogue = directory / f"room-{number}.toml"
            catalogue.write_text(CATALOGUE.format(room=f"room-{number}") + items)
            command.append(str(catalogue))
        if not self._fsync:
            command.append("--no-fsync")
        with running(command, SERVER_CORE, log, stop=signal.SIGTERM) as process:
            port = int(say_ready(process, log))

            def kept() -> int:
                end(process)
                with closing(sqlite3.connect(journal)) as connection:
                    return connection.execute(_KEPT).fetchone()[0]

            options = ("--protocol", self._protocol, "--items", str(self._items))
            yield Running(port, process.pid, options, kept)
