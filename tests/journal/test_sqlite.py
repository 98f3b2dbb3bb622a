"""The journal's file: who may open it, what is in it for other programs, and how its writer groups commits."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bidroom.errors import BidroomError
from bidroom.journal.chain import DamagedJournal, genesis, seal
from bidroom.journal.file import JournalInUse, NotAJournal
from bidroom.journal.journal import Conflict
from bidroom.journal.schema import APPLICATION_ID, SCHEMA_VERSION
from bidroom.journal.sqlite import SqliteJournal
from bidroom.journal.verify import verify_file
from bidroom.results import item_totals, owed, purchases
from bidroom.rules.events import BidAccepted, BidVoided, UnitSold
from tests.busy_sale import BusySale
from tests.journal.story import BIDDERS, Story, entries_of, whole_story

OPEN_ELSEWHERE = """
import asyncio, sys
from pathlib import Path
from bidroom.journal.sqlite import JournalInUse, SqliteJournal
try:
    asyncio.run(SqliteJournal.open(Path(sys.argv[1])))
except JournalInUse as error:
    print(error)
    sys.exit(2)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


async def written(path: Path) -> None:
    """A file with one room's story, closed."""
    journal = await SqliteJournal.open(path)
    fence = journal.start
    for batch in whole_story("hall"):
        fence = await journal.append("hall", fence, batch)
    await journal.close()


def outside(path: Path, statement: str, *parameters: object) -> list[tuple]:
    """What any program with SQLite sees and does."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        return connection.execute(statement, parameters).fetchall()


def put(path: Path, content: bytes | bytearray) -> None:
    path.write_bytes(content)


def contents(path: Path) -> bytes:
    return path.read_bytes()


def one_line(caught: pytest.ExceptionInfo[BaseException]) -> bool:
    return "\n" not in str(caught.value) and len(str(caught.value)) < 300


async def opens_elsewhere(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", OPEN_ELSEWHERE, str(path)]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)


async def test_a_second_server_is_refused_until_the_first_has_closed(path: Path):
    journal = await SqliteJournal.open(path)
    await journal.append("hall", journal.start, Story("hall").open())
    for look in (lambda: SqliteJournal.open(path), lambda: asyncio.to_thread(verify_file, path)):
        with pytest.raises(JournalInUse, match="journal") as caught:
            await look()
        assert one_line(caught)
    # Neither of those looks from within may have lost the lock to others.
    second = await opens_elsewhere(path)
    assert second.returncode == 2, second.stderr
    assert second.stdout.count("\n") == 1
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        outside(path, "SELECT * FROM events")
    await journal.close()
    assert (await opens_elsewhere(path)).returncode == 0


async def held_up(journal: SqliteJournal) -> tuple[list[str], threading.Event]:
    """Stop the writer until the event is set; meanwhile requests gather. The list gets the statements it then runs."""
    statements: list[str] = []
    stopped, gate = threading.Event(), threading.Event()

    def stop() -> None:
        journal._writer._usable().set_trace_callback(statements.append)
        stopped.set()
        gate.wait()

    journal._call(stop)
    await asyncio.to_thread(stopped.wait)
    return statements, gate


async def test_all_that_waits_shares_one_commit(path: Path):
    journal = await SqliteJournal.open(path)
    statements, gate = await held_up(journal)
    rooms = [f"room {number}" for number in range(50)]
    work = [asyncio.ensure_future(journal.append(room, journal.start, Story(room).open())) for room in rooms]
    work.append(asyncio.ensure_future(journal.append("room 7", journal.start, Story("room 7").open())))
    await asyncio.sleep(0)
    gate.set()
    results = await asyncio.gather(*work, return_exceptions=True)
    assert [type(result) for result in results] == [tuple] * 50 + [Conflict]
    assert statements.count("COMMIT") == 1
    assert sum(statement.startswith("INSERT INTO events") for statement in statements) < 9
    assert await journal.rooms() == rooms
    await journal.close()


async def test_one_room_may_have_several_appends_in_one_commit(path: Path):
    journal = await SqliteJournal.open(path)
    story = Story("hall")
    batches = [story.open(), story.bids(1), story.bids(2)]
    fences = [(batch[-1].seq, batch[-1].sub) for batch in batches]
    statements, gate = await held_up(journal)
    work = [
        asyncio.ensure_future(journal.append("hall", fence, batch))
        for fence, batch in zip([journal.start, *fences], batches, strict=False)
    ]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*work) == fences
    assert statements.count("COMMIT") == 1
    assert (await journal.read("hall", journal.start)).entries == [entry for batch in batches for entry in batch]
    await journal.close()


async def test_a_bid_waits_for_one_reader_at_most(path: Path):
    journal = await SqliteJournal.open(path)
    _, first_gate = await held_up(journal)
    second = asyncio.ensure_future(held_up(journal))
    await asyncio.sleep(0)
    reads = [asyncio.ensure_future(journal.rooms()) for _ in range(5)]
    await asyncio.sleep(0)
    first_gate.set()
    statements, gate = await second  # the writer is busy again, and knows of all the readers
    append = asyncio.ensure_future(journal.append("attic", journal.start, Story("attic").open()))
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*reads) == [["attic"]] * 5
    await append
    assert [statement.split()[0] for statement in statements][-6:] == ["COMMIT"] + 5 * ["SELECT"]
    await journal.close()


async def test_who_no_longer_waits_keeps_nobody_else_from_an_answer(path: Path):
    journal = await SqliteJournal.open(path)
    _, gate = await held_up(journal)
    gone, waiting = (
        asyncio.ensure_future(journal.append(room, journal.start, Story(room).open())) for room in ("attic", "hall")
    )
    await asyncio.sleep(0)
    gone.cancel()
    gate.set()
    assert await waiting == (3, 0)
    assert await journal.rooms() == ["attic", "hall"]
    await journal.close()


async def test_recovering_without_a_failure_leaves_the_file_open(path: Path):
    journal = await SqliteJournal.open(path)
    connection = journal._writer._connection
    await asyncio.gather(*(journal.recover() for _ in range(3)))
    assert journal._writer._connection is connection
    await journal.close()


async def test_the_file_is_its_owners_alone(path: Path):
    umask = os.umask(0)
    try:
        journal = await SqliteJournal.open(path)
        await journal.append("hall", journal.start, Story("hall").open())
        files = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        assert files == {"journal": 0o600, "journal-wal": 0o600}
        await journal.close()
    finally:
        os.umask(umask)
    assert [file.name for file in path.parent.iterdir()] == ["journal"], "closed, it is one file"


async def test_other_programs_read_the_file_with_sql(path: Path):
    await written(path)
    rows = outside(path, "SELECT seq, sub, at, type, typeof(body), hash FROM events WHERE room = 'hall'")
    assert rows == [(e.seq, e.sub, e.at, e.type, "text", e.hash) for e in entries_of("hall")]
    assert outside(path, "SELECT json_extract(body, '$.terms.items[0].name') FROM events LIMIT 1") == [('Lamp "Ø"',)]
    assert outside(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert outside(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert outside(path, "PRAGMA integrity_check") == [("ok",)]


async def test_the_views_say_what_happened(path: Path):
    await written(path)
    assert outside(path, "SELECT * FROM items") == [
        ("hall", "lamp", 'Lamp "Ø"', "EUR", None, 12_000, 500, 2, 2, 25_500, "finished"),
        ("hall", "desk", "Desk", "EUR", None, 5_000, 100, 2, 0, 0, "on sale"),
    ]
    bids = outside(path, "SELECT room, item, unit, amount FROM bids ORDER BY seq")
    assert bids == [("hall", "lamp", 1, amount) for amount in (12_000, 12_500, 13_000, 13_500)] + [
        ("hall", "lamp", 2, 12_000)
    ]
    assert {bidder for (bidder,) in outside(path, "SELECT bidder FROM bids")} <= set(BIDDERS)
    purchases = outside(path, "SELECT room, item, name, unit, bidder, amount, currency FROM purchases ORDER BY seq")
    winners = outside(path, "SELECT bidder FROM bids WHERE (unit, amount) IN (VALUES (1, 13500), (2, 12000))")
    assert purchases == [
        ("hall", "lamp", 'Lamp "Ø"', 1, winners[0][0], 13_500, "EUR"),
        ("hall", "lamp", 'Lamp "Ø"', 2, winners[1][0], 12_000, "EUR"),
    ]
    (at,) = (entry.at for entry in entries_of("hall") if entry.type == "unit_sold" and b'"unit":1' in entry.body)
    (time,) = outside(path, "SELECT time FROM purchases WHERE unit = 1")[0]
    assert outside(path, "SELECT CAST(round((julianday(?) - 2440587.5) * 86400000) AS INTEGER)", time) == [(at,)]
    for view in ("items", "bids", "purchases", "owed"):
        assert not any("body" in row for row in outside(path, f"SELECT name FROM pragma_table_info('{view}')"))


async def sale_on_file(path: Path, *sales: BusySale) -> None:
    journal = await SqliteJournal.open(path)
    for sale in sales:
        assert sale.state.terms is not None
        head, entries = genesis(sale.state.terms.id), []
        for event in sale.events:
            entries.append(seal(event, head))
            head = entries[-1].hash
        await journal.append(sale.state.terms.id, journal.start, entries)
    await journal.close()


async def test_the_views_agree_with_the_state_after_a_long_sale(path: Path):
    sales = [BusySale(seed, f"hall {seed}").go(1500) for seed in range(4)]
    await sale_on_file(path, *sales)
    for sale in sales:
        state = sale.state
        assert state.terms is not None
        room = state.terms.id
        assert len(state.sales) < sum(isinstance(event, UnitSold) for event in state.sold), "some were cancelled"
        assert any(each.paid and not each.handed_over for each in state.sales.values())
        query = "SELECT seq, item, name, unit, bidder, amount FROM purchases WHERE room = ? ORDER BY seq"
        assert outside(path, query, room) == [
            (each.seq, each.item, each.item_name, each.unit, each.bidder, each.amount) for each in purchases(state)
        ]
        query = "SELECT how, paid, handed_over FROM purchases WHERE room = ? ORDER BY seq"
        assert outside(path, query, room) == [(each.how, each.paid, each.handed_over_by) for each in purchases(state)]
        query = "SELECT bidder, name, paddle, total, paid, owed FROM owed WHERE room = ?"
        assert {*outside(path, query, room)} == {
            (each.bidder, each.name, each.paddle, each.total, each.paid, each.owed) for each in owed(state)
        }
        query = "SELECT item, name, seller, units, sold, total, state = 'finished' FROM items WHERE room = ?"
        assert outside(path, query, room) == [
            (each.item, each.name, each.seller, each.units, each.sold, each.total, each.finished)
            for each in item_totals(state)
        ]
        assert len(state.items) > len(state.terms.items), "some were added"


async def test_the_bids_view_tells_how_each_came_and_which_were_taken_back(path: Path):
    sale = BusySale(2).go(1500)
    await sale_on_file(path, sale)
    voided = {event.bid for event in sale.events if isinstance(event, BidVoided)}
    bids = [event for event in sale.events if isinstance(event, BidAccepted)]
    expected = [
        (bid.seq, bid.bidder, bid.amount, bid.via or ("hand" if bid.command else "maximum"), bid.seq in voided)
        for bid in bids
    ]
    assert outside(path, "SELECT seq, bidder, amount, via, voided FROM bids ORDER BY seq") == expected
    assert {via for _, _, _, via, _ in expected} == {"hand", "maximum", "floor", "phone"}
    assert voided


@pytest.mark.parametrize(
    "content", [b"[room]\nname = 'Hall'\n" * 90, b"x", b"SQLite format 3\0"], ids=["text", "byte", "start"]
)
async def test_a_file_of_another_kind_is_refused_and_left_alone(path: Path, content: bytes):
    put(path, content)
    for look in (lambda: SqliteJournal.open(path), lambda: asyncio.to_thread(verify_file, path)):
        with pytest.raises(NotAJournal, match="not a Bidroom journal") as caught:
            await look()
        assert one_line(caught)
    assert contents(path) == content


async def test_another_programs_database_is_refused_and_left_alone(path: Path):
    outside(path, "CREATE TABLE photos (name)")
    before = contents(path)
    for look in (lambda: SqliteJournal.open(path), lambda: asyncio.to_thread(verify_file, path)):
        with pytest.raises(NotAJournal, match="another program"):
            await look()
    assert contents(path) == before


async def test_a_newer_journal_is_refused(path: Path):
    await written(path)
    outside(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    for look in (lambda: SqliteJournal.open(path), lambda: asyncio.to_thread(verify_file, path)):
        with pytest.raises(NotAJournal, match="newer Bidroom") as caught:
            await look()
        assert one_line(caught)


@pytest.mark.parametrize("place", ["missing/journal", ".", "file/journal"])
async def test_a_place_where_no_file_can_be_is_said_in_one_line(tmp_path: Path, place: str):
    (tmp_path / "file").touch()
    with pytest.raises(BidroomError, match="directory") as caught:
        await SqliteJournal.open(tmp_path / place)
    assert one_line(caught)


async def test_an_empty_file_becomes_a_journal(path: Path):
    put(path, b"")
    await written(path)
    assert verify_file(path).rooms[0].events == len(entries_of("hall"))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON events BEGIN SELECT 1; END",
        "DROP VIEW purchases",
        "DROP VIEW owed",
        "DELETE FROM events",
        "DELETE FROM rooms",
        "UPDATE rooms SET room = 'other'",
        "UPDATE events SET room = 'other'",
        "ALTER TABLE events ADD COLUMN note TEXT",
    ],
)
async def test_what_is_out_of_sight_of_the_chain_is_checked_when_it_is_opened(path: Path, statement: str):
    await written(path)
    outside(path, statement)
    for look in (lambda: SqliteJournal.open(path), lambda: asyncio.to_thread(verify_file, path)):
        with pytest.raises(DamagedJournal) as caught:
            await look()
        assert one_line(caught)


async def test_a_damaged_page_is_found_when_it_is_opened(path: Path):
    await written(path)
    content = bytearray(contents(path))
    (root,) = outside(path, "SELECT rootpage FROM sqlite_master WHERE name = 'events'")[0]
    start = (root - 1) * 4096
    content[start : start + 64] = bytes(64)
    put(path, content)
    with pytest.raises(DamagedJournal) as caught:
        await SqliteJournal.open(path)
    assert one_line(caught)


async def test_the_chain_holds_a_row_back_that_sql_would_hide(path: Path):
    """A row before the start of a room would be seen by the views but by no replay."""
    await written(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(
            "INSERT INTO events SELECT room, -1, sub, at, type, body, hash FROM events WHERE type = 'unit_sold' LIMIT 1"
        )
    with pytest.raises(DamagedJournal, match="CHECK"):
        await SqliteJournal.open(path)
