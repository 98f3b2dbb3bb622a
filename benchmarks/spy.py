"""Where a server's time goes, by function: py-spy looks at it many times a second while the load runs."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bids.contenders import Contender
from benchmarks.bids.turn import fresh, load, load_options
from benchmarks.errors import BenchmarkError, Missing
from benchmarks.load import Run
from benchmarks.parts import Stage
from benchmarks.processes import LOAD_CORE, find, pinned

LOOKS_PER_S = 400
SHOWN = 30


def profile(stage: Stage, contender: Contender, further: Sequence[str] = ()) -> str:
    """Two tables of functions: by their own time, and by what they call, too. Raises Missing without py-spy."""
    spy = find("py-spy", str(Path(sys.executable).parent))
    if spy is None:
        raise Missing("py-spy is not installed: python3 -m pip --python .venv/bin/python install py-spy")
    stage.plan(1)
    stage.step(f"profile of {contender.name}")
    folder = fresh(stage.directory, contender)
    stacks = folder / "stacks.txt"
    with contender.server.serve(folder) as server:
        seconds = max(int(stage.form.seconds), 2)
        command = [spy, "record", "--pid", str(server.pid), "--duration", str(seconds), "--rate", str(LOOKS_PER_S)]
        command += ["--format", "raw", "--output", str(stacks), "--full-filenames", "--gil", "--nonblocking"]
        said: list[str] = []

        def look() -> None:
            done = subprocess.run(pinned(command, LOAD_CORE), capture_output=True, text=True, check=False)
            said.append(done.stderr)

        looking = threading.Timer(stage.form.warmup_s, look)
        looking.start()
        run = load(server, [*load_options(contender, stage.form), *further], folder)
        looking.join()
    if not stacks.exists():
        raise BenchmarkError(f"py-spy has seen nothing: {said[-1].strip()[-400:]}")
    return _show(stacks.read_text(), run)


def _show(stacks: str, run: Run) -> str:
    own, cumulative = Counter[str](), Counter[str]()
    for line in stacks.splitlines():
        names, _, count = line.rpartition(" ")
        frames = [_short(name) for name in names.split(";") if not name.startswith(("process ", "thread "))]
        if not frames:
            continue
        own[frames[-1]] += int(count)
        cumulative.update(dict.fromkeys(frames, int(count)))
    total = own.total()
    text = [
        f"{run.accepted_per_s:,.0f} accepted bids/s while it was looked at; {total} looks at a running thread.",
        *_table("own time", own, total),
        *_table("with all that it calls", cumulative, total),
    ]
    return "\n".join(text)


def _table(title: str, counts: Counter[str], total: int) -> list[str]:
    return ["", title, *(f"{count / total:7.1%}  {name}" for name, count in counts.most_common(SHOWN))]


def _short(frame: str) -> str:
    """A function's name and place, without the line that was running."""
    name, _, place = frame.partition(" (")
    path = Path(place.partition(":")[0])
    return f"{name} ({'/'.join(path.parts[-2:])})"
