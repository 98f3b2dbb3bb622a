"""The part: rows 11 to 14, each a chapter of its own."""

from collections.abc import Callable, Sequence

from benchmarks.parts import Part, Section, Stage
from benchmarks.scale import reconnect, restart, rooms, rules
from benchmarks.servers.bidroom import Bidroom

Plots = dict[str, str]


def run(stage: Stage) -> Section:
    """Measure what the stage asks for."""
    plots: Plots = {}
    chapters = [chapter(stage, plots) for row, chapter in CHAPTERS if stage.wants(row)]
    return Section("\n".join([*chapters, f"Measured: {Bidroom().version()}.\n"]), plots)


CHAPTERS: Sequence[tuple[str, Callable[[Stage, Plots], str]]] = (
    ("11", lambda stage, _: rules.measure(stage)),
    ("12", restart.measure),
    ("13", lambda stage, _: reconnect.measure(stage)),
    ("14", rooms.measure),
)

PART = Part(
    name="scale",
    title="Scale: the rules alone, restart, a crowd, many rooms",
    rows=tuple(row for row, _ in CHAPTERS),
    minutes=(4, 12),
    run=run,
)
