"""One contender's turn in front of an audience, and the check that the audience missed nothing."""

import shutil
from pathlib import Path

from msgspec import Struct

from benchmarks.bids.contenders import Contender
from benchmarks.bids.turn import fresh, load, load_options
from benchmarks.errors import BenchmarkError
from benchmarks.fanout.contenders import FIRST_AMOUNT
from benchmarks.load import Run
from benchmarks.parts import Form
from benchmarks.processes import resident_kib


class Told(Struct, frozen=True):
    """A turn. `empty_kib` is the server's memory before the first connection."""

    run: Run
    watchers: int
    empty_kib: int

    @property
    def kib_per_watcher(self) -> float:
        """What the server's memory has grown by, for each watcher (KiB)."""
        return (self.run.resident_kib - self.empty_kib) / self.watchers


def audience_options(watchers: int) -> tuple[str, ...]:
    """What the load generator is told of the audience."""
    return ("--watch", "--listeners", str(watchers), "--first-amount", str(FIRST_AMOUNT))


def take_turn(
    contender: Contender, form: Form, directory: Path, watchers: int, *further: str, strict: bool = True
) -> Told:
    """Raises BenchmarkError where somebody missed something (`strict`), or the record has other bids than were told."""
    folder = fresh(directory, contender)
    with contender.server.serve(folder) as server:
        empty = sum(map(resident_kib, server.pids))
        run = load(server, [*load_options(contender, form), *further, *audience_options(watchers)], folder)
        if strict:
            _check(contender, run)
        kept, accepted = server.kept(), run.outcome.accepted_ever
        if contender.is_ours and not run.outcome.unanswered and kept != accepted:
            raise BenchmarkError(f"{contender.name}: {accepted} bids were accepted, and {kept} are on record")
    shutil.rmtree(folder, ignore_errors=True)
    return Told(run, watchers, empty)


def _check(contender: Contender, run: Run) -> None:
    outcome = run.outcome
    if outcome.behind or outcome.states_ever:
        text = f"{outcome.behind} watchers did not hear everything, {outcome.states_ever} updates were passed over"
        raise BenchmarkError(f"{contender.name}: {text}")
