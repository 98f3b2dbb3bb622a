"""Money in and out: exact to the minor unit, or refused with a reason."""

from contextlib import suppress
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.item import MAX_AMOUNT
from bidroom.rules.money import BadMoney, exponent, format_money, format_plain, parse_money

currencies = st.sampled_from(["EUR", "USD", "SGD", "JPY", "KWD", "CLF", "HUF"])
amounts = st.integers(1, MAX_AMOUNT) | st.sampled_from([1, 9, 10, 99, 100, 1000, MAX_AMOUNT])


@given(amounts, currencies)
def test_what_is_written_is_read_back(minor: int, currency: str):
    read = parse_money(format_plain(minor, currency), currency)
    assert read == minor
    assert type(read) is int


@given(amounts, currencies)
def test_people_read_the_same_amount(minor: int, currency: str):
    text = format_money(minor, currency)
    assert text.endswith(f" {currency}")
    assert text.removesuffix(f" {currency}").replace(",", "") == format_plain(minor, currency)


@given(st.decimals(min_value="0.0001", max_value=9 * 10**11, allow_nan=False, allow_infinity=False), currencies)
def test_read_exactly_or_not_at_all(amount: Decimal, currency: str):
    with localcontext(prec=200):
        minor = amount * 10 ** exponent(currency)
        exact = minor == int(minor)
    if exact:
        assert parse_money(str(amount), currency) == minor
    else:
        with pytest.raises(BadMoney, match="too many decimals"):
            parse_money(str(amount), currency)


@given(st.text(max_size=30) | st.text("0123456789.-+eE_ NaInf", max_size=12), currencies)
def test_any_text_gives_an_amount_in_range_or_a_reason(text: str, currency: str):
    with suppress(BadMoney):
        minor = parse_money(text, currency)
        assert type(minor) is int
        assert 1 <= minor <= MAX_AMOUNT


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("120.50", "EUR", 12050),
        ("120.5", "EUR", 12050),
        ("120", "EUR", 12000),
        (" 0.01 ", "EUR", 1),
        ("0.10", "EUR", 10),
        ("4.35", "EUR", 435),  # 434.99999999999994 in binary
        ("1_000.00", "EUR", 100000),  # as TOML may write it
        ("1.000000000000", "EUR", 100),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("90071992547409.92", "EUR", MAX_AMOUNT),
        ("9007199254740992", "JPY", MAX_AMOUNT),
    ],
)
def test_read(text: str, currency: str, minor: int):
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "why"),
    [
        ("", "EUR", "not an amount; write it like 120.05"),
        ("free", "EUR", "not an amount"),
        ("1,5", "EUR", "not an amount"),
        ("1.2.3", "EUR", "not an amount"),
        ("EUR 5", "EUR", "not an amount"),
        ("5\x00", "EUR", "not an amount"),
        ("0x10", "EUR", "not an amount"),
        ("ten", "JPY", "write it like 120$"),
        ("0", "EUR", "out of range"),
        ("-1", "EUR", "out of range"),
        ("NaN", "EUR", "out of range"),
        ("sNaN", "EUR", "out of range"),
        ("Infinity", "EUR", "out of range"),
        ("1e400", "EUR", "out of range"),
        ("9" * 100_000, "EUR", "out of range"),
        ("90071992547409.93", "EUR", "too much; the most is 90071992547409.92"),
        ("9007199254740993", "JPY", "too much; the most is 9007199254740992"),
        ("1.005", "EUR", "EUR has 2, write it like 120.05"),
        ("0.5", "JPY", "JPY has 0, write it like 120$"),
        ("1.2345", "KWD", "KWD has 3, write it like 120.005"),
        ("1e-9999999", "EUR", "too many decimals"),
        ("120.50" + "0" * 70 + "1", "EUR", "too many decimals"),
        ("1", "XXY", "not a currency; use an ISO 4217 code"),
        ("1", "eur", "not a currency"),
        ("1", "", "not a currency"),
    ],
)
def test_refused_with_a_reason(text: str, currency: str, why: str):
    with pytest.raises(BadMoney, match=why):
        parse_money(text, currency)


def test_a_reason_stays_short_however_long_the_text():
    with pytest.raises(BadMoney) as error:
        parse_money("9" * 100_000 + "x", "EUR")
    assert len(str(error.value)) < 200


def test_decimals_of_a_currency():
    assert {code: exponent(code) for code in ("EUR", "JPY", "KWD", "CLF")} == {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}


def test_for_people():
    assert format_money(123456789, "EUR") == "1,234,567.89 EUR"
    assert format_money(5, "EUR") == "0.05 EUR"
    assert format_money(1500, "JPY") == "1,500 JPY"
    assert format_plain(1, "CLF") == "0.0001"
    assert format_plain(MAX_AMOUNT, "EUR") == "90071992547409.92"
