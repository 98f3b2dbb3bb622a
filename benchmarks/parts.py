"""What there is to measure: the parts, and what a part is given and gives.

A part is a module with a `PART`; to add one, write it and name it in `MODULES`. It measures what it likes with the
tools beside this file, says how far it is through `Stage.step`, and gives one `Section` for RESULTS.md. What it can't
measure (a peer is not installed) it says in the section; it never leaves a row out.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from msgspec import Struct

MODULES = ("benchmarks.bids.part", "benchmarks.fanout.part", "benchmarks.scale.part")
"""The modules of all parts, in the order in which RESULTS.md shows them."""


class Form(Struct, frozen=True):
    """How thoroughly to measure: how often each contender has its turn, and for how long (seconds)."""

    name: str
    repetitions: int
    warmup_s: float
    seconds: float

    @property
    def is_full(self) -> bool:
        """Whether this is the form whose figures count."""
        return self.name == "full"


SHORT = Form("short", 3, 1.0, 3.0)
FULL = Form("full", 5, 1.5, 8.0)
SMOKE = Form("smoke", 1, 0.2, 1.0)
"""The smallest form: to see that the benchmarks run, not to learn a figure."""


class Stage(Struct, frozen=True):
    """What a part works with: a folder on a real disk that goes away afterwards, and somebody to tell what it does.

    `plan(n)` says how many steps there will be, `step(what)` that the next one begins. `rows` are those that are asked
    for, all where empty. `profile`: show where the server's time goes, too.
    """

    form: Form
    directory: Path
    plan: Callable[[int], None]
    step: Callable[[str], None]
    rows: tuple[str, ...] = ()
    profile: bool = False

    def wants(self, *rows: str) -> bool:
        """Whether one of these rows is to be measured."""
        return not self.rows or any(row in self.rows for row in rows)


class Section(Struct, frozen=True):
    """A part's place in RESULTS.md: its text in Markdown, below a heading, and the plots that it shows, by file name.

    `aside` is for the terminal only.
    """

    text: str
    plots: dict[str, str] = {}
    aside: str = ""


class Part(Struct, frozen=True):
    """One thing to measure. `minutes` is how long it takes in the short and in the full form."""

    name: str
    title: str
    rows: tuple[str, ...]
    minutes: tuple[float, float]
    run: Callable[[Stage], Section]
    can_profile: bool = False


def all_parts() -> Sequence[Part]:
    """Every part there is."""
    return [import_module(module).PART for module in MODULES]
