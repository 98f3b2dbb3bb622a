"""Says how far something long is: on stderr, every two seconds; of what is done sooner, nothing."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SILENT_S = 2.0


class Progress:
    """`text` says how far it is; whoever does the work keeps it true."""

    def __init__(self, text: str) -> None:
        self.text = text


@contextmanager
def progress(text: str) -> Iterator[Progress]:
    """Says how far it is for as long as the block lasts. The work may block: another thread does the talking."""
    shown, done = Progress(text), threading.Event()

    def talk() -> None:
        while not done.wait(SILENT_S):
            print(f"{shown.text} ...", file=sys.stderr, flush=True)

    talking = threading.Thread(target=talk, name="bidroom-progress", daemon=True)
    talking.start()
    try:
        yield shown
    finally:
        done.set()
        talking.join()
