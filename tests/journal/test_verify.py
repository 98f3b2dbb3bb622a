"""Verifying a file: what is damaged is found and named, what is cut or rewritten is found against a receipt."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from bidroom.errors import BidroomError
from bidroom.journal.chain import DamagedJournal, Entry, genesis
from bidroom.journal.file import JournalInUse, NotAJournal, read_page
from bidroom.journal.sqlite import SqliteJournal
from bidroom.journal.verify import Place, load_file, verify_file
from tests.journal.story import Story, entries_of, whole_story

HALL = entries_of("hall")

WRITE_AND_WAIT = """
import asyncio, sys
from pathlib import Path
from bidroom.journal.sqlite import SqliteJournal
from tests.journal.story import whole_story

async def main():
    journal = await SqliteJournal.open(Path(sys.argv[1]))
    fence = journal.start
    for batch in whole_story("hall"):
        fence = await journal.append("hall", fence, batch)
    print("written", flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two rooms: the hall with its whole story, the attic just opened."""

    async def write() -> None:
        journal = await SqliteJournal.open(tmp_path / "journal")
        fence = journal.start
        for batch in whole_story("hall"):
            fence = await journal.append("hall", fence, batch)
        await journal.append("attic", journal.start, Story("attic").open())
        await journal.close()

    asyncio.run(write())
    return tmp_path / "journal"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has a journal open."""
    command = [sys.executable, "-c", WRITE_AND_WAIT, str(tmp_path / "served")]
    root = str(Path(__file__).parent.parent.parent)
    process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    yield process
    process.kill()
    process.communicate()


def change(path: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement, parameters).rowcount, "something is changed"


def snapshot(directory: Path) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in directory.iterdir()}


def rewrite(path: Path, entries: list[Entry]) -> None:
    """Make these bodies the hall's history, with hashes that are right for them."""
    head = genesis("hall")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM events WHERE room = 'hall'")
        for entry in entries:
            head = sha256(head + entry.body).digest()
            row = ("hall", entry.seq, entry.sub, entry.at, entry.type, entry.body.decode(), head)
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def test_a_whole_file_is_told_room_by_room_and_left_alone(path: Path):
    before = snapshot(path.parent)
    hall, attic = verify_file(path).rooms
    assert (hall.id, hall.events, hall.bids, hall.purchases) == ("hall", len(HALL), 5, 2)
    assert (hall.seq, hall.head) == (HALL[-1].seq, HALL[-1].hash.hex())
    assert (attic.id, attic.events, attic.bids, attic.purchases) == ("attic", 3, 0, 0)
    assert snapshot(path.parent) == before


def test_its_rooms_come_back_as_they_ended(path: Path):
    story = Story("attic")
    story.open()
    rooms = load_file(path)
    assert list(rooms) == ["hall", "attic"]
    assert rooms["attic"] == story.state
    assert [sale.amount for sale in rooms["hall"].sales.values()] == [13_500, 12_000]


def test_a_room_of_more_than_a_page(tmp_path: Path):
    async def write() -> Story:
        journal = await SqliteJournal.open(tmp_path / "journal")
        story = Story("hall")
        await journal.append("hall", journal.start, story.open() + story.bids(1500))
        await journal.close()
        return story

    story = asyncio.run(write())
    assert load_file(tmp_path / "journal") == {"hall": story.state}
    assert verify_file(tmp_path / "journal").rooms[0].bids == 1500


@pytest.mark.parametrize("entry", [HALL[0], HALL[-1], next(entry for entry in HALL if entry.sub)])
def test_every_receipt_is_found_where_it_stands(path: Path, entry: Entry):
    for receipt in (entry.hash.hex(), entry.hash.hex().upper() + "\n"):
        assert verify_file(path, receipt).receipt == Place("hall", entry.seq, entry.sub)


@pytest.mark.parametrize("receipt", ["", "12", "g" * 64, "0" * 63, "0" * 65])
def test_what_is_no_receipt_is_said_in_one_line(path: Path, receipt: str):
    with pytest.raises(BidroomError, match="64 hexadecimal digits") as caught:
        verify_file(path, receipt)
    assert not isinstance(caught.value, DamagedJournal)


def test_a_cut_tail_is_found_against_a_receipt(path: Path):
    last = HALL[-1]
    change(path, "DELETE FROM events WHERE room = 'hall' AND seq = ?", last.seq)
    assert verify_file(path, HALL[-2].hash.hex()).receipt == Place("hall", HALL[-2].seq, HALL[-2].sub)
    with pytest.raises(DamagedJournal, match="cut or rewritten"):
        verify_file(path, last.hash.hex())


def test_a_rewritten_history_is_found_against_any_later_receipt(path: Path):
    first_bid = next(number for number, entry in enumerate(HALL) if entry.type == "bid_accepted")
    forged = [forge(entry) if number == first_bid else entry for number, entry in enumerate(HALL)]
    rewrite(path, forged)
    assert verify_file(path).rooms[0].bids == 5, "by itself it looks like any other"
    assert verify_file(path, HALL[first_bid - 1].hash.hex()).receipt is not None
    for entry in HALL[first_bid:]:
        with pytest.raises(DamagedJournal, match="cut or rewritten"):
            verify_file(path, entry.hash.hex())


def forge(entry: Entry) -> Entry:
    """The same bid, of an amount that somebody would rather have seen."""
    body = entry.body.replace(b'"amount":12000', b'"amount":12001')
    assert body != entry.body
    return Entry(entry.seq, entry.sub, entry.at, entry.type, body, entry.hash)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = replace(body, '\"amount\":12500', '\"amount\":12499')",
        "UPDATE events SET hash = zeroblob(32) WHERE seq = 5 AND sub = 0 AND room = 'hall'",
        "UPDATE events SET at = at + 1 WHERE seq = 5 AND sub = 0 AND room = 'hall'",
        "UPDATE events SET type = 'bid' WHERE seq = 5 AND sub = 0 AND room = 'hall'",
        "UPDATE events SET sub = 7 WHERE seq = 5 AND sub = 0 AND room = 'hall'",
        "DELETE FROM events WHERE seq = 5 AND sub = 0 AND room = 'hall'",
        "INSERT INTO events SELECT room, 99, sub, at, type, body, hash FROM events WHERE seq = 5 AND room = 'hall'",
    ],
)
def test_a_change_by_sql_is_found_and_its_place_named(path: Path, statement: str):
    change(path, statement)
    with pytest.raises(DamagedJournal, match=r"room 'hall', event \d+"):
        verify_file(path)
    with pytest.raises(DamagedJournal):
        load_file(path)


def test_a_flipped_byte_within_an_event_is_found_and_its_place_named(path: Path):
    content = path.read_bytes()
    place = content.index(b'"amount":12500') + len(b'"amount":')
    path.write_bytes(content[:place] + b"9" + content[place + 1 :])
    with pytest.raises(DamagedJournal, match="room 'hall', event 5"):
        verify_file(path)


def test_any_flipped_byte_in_the_file_is_found_or_changes_nothing_that_is_kept(path: Path):
    whole = path.read_bytes()
    (expected, states, found) = kept(path), load_file(path), 0
    for place in range(0, len(whole), 61):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert load_file(path) == states, place
            assert kept(path) == expected, place
        except (DamagedJournal, NotAJournal):
            found += 1
    assert found > 20


def kept(path: Path) -> list[list[Entry]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return [read_page(connection, room, (0, 0), 1000) for room in ("hall", "attic")]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_truncated_file_is_found(path: Path, share: float):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DamagedJournal):
        verify_file(path)


def test_what_a_killed_server_left_is_verified_with_its_log_and_left_alone(
    tmp_path: Path, server: subprocess.Popen[str]
):
    server.send_signal(signal.SIGKILL)
    server.wait()
    before = snapshot(tmp_path)
    assert set(before) == {"served", "served-wal"}
    verified = verify_file(tmp_path / "served", HALL[-1].hash.hex())
    assert verified.rooms[0].head == HALL[-1].hash.hex()
    assert snapshot(tmp_path) == before


@pytest.mark.usefixtures("server")
def test_a_journal_that_a_server_has_is_refused_in_one_line(tmp_path: Path):
    for look in (verify_file, load_file):
        with pytest.raises(JournalInUse, match="stop it") as caught:
            look(tmp_path / "served")
        assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_directory_are_said_in_one_line(tmp_path: Path):
    for place in (tmp_path / "missing", tmp_path):
        with pytest.raises(BidroomError, match=str(place)) as caught:
            verify_file(place)
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
