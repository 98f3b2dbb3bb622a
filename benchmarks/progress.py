"""How far a part is: a line that moves on a terminal, a line for each step elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Teller:
    """Tells of steps; see `parts.Stage`."""

    def __init__(self, name: str, progress: Progress | None) -> None:
        self._name = name
        self._progress = progress
        self._task = progress.add_task(name, total=None) if progress is not None else None
        self._began = time.monotonic()
        self._total = self._done = 0

    def plan(self, steps: int) -> None:
        """This many more steps will come."""
        self._total += steps
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, total=self._total)

    def step(self, what: str) -> None:
        """The next step begins."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=self._done, description=f"{self._name}: {what}")
        else:
            elapsed = time.monotonic() - self._began
            print(f"{self._name} {self._done + 1}/{self._total} ({elapsed:.0f} s): {what}", flush=True)
        self._done += 1


@contextmanager
def telling(name: str) -> Iterator[Teller]:
    """Somebody who tells of a part's steps while the block runs."""
    console = Console()
    if not console.is_terminal:
        yield Teller(name, None)
        return
    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, refresh_per_second=2) as progress:
        yield Teller(name, progress)
