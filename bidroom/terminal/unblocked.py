"""An output that never makes the server wait: a thread of its own writes what is printed.

A terminal that was stopped with Ctrl-S, or a pager at the end of a pipe, takes nothing any more, and a plain `print` to
it would stop the whole house, with every bidder in it. So the server's processes print through here. What nobody reads
is kept up to MAX_WAITING characters; what is printed beyond that is dropped.
"""

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TextIO

MAX_WAITING = 1024 * 1024
DRAIN_S = 1.0
"""How long the end of a command waits for the last lines to be taken."""


@contextmanager
def unblocked_output() -> Iterator[None]:
    """While the block lasts, `sys.stdout` and `sys.stderr` never block."""
    before = sys.stdout, sys.stderr
    outputs = Unblocked(sys.stdout), Unblocked(sys.stderr)
    sys.stdout, sys.stderr = outputs
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for output in outputs:
            output.drain(DRAIN_S)


class Unblocked(io.TextIOBase):
    """Takes text for `file` and returns at once."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._texts: SimpleQueue[str | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._thread = threading.Thread(target=self._write_all, name="bidroom-output", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether something printed before is still to be taken."""
        return self._waiting > 0

    def write(self, text: str, /) -> int:
        """Have the text written; dropped where too much waits already."""
        with self._lock:
            fits = self._waiting + len(text) <= MAX_WAITING
            self._waiting += len(text) if fits else 0
        if fits:
            self._texts.put(text)
        return len(text)

    def drain(self, seconds: float) -> None:
        """Wait so long at most until all has been taken; nothing can be written afterwards."""
        self._texts.put(None)
        self._thread.join(seconds)

    def isatty(self) -> bool:
        return self._file.isatty()

    def fileno(self) -> int:
        return self._file.fileno()

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._file.encoding

    def _write_all(self) -> None:
        while (text := self._texts.get()) is not None:
            try:
                self._file.write(text)
                self._file.flush()
            except (OSError, ValueError):
                continue  # the reader is gone for good; the house goes on without
            finally:
                with self._lock:
                    self._waiting -= len(text)
