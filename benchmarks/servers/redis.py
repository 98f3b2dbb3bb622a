"""Redis with the bid as one Lua script, as one would build it: append-only file, publish/subscribe.

Settings follow Redis' own page on persistence. Snapshots are off, and so is the rewriting of the append-only file: it
would fall into some turns and not into others, and always to Redis' disadvantage.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from benchmarks.errors import BenchmarkError
from benchmarks.processes import SERVER_CORE, find, running, until
from benchmarks.servers import Running
from benchmarks.servers.ports import free_port

SCRIPT = Path(__file__).with_name("redis_bid.lua")


class Redis:
    """A server with one item. `fsync`: "always" (before answering) or "everysec" (in the background)."""

    def __init__(self, fsync: Literal["always", "everysec"] = "always") -> None:
        self.name = f"Redis, appendfsync {fsync}"
        self._fsync = fsync

    def missing(self) -> str:
        if find("redis-server") and find("redis-cli"):
            return ""
        return "redis-server is not installed: sudo sh benchmarks/setup.sh (or apt-get install redis-server)"

    def version(self) -> str:
        said = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
        return "Redis " + said.partition("v=")[2].split()[0]

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        port, log = free_port(), directory / "redis.log"
        settings = {
            "port": port,
            "bind": "127.0.0.1",
            "dir": directory,
            "appendonly": "yes",
            "appendfsync": self._fsync,
            "auto-aof-rewrite-percentage": 0,
            "save": "",
            "tcp-backlog": 4096,
            "maxclients": 10_000,
        }
        command = ["redis-server", *(text for name, value in settings.items() for text in (f"--{name}", str(value)))]
        command += ["--logfile", str(log)]
        with running(command, SERVER_CORE, directory / "redis.err") as process:
            until(["redis-cli", "-p", str(port), "PING"], process, log)
            _ask(port, "HSET", "item", "unit", "1", "leader", "", "price", "0", "minimum", "1", "increment", "1")
            script = _ask(port, "SCRIPT", "LOAD", SCRIPT.read_text())

            def kept() -> int:
                return int(_ask(port, "XLEN", "record"))

            yield Running(port, process.pid, ("--protocol", "redis", "--script", script), kept)


def _ask(port: int, *command: str) -> str:
    done = subprocess.run(["redis-cli", "-p", str(port), *command], capture_output=True, text=True, check=False)
    answer = done.stdout.strip()
    if done.returncode != 0 or answer.startswith(("ERR", "NOSCRIPT", "WRONGTYPE")):
        raise BenchmarkError(f"redis: {command[0]}: {answer or done.stderr.strip()}")
    return answer
