"""RESULTS.md: one section for each part, rewritten when the part has run; the others stay as they are.

Each section says when, how thoroughly and on what it was measured, because parts may be run at different times.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.parts import Form, Part, Section

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
PLOTS = HERE / "plots"

_HEAD = """\
# Results

Written by `python -m benchmarks` (`--help` says how to make them again); the text around the figures comes from there,
too. The server has one core to itself and the load another. Contenders take turns in the same run. A figure is the
median of all turns, with the least and the greatest; a ratio is made within each round of turns first. Compare ratios,
not figures of different machines.
"""


def write(part: Part, section: Section, form: Form, machine: Iterable[tuple[str, str]], order: Sequence[Part]) -> None:
    """Put a part's section in its place in RESULTS.md, and its plots beside it."""
    PLOTS.mkdir(exist_ok=True)
    for name, plot in section.plots.items():
        (PLOTS / name).write_text(plot)
    sections = _read()
    sections[part.name] = _section(part, section, form, machine)
    known = [other.name for other in order]
    names = [name for name in known if name in sections] + [name for name in sections if name not in known]
    RESULTS.write_text("\n".join([_HEAD, *(sections[name] for name in names)]))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; all but the first column are to the right."""
    lines = [f"| {' | '.join(head)} |", "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def plain_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of text in Markdown."""
    return table(head, rows).replace("---:", "---")


def _read() -> dict[str, str]:
    text = RESULTS.read_text() if RESULTS.exists() else ""
    pattern = re.compile(r"<!-- part (\S+) -->\n.*?<!-- end -->\n", re.DOTALL)
    return {match[1]: match[0] for match in pattern.finditer(text)}


def _section(part: Part, section: Section, form: Form, machine: Iterable[tuple[str, str]]) -> str:
    day = datetime.now(UTC).date().isoformat()
    measured = (
        f"Measured on {day} in the {form.name} form: {form.repetitions} turns of {form.seconds:g} s each, "
        f"{form.warmup_s:g} s of running before each."
    )
    plots = "".join(f"\n![{name}](plots/{name})\n" for name in section.plots)
    where = plain_table(("measured on", ""), machine)
    return (
        f"<!-- part {part.name} -->\n## {part.title}\n\n{measured}\n\n{section.text.strip()}\n{plots}\n{where}"
        "<!-- end -->\n"
    )
