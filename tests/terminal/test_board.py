"""What is drawn of a room, in a terminal of any size."""

import io
import re

import msgspec
import pytest
from rich.console import Console
from rich.screen import Screen

from bidroom.rules.events import RoundOpened
from bidroom.terminal.board import Board
from bidroom.terminal.story import visible
from bidroom.wire.messages import Update
from tests.terminal.views import NOW, a_bid, a_view, an_item


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


def test_the_board_says_what_the_auctioneer_does() -> None:
    view = a_view(
        an_item("a", "Anvil", state="between", unit=0),
        an_item("b", "Bell", state="between", unit=0, opens_at=NOW + 1500),
        an_item("c", "Cup", price=1100, leader="Ana", reserve="not_met", paused=True),
        an_item("d", "Dish", price=1100, leader="Ana", reserve="met", ends_at=NOW + 9000),
    )
    board = Board(view)
    board.now = NOW
    text = drawn(board, 120, 24)
    assert re.search(r"Anvil +0/2 +from 10\.00 +not open yet", text)
    assert re.search(r"Bell +0/2 +from 10\.00 +opens in 1\.5", text)
    assert re.search(r"Cup .*Ana < reserve +paused", text)
    assert re.search(r"Dish .*Ana  +", text)
