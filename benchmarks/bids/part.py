"""The part: measures the classes one after another, then latency at fixed rates, and what the load generator can do."""

from collections.abc import Mapping, Sequence
from statistics import median

from msgspec.structs import replace

from benchmarks import spy
from benchmarks.bids import tables, tuning, words
from benchmarks.bids.contenders import CLASSES, DURABLE, HEARD, HEARD_ALL, Class, Contender
from benchmarks.bids.turn import take_echo_turn, take_open_turn, take_turn
from benchmarks.compare import take_turns
from benchmarks.load import Run
from benchmarks.parts import Part, Section, Stage
from benchmarks.servers.echo import Echo

CAPACITY_SHARES = (25, 50, 75, 90)
"""At which rates latency is measured: percent of what the closed loop found to be the contender's capacity."""

LATENCY_OF = {"short": ("lines", "redis"), "full": ("lines", "websocket", "redis", "postgres"), "smoke": ("lines",)}
OPEN_TURNS = {"short": 1, "full": 3, "smoke": 1}

Results = dict[str, list[Run]]


def run(stage: Stage) -> Section:
    """Measure what the stage asks for."""
    if stage.profile:
        return Section("", aside=spy.profile(stage, DURABLE.contenders[0]))
    measured = [(kind, _present(stage, kind)) for kind in CLASSES if stage.wants(*(row.row for row in kind.rows))]
    latency = not stage.rows
    _plan(stage, measured, latency)
    chapters: list[str] = [words.HEAD]
    results: Results = {}
    plots: dict[str, str] = {}
    for kind, contenders in measured:
        contenders = tuple(tuning.tuned(contender, stage) for contender in contenders)
        found = _measure(stage, contenders)
        results |= found
        absent = [contender for contender in kind.contenders if contender.server.missing()]
        chapters.append(tables.class_chapter(kind, contenders, absent, found))
        plots[f"bids-{kind.key}.svg"] = tables.class_plot(kind, contenders, found)
    if latency:
        open_runs = _latency(stage, [who for _, some in measured for who in some], results)
        chapters.append(tables.latency_chapter(open_runs, CAPACITY_SHARES))
        plots["bids-latency.svg"] = tables.latency_plot(open_runs, CAPACITY_SHARES)
    if not stage.rows:
        chapters.append(spy.chapter(stage, DURABLE.contenders[0]))
    chapters.append(tables.load_chapter(_calibrate(stage), results))
    versions = {contender.server.version() for _, some in measured for contender in some}
    return Section("\n".join([*chapters, words.tail(sorted(versions))]), plots)


def _present(stage: Stage, kind: Class) -> tuple[Contender, ...]:
    """The contenders of a class that are installed and asked for."""
    wanted = {key for row in kind.rows if stage.wants(row.row) for key in (row.ours, row.theirs)}
    found = [who for who in kind.contenders if who.key in wanted and not who.server.missing()]
    if stage.form.is_full and kind is HEARD:
        found.append(HEARD_ALL)
    if stage.form.name == "smoke":  # what needs no peer, and few connections
        found = [_small(who) for who in found if who.is_ours]
    return tuple(found)


def _small(contender: Contender) -> Contender:
    return replace(contender, bidders=10)


def _plan(stage: Stage, measured: Sequence[tuple[Class, Sequence[Contender]]], latency: bool) -> None:
    present = [who for _, some in measured for who in some]
    stage.plan(len(present) * stage.form.repetitions + sum(map(tuning.tries, present)) + len(_calibrated(stage)))
    if latency:
        count = sum(who.key in LATENCY_OF[stage.form.name] for who in present)
        stage.plan(count * OPEN_TURNS[stage.form.name])


def _measure(stage: Stage, contenders: Sequence[Contender]) -> Results:
    by_key = {contender.key: contender for contender in contenders}

    def turn(key: str, repetition: int) -> Run:
        stage.step(f"{by_key[key].name}, turn {repetition + 1} of {stage.form.repetitions}")
        return take_turn(by_key[key], stage.form, stage.directory)

    return take_turns(list(by_key), stage.form.repetitions, turn)


def _latency(
    stage: Stage, contenders: Sequence[Contender], results: Mapping[str, Sequence[Run]]
) -> dict[str, list[list[Run]]]:
    """By contender's name: for each turn the runs at all rates."""
    timed = {who.key: who for who in contenders if who.key in LATENCY_OF[stage.form.name]}
    turns = OPEN_TURNS[stage.form.name]

    def turn(key: str, repetition: int) -> list[Run]:
        capacity = median(run.answered_per_s for run in results[key])
        stage.step(f"latency of {timed[key].name}, turn {repetition + 1} of {turns}")
        rates = [capacity * share / 100 for share in CAPACITY_SHARES]
        return take_open_turn(timed[key], rates, stage.form, stage.directory)

    return {timed[key].name: runs for key, runs in take_turns(list(timed), turns, turn).items()}


def _calibrated(stage: Stage) -> tuple[str, ...]:
    return ("lines",) if stage.form.name == "smoke" else ("lines", "websocket", "redis")


def _calibrate(stage: Stage) -> dict[str, Run]:
    """What the load generator does against a server that only answers, by protocol."""
    found: dict[str, Run] = {}
    for protocol in _calibrated(stage):
        stage.step(f"the load generator alone, {protocol}")
        bidders = 10 if stage.form.name == "smoke" else 200
        contender = Contender(f"echo-{protocol}", Echo(protocol), bidders, ("--listeners", "0"))
        found[protocol] = take_echo_turn(contender, stage.form, stage.directory)
    return found


PART = Part(
    name="bids",
    title="Bids: durable, answered and told",
    rows=tuple(sorted({row.row for kind in CLASSES for row in kind.rows})),
    minutes=(5, 25),
    run=run,
    can_profile=True,
)
