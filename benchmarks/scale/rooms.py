"""Row 14: what a bid costs where the bids are spread over many rooms."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.compare import ratio, spread, take_turns
from benchmarks.errors import BenchmarkError
from benchmarks.histogram import add_up
from benchmarks.load import Run, run_load
from benchmarks.parts import Form, Stage
from benchmarks.plots import bars
from benchmarks.processes import allow_files
from benchmarks.report import table
from benchmarks.servers.bidroom import Bidroom

BAR = 1.5
ROOMS, FEW_ROOMS = (1, 100, 1000, 5000), (1, 10)
RATE, LOW_RATE = 2000, 200

WORDS = """\
### Many rooms in one server (row 14)

{rate:,} bids a second in all, at a fixed rate (open loop, JSON lines), one after another to each room. There are
{bidders:,} bidders in any case, spread evenly over the rooms, so that only the number of rooms differs; they ask for
`"events": "none"`. Each has bid once before it counts. Where all bid in one room, the bids that come during a commit
are one batch; in many rooms each is a batch of its own, and they only share the commit.
"""


def measure(stage: Stage, plots: dict[str, str]) -> str:
    """The chapter."""
    is_small = stage.form.name == "smoke"
    counts, rate = (FEW_ROOMS, LOW_RATE) if is_small else (ROOMS, RATE)
    bidders = 2 * counts[-1]
    allow_files(bidders + 1000)
    repetitions = (stage.form.repetitions + 1) // 2 if stage.form.is_full else 1
    stage.plan(len(counts) * repetitions)

    def turn(rooms: int, repetition: int) -> Run:
        stage.step(f"{rooms:,} rooms, turn {repetition + 1} of {repetitions}")
        return _take_turn(rooms, bidders, rate, stage.form, stage.directory)

    results = take_turns(counts, repetitions, turn)
    values = [
        (f"{rooms:,} rooms", spread(run.cpu_per_thousand * 1000 for run in runs), True)
        for rooms, runs in results.items()
    ]
    plots["scale-rooms.svg"] = bars("Server CPU for a bid", "microseconds", values)
    return WORDS.format(rate=rate, bidders=bidders) + "\n" + _figures(counts, results)


def _take_turn(rooms: int, bidders: int, rate: int, form: Form, directory: Path) -> Run:
    """Raises BenchmarkError where bids that were accepted are not on record."""
    folder = directory / "rooms"
    folder.mkdir()
    once_s = bidders / rate
    options = [
        *("--bidders", str(bidders), "--listeners", "0", "--rooms", str(rooms), "--rate", str(rate)),
        *("--warmup", str(once_s + form.warmup_s), "--seconds", str(form.seconds)),
    ]
    with Bidroom(rooms=rooms).serve(folder) as server:
        run = run_load(server, options, folder / "load.log")
        kept, accepted = server.kept(), run.outcome.accepted_ever
        if not run.outcome.unanswered and kept != accepted:
            raise BenchmarkError(f"{rooms} rooms: {accepted} bids were accepted, and {kept} are on record")
    shutil.rmtree(folder, ignore_errors=True)
    return run


def _figures(counts: Sequence[int], results: Mapping[int, Sequence[Run]]) -> str:
    rows: list[tuple[str, ...]] = []
    for count in counts:
        runs = results[count]
        after = add_up(run.outcome.accepted_after for run in runs)
        times = ratio(results, count, counts[0], lambda run: run.cpu_per_thousand)
        assert times is not None, "both were measured"
        verdict = "reached" if times.median <= BAR else "**missed**"
        rows.append(
            (
                f"{count:,}",
                spread(run.accepted_per_s for run in runs).show(),
                f"{spread(run.cpu_per_thousand * 1000 for run in runs).show()} us",
                "" if count == counts[0] else f"{times.show(2)}x",
                f"{after.percentile(50):.2f} / {after.percentile(99):.1f} ms",
                f"{median(run.resident_kib for run in runs) / 1024:,.0f} MiB",
                f"{max(run.others_share for run in runs):.0%}",
                "" if count == counts[0] else f"{BAR:g}x",
                "" if count == counts[0] else verdict,
            )
        )
    head = (
        *("rooms", "accepted bids/s", "server CPU for a bid", "against one room", "p50 / p99", "server's memory"),
        *("others", "bar", ""),
    )
    return table(head, rows)
