"""`bidroom check`: what it shows, at the width of a terminal, and that it ends with the right status."""

import sys
from pathlib import Path

import pytest

from bidroom import cli
from tests.front_door import BIDROOM, Terminal

ROOT = Path(__file__).parents[2]
SHEET = (
    "Lot;Title;Opening bid;Step;Reserve;Buy now;Qty;Table\n1;Lamp, brass;1.200,50;50;1.500;;2;7\n\n2;Mug;8;5%;;20;;7\n"
)
ROOM = '[room]\nname = "Sale"\ncurrency = "EUR"\nincrement = [[0, 1.00], [100, 5.00]]\n'
ITEM = '[[items]]\nname = "Lamp"\nstarting_price = 8.00\n'


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)

    def show(name: str, content: str, *options: str) -> str:
        Path(name).write_text(content)
        assert cli.run_command(cli.app, ["check", name, *options]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return "\n".join(" ".join(line.split()) for line in out.splitlines())

    return show


def test_a_sheet_is_shown_as_it_was_understood(shown):
    text = shown("gala.csv", SHEET, "--currency", "EUR")
    assert text.startswith("Gala gala, EUR\ngala.csv: CSV, UTF-8, cells parted by semicolons, 1 blank row skipped\n")
    for line in (
        "Opening bid starting_price",
        "Table nothing, it is ignored",
        "Opens Bidding opens as soon as the server runs, for all items together.",
        "Closes A round closes 10 s after its last bid; one without a bid waits for one.",
        "Bidders Anybody may join; bidders are seen by their names.",
        "Id Item Start Step Units Reserve Buy now",
        "1 Lamp, brass 1,200.50 50.00 2 1,500.00",
        "2 Mug 8.00 5% to 1.00 1 20.00",
        "Items: 2. Units: 3, together 2,409.00 EUR at their starting prices.",
        "With a reserve: 1. With a price to buy at once: 1. With a picture: none.",
        '! ignored: "Table"; to read a column, say what it is: --map "Table=FIELD"',
    ):
        assert f"\n{line}\n" in text
    assert text.endswith("Nothing stands in the way. Open the room with: bidroom serve gala.csv --currency EUR")


def test_pictures_are_shown_and_looked_for_beside_the_catalogue(shown, tmp_path: Path):
    (tmp_path / "pictures" / "lots").mkdir(parents=True)
    (tmp_path / "pictures" / "lots" / "lamp.jpg").touch()
    long = f"{'a' * 300}.jpg"
    pictures = ("lots/lamp.jpg", "mug.png", "mug.png", long, "https://example.org/x.jpg", "-")
    rows = "".join(f"Lot {number};{picture};5;1\n" for number, picture in enumerate(pictures))
    text = shown("a.csv", f"name;Photo;price;step\n{rows}", "--currency", "EUR")
    assert "\nId Item Start Step Units Picture\n" in text
    assert "\nlot-0 Lot 0 5.00 1.00 1 file\n" in text
    assert "\nlot-4 Lot 4 5.00 1.00 1 web\n" in text
    assert "\nlot-5 Lot 5 5.00 1.00 1\n" in text
    assert "With a picture: 5." in text
    warning = f"! 2 pictures not in the folder pictures: mug.png, {long}; put them there in time"
    assert warning.replace(" ", "") in "".join(text.split())


def test_of_pictures_that_are_there_nothing_is_said(shown, tmp_path: Path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "lamp.jpg").touch()
    text = shown("a.toml", ROOM + ITEM + 'picture = "lamp.jpg"\n')
    assert "lamp Lamp 8.00 ladder 1 file" in text
    assert "!" not in text


def test_the_command_to_open_it_has_every_option(shown):
    options = ("--currency", "EUR", "--map", "Table=ignore", "--map", "Qty=units", "--name", "The Gala")
    text = shown("my gala.csv", SHEET, *options)
    assert text.startswith("The Gala the-gala, EUR")
    assert text.endswith(
        "bidroom serve 'my gala.csv' --currency EUR --map Table=ignore --map Qty=units --name 'The Gala'"
    )
    assert "!" not in text


def test_a_long_sheet_is_cut_unless_all_is_wanted(shown):
    sheet = "name,price,step\n" + "".join(f"Lamp {number},5,1\n" for number in range(1, 31))
    text = shown("a.csv", sheet, "--currency", "EUR")
    assert "lamp-20 Lamp 20" in text
    assert "lamp-21" not in text
    assert "... and 10 more; --all shows them" in text
    every = shown("a.csv", sheet, "--currency", "EUR", "--all")
    assert "lamp-30 Lamp 30" in every
    assert "more;" not in every


@pytest.mark.parametrize(
    ("room", "sentence"),
    [
        ('opens = "by-hand"\n', "Bidding opens when the auctioneer says so, for all items together."),
        (
            'opens = "by-hand"\nopens_at = 2099-01-01T00:00:00Z\n',
            "Bidding opens when the auctioneer says so, at 2099-01-01 00:00:00 +0000 at the latest, for all items",
        ),
        ("opens_at = 2099-01-01T00:00:00Z\n", "Bidding opens at 2099-01-01 00:00:00 +0000, for all items together."),
        ('order = "one-by-one"\n', "as soon as the server runs, one item after another; the next one comes by itself."),
        ('order = "one-by-one"\nnext_item = "by-hand"\n', "the next one comes when the auctioneer calls it."),
        ("opening = 60\n", "A round closes 10 s after its last bid; one without a bid passes after 60 s."),
        ('closing = "timed"\nduration = 0.5\n', "closes 0.5 s after it opens; a bid in the last 10 s moves the close."),
        (
            'closing = "timed"\ncloses_at = 2099-01-01T00:00:00Z\nduration = 60\nhard_end = 2099-01-01T01:00:00Z\n',
            "A round closes at 2099-01-01 00:00:00 +0000, a later unit's 60 s after it opens; a bid in the last 10 s "
            "moves the close, at most to 2099-01-01 01:00:00 +0000.",
        ),
        ('registration = "invite"\nunits_each = 3\n', "Only who is invited may join, and buys 3 units at most;"),
        ('bidders = "paddles"\n', "bidders are seen by their paddles."),
        ('units_each = 1\nwindow = 5\n[[items]]\nname="x"\nstarting_price=1\nwindow=9\n', "1 item: A round closes 9 s"),
    ],
)
def test_the_conduct_is_told_in_plain_sentences(shown, monkeypatch: pytest.MonkeyPatch, room: str, sentence: str):
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert sentence in shown("a.toml", ROOM + room + ITEM).replace("\n", " ")


def test_a_toml_file_is_shown_without_columns(shown):
    text = shown("a.toml", ROOM + ITEM + ITEM.replace("Lamp", "Mug") + 'increment = "trademe"\n')
    assert text.startswith("Sale sale, EUR\na.toml: TOML, UTF-8\n")
    assert "Read as" not in text
    assert "lamp Lamp 8.00 ladder 1" in text
    assert "mug Mug 8.00 trademe 1" in text
    assert text.endswith("bidroom serve a.toml")


def test_more_ways_to_close_than_anybody_reads_are_cut(shown):
    items = "".join(ITEM + f"id = 'n{number}'\nwindow = {number}\n" for number in range(1, 8))
    assert "... and 2 more ways to close" in shown("a.toml", ROOM + items)


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("name,price\nLamp,x\nMug,y\n", ("--currency", "EUR"), ["'x' is not an amount", "'y' is not an amount"]),
        ("name,price\nLamp,5\n", (), ["doesn't say its currency"]),
        ("name,price\nLamp,5\n", ("--map", "price"), ["--map 'price': write it as"]),
    ],
)
def test_what_is_wrong_is_a_line_each_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, options: tuple[str, ...], expected: list[str]
):
    path = tmp_path / "a.csv"
    path.write_text(content)
    assert cli.run_command(cli.app, ["check", str(path), *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == len(expected)
    assert all(part in line for part, line in zip(expected, err.splitlines(), strict=True))


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]):
    assert cli.run_command(cli.app, ["check", "--help"]) == 0
    assert "Example: bidroom check gala.csv --currency SGD" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_in_a_terminal_of_80_columns_no_price_is_cut(tmp_path: Path):
    name = "A very long name of a lamp that no terminal shows in one line, however wide it may be, with its shade"
    (tmp_path / "a.csv").write_text(
        f"id;name;price;step;reserve;buy now;qty\n7;{name};1.234.567,89;5%;2.000.000;3.000.000;1\n"
    )
    terminal = Terminal(*BIDROOM, "check", "a.csv", "--currency", "EUR", cwd=tmp_path)
    try:
        assert terminal.ended() == 0
        lines = terminal.text.splitlines()
    finally:
        terminal.close()
    (row,) = [line for line in lines if line.startswith("7 ")]
    before, prices = row.split("…")
    assert before.startswith("7   A very long")
    assert prices.split() == ["1,234,567.89", "5%", "to", "1.00", "1", "2,000,000.00", "3,000,000.00"]
    assert all(len(line) <= 80 for line in lines if "serve" not in line)
