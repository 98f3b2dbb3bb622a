"""A list of bidders as spreadsheets save it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidroom.catalogue import CatalogueError
from bidroom.catalogue.bidders import Guest, read_guests


def read(tmp_path: Path, data: str | bytes, currency: str = "EUR") -> list[Guest]:
    path = tmp_path / "guests.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_guests(path, currency)


def problems(tmp_path: Path, data: str | bytes) -> str:
    with pytest.raises(CatalogueError) as error:
        read(tmp_path, data)
    return str(error.value)


def test_everything_that_may_be_said_of_a_bidder(tmp_path: Path):
    text = '\ufeffname,paddle,budget,code,email\nAna Alt,7,"1,250.50",ANA-2026-X,ana@example.org\n\nBen,,,,\n'
    assert read(tmp_path, text) == [Guest("Ana Alt", 7, 125_050, "ANA-2026-X", "ana@example.org"), Guest("Ben")]


@pytest.mark.parametrize(
    "text",
    [
        "Name;Bieternummer;Limit\r\nZoë;12;100,00\r\n",
        "Guest,Number,Maximum\nZoë,12,100\n",
        "Full Name\tPaddle number\tBudget\nZoë\t12\t€ 100.00\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_headings_delimiters_and_encodings(tmp_path: Path, text: str, encoding: str):
    assert read(tmp_path, text.encode(encoding)) == [Guest("Zoë", 12, 10_000)]


@pytest.mark.parametrize(
    ("cell", "minor"), [("1,000", 100_000), ("1.000", 100_000), ("1.000,50", 100_050), ("99", 9_900)]
)
def test_a_budget_with_thousands(tmp_path: Path, cell: str, minor: int):
    assert read(tmp_path, f"name;budget\nAna;{cell}\n")[0].budget == minor


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("name\n", "only one row"),
        ("paddle,budget\n7,100\n", "exactly one column with the heading name"),
        ("name,guest\nAna,Ben\n", "exactly one column with the heading name"),
        ("name,paddle\n,7\n", 'row 2, column "name"'),
        ("name,paddle\nAna,0\n", "row 2, column \"paddle\": '0' is not a paddle; write a whole number from 1"),
        ("name,paddle\nAna,seven\n", "is not a paddle"),
        ("name,budget\nAna,-5\n", 'row 2, column "budget"'),
        ("name,budget\nAna,lots\n", "'lots' is not an amount"),
        ("name,budget\nAna,£5\n", 'row 2, column "budget"'),
        ("name,budget\nAna,5.005\n", ""),
        ("name,paddle\nAna,7\nANA,8\n", "name 'ANA' is there twice"),
        ("name,paddle\nAna,7\nBen,7\n", "paddle 7 is there twice"),
        ("name,code\nAna,abcdefgh\nBen,ABCDEFGH\n", "code 'ABCDEFGH' is there twice"),
        ("name\nA\u200bna\n", 'row 2, column "name"'),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str):
    if said:
        assert said in problems(tmp_path, text)
    else:
        assert read(tmp_path, text)[0].budget == 500_500, "a point before three digits parts thousands"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path):
    said = problems(tmp_path, "name,paddle\nAna,x\n,8\nBen,y\n")
    assert [row for row in ("row 2", "row 3", "row 4") if row in said] == ["row 2", "row 3", "row 4"]


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(CatalogueError, match="no such file"):
        read_guests(tmp_path / "nobody.csv", "EUR")


@settings(max_examples=150)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: ("name,paddle\n" + text).encode()))
def test_hostile_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    try:
        guests = read(tmp_path_factory.getbasetemp(), data)
    except CatalogueError:
        return
    assert all(guest.name for guest in guests)
