"""That the benchmarks run and report: their smallest form, without any peer. No figure and no time is looked at."""

import os
import shutil
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.histogram import Histogram, add_up, upper_bound
from benchmarks.report import table

ROOT = Path(__file__).parent.parent.parent

needs_native = pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, ("cc", "taskset", "setpriv"))),
    reason="the load generator is for Linux, needs a C compiler and util-linux",
)


def benchmarks(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def running_in(directory: Path) -> list[str]:
    """The processes that have this folder in their command line."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(directory) in command:
            found.append(command)
    return found


REPORTED = {
    "bids": (
        "Bidroom, JSON lines",
        "Bidroom, WebSocket",
        "Latency at a fixed rate",
        "here the time goes: Bidroom",
        "The load generator",
    ),
    "fanout": (
        "C, send() in a loop",
        "As many bids as come",
        "From a bid to the last watcher",
        "watchers at rest",
        "Watchers who stop reading",
        "here the time goes: Bidroom",
        "The load generator",
    ),
    "scale": ("(row 11)", "(row 12)", "(row 13)", "(row 14)"),
}
"""What each part's section has, in any form."""


@needs_native
@pytest.mark.parametrize("part", REPORTED)
def test_the_smallest_form_runs_and_reports(part: str, tmp_path: Path) -> None:
    process = benchmarks(part, "--smoke", "--directory", str(tmp_path))
    out, err = process.communicate()
    assert process.returncode == 0, err
    for expected in REPORTED[part]:
        assert expected in out
    assert list(tmp_path.iterdir()) == []


@needs_native
def test_stopping_leaves_no_process_behind(tmp_path: Path) -> None:
    process = benchmarks("bids", "--smoke", "--directory", str(tmp_path))
    assert process.stdout is not None
    assert "turn 1 of 1" in process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130, err
    assert running_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_help_has_examples() -> None:
    for arguments in (["--help"], ["bids", "--help"]):
        process = benchmarks(*arguments)
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert "Example" in out


@pytest.mark.parametrize("wrong", [["nonsense"], ["bids", "--row", "99"]])
def test_a_wrong_command_is_one_clear_line(wrong: list[str]) -> None:
    process = benchmarks(*wrong)
    _, err = process.communicate()
    assert process.returncode == 2
    assert len(err.strip().splitlines()) == 1


def test_buckets_join_without_a_gap() -> None:
    bounds = [upper_bound(bucket) for bucket in range(20 * 128)]
    assert bounds[:130] == [*range(128), 128, 129]
    assert all(0 < after - before <= max((before + 1) / 128, 1) for before, after in pairwise(bounds))


def test_percentiles_of_added_histograms() -> None:
    added = add_up([Histogram(50, [(10, 90), (50, 5)]), Histogram(100, [(10, 0), (100, 5)])])
    assert (added.total, added.greatest) == (100, 100)
    assert [added.percentile(share) * 1e6 for share in (50, 90, 95, 100)] == [10, 10, 50, 100]


def test_tables() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n|---|---:|\n| 1 | 2 |\n"
