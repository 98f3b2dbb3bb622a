"""What people build: Redis decides and publishes, and a gateway on `websockets` passes it on to whoever watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import SERVER_CORE, running, say_ready
from benchmarks.servers import Running
from benchmarks.servers.python_peer import environment, package_missing, package_version
from benchmarks.servers.redis import Redis


class Gateway:
    """Redis (`appendfsync always`) and its gateway, both on the server's core. Bidders speak to Redis itself."""

    name = "Redis + pub/sub + websockets gateway"

    def __init__(self) -> None:
        self._redis = Redis()

    def missing(self) -> str:
        return self._redis.missing() or package_missing("websockets")

    def version(self) -> str:
        return f"{self._redis.version()} with websockets {package_version('websockets')}"

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        log = directory / "gateway.log"
        with self._redis.serve(directory) as redis:
            command = [sys.executable, "-m", "benchmarks.servers.serve_gateway", str(redis.port)]
            with running(command, SERVER_CORE, log, environment=environment()) as process:
                watch = ("--watch-port", say_ready(process, log), "--watch-protocol", "websocket")
                yield Running(redis.port, redis.pid, (*redis.options, *watch), redis.kept, (process.pid,))
