"""`bidroom backup`: a copy of a journal, from its file, or from the server that has it while that goes on selling."""

import asyncio
import os
from pathlib import Path

from bidroom.errors import BidroomError
from bidroom.journal.backup import copy_file, new_file, verify_copy
from bidroom.journal.file import JournalInUse
from bidroom.journal.journal import JournalUnavailable
from bidroom.terminal.journals import ServerNote, server_of
from bidroom.terminal.owner import ask_as_owner
from bidroom.terminal.progress import Progress, progress
from bidroom.terminal.show import say

_PATIENCE_S = 3600.0
"""How long a server may take to make a copy before it sends any of it."""


def backup(file: Path, copy: Path) -> int:
    """Copy a journal to a new file; exit status 0. Raises BidroomError."""
    make_copy(file, copy)
    say(f"{copy} is a whole copy of {file}: {copy.stat().st_size:,} bytes.")
    return 0


def make_copy(file: Path, copy: Path) -> None:
    """Copy a journal to a new file, verified. Raises BidroomError; there is then no new file."""
    with progress(f"Copying {file}") as shown:

        def told(copied: int) -> None:
            shown.text = f"Copying {file}: {copied:,} events"

        try:
            asyncio.run(copy_file(file, copy, told))
        except JournalInUse:
            _copy_from_server(server_of(file), file, copy, shown)
        except JournalUnavailable as error:
            raise BidroomError(f"{file}: {error}") from None


def _copy_from_server(server: ServerNote, file: Path, copy: Path, shown: Progress) -> None:
    shown.text = f"The server at {server.url} makes a copy"
    with new_file(copy) as partial:
        with partial.open("wb") as target:
            got = 0
            for block in ask_as_owner(server, file, "/api/backup", "POST", _PATIENCE_S):
                target.write(block)
                got += len(block)
                shown.text = f"Getting the copy from {server.url}: {got:,} bytes"
            target.flush()
            os.fsync(target.fileno())
        shown.text = f"Verifying {copy}"
        verify_copy(partial, copy)
