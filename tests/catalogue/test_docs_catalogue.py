"""docs/catalogue.md says what the catalogue reads: its tables and its example are held to the code."""

import re
from itertools import zip_longest
from pathlib import Path

import pytest

from bidroom import cli
from bidroom.catalogue import CsvOptions, parse_catalogue
from bidroom.catalogue.items import ITEM_KEYS
from bidroom.catalogue.room import ROOM_KEYS
from bidroom.catalogue.selling import SELLING_KEYS
from bidroom.catalogue.spreadsheet.aliases import ALIASES
from bidroom.catalogue.toml import LIMIT_KEYS
from bidroom.rules.increments import EBAY, PRESETS, TRADEME, step
from bidroom.rules.money import format_plain
from tests.catalogue.sheets import NOW, Desk

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below a heading, down to the next one."""
    return re.split(r"^#", TEXT.split(heading + "\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def keys_of(heading: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", section(heading), re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("### `[room]`", set(ROOM_KEYS) - set(SELLING_KEYS)),
        ("### Selling: in `[room]` for all, in `[[items]]` for one", set(SELLING_KEYS)),
        ("### `[[items]]`", set(ITEM_KEYS) - set(SELLING_KEYS)),
        ("### `[limits]`", set(LIMIT_KEYS)),
    ],
)
def test_every_key_is_there_once(heading: str, keys: set[str]):
    assert sorted(keys_of(heading)) == sorted(keys)


def test_every_heading_is_there():
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", section("### Columns and their headings"), re.MULTILINE)
    assert {field: tuple(aliases.split(", ")) for field, aliases in rows} == ALIASES


def test_the_example_is_what_the_command_prints(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(ROOT)
    assert cli.run_command(cli.app, ["check", "examples/gala.csv"]) == 0
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert TEXT.split("-->\n```\n")[1].split("\n```")[0].splitlines() == printed


def test_the_ladders_are_those_of_the_rules():
    rows = re.findall(r"^\| ([\d.]*) \| ([\d.]*) \| \| ?([\d.]*) \| ?([\d.]*) \|$", TEXT, re.MULTILINE)
    expected = [
        tuple(format_plain(amount, "EUR") if amount is not None else "" for amount in (*left, *right))
        for left, right in zip_longest(
            ((rung.price, rung.step) for rung in EBAY.rungs),
            ((rung.price, rung.step) for rung in TRADEME.rungs),
            fillvalue=(None, None),
        )
    ]
    assert rows == expected
    assert all(f"`{name}`" in TEXT for name in PRESETS)


def test_every_way_to_write_an_increment_is_one():
    for written in re.findall(r"^\| `(increment = .*?)` \|", TEXT, re.MULTILINE):
        room = f'[room]\nname = "r"\ncurrency = "EUR"\n{written}\n[[items]]\nname = "x"\nstarting_price = 1\n'
        (item,) = parse_catalogue(room, "docs", NOW).terms.items
        if said := re.search(re.escape(f"`{written}`") + r".*at 130\.00 by ([\d.]+)", TEXT):
            assert format_plain(step(item.increment, 130_00), "EUR") == said[1]


def test_every_way_to_write_an_amount_is_one(desk: Desk):
    examples = re.findall("`(.+?)`", section("### Amounts").split("understood.")[0])
    assert len(examples) == 11
    for written in examples:
        currency = {"$": "USD", "F": "CHF"}.get(written[0], "EUR")
        (item,) = desk.items(f'name;price;step\nx;"{written}";1\n', CsvOptions(currency=currency))
        assert item.starting_price >= 1200
