"""One contender's turn: a fresh server, the load, and the check that nothing was lost on the way."""

import shutil
from pathlib import Path

from benchmarks.bids.contenders import Contender
from benchmarks.errors import BenchmarkError
from benchmarks.load import Run, run_load
from benchmarks.parts import Form
from benchmarks.servers import Running


def load_options(contender: Contender, form: Form) -> list[str]:
    """What the load generator is told in any case."""
    return [
        *("--bidders", str(contender.bidders), "--warmup", str(form.warmup_s), "--seconds", str(form.seconds)),
        *contender.options,
    ]


def take_turn(contender: Contender, form: Form, directory: Path) -> Run:
    """A closed loop. Raises BenchmarkError where bids that were accepted are not on record, or were not told."""
    folder = fresh(directory, contender)
    with contender.server.serve(folder) as server:
        options = [*load_options(contender, form), "--think", str(contender.think_s)]
        run = load(server, options, folder)
        check(contender, run, server.kept())
    shutil.rmtree(folder, ignore_errors=True)
    return run


def take_open_turn(contender: Contender, rates: list[float], form: Form, directory: Path) -> list[Run]:
    """An open loop at each of these rates, each on a fresh server."""
    folder = fresh(directory, contender)
    runs: list[Run] = []
    for rate in rates:
        with contender.server.serve(folder) as server:
            runs.append(load(server, [*load_options(contender, form), "--rate", f"{rate:.1f}"], folder))
            check(contender, runs[-1], server.kept())
        shutil.rmtree(folder, ignore_errors=True)
        folder = fresh(directory, contender)
    shutil.rmtree(folder, ignore_errors=True)
    return runs


def take_echo_turn(contender: Contender, form: Form, directory: Path) -> Run:
    """A turn of a server that keeps nothing, so that there is nothing to check."""
    folder = fresh(directory, contender)
    with contender.server.serve(folder) as server:
        return load(server, load_options(contender, form), folder)


def load(server: Running, options: list[str], folder: Path) -> Run:
    """Run the load generator against a server."""
    return run_load(server, options, folder / "load.log")


def fresh(directory: Path, contender: Contender) -> Path:
    """An empty folder that any user may enter."""
    folder = directory / contender.key
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def check(contender: Contender, run: Run, kept: int) -> None:
    """Every bid that was accepted is on record and was told. Raises BenchmarkError."""
    accepted = run.outcome.accepted_ever
    if run.outcome.unanswered:
        return  # of those that were never answered nobody knows
    if kept != accepted:
        raise BenchmarkError(f"{contender.name}: {accepted} bids were accepted, and {kept} are on record")
    if run.outcome.listeners and run.outcome.heard_ever != accepted:
        raise BenchmarkError(f"{contender.name}: {accepted} bids were accepted, and {run.outcome.heard_ever} were told")
