"""Where a server's time goes, by function: py-spy looks at it many times a second while the load runs."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from benchmarks.bids.contenders import Contender
from benchmarks.bids.turn import fresh, load, load_options
from benchmarks.errors import BenchmarkError, Missing
from benchmarks.parts import Stage
from benchmarks.processes import LOAD_CORE, find, pinned, tail
from benchmarks.report import table

LOOKS_PER_S = 400
SHOWN = 16
_NO_FRAME = ("process ", "thread ", " (")

WORDS = """\
### Where the time goes: {name}

Of the server's processor time in this turn {kernel} was the kernel's, which worked for it: reading and writing sockets
and the journal's file. This is the rest: which function held Python's lock, in {looks} looks at one moment or another.
"""


def chapter(stage: Stage, contender: Contender, further: Sequence[str] = ()) -> str:
    """The profile as a chapter of RESULTS.md, or why there is none."""
    try:
        return profile(stage, contender, further)
    except BenchmarkError as error:
        return f"**Not measured**: where the time goes: {contender.name}: {error}.\n"


def profile(stage: Stage, contender: Contender, further: Sequence[str] = ()) -> str:
    """A table of functions, by their own time. Raises BenchmarkError, of which Missing is one, without py-spy."""
    spy = find_spy()
    stage.plan(1)
    stage.step(f"profile of {contender.name}")
    folder = fresh(stage.directory, contender)
    stacks = folder / "stacks.txt"
    with contender.server.serve(folder) as server:
        seconds = max(int(stage.form.seconds), 2)
        looking = threading.Timer(stage.form.warmup_s, look, (spy, server.pid, seconds, stacks, "--gil"))
        looking.start()
        run = load(server, [*load_options(contender, stage.form), *further], folder)
        looking.join()
    functions, looks = functions_in(stacks)
    return WORDS.format(name=contender.name, kernel=f"{run.kernel_share:.0%}", looks=f"{looks:,}") + "\n" + functions


def find_spy() -> str:
    """py-spy itself. Raises Missing."""
    spy = find("py-spy", str(Path(sys.executable).parent))
    if spy is None:
        raise Missing("py-spy is not installed: python3 -m pip --python .venv/bin/python install py-spy")
    return spy


def look(spy: str, pid: int, seconds: int, stacks: Path, *options: str) -> None:
    """Look at a process for so long, or to its end: writes what was running, and beside it what py-spy says."""
    command = [spy, "record", "--pid", str(pid), "--duration", str(seconds), "--rate", str(LOOKS_PER_S)]
    command += ["--format", "raw", "--output", str(stacks), "--full-filenames", "--nonblocking", *options]
    done = subprocess.run(pinned(command, LOAD_CORE), capture_output=True, text=True, check=False)
    stacks.with_suffix(".said").write_text(done.stderr)


def functions_in(stacks: Path, waiting: Collection[str] = ()) -> tuple[str, int]:
    """What `look` has written as a table of functions, and the number of looks. Raises BenchmarkError without any.

    In the functions `waiting` a thread does nothing but wait for another one; they are left out.
    """
    if not stacks.exists():
        raise BenchmarkError(f"py-spy has seen nothing: {tail(stacks.with_suffix('.said'))}")
    own, cumulative = Counter[str](), Counter[str]()
    for line in stacks.read_text().splitlines():
        names, _, count = line.rpartition(" ")
        frames = [_short(name) for name in names.split(";") if name and not name.startswith(_NO_FRAME)]
        if not frames or frames[-1] in waiting:
            continue
        own[frames[-1]] += int(count)
        cumulative.update(dict.fromkeys(frames, int(count)))
    total = own.total()
    if not total:
        raise BenchmarkError("py-spy saw no function at work")
    rows = [(name, f"{count / total:.1%}", f"{cumulative[name] / total:.1%}") for name, count in own.most_common(SHOWN)]
    if len(own) > SHOWN:
        rest = total - sum(count for _, count in own.most_common(SHOWN))
        rows.append((f"{len(own) - SHOWN} others", f"{rest / total:.1%}", ""))
    return table(("function", "itself", "with what it calls"), rows), total


def _short(frame: str) -> str:
    """A function's name and place, without the line that was running."""
    name, _, place = frame.partition(" (")
    path = Path(place.partition(":")[0])
    return f"{name} ({'/'.join(path.parts[-2:])})"
