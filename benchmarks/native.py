"""The native programs: compiled at first use and whenever their source has changed, into a folder that git ignores."""

import hashlib
import subprocess
from pathlib import Path

from benchmarks.errors import BenchmarkError, Missing
from benchmarks.processes import find

HERE = Path(__file__).parent / "native"
CACHE = Path(__file__).parent / ".cache"
FLAGS = ("-O2", "-Wall", "-Wextra")

SOURCES = {
    "load": (
        *("load.c", "ledger.c", "speak.c", "websocket.c"),
        *("speak_bidroom.c", "speak_redis.c", "speak_postgres.c", "speak_relays.c"),
    ),
    "echo": ("echo.c",),
    "crowd": ("crowd.c", "speak.c", "websocket.c"),
}
"""What each program is made from."""


def program(name: str) -> Path:
    """The program of this name, ready to run. Raises Missing where there is no C compiler."""
    sources = [HERE / source for source in SOURCES[name]]
    seal = hashlib.sha256(" ".join(FLAGS).encode())
    for file in (*sources, *sorted(HERE.glob("*.h"))):
        seal.update(file.read_bytes())
    made = CACHE / f"{name}-{seal.hexdigest()[:12]}"
    if not made.exists():
        _compile(sources, made)
    return made


def _compile(sources: list[Path], made: Path) -> None:
    compiler = find("cc")
    if compiler is None:
        raise Missing("there is no C compiler: sudo sh benchmarks/setup.sh (or apt-get install gcc libc6-dev)")
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n")
    unfinished = made.with_suffix(".unfinished")
    done = subprocess.run([compiler, *FLAGS, "-o", unfinished, *sources], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchmarkError(f"{made.name} doesn't compile: {done.stderr.strip()[-1000:]}")
    unfinished.rename(made)
