"""Amounts in cells: every convention goes round, and what could mean two things is settled or told."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidroom.catalogue import CatalogueError, CsvOptions
from bidroom.catalogue.problems import Unfit
from bidroom.catalogue.spreadsheet.money import DecimalMark, take_apart
from tests.catalogue.sheets import Desk

CENTS = st.integers(1, 2**53)
SIGNED = [
    ("{}", ""),
    ("{} €", "€"),
    ("€{}", "€"),
    ("EUR {}", "EUR"),
    ("{}EUR", "EUR"),
    ("US$ {}", "US$"),
    ("Fr.{}", "Fr"),
    ("\u00a0{}\u00a0kr", "kr"),
]


def grouped(cents: int, thousands: str, mark: str) -> str:
    """123456789 -> "1.234.567,89"."""
    return f"{cents // 100:,}".replace(",", thousands) + f"{mark}{cents % 100:02}"


@pytest.mark.parametrize(
    ("thousands", "mark"),
    [("", "."), ("", ","), (",", "."), (".", ","), (" ", "."), (" ", ","), ("'", "."), ("’", "."), ("\u202f", ",")],  # noqa: RUF001
)
@given(cents=CENTS, form=st.sampled_from(SIGNED), wrong=st.sampled_from([".", ","]))
def test_every_convention_goes_round(thousands: str, mark: str, cents: int, form: tuple[str, str], wrong: DecimalMark):
    cell = take_apart(form[0].format(grouped(cents, thousands, mark)))
    assert cell.sign.rstrip(".") == form[1]
    assert (cell.mark, cell.ambiguous) == (mark, False)
    assert cell.amount(wrong) == Decimal(cents) / 100, "what a cell says itself needs no help"


@given(whole=st.integers(0, 2**53))
def test_whole_numbers_go_round_with_any_thousands(whole: int):
    for thousands in ("", " ", "'"):
        assert take_apart(f"{whole:,}".replace(",", thousands)).amount(".") == whole
    for thousands, mark in ((",", "."), (".", ",")):
        assert take_apart(f"{whole:,}".replace(",", thousands)).amount(mark) == whole


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1,00,000.50", "100000.50"),
        ("12,34,567", "1234567"),
        (".50", "0.50"),
        (",5", "0.5"),
        ("0.125", "0.125"),
        ("1234,567", "1234.567"),
        ("12.-", "12"),
        ("Fr. 1'234.–", "1234"),  # noqa: RUF001
        ("€ 12,-", "12"),
        ("-12.50", "-12.50"),
        ("12.50-", "-12.50"),
        ("(1,200.00)", "-1200.00"),
        ("−3", "-3"),  # noqa: RUF001
        ("-€ 3", "-3"),
        ("SGD10,000.00", "10000.00"),
        ("Fr.12", "12"),
    ],
)
def test_ways_of_their_own(cell: str, amount: str):
    assert take_apart(cell).amount(".") == Decimal(amount)


@pytest.mark.parametrize(
    "cell",
    [
        *("abc", "12 Persons", "12-15", "12/15", "1e5", "0x10", "1.2.3", "1,23,4", "1.234.56", "1,234,56.7"),
        *("12 50", "1 2345", "€ 12 €", "€", ".", "1..2", "12%", "٣", "1.234,567.8", "½", "9" * 100, ""),
    ],
)
def test_what_is_not_an_amount(cell: str):
    with pytest.raises(Unfit, match=r"is not an amount; write it like 120\.50"):
        take_apart(cell)


@given(st.text(max_size=80) | st.text(alphabet="0123456789.,' €$-()EURkr%", max_size=30))
def test_any_text_is_an_amount_or_unfit(text: str):
    try:
        cell = take_apart(text)
    except Unfit:
        return
    assert all(cell.amount(mark).is_finite() for mark in (".", ","))


def start_prices(desk: Desk, cells: list[str], currency: str = "EUR") -> tuple[list[int], tuple[str, ...]]:
    rows = "".join(f"Lamp {number};{cell};1\n" for number, cell in enumerate(cells))
    reading = desk.read("name;price;increment\n" + rows, CsvOptions(currency=currency))
    return [item.starting_price for item in reading.catalogue.terms.items], reading.warnings


@pytest.mark.parametrize(
    ("cells", "cents"),
    [
        (["1.234", "12,50"], [123_400, 1250]),
        (["1,234", "12.50"], [123_400, 1250]),
        (["1.234", "1.234.567"], [123_400, 123_456_700]),
        (["1,234", "1.234,5"], None),
        (["1,234", "1'234.5"], [123_400, 123_450]),
    ],
)
def test_the_column_settles_what_a_cell_leaves_open(desk: Desk, cells: list[str], cents: list[int] | None):
    if cents is None:  # the comma is the decimal mark, so the cell has three decimals
        with pytest.raises(CatalogueError, match=r"1\.234 has too many decimals"):
            start_prices(desk, cells)
    else:
        assert start_prices(desk, cells) == (cents, ())


def test_another_column_settles_what_a_column_leaves_open(desk: Desk):
    text = "name;price;increment;reserve\nLamp;1.234;5,50;2.000\n"
    reading = desk.read(text)
    (lamp,) = reading.catalogue.terms.items
    assert (lamp.starting_price, lamp.increment, reading.catalogue.reserves) == (123_400, 550, {"lamp": 200_000})
    assert reading.warnings == ()


def test_what_nothing_settles_is_read_as_thousands_and_told(desk: Desk):
    cents, (warning,) = start_prices(desk, ["1.234", "20"])
    assert cents == [123_400, 2000]
    assert warning == (
        "column \"price\": nothing tells whether '1.234' (row 2) has thousands or decimals; it is read as 1234"
    )


def test_three_decimals_are_decimals_where_the_currency_has_them(desk: Desk):
    assert start_prices(desk, ["1.234"], "KWD")[0] == [1234]
    assert "read as 1.234" in start_prices(desk, ["1.234"], "KWD")[1][0]


def test_without_decimals_nothing_is_open(desk: Desk):
    assert start_prices(desk, ["1,234"], "JPY") == ([1234], ())


def test_contradicting_cells_are_a_problem(desk: Desk):
    text = 'name;price\nA;"1.234,50"\nB;12\nC;"1,234.50"\n'
    assert desk.problem(text) == (
        "column \"price\": '1.234,50' in row 2 and '1,234.50' in row 4 don't go together: "
        "is the decimal mark a point or a comma? Write all amounts alike"
    )
    assert "both . and , stand before three digits" in desk.problems("name;price\nA;1.234\nB;1,234\n")[0]


@pytest.mark.parametrize(
    ("heading", "cells", "currency"),
    [
        ("price", ["€5", "6"], "EUR"),
        ("price", ["£5"], "GBP"),
        ("price", ["5 SGD", "$6", "S$7"], "SGD"),
        ("price", ["$6", "A$7"], "AUD"),
        ("price", ["5 kr", "NOK 5"], "NOK"),
        ("Price (CHF)", ["Fr. 5"], "CHF"),
        ("Price in EUR", ["5"], "EUR"),
        ("Price €", ["5"], "EUR"),
        ("price_usd", ["$5", "5 USD"], "USD"),
        ("price", ["5 zł"], "PLN"),
        ("price", ["usd 5"], "USD"),
    ],
)
def test_the_currency_comes_from_signs_and_codes(desk: Desk, heading: str, cells: list[str], currency: str):
    rows = "".join(f"Lamp {number};{cell}\n" for number, cell in enumerate(cells))
    options = CsvOptions(map={heading: "starting_price"})
    assert desk.read(f"name;{heading}\n{rows}", options).catalogue.terms.currency == currency


@pytest.mark.parametrize(
    ("cells", "options", "expected"),
    [
        (["5"], CsvOptions(), "doesn't say its currency; say it with --currency"),
        (["$5"], CsvOptions(), 'row 2, column "price" has $, which may be ARS, AUD, BBD'),
        (["¥5"], CsvOptions(), "which may be CNY, JPY; say which one with --currency"),
        (["5", "€5", "£5"], CsvOptions(), 'has several currencies: row 3, column "price" has €, and row 4'),
        (["€5"], CsvOptions(currency="SGD"), 'row 2, column "price": has "€", but the currency is SGD'),
        (["5"], CsvOptions(currency="XYZ"), "--currency: 'XYZ' is not a currency"),
    ],
)
def test_a_currency_that_is_not_clear_is_a_problem(desk: Desk, cells: list[str], options: CsvOptions, expected: str):
    rows = "".join(f"Lamp {number};{cell}\n" for number, cell in enumerate(cells))
    assert expected in desk.problem(f"name;price\n{rows}", options)


def test_a_heading_of_another_currency_is_a_problem(desk: Desk):
    assert desk.problem("name;Price (EUR)\nLamp;5\n", CsvOptions(currency="SGD")).startswith(
        'column "Price (EUR)": has "EUR", but the currency is SGD'
    )


def test_a_currency_may_be_given_in_small_letters(desk: Desk):
    assert desk.read("name;price\nLamp;$5\n", CsvOptions(currency=" sgd ")).catalogue.terms.currency == "SGD"
