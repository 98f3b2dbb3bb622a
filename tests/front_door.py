"""The commands as processes, with a pipe or a terminal of their own: what tests of the front doors start and read."""

import fcntl
import os
import pty
import re
import select
import socket
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TSERVER, TCLIENT = str(REPOSITORY / "Tserver.py"), str(REPOSITORY / "Tclient.py")
BIDROOM = ("-m", "bidroom")
PATIENCE_S = 60
"""How long anything is waited for before the test fails: far longer than it ever takes."""

SMALL_SALE = """
[room]
name = "Small sale"
currency = "EUR"
closing = "live"
window = 0.3
pause = 0
[[items]]
id = "mug"
name = "Mug"
starting_price = 5.00
increment = 1.00
units = 2
[[items]]
id = "lamp"
name = "Lamp"
starting_price = 12.00
increment = 1.00
"""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(*arguments: object, cwd: Path) -> tuple[int, str, str]:
    """Run a command without a terminal to its end: its status, output and errors."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def processes_that_say(word: str) -> list[str]:
    """The command lines of all processes on this machine that have this word in them."""
    lines: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # it has just ended
    return [line for line in lines if word in line]


class Terminal:
    """A command in a terminal of its own. `text` is what it has written so far, without colours and cursor moves."""

    def __init__(self, *arguments: object, cwd: Path, size: tuple[int, int] = (24, 80)) -> None:
        self._screen, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=cwd,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**os.environ, "TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C is a signal to it
        )
        os.close(inside)
        self._written = b""

    @property
    def text(self) -> str:
        """Everything written so far, for people."""
        return _ESCAPES.sub("", self._written.decode(errors="replace")).replace("\r", "")

    def wait_for(self, words: str) -> str:
        """Read until these words are there; gives all text so far."""
        ends = time.monotonic() + PATIENCE_S
        while words not in self.text:
            assert time.monotonic() < ends, f"never said {words!r}: {self.text}"
            assert self._read() or words in self.text, f"ended without {words!r}: {self.text}"
        return self.text

    def type(self, keys: str) -> None:
        """Press these keys; Ctrl-C is \\x03."""
        os.write(self._screen, keys.encode())

    def ended(self) -> int:
        """Read on until the command has ended; gives its exit status."""
        ends = time.monotonic() + PATIENCE_S
        while self._read():
            assert time.monotonic() < ends, f"never ended: {self.text}"
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        """End the command if it still runs."""
        self.process.kill()
        self.process.wait()
        os.close(self._screen)

    def _read(self) -> bool:
        """Read what is there within a moment; False once nothing more can come."""
        if not select.select([self._screen], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self._screen, 65536)
        except OSError:  # Linux says so when the last process has closed the terminal
            return False
        self._written += data
        return bool(data)
