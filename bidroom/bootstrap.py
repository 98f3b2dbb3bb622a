"""Sets Bidroom up on first use: a .venv in the project with its libraries, so that a fresh clone runs by one command.

Standard library only. The system's Python is never touched: the .venv is made without pip (Debian's python3 has none to
put there), and the pip of the Python that runs this installs into it. A stamp in the .venv says what was installed from
which pyproject.toml; while it is true, nothing happens but the start of the .venv's Python. An unfinished stamp marks a
.venv whose making was cut short, and the next try makes it anew. `python3 -m bidroom.bootstrap [--dev]` only sets up.
It runs on Python 3.8 far enough to say what is missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

ROOT = Path(__file__).resolve().parent.parent
STAMP = "bidroom-setup.json"


class SetupFailed(Exception):
    """The .venv could not be made; the text says what is needed."""


def ensure() -> None:
    """Return if this Python has Bidroom's libraries; else set up the .venv and start this command again inside it."""
    require_python()
    if os.path.realpath(sys.prefix) == os.path.realpath(ROOT / ".venv") or _installed_here():
        return
    try:
        set_up(ROOT, dev=False)
    except SetupFailed as failed:
        _exit(str(failed))
    except KeyboardInterrupt:
        sys.exit(130)
    python = str(venv_python(ROOT))
    if os.name == "nt":  # exec there would give the terminal back before the command ends
        sys.exit(subprocess.call([python, *sys.orig_argv[1:]]))
    os.execv(python, [python, *sys.orig_argv[1:]])


def require_python() -> None:
    """Exit with status 2 and one clear line where this Python is too old."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this is where an older one is told)
        running = ".".join(map(str, sys.version_info[:3]))
        _exit(f"Bidroom needs Python 3.11 or newer; this is Python {running}. Start it with a newer one.")


def set_up(root: Path, dev: bool) -> None:
    """Make or renew the .venv of the project at `root`, unless its stamp says it is right. Raises SetupFailed.

    `dev` adds what the tests and checks need. Two that run at once take turns.
    """
    if is_set_up(root, dev):
        return
    with _turn(root):
        if is_set_up(root, dev):  # somebody else has done it while we waited
            return
        try:
            _make(root, dev)
        except (OSError, ValueError) as error:  # venv raises ValueError where a file is in the way
            why = getattr(error, "strerror", None) or error
            raise SetupFailed(f"Bidroom needs to write in {root / '.venv'} and can't: {why}.") from None


def is_set_up(root: Path, dev: bool) -> bool:
    """Whether the .venv's stamp is finished and fits this project, this place and the .venv's Python."""
    stamp = _read_stamp(root)
    return stamp is not None and stamp == _stamp(root, dev or stamp.get("dev") is True)


def venv_python(root: Path) -> Path:
    """Where the .venv's Python is."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _stamp(root: Path, dev: bool) -> dict[str, Any]:
    # The resolved Python tells of a system upgrade, which leaves the .venv without its libraries.
    return {
        "finished": True,
        "project": hashlib.sha256((root / "pyproject.toml").read_bytes()).hexdigest(),
        "root": str(root),
        "python": os.path.realpath(venv_python(root)),
        "dev": dev,
    }


def _read_stamp(root: Path) -> dict[str, Any] | None:
    try:
        stamp = json.loads((root / ".venv" / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) else None


def _write_stamp(root: Path, stamp: dict[str, Any]) -> None:
    (root / ".venv" / STAMP).write_text(json.dumps(stamp), "utf-8")


def _installed_here() -> bool:
    """Whether somebody installed Bidroom, and so its libraries, into this Python."""
    from importlib import metadata

    try:
        metadata.version("bidroom")
    except metadata.PackageNotFoundError:
        return False
    return True


@contextmanager
def _turn(root: Path) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    with open(root / "pyproject.toml", "rb") as file:  # a lock file of its own would be one more file in the project
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _say("Another Bidroom is setting up .venv here; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(root: Path, dev: bool) -> None:
    before = _read_stamp(root)
    dev = dev or (before is not None and before.get("dev") is True)
    why = "its requirements changed" if before is not None and before.get("finished") else "first run only"
    _say(f"Setting up Bidroom in .venv ({why}) ...")
    _make_venv(root, before)
    _write_stamp(root, {"finished": False, "dev": dev})
    _install(root, dev)
    _write_stamp(root, _stamp(root, dev))


def _make_venv(root: Path, before: dict[str, Any] | None) -> None:
    try:
        import venv
    except ImportError:
        raise SetupFailed("Bidroom needs Python's venv module; on Debian: sudo apt install python3-venv.") from None
    fits = _stamp(root, False)
    # A stamp that is unfinished or from another place or Python: begin anew. None at all: a .venv that somebody made.
    stale = before is not None and any(before.get(part) != fits[part] for part in ("finished", "root", "python"))
    if stale or not venv_python(root).exists():
        venv.create(root / ".venv", clear=stale, symlinks=os.name != "nt", with_pip=False)


def _install(root: Path, dev: bool) -> None:
    command = [_python_with_pip(), "-m", "pip", "--python", str(venv_python(root)), "install", "--retries", "2"]
    command += ["--disable-pip-version-check", "--no-input", "--editable", str(root) + ("[dev]" if dev else "")]
    pip = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PIP_USER": "0"},  # a "user" install would go past the .venv
        encoding="utf-8",
        errors="replace",
    )
    lines: list[str] = []
    assert pip.stdout is not None
    reader = threading.Thread(target=lines.extend, args=(pip.stdout,), daemon=True)
    reader.start()
    try:
        _show_progress(reader, lines)
    except BaseException:
        pip.kill()
        raise
    finally:
        pip.wait()
    if pip.returncode != 0:
        raise SetupFailed(_explain(lines))


def _show_progress(reader: threading.Thread, lines: list[str]) -> None:
    """Until pip ends: how far it is, on a terminal; nothing elsewhere, where it would only fill a log."""
    if not sys.stderr.isatty():
        reader.join()
        return
    started = time.monotonic()
    while reader.is_alive():
        reader.join(0.2)
        found = sum(line.startswith("Collecting ") for line in lines)
        installing = any(line.startswith("Installing collected") for line in lines)
        doing = f"installing {found} libraries" if installing else f"{found} libraries found"
        sys.stderr.write(f"\r  {doing}, {time.monotonic() - started:.0f} s \033[K")
        sys.stderr.flush()
    sys.stderr.write("\r\033[K")


def _python_with_pip() -> str:
    """This Python, or the one that its virtual environment was made from. Raises SetupFailed where none has pip."""
    for python in (sys.executable, getattr(sys, "_base_executable", sys.executable)):
        if subprocess.call([python, "-c", "import pip"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            return python
    raise SetupFailed("Bidroom needs pip to fetch its libraries once; on Debian: sudo apt install python3-pip.")


def _explain(lines: list[str]) -> str:
    """Why pip failed, for a person."""
    text = "".join(lines)
    if "no such option: --python" in text:
        return "Bidroom needs pip 22.3 or newer to set itself up; renew yours: python3 -m pip install --upgrade pip"
    errors = [line.strip() for line in lines if line.strip().startswith("ERROR:")]
    said = f"pip said: {(errors or [text.strip() or 'nothing'])[0]}"
    if "No space left" in text or "Permission denied" in text:
        return f"Bidroom can't write its libraries to .venv. {said}"
    return (
        "Bidroom fetches its libraries once and could not. It needs the internet (pypi.org), or a mirror or a folder "
        f"of wheels that pip knows of (PIP_INDEX_URL, PIP_FIND_LINKS); then run the same command again. {said}"
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _exit(why: str) -> NoReturn:
    _say(why)
    sys.exit(2)


def main() -> None:
    """Set up the project that this file is in; `--dev` adds what tests and checks need."""
    require_python()
    if set(sys.argv[1:]) - {"--dev"}:
        _exit("usage: python3 -m bidroom.bootstrap [--dev]")
    try:
        set_up(ROOT, dev="--dev" in sys.argv[1:])
    except SetupFailed as failed:
        _exit(str(failed))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
