"""Results: exact amounts, and tables that open in a spreadsheet without running anything."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from bidroom.results import as_csv, as_json, purchases, totals, unsold
from bidroom.rules.events import UnitSold
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms

CLOSING = LiveClosing(1000)


def terms(item_name: str = "Desk lamp") -> RoomTerms:
    lamp = ItemTerms("lamp", item_name, 800, 100, 3, CLOSING)
    return RoomTerms("sale", "Sale", "EUR", (lamp, ItemTerms("desk", "Desk", 9000, 100, 1, CLOSING)))


def sold(seq: int, item: str, unit: int, bidder: str, amount: int) -> UnitSold:
    return UnitSold(seq=seq, at=1_800_000_000_123, item=item, unit=unit, bidder=bidder, amount=amount, opens_at=None)


SALES = [sold(5, "lamp", 1, "Ana", 905), sold(7, "lamp", 2, "Bob", 1000), sold(9, "desk", 1, "Ana", 9000)]


def test_totals_and_what_is_left():
    bought = purchases(terms(), SALES)
    assert next((p.item_name, p.unit, p.bidder, p.amount) for p in bought) == ("Desk lamp", 1, "Ana", 905)
    assert list(totals(bought).items()) == [("Ana", 9905), ("Bob", 1000)]
    assert unsold(terms(), bought) == {"lamp": 1}


def test_csv():
    text = as_csv(terms(), purchases(terms(), SALES))
    assert text.startswith("\ufeffitem,name,unit,bidder,amount,currency,time,event\r\n")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0]["amount"] == "9.05"
    assert rows[0]["time"] == "2027-01-15T08:00:00.123Z"


def test_json():
    report = json.loads(as_json(terms(), purchases(terms(), SALES)))
    assert (report["currency"], report["total"], len(report["purchases"])) == ("EUR", 10905, 3)


@given(name=st.text(min_size=1), bidder=st.text(min_size=1))
def test_no_cell_is_a_formula(name: str, bidder: str):
    text = as_csv(terms(name), purchases(terms(name), [sold(5, "lamp", 1, bidder, 905)])).removeprefix("\ufeff")
    _, row = csv.reader(io.StringIO(text, newline=""))
    assert row[1].removeprefix("'") == name.removeprefix("'")
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
