"""The servers that are compared, each as its own documentation advises, all behind the same small interface.

A `Server` is entered for one turn: it starts with nothing on record, pinned to the server's core, and is gone at the
end. Whoever measures takes `port`, `pid` and the options for the load generator from what it gives.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct


class Running(Struct, frozen=True):
    """A server that takes bids: `options` are for the load, `kept` counts the bids on record (and may end it).

    `others` are further processes that belong to it.
    """

    port: int
    pid: int
    options: tuple[str, ...]
    kept: Callable[[], int]
    others: tuple[int, ...] = ()

    @property
    def pids(self) -> tuple[int, ...]:
        """All processes of the server, without their children."""
        return (self.pid, *self.others)


class Server(Protocol):
    """Something that bids can be sent to."""

    name: str
    """As tables call it."""

    def missing(self) -> str:
        """What has to be installed first; empty where nothing is missing."""
        ...

    def version(self) -> str:
        """What exactly is measured."""
        ...

    def serve(self, directory: Path) -> AbstractContextManager[Running]:
        """A fresh server with its files in this empty folder. Raises BenchmarkError."""
        ...
