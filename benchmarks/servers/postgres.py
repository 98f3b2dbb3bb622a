"""PostgreSQL with the bid as one statement: conditional UPDATE, INSERT into the record, NOTIFY.

A cluster of its own is made in the benchmark's folder, once for a run; nothing of an installed one is touched. As root
it runs as the user `postgres`, because PostgreSQL refuses to be root.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.processes import LOAD_CORE, SERVER_CORE, find, pinned, running, until
from benchmarks.servers import Running
from benchmarks.servers.ports import free_port

TABLES = Path(__file__).with_name("postgres.sql")
STATEMENT = Path(__file__).with_name("postgres_bid.sql")

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "jit": "off",
}
"""Durable commits; memory and log size as its page on tuning advises, so that no checkpoint falls into a turn."""


class Postgres:
    """A server with one item."""

    name = "PostgreSQL, synchronous_commit on"

    def missing(self) -> str:
        if _tool("postgres") and _tool("initdb") and find("psql"):
            return ""
        return "PostgreSQL is not installed: sudo sh benchmarks/setup.sh (or apt-get install postgresql)"

    def version(self) -> str:
        said = subprocess.run([_tool("postgres"), "--version"], capture_output=True, text=True, check=True).stdout
        return re.sub(r"\(.*?\) ?", "", said).replace("postgres ", "PostgreSQL ").strip()

    @contextmanager
    def serve(self, directory: Path) -> Iterator[Running]:
        user = "postgres" if os.geteuid() == 0 else None
        data, log, port = directory / "postgres", directory / "postgres.log", free_port()
        _make_cluster(data, user)
        settings = [text for name, value in SETTINGS.items() for text in ("-c", f"{name}={value}")]
        command = [_tool("postgres"), "-D", str(data), "-p", str(port), *settings]
        with running(command, SERVER_CORE, log, user=user, stop=signal.SIGINT) as process:
            until(_psql(port, "postgres", "SELECT 1"), process, log)
            _run(_psql(port, "postgres", "CREATE DATABASE bench"))
            _run(_psql(port, "bench", TABLES.read_text()))

            def kept() -> int:
                return int(_run(_psql(port, "bench", "SELECT count(*) FROM bids")))

            options = ("--protocol", "postgres", "--statement", STATEMENT.read_text())
            yield Running(port, process.pid, options, kept)


def _tool(name: str) -> str:
    """The program's path; Debian keeps those of the server in a folder for each version, of which the newest counts."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return find(name, *map(str, folders)) or ""


def _make_cluster(data: Path, user: str | None) -> None:
    if user is not None:
        data.mkdir(mode=0o700)
        entry = pwd.getpwnam(user)
        os.chown(data, entry.pw_uid, entry.pw_gid)
    command = [
        _tool("initdb"),
        "-D",
        str(data),
        "-U",
        "bench",
        "--auth=trust",
        "--no-locale",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    _run(pinned(command, LOAD_CORE, user))


def _psql(port: int, database: str, statement: str) -> list[str]:
    where = ["-h", "127.0.0.1", "-p", str(port), "-U", "bench", "-d", database]
    return [find("psql") or "psql", *where, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        shown = shutil.which(command[0]) or command[0]
        raise BenchmarkError(f"{shown}: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout.strip()
