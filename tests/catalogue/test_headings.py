"""Headings: every alias, however it is written, and what somebody says with --map."""

from itertools import combinations

import pytest

from bidroom.catalogue import CatalogueError, Column, CsvOptions, parse_map
from bidroom.catalogue.items import ITEM_KEYS
from bidroom.catalogue.spreadsheet.aliases import ALIASES
from bidroom.catalogue.spreadsheet.headings import plain
from tests.catalogue.sheets import Desk

NEEDED = {"name": "Lamp", "starting_price": "5"}
CELLS = {**dict.fromkeys(ALIASES, "7"), "name": "Lamp", "starting_price": "5", "buy_now": "9", "increment": "1"}
CELLS["picture"] = "lamp.jpg"
PAIRS = [(field, alias) for field, aliases in ALIASES.items() for alias in (field, *aliases)]


@pytest.mark.parametrize(("field", "alias"), PAIRS, ids=[alias for _, alias in PAIRS])
def test_every_alias_is_understood_however_it_is_written(desk: Desk, field: str, alias: str):
    others = {heading: cell for heading, cell in NEEDED.items() if heading != field}
    ways = {alias, alias.upper(), alias.replace(" ", "_"), alias.title().replace(" ", ""), f"  {alias} (see below) "}
    for heading in ways:
        text = "\t".join((heading, *others)) + "\n" + "\t".join((CELLS[field], *others.values())) + "\n"
        reading = desk.read(text)
        assert reading.columns[0].field == field
        assert len(reading.catalogue.terms.items) == 1


def test_no_two_fields_share_an_alias():
    for (one, aliases), (other, more) in combinations(ALIASES.items(), 2):
        shared = {plain(alias) for alias in (one, *aliases)} & {plain(alias) for alias in (other, *more)}
        assert not shared, f"{one} and {other}"


def test_every_field_is_one_that_an_item_has():
    assert set(ALIASES) <= set(ITEM_KEYS)


def test_every_field_arrives(desk: Desk):
    text = (
        "Lot;Kategorie;Title;Beschreibung;Image URL;Donor;Start;Step;Qty;Per bidder;Reserve;Buy it now\n"
        "L1;Light;Lamp;Warm;https://example.org/1,2.jpg;Ana;10;2;3;1;15;40\n"
    )
    reading = desk.read(text)
    (item,) = reading.catalogue.terms.items
    assert (item.id, item.category, item.name, item.description, item.seller) == ("L1", "Light", "Lamp", "Warm", "Ana")
    assert item.picture == "https://example.org/1,2.jpg"
    assert (item.starting_price, item.increment, item.units, item.units_each) == (1000, 200, 3, 1)
    assert (item.reserve, item.buy_now, reading.catalogue.reserves) == (True, 4000, {"L1": 1500})


def test_what_nobody_knows_is_ignored_and_told(desk: Desk):
    reading = desk.read('Name,Price,Table,"Paid, by",step\nLamp,5,7,card,1\n')
    assert [column.field for column in reading.columns] == ["name", "starting_price", None, None, "increment"]
    assert reading.warnings == ('ignored: "Table", "Paid, by"; to read a column, say what it is: --map "Table=FIELD"',)


def test_map_goes_before_the_aliases(desk: Desk):
    options = CsvOptions(currency="EUR", map={"opening  BID": "reserve", "Worth": "starting_price", "item": "ignore"})
    reading = desk.read("Title;Item;Opening bid;Worth\nLamp;x;9;5\n", options)
    assert reading.columns == (
        Column("Title", "name"),
        Column("Item", None),
        Column("Opening bid", "reserve"),
        Column("Worth", "starting_price"),
    )
    assert reading.catalogue.reserves == {"lamp": 900}


def test_map_helps_to_find_the_delimiter(desk: Desk):
    options = CsvOptions(currency="EUR", map={"Was": "name", "Geld, alt": "starting_price"})
    assert desk.read("Was|Geld, alt\nLamp, old|5\n", options).delimiter == "|"


@pytest.mark.parametrize(
    ("header", "meanings", "expected"),
    [
        ("Title;Item;Price", {}, ['columns "Title" and "Item" both mean name; leave one out: --map "Item=ignore"']),
        ("Name;Name;Price", {}, ['columns "Name" and "Name" both mean name']),
        ("Title;Worth;x", {}, ['no column is the starting_price; say which one is: --map "Worth=starting_price"']),
        ("a;b;c", {}, ['no column is the name; say which one is: --map "a=name"', "no column is the starting_price"]),
        ("Name;Price;x", {"y": "units"}, ['--map: no column is called \'y\'; the columns are "Name", "Price"']),
        ("Name;Price;x", {"x": "unit"}, ["--map: 'unit' is not a field; did you mean units?"]),
        ("Name;Price;x", {"x": "!"}, ["--map: '!' is not a field; the fields are id, name"]),
    ],
)
def test_what_the_headings_leave_open_is_a_problem(
    desk: Desk, header: str, meanings: dict[str, str], expected: list[str]
):
    found = desk.problems(f"{header}\nLamp;5;6\n", CsvOptions(currency="EUR", map=meanings))
    assert len(found) == len(expected)
    assert all(problem.startswith(start) for problem, start in zip(found, expected, strict=True))


def test_a_description_alone_is_the_name(desk: Desk):
    reading = desk.read("Lot,Description,Opening bid,Step\n1,Lamp,5,1\n")
    assert [item.name for item in reading.catalogue.terms.items] == ["Lamp"]
    assert reading.warnings == ('no column is a name, so column "Description" is read as the name',)


def test_what_map_says_is_taken_apart():
    assert parse_map(["Opening bid=starting_price", "a=b = units"]) == {"Opening bid": "starting_price", "a=b": "units"}
    for wrong in ("Opening bid", "=name", "x=", ""):
        with pytest.raises(CatalogueError, match='write it as "Heading=field"'):
            parse_map([wrong])


def test_a_heading_without_a_name_has_a_number(desk: Desk):
    reading = desk.read("name,price,,step,,\nLamp,5,3,1,,\n", CsvOptions(currency="EUR", map={"Column 3": "units"}))
    assert [column.heading for column in reading.columns] == ["name", "price", "column 3", "step"]
    assert reading.catalogue.terms.items[0].units == 3


def test_what_a_heading_hides_is_not_printed(desk: Desk):
    reading = desk.read("name,price,step,\x1b[31mred\nLamp,5,1,x\n")
    assert reading.columns[3].heading == "\ufffd[31mred"
    assert all(warning.isprintable() for warning in reading.warnings)
