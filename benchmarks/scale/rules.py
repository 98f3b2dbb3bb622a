"""Row 11: `decide` and `evolve` alone, as `act` runs them in a room."""

import sys
from collections.abc import Sequence

import msgspec

from benchmarks.compare import spread
from benchmarks.parts import Stage
from benchmarks.processes import SERVER_CORE, running, say_ready
from benchmarks.report import table
from benchmarks.scale.decide import Decided

BAR = 300_000
COMMANDS = 100_000
SHOWN = 14

WORDS = """\
### The rules alone (row 11)

One process and nothing else: no message, journal, clock or socket. `act` decides each command (`decide`), lets happen
what it leads to (`evolve`), and lets maximums answer. 200 bidders bid on one of 100 items after another; a third of the
bids are too low, one command in forty leaves a maximum, rounds end and the next ones open. The commands are made
beforehand, and are the same ones every time; a turn goes through all of them again and again, and its quickest time
counts.
"""


def measure(stage: Stage) -> str:
    """The chapter."""
    count = 5_000 if stage.form.name == "smoke" else COMMANDS
    repetitions = stage.form.repetitions
    stage.plan(repetitions + 1)
    turns = [_turn(stage, f"the rules alone, turn {number + 1}", count) for number in range(repetitions)]
    looked = _turn(stage, "where their time goes", count, "--look")
    return "\n".join([WORDS, _figures(turns), _profile(looked), _calls(turns, looked)])


def _turn(stage: Stage, what: str, count: int, *options: str) -> Decided:
    stage.step(what)
    log = stage.directory / "decide.log"
    command = [sys.executable, "-m", "benchmarks.scale.decide", str(count), str(stage.form.seconds), *options]
    with running(command, SERVER_CORE, log) as process:
        return msgspec.json.decode(say_ready(process, log), type=Decided)


def _figures(turns: Sequence[Decided]) -> str:
    one = turns[0]
    commands = spread(turn.rate for turn in turns)
    events = spread(turn.rate / turn.commands * turn.events for turn in turns)
    row = (
        commands.show(),
        events.show(),
        f"{1e6 / commands.median:.2f} us",
        f"{one.accepted / one.commands:.0%} / {one.refused / one.commands:.0%}",
        f"{one.maximums:,}",
        f"{BAR:,}",
        "reached" if commands.median >= BAR else "**missed**",
    )
    head = (
        *("commands/s", "events/s", "for a command", "accepted / refused (the rest: rounds)", "maximums left"),
        *("bar", ""),
    )
    return table(head, [row])


def _profile(looked: Decided) -> str:
    total = sum(own for _, own, _ in looked.functions) or 1
    rows = [(name, f"{own / total:.1%}", f"{every / total:.1%}") for name, own, every in looked.functions[:SHOWN]]
    rest = total - sum(own for _, own, _ in looked.functions[:SHOWN])
    rows.append((f"{max(len(looked.functions) - SHOWN, 0)} others", f"{rest / total:.1%}", ""))
    head = ("where the time goes (looked at every millisecond)", "itself", "with what it calls")
    return table(head, rows)


def _calls(turns: Sequence[Decided], looked: Decided) -> str:
    """How much of it is Python's own price for calling a function."""
    calls = looked.calls / looked.commands
    share = calls * looked.call_s * spread(turn.rate for turn in turns).median
    return (
        f"To decide a command Python functions are called {calls:.0f} times. A call of one that does nothing takes\n"
        f"{looked.call_s * 1e6:.3f} us here, so {share:.0%} of the time is calling alone.\n"
    )
