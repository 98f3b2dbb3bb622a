"""What a journal holds, printed and verified."""

import re
import stat
from pathlib import Path

import msgspec
import pytest

from bidroom import cli
from bidroom.catalogue import parse_catalogue
from bidroom.errors import BidroomError
from bidroom.journal.chain import genesis, seal
from bidroom.journal.sqlite import SqliteJournal
from bidroom.rules.commands import Bid, MeetDeadline, OpenRoom, Registration
from bidroom.rules.decide import decide
from bidroom.rules.events import BidAccepted
from bidroom.rules.evolve import evolve
from bidroom.rules.state import RoomState
from bidroom.terminal.results import Format, print_results
from tests.front_door import SMALL_SALE

NOW = 1_790_000_000_000


def typed(*arguments: str) -> int:
    return cli.run_command(cli.app, arguments)


async def write_journal(path: Path, *names: str) -> list[str]:
    """A sale of one lamp a room, to Ana at 12.00 EUR; gives the receipts."""
    journal = await SqliteJournal.open(path)
    receipts: list[str] = []
    for name in names:
        terms = parse_catalogue(SMALL_SALE.replace("Small sale", name), "test", NOW).terms
        state, tail, fence = RoomState(), genesis(terms.id), journal.start
        ana = Registration("00" * 32, "00" * 16)
        commands = OpenRoom(terms), Bid("Ana", 1, "lamp", 1200, 1, ana), MeetDeadline("lamp")
        for at, asked in zip((NOW, NOW + 10, NOW + 400), commands, strict=True):
            for event in decide(state, asked, at).events:
                evolve(state, event)
                entry = seal(event, tail)
                tail = entry.hash
                fence = await journal.append(terms.id, fence, [entry])
                if isinstance(event, BidAccepted):
                    receipts.append(tail.hex())
    await journal.close()
    return receipts


def printed(file: Path, format: Format, capfdbinary: pytest.CaptureFixture[bytes], room: str | None = None) -> bytes:
    assert print_results(file, format, room) == 0
    return capfdbinary.readouterr().out


async def test_results_as_table_csv_and_json(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tmp_path / "a.db"
    await write_journal(file, "Small sale")
    table = printed(file, "table", capfdbinary).decode()
    assert re.search(r"Lamp +Ana +1 +12\.00 EUR", table)
    assert re.search(r"Together +1 +12\.00 EUR", table)
    row = b"lamp,Lamp,1,Ana,12.00,EUR,"
    assert row in printed(file, "csv", capfdbinary)
    json = msgspec.json.decode(printed(file, "json", capfdbinary))
    assert (json["total"], json["purchases"][0]["bidder"]) == (1200, "Ana")


async def test_results_of_several_rooms(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tmp_path / "a.db"
    await write_journal(file, "North", "South")
    table = printed(file, "table", capfdbinary).decode()
    assert table.index("North") < table.index("South")
    assert b"lamp,Lamp" in printed(file, "csv", capfdbinary, "south")
    with pytest.raises(BidroomError, match="name one with --room: north, south"):
        print_results(file, "csv", None)
    with pytest.raises(BidroomError, match="no room 'east'"):
        print_results(file, "table", "east")


async def test_verify_tells_whole_from_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.db"
    (receipt,) = await write_journal(file, "Small sale")
    assert typed("verify", str(file), "--receipt", receipt) == 0
    assert "1 bids, 1 purchases; the chain is whole" in capsys.readouterr().out
    assert typed("verify", str(file), "--receipt", "0" * 64) == 1
    assert "cut or rewritten" in capsys.readouterr().err
    file.write_bytes(file.read_bytes().replace(b'"amount":1200', b'"amount":1199'))
    assert typed("verify", str(file)) == 1
    assert capsys.readouterr().err.startswith("DAMAGED  ")
    assert typed("results", str(file)) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
