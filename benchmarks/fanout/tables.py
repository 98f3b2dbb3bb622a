"""The part's tables and plots."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from benchmarks.bids.contenders import Contender
from benchmarks.compare import Spread, ratio, spread
from benchmarks.fanout import words
from benchmarks.fanout.contenders import CROWD, CROWD_ALL, LOOP, ROWS, Row
from benchmarks.fanout.turn import Told
from benchmarks.histogram import add_up
from benchmarks.plots import bars
from benchmarks.report import plain_table, table
from bidroom.server.settings import FULL_BUFFER

Results = Mapping[str, Sequence[Told]]


def _verdict(is_reached: bool) -> str:
    return "reached" if is_reached else "**missed**"


def _per_s(told: Told) -> float:
    return told.run.deliveries_per_s


def _per_cpu_s(told: Told) -> float:
    return told.run.deliveries_per_cpu_s


def updates_chapter(contenders: Sequence[Contender], results: Results) -> str:
    """Rows 5 and 6."""
    head = (
        *(
            "one message an update",
            "deliveries/s",
            "updates/s",
            "bids a message",
            "deliveries per CPU-second",
            "bytes each",
        ),
        *("server's core", "of it the kernel's", "load's core", "others"),
    )
    rows: list[tuple[str, ...]] = []
    for who in contenders:
        turns = results[who.key]
        rows.append(
            (
                who.name,
                spread(map(_per_s, turns)).show(),
                f"{median(told.run.deliveries_per_s / told.watchers for told in turns):,.0f}",
                f"{median(_bids_a_message(told) for told in turns):.2f}",
                spread(map(_per_cpu_s, turns)).show(),
                f"{median(told.run.outcome.message_bytes for told in turns):,.0f}",
                f"{median(told.run.server_share for told in turns):.0%}",
                f"{median(told.run.kernel_share for told in turns):.0%}",
                f"{max(told.run.load_share for told in turns):.0%}",
                f"{max(told.run.others_share for told in turns):.0%}",
            )
        )
    return "\n".join(["### One message an update\n", words.UPDATES, table(head, rows), _ratios(contenders, results)])


def _bids_a_message(told: Told) -> float:
    outcome = told.run.outcome
    return outcome.absorbed * told.watchers / max(outcome.deliveries, 1)


def _ratios(contenders: Sequence[Contender], results: Results) -> str:
    names = {who.key: who.name for who in contenders}
    rows: list[tuple[str, ...]] = []
    for row in ROWS:
        speed = ratio(results, row.ours, row.theirs, _per_s)
        work = ratio(results, row.ours, row.theirs, _per_cpu_s)
        if speed is None or work is None:
            continue
        rows.append((row.row, names[row.theirs], f"{speed.show(2)}x", f"{work.show(2)}x", *_judged(row, speed.median)))
    head = ("row", "Bidroom / theirs", "deliveries/s", "deliveries per CPU-second", "bar", "")
    return plain_table(head, rows)


def _judged(row: Row, speed: float) -> tuple[str, str]:
    if row.bar is None:
        return "", ""
    reached = speed > row.bar if row.strict else speed >= row.bar
    return f"more than {row.bar:g}x" if row.strict else f"{row.bar:g}x", _verdict(reached)


def updates_plot(contenders: Sequence[Contender], results: Results) -> str:
    """Deliveries a second of each contender."""
    values = [(who.name.replace("; ", ", "), spread(map(_per_s, results[who.key])), who.is_ours) for who in contenders]
    return bars("One message an update to each watcher", "deliveries/s", values)


def absorbed_chapter(contenders: Sequence[Contender], results: Results) -> str:
    """Row 7."""
    loop = results.get(LOOP.key)
    head = (
        *("many bids an update", "bids/s that everyone heard", "against one by one in C", "messages/s to each"),
        *("bytes each", "bids passed over", "server's core", "load's core", "bar", ""),
    )
    rows: list[tuple[str, ...]] = []
    for who in contenders:
        turns = results[who.key]
        pairs = list(zip(turns, loop or (), strict=False))
        against = [told.run.absorbed_per_s / (_per_s(one) / one.watchers) for told, one in pairs]
        bar = ("5x", _verdict(median(against) >= 5)) if against and who.key == CROWD.key else ("", "")
        rows.append(
            (
                who.name,
                spread(told.run.absorbed_per_s for told in turns).show(),
                f"{spread(against).show(1)}x" if against else "",
                spread(_per_s(told) / told.watchers for told in turns).show(),
                f"{median(told.run.outcome.message_bytes for told in turns):,.0f}",
                f"{sum(told.run.outcome.states_ever for told in turns):,}",
                f"{median(told.run.server_share for told in turns):.0%}",
                f"{max(told.run.load_share for told in turns):.0%}",
                *bar,
            )
        )
    return "\n".join(["### As many bids as come\n", words.absorbed(CROWD_ALL.audience), table(head, rows)])


LATENCY_NAMES = {
    "house-own": "Bidroom, half of its capacity",
    "gateway-own": "Redis + gateway, half of its capacity",
    "house-same": "Bidroom at the gateway's rate",
}


def _heard_ms(percent: float) -> Callable[[Told], float]:
    return lambda told: told.run.outcome.heard_after.percentile(percent)


def latency_chapter(results: Results, halves: Mapping[str, float]) -> str:
    """Row 8."""
    rows: list[tuple[str, ...]] = []
    for key, turns in results.items():
        rows.append(
            (
                LATENCY_NAMES[key],
                f"{turns[0].run.outcome.rate:,.0f}",
                *(f"{median(map(_heard_ms(percent), turns)):.2f}" for percent in (50, 90)),
                spread(map(_heard_ms(99), turns)).show(2),
                f"{median(map(_heard_ms(100), turns)):.2f}",
                f"{median(told.run.accepted_share for told in turns):.1%}",
                f"{add_up(told.run.outcome.lateness for told in turns).percentile(99):.2f}",
                f"{max(told.run.load_share for told in turns):.0%}",
            )
        )
    head = (
        *("bid to last watcher, ms", "bids/s", "p50", "p90", "p99", "greatest"),
        *("accepted", "load late, p99", "load's core"),
    )
    lines = ["### From a bid to the last watcher\n", words.latency(halves), table(head, rows)]
    ratios = [
        (name, f"{found[0].show(2)}x", f"{found[1].show(2)}x", "at most 0.7x", _verdict(found[1].median <= 0.7))
        for name, found in (
            (name, [ratio(results, ours, "gateway-own", _heard_ms(percent)) for percent in (50, 99)])
            for name, ours in (
                ("8, each at half of its own capacity", "house-own"),
                ("8, both at the gateway's rate", "house-same"),
            )
        )
        if found[0] is not None and found[1] is not None
    ]
    if ratios:
        lines.append(plain_table(("row", "p50, ours / theirs", "p99, ours / theirs", "bar", ""), ratios))
    return "\n".join(lines)


def latency_plot(results: Results) -> str:
    """p99 of each."""
    values = [
        (LATENCY_NAMES[key], spread(map(_heard_ms(99), turns)), key.startswith("house"))
        for key, turns in results.items()
    ]
    return bars("From a bid to the last of all watchers, p99", "ms", values)


def _kib(turns: Sequence[Told]) -> Spread:
    return spread(told.kib_per_watcher for told in turns)


def memory_chapter(contenders: Sequence[Contender], results: Results, size: int) -> str:
    """Row 9."""
    rows: list[tuple[str, ...]] = []
    for who in contenders:
        turns = results[f"{who.key}-idle"]
        bar = ("at most 16 KiB", _verdict(_kib(turns).median <= 16)) if who.is_ours else ("", "")
        empty, full = turns[0].empty_kib / 1024, turns[0].run.resident_kib / 1024
        name = "Bidroom" if who.is_ours else f"{who.key} server"
        rows.append((name, f"{_kib(turns).show(1)} KiB", f"{empty:.0f} MiB", f"{full:.0f} MiB", *bar))
    rows.append(("Centrifugo, published", "30 to 50 KB", "", "", "", ""))
    head = ("memory (RSS)", "for each watcher", "without any", f"with {size:,}", "bar", "")
    return "\n".join([f"### {size:,} watchers at rest\n", words.MEMORY, table(head, rows)])


def memory_plot(contenders: Sequence[Contender], results: Results) -> str:
    """Memory for each watcher."""
    values = [
        ("Bidroom" if who.is_ours else who.key, _kib(results[f"{who.key}-idle"]), who.is_ours) for who in contenders
    ]
    return bars("Memory for a watcher at rest", "KiB", values)


def stalled_chapter(results: Results, rate: float, stalled: int) -> str:
    """Row 10."""
    rows: list[tuple[str, ...]] = []
    for key, name in (("healthy", "none stalled"), ("stalled", f"{stalled} stalled")):
        turns = results[key]
        rows.append(
            (
                name,
                f"{median(map(_heard_ms(50), turns)):.2f}",
                spread(map(_heard_ms(99), turns)).show(2),
                spread(told.run.peak_kib / 1024 for told in turns).show(1),
                f"{median(_told_kib(told) for told in turns):,.0f}",
                f"{sum(told.run.outcome.states_ever for told in turns):,}",
            )
        )
    head = (
        "healthy watchers, ms",
        "p50",
        "p99",
        "server's peak RSS, MiB",
        "KiB told to each",
        "passed over",
    )
    lines = ["### Watchers who stop reading\n", words.stalled(rate, stalled), table(head, rows)]
    slower = ratio(results, "stalled", "healthy", _heard_ms(99))
    grown = spread(
        (a.run.peak_kib - b.run.peak_kib) / 1024 for a, b in zip(results["stalled"], results["healthy"], strict=True)
    )
    bound = stalled * (FULL_BUFFER / 2**20 + 0.125)
    assert slower is not None, "both were measured"
    ratios = [
        ("10", "healthy p99, with / without", f"{slower.show(2)}x", "at most 1.2x", _verdict(slower.median <= 1.2)),
        (
            "10",
            "more memory, with - without",
            f"{grown.show(1)} MiB",
            f"at most {bound:.1f} MiB",
            _verdict(grown.median <= bound),
        ),
    ]
    return "\n".join([*lines, plain_table(("row", "", "", "bar", ""), ratios)])


def _told_kib(told: Told) -> float:
    return told.run.outcome.updates_ever * told.run.outcome.message_bytes / 1024


def ear_chapter(ear: Told, results: Results) -> str:
    """That the load generator is not what is measured."""
    runs = [told.run for turns in results.values() for told in turns]
    greatest = max((run.load_share for run in runs), default=0)
    limited = sum(run.load_share > 0.8 and run.server_share < 0.9 for run in runs)
    one = ear.run.outcome.load_cpu_s / max(ear.run.outcome.deliveries, 1) * 1e6
    rows = [
        (
            ear.run.outcome.protocol,
            f"{ear.run.deliveries_per_s:,.0f}",
            f"{ear.run.load_share:.0%}",
            f"{one:.2f} us",
        )
    ]
    head = ("ten messages a write", "deliveries/s", "load's core", "of it for a message")
    return "\n".join(["### The load generator\n", words.ear(greatest, limited), table(head, rows)])
