"""The part's tables and plots."""

from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.bids import words
from benchmarks.bids.contenders import Class, Contender
from benchmarks.compare import ratio, spread
from benchmarks.histogram import add_up
from benchmarks.load import Run
from benchmarks.plots import bars, curves
from benchmarks.report import plain_table, table

OpenRuns = Mapping[str, Sequence[Sequence[Run]]]


def class_chapter(
    kind: Class, contenders: Sequence[Contender], absent: Sequence[Contender], results: Mapping[str, Sequence[Run]]
) -> str:
    """The figures of one durability class, and the ratios."""
    lines = [f"### {kind.title}\n", _figures(contenders, results)]
    lines += [f"**Not measured**: {who.name}: {who.server.missing()}.\n" for who in absent]
    if ratios := _ratios(kind, results):
        lines.append(ratios)
    return "\n".join(lines)


def _figures(contenders: Sequence[Contender], results: Mapping[str, Sequence[Run]]) -> str:
    head = (
        *("", "wait", "accepted bids/s", "of all bids, accepted", "decided bids/s", "server CPU for 1,000 accepted"),
        *(
            "of it the kernel's",
            "accepted bids per CPU-second",
            "p50 / p99 in the closed loop",
            "load's core",
            "others",
        ),
    )
    rows: list[tuple[str, ...]] = []
    for contender in contenders:
        runs = results[contender.key]
        after = add_up(run.outcome.accepted_after for run in runs)
        rows.append(
            (
                contender.name,
                f"{contender.think_s * 1000:g} ms",
                spread(run.accepted_per_s for run in runs).show(),
                f"{median(run.accepted_share for run in runs):.1%}",
                spread(run.answered_per_s for run in runs).show(),
                f"{median(run.cpu_per_thousand for run in runs) * 1000:,.1f} ms",
                f"{median(run.kernel_share for run in runs):.0%}",
                f"{median(1000 / run.cpu_per_thousand for run in runs):,.0f}",
                f"{after.percentile(50):.1f} / {after.percentile(99):.1f} ms",
                f"{max(run.load_share for run in runs):.0%}",
                f"{max(run.others_share for run in runs):.0%}",
            )
        )
    return table(head, rows)


def _ratios(kind: Class, results: Mapping[str, Sequence[Run]]) -> str:
    rows: list[tuple[str, ...]] = []
    for row in kind.rows:
        accepted = ratio(results, row.ours, row.theirs, lambda run: run.accepted_per_s)
        decided = ratio(results, row.ours, row.theirs, lambda run: run.answered_per_s)
        work = ratio(results, row.ours, row.theirs, lambda run: 1000 / run.cpu_per_thousand)
        if accepted is None or decided is None or work is None:
            continue
        verdict = "reached" if accepted.median >= row.bar else "**missed**"
        shown = [f"{one.show(2)}x" for one in (accepted, decided, work)]
        rows.append((row.row, row.what, *shown, f"{row.bar:g}x", verdict))
    head = ("row", "ours / theirs", "accepted bids/s", "decided bids/s", "accepted bids per CPU-second", "bar", "")
    return plain_table(head, rows) if rows else ""


def class_plot(kind: Class, contenders: Sequence[Contender], results: Mapping[str, Sequence[Run]]) -> str:
    """Accepted bids a second of each contender."""
    values = [
        (who.name.replace("; ", ", "), spread(run.accepted_per_s for run in results[who.key]), who.is_ours)
        for who in contenders
    ]
    return bars(kind.title.partition(";")[0], "accepted bids/s", values)


def latency_chapter(open_runs: OpenRuns, shares: Sequence[int]) -> str:
    """How long a bid takes at fixed rates."""
    rows: list[tuple[str, ...]] = []
    for name, turns in open_runs.items():
        for place, share in enumerate(shares):
            runs = [turn[place] for turn in turns]
            after = add_up(run.outcome.accepted_after for run in runs)
            late = add_up(run.outcome.lateness for run in runs)
            percentiles = [f"{after.percentile(percent):.2f}" for percent in (50, 90, 99, 99.9)]
            rows.append(
                (
                    name,
                    f"{share} %",
                    f"{runs[0].outcome.rate:,.0f}",
                    *percentiles,
                    f"{after.greatest / 1e6:.1f}",
                    f"{median(run.accepted_share for run in runs):.1%}",
                    f"{late.percentile(99):.2f}",
                    f"{sum(run.outcome.unanswered for run in runs):,}",
                )
            )
    head = (
        *("latency in ms", "of capacity", "bids/s", "p50", "p90", "p99", "p99.9", "most"),
        *("accepted", "load late, p99", "never answered"),
    )
    return "\n".join(["### Latency at a fixed rate\n", words.LATENCY, table(head, rows)])


def latency_plot(open_runs: OpenRuns, shares: Sequence[int]) -> str:
    """p50 and p99 over the share of capacity."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for name, turns in open_runs.items():
        for percent in (50, 99):
            lines[f"{name.partition(',')[0]} {_protocol(name)} p{percent}"] = [
                (share, add_up(turn[place].outcome.accepted_after for turn in turns).percentile(percent))
                for place, share in enumerate(shares)
            ]
    return curves("Latency of an accepted bid", "percent of each one's own capacity", "ms", lines)


def _protocol(name: str) -> str:
    return name.partition(", ")[2]


def load_chapter(alone: Mapping[str, Run], results: Mapping[str, Sequence[Run]]) -> str:
    """That the load generator is not what is measured."""
    greatest = max((run.load_share for runs in results.values() for run in runs), default=0)
    verdict = "never the limit" if greatest < 0.8 else "**the limit in some turns: above 80 %**"
    rows = [
        (
            name,
            f"{run.answered_per_s:,.0f}",
            f"{run.load_share:.0%}",
            f"{run.outcome.load_cpu_s / run.outcome.answered * 1e6:.1f} us",
            f"{run.server_cpu_s / run.outcome.answered * 1e6:.1f} us",
        )
        for name, run in alone.items()
    ]
    head = ("protocol", "bids/s", "load's core", "of it for a bid", "server CPU for a bid")
    return "\n".join(["### The load generator\n", words.load(greatest, verdict), table(head, rows)])
