"""The part: rows 5 to 10, each a chapter with its own contenders and turns."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from benchmarks import spy
from benchmarks.bids.contenders import Contender
from benchmarks.compare import take_turns
from benchmarks.fanout import tables, words
from benchmarks.fanout.contenders import (
    BUSY_RELAYS,
    CROWD,
    CROWD_ALL,
    EAR,
    GATEWAY,
    HALL,
    HOUSE,
    LOOP,
    OURS,
    PEERS,
    RELAXED,
    UPDATE,
    in_flight,
)
from benchmarks.fanout.turn import Told, audience_options, take_turn
from benchmarks.parts import Form, Part, Section, Stage
from benchmarks.processes import allow_files

IN_FLIGHT = {HOUSE.key: 200, HALL.key: 200, GATEWAY.key: 32}
"""How many bids are on the way where a capacity is measured: enough that a server is never without work."""

SEGMENT = ("--segment", "1448")
FILLING_S = 6.0
"""How long stalled watchers are told to before it counts: until what the kernel takes for them is full."""

LONGEST_S = 5.0
"""A turn that is longer tells no more here: in one there are hundreds of updates, and a thousand deliveries in each."""

Results = dict[str, list[Told]]


class Size(Struct, frozen=True):
    """How large the audiences are."""

    watchers: int = 1000
    idle: int = 5000
    stalled: int = 50


SMOKED = (OURS.key, RELAXED.key, LOOP.key, EAR.key, CROWD.key, HOUSE.key, "aiohttp")
SMALL = Size(watchers=50, idle=100, stalled=5)


class Measuring:
    """The turns of one run of the part."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.size = SMALL if stage.form.name == "smoke" else Size()
        self.results: Results = {}
        self.versions: set[str] = set()
        self.absent: dict[str, str] = {}

    def present(self, *contenders: Contender) -> list[Contender]:
        """Those that are installed; in the smallest form those that need nothing that Bidroom doesn't."""
        found: list[Contender] = []
        for who in contenders:
            if self._stage.form.name == "smoke" and who.key not in SMOKED:
                continue
            if why := who.server.missing():
                self.absent[who.name] = why
            else:
                self.versions.add(who.server.version())
                found.append(who)
        return found

    def turn(self, who: Contender, what: str, *further: str, **options: float | bool) -> Told:
        """One turn of one contender; `options` change the form (seconds, warmup_s) or are for `take_turn`."""
        watchers = int(options.pop("watchers", self.size.watchers))
        strict = bool(options.pop("strict", True))
        self._stage.step(f"{who.name}: {what}")
        form = self._stage.form
        form = replace(form, **{"seconds": min(form.seconds, LONGEST_S), **options})
        return take_turn(who, form, self._stage.directory, watchers, *further, strict=strict)

    def rounds(self, turns: Mapping[str, Callable[[], Told]], repetitions: int | None = None) -> Results:
        """Let all take their turns, in rounds."""
        count = repetitions or self._stage.form.repetitions
        self._stage.plan(len(turns) * count)
        found = take_turns(list(turns), count, lambda key, _: turns[key]())
        self.results |= found
        return found


def run(stage: Stage) -> Section:
    """Measure what the stage asks for."""
    if stage.profile:
        return Section("", aside=spy.profile(stage, RELAXED, audience_options(Size().watchers)))
    allow_files(8192)
    measuring = Measuring(stage)
    chapters = [words.HEAD]
    plots: dict[str, str] = {}
    for rows, chapter in CHAPTERS:
        if stage.wants(*rows):
            chapters.append(chapter(measuring, stage.form, plots))
    if not stage.rows:
        chapters.append(spy.chapter(stage, RELAXED, audience_options(measuring.size.watchers)))
    chapters.append(_ear(measuring))
    if measuring.absent:
        chapters += [f"**Not measured**: {name}: {why}.\n" for name, why in measuring.absent.items()]
    return Section("\n".join([*chapters, words.tail(sorted(measuring.versions), UPDATE)]), plots)


def _one_each(measuring: Measuring, form: Form, plots: dict[str, str]) -> str:
    """Rows 5 and 6, and 7, which needs the loop's figures of the same rounds."""
    further = BUSY_RELAYS if form.is_full else ()
    present = measuring.present(LOOP, RELAXED, OURS, *PEERS, CROWD, CROWD_ALL, *further)
    crowds = (CROWD.key, CROWD_ALL.key)

    def turn(who: Contender) -> Callable[[], Told]:
        return lambda: measuring.turn(who, "updates", strict=who.key not in crowds)

    results = measuring.rounds({who.key: turn(who) for who in present})
    single = [who for who in present if who.key not in crowds]
    plots["fanout-updates.svg"] = tables.updates_plot(single, results)
    together = [who for who in present if who.key in crowds]
    return tables.updates_chapter(single, results) + "\n" + tables.absorbed_chapter(together, results)


def _latency(measuring: Measuring, _form: Form, plots: dict[str, str]) -> str:
    """Row 8: at half of each one's own capacity, and ours at the peer's rate, too."""
    present = measuring.present(HOUSE, GATEWAY)
    halves = {who.key: _capacity(measuring, who) / 2 for who in present}

    def at(who: Contender, rate: float) -> Callable[[], Told]:
        return lambda: measuring.turn(who, f"{rate:,.0f} bids/s", "--rate", f"{rate:.1f}")

    turns = {f"{who.key}-own": at(who, halves[who.key]) for who in present}
    if GATEWAY.key in halves:
        turns["house-same"] = at(HOUSE, halves[GATEWAY.key])
    results = measuring.rounds(turns)
    plots["fanout-latency.svg"] = tables.latency_plot(results)
    return tables.latency_chapter(results, halves)


def _capacity(measuring: Measuring, who: Contender) -> float:
    """Accepted bids a second that the whole audience hears, at most."""
    key, options = f"{who.key}-capacity", in_flight(IN_FLIGHT[who.key])
    results = measuring.rounds({key: lambda: measuring.turn(who, "capacity", *options, strict=False)}, 1)
    return results[key][0].run.absorbed_per_s


def _idle(measuring: Measuring, form: Form, plots: dict[str, str]) -> str:
    """Row 9."""
    size = measuring.size.idle
    present = measuring.present(OURS, *(who for who in PEERS if who.key in ("websockets", "aiohttp")))

    def turn(who: Contender) -> Callable[[], Told]:
        nobody = replace(who, bidders=0, options=())
        return lambda: measuring.turn(nobody, f"{size:,} watchers at rest", watchers=size, warmup_s=1.0, seconds=1.0)

    repetitions = form.repetitions if form.is_full else 1
    results = measuring.rounds({f"{who.key}-idle": turn(who) for who in present}, repetitions)
    plots["fanout-memory.svg"] = tables.memory_plot(present, results)
    return tables.memory_chapter(present, results, size)


def _stalled(measuring: Measuring, form: Form, _plots: dict[str, str]) -> str:
    """Row 10. Who reads late in a noisy moment may be passed over: that shows in the table, and is no fault."""
    measuring.present(HALL)
    rate = _capacity(measuring, HALL) / 2
    filling_s = form.warmup_s if form.name == "smoke" else FILLING_S

    def at(*further: str) -> Callable[[], Told]:
        options = ("--rate", f"{rate:.1f}", *SEGMENT, *further)
        what = " ".join(further) or "none stalled"
        return lambda: measuring.turn(HALL, what, *options, warmup_s=filling_s, strict=False)

    results = measuring.rounds({"healthy": at(), "stalled": at("--stalled", str(measuring.size.stalled))})
    return tables.stalled_chapter(results, rate, measuring.size.stalled)


def _ear(measuring: Measuring) -> str:
    """That the load generator can hear more than anyone says to it."""
    (who,) = measuring.present(EAR)
    ear = measuring.rounds({"ear": lambda: measuring.turn(who, "the load generator alone")}, 1)["ear"][0]
    return tables.ear_chapter(ear, {key: turns for key, turns in measuring.results.items() if key != "ear"})


CHAPTERS: Sequence[tuple[tuple[str, ...], Callable[[Measuring, Form, dict[str, str]], str]]] = (
    (("5", "6", "7"), _one_each),
    (("8",), _latency),
    (("9",), _idle),
    (("10",), _stalled),
)

PART = Part(
    name="fanout",
    title="Fan-out: a thousand watchers",
    rows=tuple(row for rows, _ in CHAPTERS for row in rows),
    minutes=(5, 15),
    run=run,
    can_profile=True,
)
