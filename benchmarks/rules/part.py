"""The part: row 11, the rules in a process of their own."""

import subprocess
import sys

import msgspec

from benchmarks.compare import spread
from benchmarks.errors import BenchmarkError
from benchmarks.parts import Part, Section, Stage
from benchmarks.processes import SERVER_CORE, pinned
from benchmarks.report import plain_table, table
from benchmarks.rules.play import BIDDERS, ITEMS, MAXIMUM, TOO_LOW, Played

COMMANDS = {"smoke": 2_000, "short": 100_000, "full": 300_000}
BAR_PER_S = 300_000

TEXT = f"""\
`act`, which is `decide` and `evolve` and what maximums answer, in one process, without a server, a journal or
messages: {BIDDERS} bidders bid on {ITEMS} items whose rounds stay open. {TOO_LOW:.0%} of the commands bid less than the
least amount, and {MAXIMUM:.0%} leave a maximum that the room then bids for, so that an accepted command leads to more
than one event. The sale is played once to make the commands; only the second time is measured, in processor time, with
garbage collection frozen as in the server. Nobody has a budget or a limit.
"""

PROFILED = "Where that time goes, by a profiler that makes small functions look slower than they are:\n"


def run(stage: Stage) -> Section:
    """Play the sale in as many processes as there are repetitions, and once more with a profiler."""
    stage.plan(stage.form.repetitions + 1)
    turns = [_play(stage) for _ in range(stage.form.repetitions)]
    speed = spread(turn.commands / turn.seconds for turn in turns)
    first = turns[0]
    rows = [
        (
            speed.show(),
            spread(turn.events / turn.seconds for turn in turns).show(),
            f"{first.accepted / first.commands:.0%}",
            f"{first.events / first.accepted:.2f}",
            f"{BAR_PER_S:,}",
            "reached" if speed.median >= BAR_PER_S else "**missed**",
        )
    ]
    head = ("commands/s", "events/s", "accepted", "events for each of these", "bar, commands/s", "")
    functions = [(name, f"{share:.0%}") for name, share in _play(stage, "--profile").functions]
    profile = plain_table(("function", "of the time"), functions)
    return Section("\n".join([TEXT, table(head, rows), PROFILED, profile]))


def _play(stage: Stage, *further: str) -> Played:
    stage.step(" ".join(["the rules alone", *further]))
    command = [sys.executable, "-m", "benchmarks.rules.play", str(COMMANDS[stage.form.name]), *further]
    done = subprocess.run(pinned(command, SERVER_CORE), capture_output=True, check=False)
    if done.returncode != 0:
        raise BenchmarkError(f"the rules were not played: {done.stderr.decode(errors='replace').strip()[-400:]}")
    return msgspec.json.decode(done.stdout, type=Played)


PART = Part(name="rules", title="The rules alone", rows=("11",), minutes=(0.2, 0.5), run=run)
