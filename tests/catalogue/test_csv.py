"""CSV files as they come: encodings, delimiters, blank rows, and one clear line for what is wrong in a cell."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bidroom.catalogue import CatalogueError, CsvOptions, interpret_catalogue, read_catalogue
from bidroom.catalogue.items import MAX_ITEMS
from bidroom.catalogue.read import MAX_FILE_BYTES
from bidroom.catalogue.spreadsheet.read import interpret_csv
from bidroom.rules.increments import EBAY, Percentage
from bidroom.rules.item import ItemDefaults, ItemTerms, LiveClosing
from tests.catalogue.sheets import EUR, NOW, Desk

ROOT = Path(__file__).parents[2]
PLAIN = "name,starting_price,increment\nLamp,8.00,1.00\n"
FIVE_PERCENT = Percentage(500, 100)


def test_the_least_that_a_sheet_must_say(desk: Desk):
    reading = desk.read("name,price\nDesk lamp,8\n", name="flea-market_2030.csv")
    terms = reading.catalogue.terms
    assert (terms.id, terms.name, terms.currency) == ("flea-market-2030", "Flea market 2030", "EUR")
    assert terms.items == (ItemTerms("desk-lamp", "Desk lamp", 800, FIVE_PERCENT, 1, LiveClosing(10_000), 2_000),)
    assert terms.defaults == ItemDefaults(LiveClosing(10_000), FIVE_PERCENT, 2_000)
    assert (reading.format, reading.encoding, reading.delimiter, reading.blank_rows) == ("CSV", "UTF-8", ",", 0)
    assert reading.warnings == ("no column is the increment, so every item has 5% of its price",)


def test_the_room_may_be_given_a_name(desk: Desk):
    terms = desk.read(PLAIN, CsvOptions(currency="EUR", name="The Gala")).catalogue.terms
    assert (terms.id, terms.name) == ("the-gala", "The Gala")
    assert desk.problem(PLAIN, CsvOptions(currency="EUR", name=" ")).startswith("the room: name: is empty")


@pytest.mark.parametrize(
    ("encode", "encoding"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_every_encoding_gives_the_same_text(desk: Desk, encode: str, encoding: str):
    reading = desk.read("name;Preis;Schritt\nCafé “Zoë”;5 €;1\n".encode(encode))
    assert reading.catalogue.terms.items[0].name == "Café “Zoë”"
    assert reading.encoding == encoding
    told = [w for w in reading.warnings if "is not UTF-8, so it is read as Windows-1252" in w and "'Café'" in w]
    assert bool(told) == (encode == "cp1252")


def test_utf_16_of_the_other_order(desk: Desk):
    assert desk.read(b"\xfe\xff" + PLAIN.encode("utf-16-be")).encoding == "UTF-16"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_ending(desk: Desk, delimiter: str, ending: str):
    rows = [
        ("lot", "item, or set", "price", "step"),
        ("1", "a; b, c | d\te", "1.50", "1"),
        ("2", "two\nlines\tlong", "2.50", "1"),
    ]
    text = ending.join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    reading = desk.read(text, CsvOptions(currency="EUR", map={"item, or set": "name"}))
    assert reading.delimiter == delimiter
    assert [(item.id, item.name) for item in reading.catalogue.terms.items] == [
        ("1", "a; b, c | d e"),
        ("2", "two lines long"),
    ]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("name;price\nLamp, desk;1,50\nMug, red;2,50\n", ";"),
        ("sep=;\nname;price\nLamp;1,50\n", ";"),
        ("sep=|\r\nname|price\r\nLamp|1,50\r\n", "|"),
        ("name,price\nLamp; desk,5\nMug; red,6\n", ","),
        ('name, price\n"Lamp, desk", 5\n', ","),
        ("name;price;Size, cm\nLamp;5;1, 2\nMug, big;6\n", ";"),
    ],
)
def test_the_delimiter_is_found_by_what_makes_sense(desk: Desk, text: str, delimiter: str):
    reading = desk.read(text)
    assert reading.delimiter == delimiter
    assert [column.field for column in reading.columns][:2] == ["name", "starting_price"]


def test_blank_rows_are_skipped_counted_and_still_numbered(desk: Desk):
    text = "\n,,\nname,price,step\n\nLamp,5,1\n , ,\n\nMug,x,1\n\n\n"
    assert desk.problem(text).startswith("row 8, column \"price\": 'x' is not an amount; write it like 120.50")
    assert desk.read(text.replace("x", "6")).blank_rows == 5


def test_a_row_is_counted_as_a_spreadsheet_does(desk: Desk):
    assert desk.problem('name,price\n"Lamp\nof two lines",5\nMug,-6\n').startswith(
        'row 3, column "price": -6 is out of range; an amount is above 0'
    )


def test_quotes_and_inches(desk: Desk):
    names = [item.name for item in desk.items('name,price\n24" monitor,5\n"a ""great"" lamp",6\n')]
    assert names == ['24" monitor', 'a "great" lamp']


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (",5,1,,,", 'column "name": is empty; every item needs one'),
        ("Lamp,,1,,,", 'column "price": is empty; every item needs one'),
        ("Lamp,0,1,,,", 'column "price": 0 is out of range; an amount is above 0'),
        ("Lamp,5.0051,1,,,", 'column "price": 5.0051 has too many decimals; EUR has 2'),
        ("Lamp,99999999999999999999,1,,,", 'column "price": 99999999999999999999 is out of range'),
        ("Lamp,5,abc,,,", "column \"step\": 'abc' is not an amount"),
        ("Lamp,5,0%,,,", "column \"step\": '0%' is out of range; a percentage"),
        ("Lamp,5,1,0,,", 'column "qty": 0 will not do; write a whole number from 1'),
        ("Lamp,5,1,1.5,,", "column \"qty\": '1.5' will not do"),
        ("Lamp,5,1,two,,", "column \"qty\": 'two' will not do"),
        ('Lamp,5,1,"1,000",,', "column \"qty\": '1,000' will not do"),
        ("Lamp,5,1,,4,", 'column "reserve": 4.00 is below the starting price, 5.00'),
        ("Lamp,5,1,,,a b", "column \"id\": 'a b' is not an id"),
        ("La\x07mp,5,1,,,", 'column "name": has a control or bidirectional character (U+0007)'),
        ("La\u202emp,5,1,,,", 'column "name": has a control or bidirectional character (U+202E)'),
        ("L" * 201 + ",5,1,,,", 'column "name": has 201 characters; a name has at most 200'),
        ("Lamp,5,1,,,,,x", "has 8 cells, but there are 6 headings; a text with the delimiter in it must be in quotes"),
    ],
)
def test_what_is_wrong_in_a_row_is_said_with_its_place(desk: Desk, row: str, expected: str):
    between = ": " if expected.startswith("has") else ", "
    assert desk.problem(f"name,price,step,qty,reserve,id\nMug,5,1,1,6,m\n{row}\n").startswith(
        f"row 3{between}{expected}"
    )


def test_a_problem_reads_as_it_should(tmp_path: Path):
    path = tmp_path / "gala.csv"
    path.write_text("id,name,starting_price,minimum_increment\n1,Lamp,5,abc\n")
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(path, NOW, EUR)
    assert str(caught.value) == (
        f"{path}: row 2, column \"minimum_increment\": 'abc' is not an amount; write it like 120.50"
    )


def test_everything_wrong_is_said_at_once_and_ten_of_it_shown(desk: Desk):
    text = "name,price,qty\n" + "Lamp,x,0\n" * 8
    assert len(desk.problems(text)) == 16
    with pytest.raises(CatalogueError, match="and 6 more"):
        desk.read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name,price\nMug,5\n"Lamp,5\nPen,6\n', 'row 3: a text begins with " that never ends'),
        ('name,price\n"The "best" lamp",5\n', 'row 2: a text in quotes goes on after its closing "'),
        ("name,price\n" + "x" * 140_000 + ",5\n", "row 2: a cell is far too long"),
        ("name,price\n" + "," * 1001 + "x\n", "has 1002 columns in row 2; at most 1000 make sense"),
        ("name,price\n", "has only one row; below the headings it needs a row for each item"),
        ("", "is empty; it needs a row of headings"),
        ("\n , \n\t\n", "is empty"),
        ("Lamp\nMug\n", "no column is the name"),
    ],
)
def test_what_is_wrong_with_the_whole(desk: Desk, text: str, expected: str):
    assert desk.problems(text)[0].startswith(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PK\x03\x04 and so on", "is a spreadsheet (.xlsx, .ods) or another packed file, not CSV; open it in"),
        (b"\xd0\xcf\x11\xe0\xa1", "is an old spreadsheet"),
        (b"%PDF-1.7", "is a PDF"),
        (b"name,price\nLa\0mp,5\n", "is not text, it has NUL characters"),
        (PLAIN.encode("utf-16-le"), "is not text, it has NUL characters"),
        (b"\xff\xfea", "begins like text in UTF-16, but is not"),
        (b"\xff\xfe\x00\xd8", "begins like text in UTF-16, but is not"),
        (b"name,price\n\x81\x8d,5\n", "is neither text in UTF-8 nor in Windows-1252"),
        (b"x" * (MAX_FILE_BYTES + 1), "is too large; a catalogue has at most 10 MB"),
        (b"name,price\n" + b"Lamp,5\n" * (MAX_ITEMS + 1), "has more than 10000 rows"),
    ],
)
def test_files_that_are_no_sheet(desk: Desk, content: bytes, expected: str):
    assert desk.problem(content).startswith(expected)


def test_what_is_left_out_has_its_default(desk: Desk):
    text = "name,price,step,qty,reserve,buy now\nA,5,,,,\nB,5,-,n/a,0,0.00\nC,5,2.00,2.0,€0,none\n"
    reading = desk.read(text)
    one, two, three = reading.catalogue.terms.items
    for item in (one, two):
        assert (item.increment, item.units, item.reserve, item.buy_now) == (FIVE_PERCENT, 1, False, None)
    assert (three.increment, three.units, three.reserve, three.buy_now) == (200, 2, False, None)
    assert reading.warnings == ("2 of 3 rows say no increment and have 5% of their price",)


def test_increments_of_every_kind(desk: Desk):
    text = 'name;price;step\nA;5;2,50\nB;5;"2,5 %"\nC;5;5% rounded to 0.50\nD;5;eBay\n'
    increments = [item.increment for item in desk.items(text)]
    assert increments == [250, Percentage(250, 100), Percentage(500, 50), EBAY]


def test_repeated_names_get_numbers_and_are_told(desk: Desk):
    reading = desk.read("id,name,price,step\n,Lamp,5,1\n,lamp,5,1\n,Lamp,5,1\nlamp-2,Big lamp,5,1\n,!!,5,1\n")
    assert [item.id for item in reading.catalogue.terms.items] == ["lamp", "lamp-3", "lamp-4", "lamp-2", "item-5"]
    assert reading.warnings == (
        "1 name used more than once; bidders tell these items apart by their ids: lamp = lamp-3 = lamp-4",
    )


def test_one_id_twice_is_a_problem(desk: Desk):
    text = "id,name,price\n5,Lamp,5\n6,Mug,5\n5,Pen,5\n"
    assert desk.problem(text) == "row 4, column \"id\": '5' is the id of row 2, too; give one another id"


def test_five_thousand_rows(desk: Desk):
    rows = (f'{n},"Lot {n}, of many é","1,{n % 1000:03}.50",5,2\n' for n in range(1, 5001))
    items = desk.items("id,name,price,step,qty\n" + "".join(rows))
    assert len(items) == 5000
    assert sum(item.starting_price for item in items) == sum(100_050 + n % 1000 * 100 for n in range(1, 5001))
    same = desk.items("name,price\n" + "Lamp,5\n" * 5000)
    assert len({item.id for item in same}) == 5000


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", PLAIN, "CSV"),
        ("a.TSV", PLAIN.replace(",", "\t"), "CSV"),
        ("a.txt", PLAIN, "CSV"),
        ("catalogue", PLAIN, "CSV"),
        ("a.toml", '[room]\nname="x"\ncurrency="EUR"\nincrement=1\n[[items]]\nname="y"\nstarting_price=1\n', "TOML"),
        (
            "a.txt",
            '# c\n [room]\nname="x"\ncurrency="EUR"\nincrement=1\n[[items]]\nname="y"\nstarting_price=1\n',
            "TOML",
        ),
        ("a.csv", "[room],name,price,step\n1,Lamp,5,1\n", "CSV"),
    ],
)
def test_the_kind_of_file_is_found_out(desk: Desk, name: str, content: str, kind: str):
    assert desk.read(content, name=name).format == kind


def test_a_toml_file_needs_no_options_and_says_so(desk: Desk):
    toml = '[room]\nname="x"\ncurrency="USD"\nincrement=1\n[[items]]\nname="y"\nstarting_price=1\n'
    reading = desk.read(toml, EUR, "a.toml")
    assert reading.catalogue.terms.currency == "USD"
    assert reading.warnings == ("--currency, --map and --name are for CSV files; a TOML file says these things itself",)


def test_files_that_cannot_be_read(tmp_path: Path):
    for path, expected in ((tmp_path, "is a directory"), (tmp_path / "none.csv", "no such file")):
        with pytest.raises(CatalogueError, match=expected):
            read_catalogue(path, NOW)


SHEETLIKE = st.text(alphabet="nameprice,;\t|\n\r\"'€$%-. 0123456789\x07é\ufeff", max_size=120)


@given(
    st.binary(max_size=300)
    | SHEETLIKE.map(str.encode)
    | st.tuples(
        st.sampled_from(["utf-8-sig", "utf-16", "cp1252"]), SHEETLIKE.map(lambda text: f"name;price\n{text}")
    ).map(lambda pair: pair[1].encode(pair[0], "replace")),
    st.sampled_from([EUR, CsvOptions(), CsvOptions(currency="JPY", map={"name": "price"})]),
)
def test_any_bytes_are_a_catalogue_or_an_error(data: bytes, options: CsvOptions):
    with suppress(CatalogueError):
        assert interpret_csv(data, Path("any.csv"), NOW, options).catalogue.terms.items


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_a_catalogue_or_an_error(tmp_path: Path, data: bytes):
    path = tmp_path / "any"
    path.write_bytes(data)
    with suppress(CatalogueError):
        interpret_catalogue(path, NOW)


def test_the_example_comes_in_as_it_is():
    reading = interpret_catalogue(ROOT / "examples" / "gala.csv", NOW)
    terms = reading.catalogue.terms
    assert (terms.name, terms.currency, len(terms.items)) == ("Gala", "EUR", 8)
    assert reading.catalogue.reserves == {"1": 60_000, "3": 100_000}
    assert reading.blank_rows == 1
    assert reading.warnings == ('ignored: "Table"; to read a column, say what it is: --map "Table=FIELD"',)
