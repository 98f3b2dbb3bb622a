"""`bidroom explain`: why an item went to whom, told from the journal; while a server has it, from a copy."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bidroom.errors import BidroomError
from bidroom.explain import Sentence, ask, explain
from bidroom.journal.file import JournalInUse
from bidroom.journal.verify import load_events
from bidroom.rules.events import AnyEvent
from bidroom.rules.evolve import evolve
from bidroom.rules.state import RoomState
from bidroom.terminal.backup import make_copy
from bidroom.terminal.progress import progress
from bidroom.terminal.show import say
from bidroom.terminal.story import visible


def print_explanation(file: Path, item: str, unit: int | None, bidder: str | None, room: str | None) -> int:
    """Tell what happened to an item; exit status 0. Raises BidroomError."""
    events = _pick_room(file, _events(file), room)
    state = RoomState()
    for event in events:
        evolve(state, event)
    try:
        question = ask(state, item, unit, bidder)
    except BidroomError as error:
        raise BidroomError(f"{file}: {error}") from None
    _print(explain(events, question, _clock))
    return 0


def _events(file: Path) -> dict[str, list[AnyEvent]]:
    with progress(f"Reading {file}"):
        try:
            return load_events(file)
        except JournalInUse:
            with TemporaryDirectory(prefix="bidroom-") as directory:
                copy = Path(directory) / "journal"
                make_copy(file, copy)
                return load_events(copy)


def _pick_room(file: Path, rooms: dict[str, list[AnyEvent]], room: str | None) -> list[AnyEvent]:
    if not rooms:
        raise BidroomError(f"{file}: the journal is empty")
    if room is None and len(rooms) > 1:
        raise BidroomError(f"{file}: this journal has several rooms; name one with --room: {', '.join(rooms)}")
    if room is not None and room not in rooms:
        raise BidroomError(f"{file}: there is no room {room!r} in this journal; there are: {', '.join(rooms)}")
    return next(iter(rooms.values())) if room is None else rooms[room]


def _print(sentences: list[Sentence]) -> None:
    """Each sentence with its time, the date wherever it is another one; the reasons stand apart."""
    date, apart = "", False
    for sentence in sentences:
        if apart and sentence.at is not None:
            say("")
        apart = sentence.at is None
        if sentence.at is None:
            say(visible(sentence.text))
            continue
        if (today := time.strftime("%A, %d %B %Y", time.localtime(sentence.at // 1000))) != date:
            date = today
            say(f"{date}:")
        say(f"  {_clock(sentence.at)}  {visible(sentence.text)}")


def _clock(at: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at // 1000)) + f".{at % 1000:03}"
