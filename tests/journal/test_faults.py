"""Real disks that fail, under a real process: nothing acknowledged is lost, nothing is there twice or by half.

The faults are a file system that is full, and a C library whose fsync fails. Where this machine can't have one, the
test is skipped aloud; under CI it fails.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bidroom.journal.verify import verify_file
from tests.needed import needed

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
OPENED = 3
"""The public events that open a room of the story."""


class Process:
    """A keeper (see keeper.py) as a process of its own."""

    def __init__(self, path: Path, *prefix: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            [*prefix, sys.executable, str(HERE / "keeper.py"), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
        assert self._heard() == "open"

    def ask(self, command: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        self._process.send_signal(how)
        self._process.communicate()


class Faults:
    """The faults of the preloaded library, by the files in its control directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()

    def begin(self, name: str) -> None:
        (self.directory / name).touch()

    def end(self, name: str) -> None:
        (self.directory / name).unlink()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        needed("a C compiler on Linux")
    built = tmp_path_factory.mktemp("faulty") / "faulty_fsync.so"
    source = str(HERE / "faulty_fsync.c")
    subprocess.run([str(compiler), "-shared", "-fPIC", "-Wall", "-Werror", "-o", built, source, "-ldl"], check=True)
    return built


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    return Faults(tmp_path / "faults")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def keeper(path: Path, library: Path, faults: Faults) -> Iterator[Process]:
    process = Process(path, LD_PRELOAD=str(library), FAULTS=str(faults.directory))
    yield process
    process.end()


@pytest.mark.parametrize("fault", ["fsync", "pwrite"])
def test_after_a_failed_write_the_batch_is_wholly_there_or_wholly_absent(
    keeper: Process, faults: Faults, path: Path, fault: str
):
    assert keeper.ask("append hall 4") == f"ok {OPENED + 4}"
    faults.begin(fault)
    assert keeper.ask("append hall 5") == "unavailable"
    assert keeper.ask("append attic 1") == "unavailable", "nobody is served before recovery"
    assert keeper.ask("tell hall") == "unavailable"
    assert keeper.ask("recover 1") == "unavailable", "what was read after a failed fsync can't be trusted"
    assert keeper.ask("append hall 1") == "unavailable"
    faults.end(fault)
    assert keeper.ask("append hall 1") == "unavailable", "healthy again, but nobody has looked yet"
    assert keeper.ask("recover 1") == "ok"
    seq = int(keeper.ask("tell hall"))
    assert seq in (OPENED + 4, OPENED + 9)
    assert keeper.ask("append hall 2") == f"ok {seq + 2}"
    assert keeper.ask("close") == "ok"
    verified = verify_file(path)
    assert [(room.id, room.seq, room.bids) for room in verified.rooms] == [("hall", seq + 2, seq + 2 - OPENED)]


def test_one_failure_fails_every_room_of_the_group_and_is_recovered_once_for_all(
    keeper: Process, faults: Faults, path: Path
):
    rooms = [f"room{number}" for number in range(8)]
    together = "append-all " + " ".join(rooms)
    assert keeper.ask(together) == "; ".join([f"ok {OPENED + 1}"] * 8)
    faults.begin("fsync")
    assert keeper.ask(together) == "; ".join(["unavailable"] * 8)
    faults.end("fsync")
    assert keeper.ask("recover 8") == "ok"
    found = {int(keeper.ask(f"tell {room}")) for room in rooms}
    assert found <= {OPENED + 1, OPENED + 2}
    assert keeper.ask(together).count("ok") == 8
    assert keeper.ask("close") == "ok"
    assert len(verify_file(path).rooms) == 8


def test_failures_one_after_another_lose_nothing(keeper: Process, faults: Faults, path: Path):
    seq = int(keeper.ask("append hall 1").removeprefix("ok "))
    for fault in ("fsync", "pwrite", "fsync", "fsync", "pwrite"):
        seq = int(keeper.ask("append hall 3").removeprefix("ok "))
        faults.begin(fault)
        assert keeper.ask("append hall 3") == "unavailable"
        faults.end(fault)
        assert keeper.ask("recover 2") == "ok"
        assert int(keeper.ask("tell hall")) in (seq, seq + 3)
    last = int(keeper.ask("tell hall"))
    assert keeper.ask("close") == "ok"
    assert verify_file(path).rooms[0].seq == last


def test_a_server_does_not_start_on_a_log_that_it_can_not_bring_to_disk(
    keeper: Process, faults: Faults, path: Path, library: Path
):
    assert keeper.ask("append hall 4") == f"ok {OPENED + 4}"
    keeper.end()
    faults.begin("fsync")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LD_PRELOAD": str(library), "FAULTS": str(faults.directory)}
    command = [sys.executable, str(HERE / "keeper.py"), str(path)]
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "BidroomError" in refused.stderr
    assert refused.stdout == ""
    faults.end("fsync")
    process = Process(path)
    assert process.ask("tell hall") == str(OPENED + 4)
    process.end()


def test_a_kill_after_an_acknowledgement_loses_nothing(path: Path):
    seq = 0
    for _ in range(3):
        process = Process(path)
        for _ in range(5):
            seq = int(process.ask("append hall 2").removeprefix("ok "))
        process.end(signal.SIGKILL)
        verified = verify_file(path)
        assert verified.rooms[0].seq == seq, "also in the log that the killed process left"
    assert seq == OPENED + 30


def _mounting(directory: Path) -> list[str]:
    """What to put before a command so that it finds a file system of 1 MiB at `directory`, gone when it ends."""
    script = 'mount -t tmpfs -o size=1m bidroom "$0" && exec "$@"'
    for options in ("-m", "-rm") if shutil.which("unshare") else ():
        prefix = ["unshare", options, "sh", "-c", script, str(directory)]
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    needed("a way to mount a small file system (as root, or in a user namespace)")
    raise AssertionError


def test_a_full_file_system_loses_nothing_and_the_room_goes_on_when_there_is_space(tmp_path: Path):
    directory = tmp_path / "small"
    directory.mkdir()
    process = Process(directory / "journal", *_mounting(directory))
    assert process.ask("ballast 600000") == "ok"
    acknowledged, answer = 0, process.ask("append hall 20")
    while answer.startswith("ok"):
        acknowledged, answer = int(answer.removeprefix("ok ")), process.ask("append hall 20")
    assert answer == "unavailable"
    assert acknowledged > 100
    assert process.ask("recover 3") == "unavailable", "still full"
    assert process.ask("append hall 1") == "unavailable"
    assert process.ask("ballast 0") == "ok"
    assert process.ask("recover 3") == "ok"
    seq = int(process.ask("tell hall"))
    assert seq in (acknowledged, acknowledged + 20)
    assert process.ask("append hall 20") == f"ok {seq + 20}"
    assert process.ask("recover 1") == "ok"
    assert process.ask("tell hall") == str(seq + 20)
    process.end()
