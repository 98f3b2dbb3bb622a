"""What a journal holds, printed, explained, copied and verified."""

import asyncio
import json
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from bidroom import cli
from bidroom.errors import BidroomError
from bidroom.journal.chain import genesis, seal
from bidroom.journal.sqlite import SqliteJournal
from bidroom.journal.verify import load_file
from bidroom.results import Format, What, render
from bidroom.rules.act import act
from bidroom.rules.commands import Bid, MaxBid, MeetDeadline, OpenRoom, Registration
from bidroom.rules.events import BidAccepted, MaximumSet
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.rules.state import RoomState
from bidroom.terminal.journals import noted
from bidroom.terminal.progress import progress
from bidroom.terminal.results import Shape, print_results
from tests.busy_sale import BusySale

NOW = 1_790_000_000_000
TOKEN = Registration("00" * 32, "00" * 16)


def typed(*arguments: str) -> int:
    return cli.run_command(cli.app, arguments)


async def write_journal(path: Path, *names: str) -> list[str]:
    """A sale of one lamp a room, to Ana at 12.00 EUR, before Bob, who came late; gives the receipts of both of hers."""
    journal = await SqliteJournal.open(path)
    receipts: list[str] = []
    for name in names:
        lamp = ItemTerms("lamp", "Lamp", 12_00, 100, 1, LiveClosing(300))
        terms = RoomTerms(name.lower(), name, "EUR", (lamp,))
        state, tail, fence = RoomState(), genesis(terms.id), journal.start
        commands = (
            (0, OpenRoom(terms)),
            (5, MaxBid("Bob", 1, "lamp", 15_00, 1, TOKEN)),
            (10, MaxBid("Ana", 1, "lamp", 20_00, 1, TOKEN)),
            (310, MeetDeadline("lamp")),
            (400, Bid("Bob", 2, "lamp", 17_00, 1, TOKEN)),
        )
        for at, asked in commands:
            for event in act(state, asked, NOW + at).events:
                entry = seal(event, tail)
                tail = entry.hash
                fence = await journal.append(terms.id, fence, [entry])
                if isinstance(event, BidAccepted | MaximumSet) and event.bidder == "Ana":
                    receipts.append(tail.hex())
    await journal.close()
    return receipts


async def write_sale(path: Path, sale: BusySale) -> None:
    journal = await SqliteJournal.open(path)
    head, entries = genesis("hall"), []
    for event in sale.events:
        entries.append(seal(event, head))
        head = entries[-1].hash
    await journal.append("hall", journal.start, entries)
    await journal.close()


def printed(
    file: Path, format: Shape, capfdbinary: pytest.CaptureFixture[bytes], what: What = "all", room: str | None = None
) -> bytes:
    assert print_results(file, format, what, room) == 0
    return capfdbinary.readouterr().out


def test_results_as_table_csv_json_and_page(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tmp_path / "a.db"
    asyncio.run(write_journal(file, "Sale"))
    table = printed(file, "table", capfdbinary).decode()
    assert re.search(r"Lamp +1 +Ana +16\.00 EUR", table)
    assert re.search(r"Together +16\.00 EUR +0\.00 EUR +16\.00 EUR", table)
    assert b"lamp,Lamp,1,Ana,16.00,EUR," in printed(file, "csv", capfdbinary)
    found = msgspec.json.decode(printed(file, "json", capfdbinary))
    assert (found["total"], found["purchases"][0]["bidder"]) == (1600, "Ana")
    assert printed(file, "html", capfdbinary).startswith(b"<!doctype html>")
    owed = printed(file, "csv", capfdbinary, "owed")
    assert owed.removeprefix(b"\xef\xbb\xbf").splitlines()[1] == b"Ana,,,,16.00,0.00,16.00,EUR"
    statement = printed(file, "table", capfdbinary, "statements").decode()
    assert re.search(r"Statement for Ana\n.*\nLamp +1 +16\.00 EUR", statement)


def test_every_part_of_a_long_sale_can_be_printed(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file, sale = tmp_path / "a.db", BusySale(5).go(800)
    asyncio.run(write_sale(file, sale))
    whats: list[What] = ["all", "purchases", "statements", "owed", "items", "sellers", "unsold"]
    for what in whats:
        table = printed(file, "table", capfdbinary, what).decode()
        assert "Together" in table
        assert ("Statement for Paddle 2 (Bjørn, paddle 2, 2@example.org)\n" in table) == (what == "statements")
        formats: list[Format] = ["csv", "json", "html"]
        for format in formats:
            assert printed(file, format, capfdbinary, what).rstrip(b"\n") == render(sale.state, what, format).rstrip(
                b"\n"
            )


def test_what_a_bidder_typed_does_not_reach_the_terminal(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    sale = BusySale(1)
    sale.events = [
        msgspec.structs.replace(event, name="\x1b[2J") if getattr(event, "name", "") == "Ana" else event
        for event in BusySale(1).go(300).events
    ]
    asyncio.run(write_sale(tmp_path / "a.db", sale))
    for what in ("all", "statements"):
        assert b"\x1b[2J" not in printed(tmp_path / "a.db", "table", capfdbinary, what)
    assert typed("explain", str(tmp_path / "a.db"), "--item", "mug", "--bidder", "1") == 0
    assert b"\x1b" not in capfdbinary.readouterr().out


def test_where_nothing_was_bought_that_is_said(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    asyncio.run(write_sale(tmp_path / "a.db", BusySale(1)))
    assert b"Nothing was bought." in printed(tmp_path / "a.db", "table", capfdbinary)
    assert printed(tmp_path / "a.db", "table", capfdbinary, "owed").endswith(b"Nothing to show.\n")
    asyncio.run(write_journal(tmp_path / "b.db"))
    assert printed(tmp_path / "b.db", "table", capfdbinary) == b"The journal is empty.\n"


def test_results_of_several_rooms(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tmp_path / "a.db"
    asyncio.run(write_journal(file, "North", "South"))
    table = printed(file, "table", capfdbinary).decode()
    assert table.index("North") < table.index("South")
    assert b"lamp,Lamp" in printed(file, "csv", capfdbinary, room="south")
    with pytest.raises(BidroomError, match="name one with --room: north, south"):
        print_results(file, "csv", "all", None)
    with pytest.raises(BidroomError, match="no room 'east'"):
        print_results(file, "table", "all", "east")


def test_verify_tells_whole_from_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.db"
    maximum, *_, bid = asyncio.run(write_journal(file, "Sale"))
    assert typed("verify", str(file), "--receipt", bid) == 0
    out = capsys.readouterr().out
    assert "2 bids, 1 purchases; the chain is whole" in out
    assert "The receipt is that of event 4 in sale." in out
    assert typed("verify", str(file), "--receipt", maximum) == 0
    assert "private event in sale, which only the journal shows:\n  event 3.2, the second behind public event 3." in (
        capsys.readouterr().out
    )
    assert typed("verify", str(file), "--receipt", "0" * 64) == 1
    assert "cut or rewritten" in capsys.readouterr().err
    file.write_bytes(file.read_bytes().replace(b'"amount":1600', b'"amount":1599'))
    assert typed("verify", str(file)) == 1
    assert capsys.readouterr().err.startswith("DAMAGED  ")
    assert typed("results", str(file)) == 2
    assert typed("backup", str(file), str(tmp_path / "copy.db")) == 2
    assert not (tmp_path / "copy.db").exists()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_explanation_has_times_and_the_date_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.db"
    asyncio.run(write_journal(file, "Sale"))
    assert typed("explain", str(file), "--item", "lamp", "--bidder", "Bob") == 0
    out = capsys.readouterr().out
    heading, blank, date, opened, *_ = out.splitlines()
    assert (heading, blank) == ("Lamp (lamp) in Sale: 1 unit, from 12.00 EUR up.", "")
    assert re.fullmatch(r"\w+, \d\d \w+ 20\d\d:", date)
    assert re.match(r"  \d\d:\d\d:\d\d\.000  The room opened", opened)
    assert out.count(date) == 1
    assert re.search(r"\n  \d\d:\d\d:\d\d\.400  Bob bid 17.00 EUR, 0.090 s after the close", out)
    assert "\nAnd Bob? The best bid of Bob was 15.00 EUR" in out or "\nAnd Bob? The best bid of Bob was 12.00" in out


def test_what_can_not_be_explained_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.db"
    asyncio.run(write_journal(file, "North", "South"))
    for arguments, said in (
        (("--item", "lamp"), "name one with --room: north, south"),
        (("--item", "lamp", "--room", "east"), "there are: north, south"),
        (("--item", "desk", "--room", "north"), "there is no item 'desk'; there are: lamp"),
        (("--item", "lamp", "--room", "north", "--bidder", "Cem"), "there are: Bob, Ana"),
        (("--item", "lamp", "--room", "north", "--unit", "2"), "no unit 2"),
    ):
        assert typed("explain", str(file), *arguments) == 2
        err = capsys.readouterr().err
        assert said in err
        assert err.count("\n") == 1


def test_a_backup_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, copy = tmp_path / "a.db", tmp_path / "b.db"
    asyncio.run(write_journal(file, "Sale"))
    assert typed("backup", str(file), str(copy)) == 0
    assert "b.db is a whole copy of" in capsys.readouterr().out
    assert load_file(copy) == load_file(file)
    assert typed("backup", str(file), str(copy)) == 2
    assert "a file of this name already" in capsys.readouterr().err
    assert typed("backup", str(tmp_path / "missing.db"), str(tmp_path / "c.db")) == 2
    assert not (tmp_path / "c.db").exists()


# While a server has the journal


class Desk(BaseHTTPRequestHandler):
    """Answers as a server does that has the journal: to its auctioneer, results and a copy."""

    state: RoomState
    copy: bytes = b""
    asked: list[tuple[str, str, str | None]]

    def answer(self, method: str, body: bytes) -> None:
        self.asked.append((method, self.path, self.headers["Authorization"]))
        needs_token = self.path != "/api/rooms"
        allowed = not needs_token or self.headers["Authorization"] == "Bearer secret"
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(body if allowed else b"{}")

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path == "/api/rooms":
            self.answer("GET", json.dumps([{"id": "hall", "name": "The hall", "currency": "EUR"}]).encode())
        else:
            query = parse_qs(path.query)
            self.answer("GET", render(self.state, query["what"][0], query["format"][0]))  # type: ignore[arg-type]

    def do_POST(self) -> None:
        self.answer("POST", self.copy)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Somebody has the journal open."""
    with asyncio.Runner() as runner:
        journal = runner.run(SqliteJournal.open(file))
        try:
            yield
        finally:
            runner.run(journal.close())


@contextmanager
def serving(file: Path, sale: BusySale, copy: bytes) -> Iterator[type[Desk]]:
    """A server that has the journal `file`, as far as a command can see: the note, the tokens, and the lock."""

    class Here(Desk):
        pass

    Here.state, Here.copy, Here.asked = sale.state, copy, []
    server = HTTPServer(("127.0.0.1", 0), Here)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    file.with_name(file.name + ".tokens").write_text('auctioneer = "secret"\nclerk = "other"\n')
    with noted(file, f"http://127.0.0.1:{server.server_port}"):
        try:
            yield Here
        finally:
            server.shutdown()
            server.server_close()


def test_a_server_that_has_the_journal_is_asked(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file, sale = tmp_path / "a.db", BusySale(4).go(400)
    asyncio.run(write_sale(file, sale))
    whole = bytes(bytearray(file.read_bytes()))
    before = printed(file, "table", capfdbinary), printed(file, "csv", capfdbinary, "owed")
    assert typed("explain", str(file), "--item", "mug") == 0
    told = capfdbinary.readouterr().out
    with held(file), serving(file, sale, whole) as desk:
        assert (printed(file, "table", capfdbinary), printed(file, "csv", capfdbinary, "owed")) == before
        assert typed("backup", str(file), str(tmp_path / "copy.db")) == 0
        assert (tmp_path / "copy.db").read_bytes() == whole
        assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
        capfdbinary.readouterr()
        assert typed("explain", str(file), "--item", "mug") == 0
        assert capfdbinary.readouterr().out == told
        assert ("POST", "/api/backup", "Bearer secret") in desk.asked
        assert all(token == "Bearer secret" for _, path, token in desk.asked if path != "/api/rooms")


def test_what_a_server_refuses_or_breaks_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sale = tmp_path / "a.db", BusySale(4).go(50)
    asyncio.run(write_sale(file, sale))
    copy = tmp_path / "copy.db"
    with held(file):
        assert typed("backup", str(file), str(copy)) == 2
        assert "another program is using this journal" in capsys.readouterr().err
        with serving(file, sale, b"no journal at all" * 100):
            assert typed("backup", str(file), str(copy)) == 2
            assert "not a Bidroom journal" in capsys.readouterr().err
            tokens = tmp_path / "a.db.tokens"
            tokens.write_text('auctioneer = "wrong"\nclerk = "x"\n')
            for command in (("backup", str(file), str(copy)), ("results", str(file))):
                assert typed(*command) == 2
                err = capsys.readouterr().err
                assert "doesn't take the token in" in err
                assert err.count("\n") == 1
            tokens.unlink()
            assert typed("results", str(file)) == 2
            assert "a.db.tokens" in capsys.readouterr().err
        assert sorted(each.name for each in tmp_path.iterdir() if not each.name.endswith("-wal")) == ["a.db"]


def test_progress_is_told_of_what_takes_long_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress("Copying"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("bidroom.terminal.progress.SILENT_S", 0.02)
    said = threading.Event()
    with progress("Copying") as shown:
        shown.text = "Copying: 7 events"
        said.wait(0.2)
    assert capsys.readouterr().err.startswith("Copying: 7 events ...\n")
