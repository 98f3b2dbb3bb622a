"""What the commands understand, print and draw, without a server or in one process with it."""

import io
import os
import re
import stat
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from rich.screen import Screen

from bidroom import cli
from bidroom.catalogue import SAMPLE, parse_catalogue, read_catalogue
from bidroom.client.view import View
from bidroom.errors import BidroomError
from bidroom.journal.chain import genesis, seal
from bidroom.journal.sqlite import SqliteJournal
from bidroom.rules.commands import Bid, MeetDeadline, OpenRoom, Registration
from bidroom.rules.decide import decide
from bidroom.rules.events import BidAccepted, DeadlinesMoved, ItemFinished, RoomFinished, RoundOpened, UnitSold
from bidroom.rules.evolve import evolve
from bidroom.rules.names import clean_name
from bidroom.rules.state import RoomState
from bidroom.terminal.board import Board
from bidroom.terminal.given_limits import read_limits
from bidroom.terminal.house import public_addresses
from bidroom.terminal.names import pleasant_name
from bidroom.terminal.results import Format, print_results
from bidroom.terminal.story import Story, visible
from bidroom.terminal.unblocked import MAX_WAITING, Unblocked
from bidroom.wire.messages import ItemView, PublicEvent, RoomView, Update
from tests.front_door import BIDROOM, SMALL_SALE, command

COMMANDS = ["serve", "bot", "watch", "results", "verify", "new", "demo"]
NOW = 1_790_000_000_000


def typed(*arguments: str) -> int:
    return cli.run_command(cli.app, arguments)


# Help and errors


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(command, "--help") == 0
    text = capsys.readouterr().out
    assert f"Example: bidroom {command}" in text
    options = re.findall(r"│ (?:\*  )?(--[a-z-]+|[A-Z]+)(.*)", text)
    assert options
    assert all(rest.split("│")[0].strip() for _, rest in options), "every option says what it is"


def test_every_command_is_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--help") == 0
    text = capsys.readouterr().out
    assert all(f"│ {command} " in text for command in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ("bid",),
        ("serve", "--port", "70000"),
        ("serve", "--port", "x"),
        ("bot", "localhost", "--chance", "1.5"),
        ("bot", "localhost", "--pace", "0"),
        ("bot", "localhost", "--count", "0"),
        ("results",),
        ("results", "nothing.db"),
        ("results", "nothing.db", "--format", "pdf"),
        ("verify", "nothing.db"),
        ("verify", "nothing.db", "--receipt", "xyz"),
        ("new", "nowhere/a.toml"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_status_2(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert typed(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir()), "nothing was made"


@pytest.mark.parametrize(
    "arguments", [("--max", "lamp"), ("--limits", "nothing.toml"), ("--strategy", "nowhere:Nothing"), ("what?",)]
)
def test_a_bidder_that_makes_no_sense_is_one_line_and_status_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    status, out, err = command(*BIDROOM, "bot", *arguments, cwd=tmp_path)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_without_a_terminal_the_default_address_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("elsewhere\n"))
    assert cli._ask_address() == "localhost"
    assert capsys.readouterr().out == ""


def test_new_writes_the_sample_and_leaves_what_exists_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sale.toml"
    assert typed("new", str(path)) == 0
    assert path.read_text() == SAMPLE
    assert f"bidroom serve {path}" in capsys.readouterr().out
    assert read_catalogue(path, NOW).terms.items
    path.write_text("mine")
    assert typed("new", str(path)) == 2
    assert path.read_text() == "mine"
    assert "left alone" in capsys.readouterr().err


# A journal, printed and verified


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


# Limits as they are given


def a_view(*items: ItemView, currency: str = "EUR", me: str | None = None) -> View:
    shown = items or (an_item("lamp", "Desk lamp"), an_item("mug", "Mug"))
    room = RoomView(id="r", name="Sale", currency=currency, finished=False, catalogue="c", items=list(shown))
    return View(room, 0, "0" * 64, me)


def an_item(id: str, name: str, **fields: object) -> ItemView:
    known = {"state": "open", "unit": 1, "units": 2, "units_left": 2, "starting_price": 1000, "price": None}
    known |= {"leader": None, "minimum": 1000, "ends_at": None, "opens_at": None}
    return msgspec.convert({"id": id, "name": name, **known, **fields}, ItemView)


def test_limits_by_id_or_name_from_file_and_options(tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text('"Desk lamp" = 20.10\nmug = 7\n')
    assert read_limits(file, ["MUG = 8.55"]).for_room(a_view()) == {"lamp": 2010, "mug": 855}
    assert read_limits(None, ["desk LAMP=12"]).for_room(a_view(currency="JPY")) == {"lamp": 12}
    assert read_limits(None, ["a=b=3"]).for_room(a_view(an_item("x", "a=b"))) == {"x": 300}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("vase = 3", "no item 'vase'"),
        ("mug = 3.001", "too many decimals"),
        ("mug = -3", "out of range"),
        ("mug = inf", "out of range"),
        ("mug = true", "write a price"),
        ("mug = [3]", "write a price"),
        ("mug is 3", "not TOML"),
    ],
)
def test_bad_limits_say_where_and_what(line: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(line)
    with pytest.raises(BidroomError, match=re.escape(str(file))) as error:
        read_limits(file, []).for_room(a_view())
    assert says in str(error.value)


def test_made_up_names_are_fit_to_join_with() -> None:
    names = {pleasant_name() for _ in range(200)}
    assert len(names) > 195
    assert all(clean_name(name) == name for name in names)


# What is told and drawn


def told(view: View, *events: PublicEvent) -> list[str | None]:
    story = Story(view)
    return [story.tell(event) for event in events]


def a_bid(seq: int, bidder: str, amount: int, bids: int = 1) -> BidAccepted:
    return BidAccepted(
        seq=seq, at=NOW, item="lamp", unit=1, bidder=bidder, amount=amount, minimum=0, ends_at=NOW + 9, bids=bids
    )


def test_a_story_is_told_from_the_listeners_side() -> None:
    sold = UnitSold(seq=4, at=NOW, item="lamp", unit=1, bidder="Ana", amount=1300, opens_at=None)
    events = a_bid(1, "Ana", 1000), a_bid(2, "Bo", 1200, bids=3), a_bid(3, "Ana", 1300), sold
    assert told(a_view(me="Ana"), *events) == [
        None,
        "OUTBID on Desk lamp (1 of 2): Bo leads at 12.00 EUR (3 bids)",
        None,
        "WON Desk lamp (1 of 2) for 13.00 EUR",
    ]
    assert told(a_view(), *events) == [
        "Desk lamp (1 of 2) 10.00 EUR by Ana",
        "Desk lamp (1 of 2) 12.00 EUR by Bo (3 bids)",
        "Desk lamp (1 of 2) 13.00 EUR by Ana",
        "SOLD Desk lamp (1 of 2) to Ana for 13.00 EUR",
    ]


def test_a_leader_before_we_came_is_known_and_a_new_round_has_none() -> None:
    led = a_view(an_item("lamp", "Lamp", leader="Ana", price=1000, units=1), me="Ana")
    opened = RoundOpened(seq=2, at=NOW, item="lamp", unit=1, minimum=1000, ends_at=None)
    assert told(led, a_bid(1, "Bo", 1100)) == ["OUTBID on Lamp: Bo leads at 11.00 EUR"]
    assert told(led, opened, a_bid(3, "Bo", 1100)) == ["Lamp opens at 10.00 EUR", "Lamp 11.00 EUR by Bo"]


def test_the_other_events_have_words_too() -> None:
    assert told(
        a_view(),
        ItemFinished(seq=1, at=NOW, item="mug", unsold=2),
        ItemFinished(seq=2, at=NOW, item="lamp", unsold=0),
        DeadlinesMoved(seq=3, at=NOW, rounds=()),
        RoomFinished(seq=4, at=NOW),
    ) == [
        "Mug is finished, 2 unsold",
        "Desk lamp is finished",
        "The house was away; every open round has its time back.",
        "The room is finished.",
    ]


def test_what_others_wrote_cannot_move_the_cursor() -> None:
    assert visible("a\x1b[2J\u202eb") == "a�[2J�b"
    view = a_view(an_item("lamp", "\x1b]0;lamp\x07 [red]", leader="B\x1b[A", price=1000))
    assert "\x1b]" not in drawn(Board(view), 100, 24)
    assert "[red]" in drawn(Board(view), 100, 24)


def drawn(board: Board, width: int, height: int) -> str:
    """The board on a screen of this size, without colours."""
    console = Console(width=width, height=height, force_terminal=True, color_system=None, file=io.StringIO())
    with console.capture() as capture:
        console.print(Screen(board))
    return capture.get()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (40, 10), (20, 5), (200, 60)])
@pytest.mark.parametrize("count", [1, 8, 100])
def test_the_board_fits_any_terminal(width: int, height: int, count: int) -> None:
    view = a_view(*(an_item(f"i{number}", f"Item {number} {'x' * 50}") for number in range(count)))
    board = Board(view)
    board.now = NOW
    for seq in range(1, 60):
        board.hear(RoundOpened(seq=seq, at=NOW, item="i0", unit=1, minimum=1000, ends_at=None))
    board.footer = ("join in",)
    lines = drawn(board, width, height).splitlines()
    assert len(lines) == height
    assert all(len(line) <= width for line in lines)
    if width >= 40:
        assert "join in" in "\n".join(lines)
        assert "turnover" in "\n".join(lines)
    if width >= 80 and count == 100:
        assert "more items" in "\n".join(lines)


def test_the_board_calls_once_and_twice_by_the_length_of_the_window() -> None:
    view = a_view(an_item("lamp", "Lamp"))
    board = Board(view)
    bid = msgspec.structs.replace(a_bid(1, "Ana", 1200), ends_at=NOW + 3000)
    view.fold(Update(1, 1, "0" * 64, NOW, [bid]))
    board.hear(bid)

    def call(after_ms: int) -> str:
        board.now = NOW + after_ms
        (line,) = [line for line in drawn(board, 120, 24).splitlines() if line.startswith(" Lamp")]
        return line

    assert "12.00" in call(0)
    assert "Ana" in call(0)
    assert " 3.0" in call(0)
    assert "going" not in call(900)
    assert "going once" in call(1500)
    assert "going twice" in call(2500)
    assert " 0.0" in call(4000)  # the server's word is still on its way


def test_the_board_says_how_an_item_stands() -> None:
    view = a_view(
        an_item("a", "Anvil"),
        an_item("b", "Bell", state="between", price=1100, leader="Ana", opens_at=NOW + 1500),
        an_item("c", "Cup", state="finished", units_left=0),
        an_item("d", "Dish", state="finished", units_left=2),
        an_item("e", "Ewer", ends_at=NOW + 3_900_000),
    )
    board = Board(view)
    board.now = NOW
    board.connected = False
    text = drawn(board, 120, 24)
    assert re.search(r"Anvil +1/2 +from 10\.00 +waiting for a bid +2", text)
    assert re.search(r"Bell +1/2 +11\.00 +Ana +SOLD!  next in 1\.5", text)
    assert re.search(r"Cup .*sold out +0", text)
    assert re.search(r"Dish .*2 unsold +2", text)
    assert re.search(r"Ewer .*1h05", text)
    assert "connection lost" in text


# The house's outside


def test_only_a_server_for_everyone_has_addresses_to_tell() -> None:
    assert public_addresses("localhost", 12345) == []
    assert public_addresses("192.168.1.20", 12345) == []
    everyone = public_addresses("0.0.0.0", 12400)
    assert all(address.endswith(":12400") and not address.startswith("127.") for address in everyone)


def test_an_output_that_nobody_reads_never_blocks_and_says_the_rest_when_read() -> None:
    reading, writing = os.pipe()
    output = Unblocked(os.fdopen(writing, "w"))
    print("first", file=output)
    for _ in range(3 * MAX_WAITING // 1000):
        print("x" * 999, file=output)  # more than the pipe and the waiting room hold together
    assert output.busy
    taken: list[str] = []

    def read() -> None:
        with os.fdopen(reading) as lines:
            taken.extend(lines)

    reader = threading.Thread(target=read)
    reader.start()
    output.drain(60)
    assert not output.busy
    output._file.close()
    reader.join()
    assert taken[0] == "first\n"
    assert MAX_WAITING // 1000 <= len(taken) < 3 * MAX_WAITING // 1000


def test_an_output_whose_reader_is_gone_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    file = os.fdopen(writing, "w")
    output = Unblocked(file)
    print("to nobody", file=output)
    output.drain(60)
    assert not output.busy
    with pytest.raises(BrokenPipeError):
        file.close()
