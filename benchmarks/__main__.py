"""`python -m benchmarks`: what there is to measure, and measuring it."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

from cyclopts import App, CycloptsError, Parameter

from benchmarks import machine, report
from benchmarks.errors import BenchmarkError
from benchmarks.load import stay_off_the_server
from benchmarks.parts import FULL, SHORT, SMOKE, Form, Part, Stage, all_parts
from benchmarks.progress import telling

Flag = Annotated[bool, Parameter(negative=(), show_default=False)]
Rows = Annotated[list[str] | None, Parameter(name="--row", negative=(), n_tokens=1)]
DISK = Path("/var/tmp")
"""Where servers keep their files: on a disk wherever there is one, and open to the users that they run as."""

app = App(
    "python -m benchmarks",
    help="Bidroom side by side with what people would use instead. Without a part's name, all parts are measured.",
    help_format="plaintext",
    help_epilogue="Examples: python -m benchmarks, python -m benchmarks --full, python -m benchmarks bids",
    version_flags=(),
    result_action="return_value",
)


@app.default
def everything(*, full: Flag = False, smoke: Flag = False, directory: Path = DISK) -> int:
    """Measure everything there is, and write RESULTS.md.

    Parameters
    ----------
    full
        All of it, as the published figures were made; otherwise a short form.
    smoke
        A second of each: to see whether it runs. The figures are worth nothing, and are not written.
    directory
        Where the servers keep their files: it should be on a disk.
    """
    parts = all_parts()
    for part in parts:
        print(f"{part.name:12} {part.title}: rows {', '.join(part.rows)}; {part.minutes[full]:g} minutes")
    return _run(parts, _form(full, smoke), directory)


def _add(part: Part) -> None:
    def one(*, full: Flag = False, smoke: Flag = False, row: Rows = None, directory: Path = DISK) -> int:
        return _run([part], _form(full, smoke), directory, tuple(row or ()))

    def profiled(
        *, full: Flag = False, smoke: Flag = False, row: Rows = None, profile: Flag = False, directory: Path = DISK
    ) -> int:
        return _run([part], _form(full, smoke), directory, tuple(row or ()), profile)

    command: Callable[..., int] = profiled if part.can_profile else one
    command.__doc__ = f"""{part.title}: rows {", ".join(part.rows)} of the table.

    Parameters
    ----------
    full
        As the published figures were made ({part.minutes[1]:g} minutes); otherwise a short form ({part.minutes[0]:g}).
    smoke
        A second of each: to see whether it runs. The figures are worth nothing, and are not written.
    row
        Only this row; may be repeated. What is measured is printed, and not written.
    profile
        Only show where the server's time goes in the first row, by function.
    directory
        Where the servers keep their files: it should be on a disk.
    """
    if not part.can_profile:
        command.__doc__ = command.__doc__.replace(
            "    profile\n        Only show where the server's time goes in the first row, by function.\n", ""
        )
    examples = [f"python -m benchmarks {part.name} {options}" for options in ("--full", f"--row {part.rows[0]}")]
    if part.can_profile:
        examples.append(f"python -m benchmarks {part.name} --profile")
    app.command(command, name=part.name, help_epilogue=f"Examples: {', '.join(examples)}")


def _form(full: bool, smoke: bool) -> Form:
    return SMOKE if smoke else FULL if full else SHORT


def _run(parts: Sequence[Part], form: Form, directory: Path, rows: tuple[str, ...] = (), profile: bool = False) -> int:
    for row in rows:
        if not any(row in part.rows for part in parts):
            raise BenchmarkError(f"there is no row {row}; there are {', '.join(parts[0].rows)}")
    stay_off_the_server()
    _warn(directory)
    status = 0
    for part in parts:
        with _folder(directory) as folder, telling(part.name) as teller:
            try:
                section = part.run(Stage(form, folder, teller.plan, teller.step, rows, profile))
            except BenchmarkError as error:
                print(f"{part.name}: {error}", file=sys.stderr)
                status = 1
                continue
            if not rows and not profile and form is not SMOKE:
                report.write(part, section, form, machine.describe(folder), all_parts())
        print(section.aside or section.text)
    return status


def _warn(directory: Path) -> None:
    if not machine.is_on_disk(directory):
        print(f"{directory} is in memory: nothing waits for a disk there; choose another --directory", file=sys.stderr)
    if machine.load_average() > 0.5:
        print("Something else is running on this machine: figures will be lower and less certain", file=sys.stderr)


@contextmanager
def _folder(directory: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bidroom-benchmark-", dir=directory))
    folder.chmod(0o755)  # servers may run as another user
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0, 1 where something could not be measured, 2 where it was not understood."""
    signal.signal(signal.SIGTERM, _interrupt)
    for part in all_parts():
        _add(part)
    try:
        return app(arguments, exit_on_error=False, print_error=False) or 0
    except (CycloptsError, BenchmarkError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing is left running", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
