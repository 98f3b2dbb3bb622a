"""Results: exact amounts, nothing private in public, tables and pages in which nothing that was typed does anything."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidroom.results import (
    FORMATS,
    WHATS,
    Report,
    as_html,
    item_totals,
    owed,
    public_purchases,
    purchases,
    render,
    render_public,
    report,
    seller_totals,
    statements,
    totals,
    unsold,
)
from bidroom.results.tables import overview
from bidroom.rules.act import act
from bidroom.rules.commands import Bid, BuyNow, MeetDeadline, OpenRoom, Registration, Reserve
from bidroom.rules.control import CancelSale, HandOver, Invite, MarkPaid, Withdraw
from bidroom.rules.decide import Command
from bidroom.rules.events import SaleCancelled, UnitSold
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.rules.state import RoomState
from tests.busy_sale import BusySale

AT = 1_800_000_000_123
CLOSING = LiveClosing(1000, opening_ms=60_000)
TOKEN = Registration("00" * 32, "a1" * 16)


class Hall:
    """A sale by paddle: lamps of a seller's, a desk with a reserve, mugs at a fixed price."""

    def __init__(
        self,
        lamp: str = "Desk lamp",
        ana: str = "Ana Lind",
        email: str = "ana@example.org",
        sale: str = "Sale",
        seller: str | None = "Sal",
    ) -> None:
        self.state = RoomState(at=AT)
        items = (
            ItemTerms("lamp", lamp, 8_00, 100, 3, CLOSING, seller=seller),
            ItemTerms("desk", "Desk", 90_00, 100, 1, CLOSING, reserve=True),
            ItemTerms("mug", "Mug", 2_00, 50, 1, CLOSING, buy_now=9_00),
        )
        self.do(OpenRoom(RoomTerms("sale", sale, "EUR", items, bidders="paddles"), (Reserve("desk", 200_00, "5a"),)))
        for paddle, (name, mail) in enumerate([(ana, email), ("Bo Berg", "")], 1):
            self.do(
                Invite(by="A", bidder=f"P{paddle}", name=name, paddle=paddle, email=mail, token_hash="00", salt="5a")
            )

    def do(self, command: Command, after_ms: int = 0) -> None:
        assert act(self.state, command, self.state.at + after_ms).events, command

    def sell(self, item: str, bidder: str, amount: int) -> int:
        if self.state.items[item].phase.value == "between":
            self.do(MeetDeadline(item))
        self.do(Bid(bidder, self.state.seq + 1, item, amount, None, TOKEN))
        self.do(MeetDeadline(item), 1000)
        return next(reversed(self.state.sales), 0)


@pytest.fixture
def hall() -> Hall:
    """Two lamps and the mug are sold, the desk stays below its reserve; P1 has paid for the first lamp."""
    hall = Hall()
    lamp = hall.sell("lamp", "P1", 9_05)
    hall.do(MarkPaid(by="Cara", bidder=1, how="cash", sale=lamp, salt="5a"))
    hall.do(HandOver(by="Cleo", bidder=1, sale=lamp, salt="5a"))
    hall.do(BuyNow("P2", 99, "mug", 1, TOKEN))
    hall.sell("desk", "P2", 150_00)
    hall.sell("lamp", "P1", 10_00)
    return hall


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_purchases_with_how_they_were_sold_paid_and_handed_over(hall: Hall):
    lamp, mug, second = purchases(hall.state)
    assert (lamp.item_name, lamp.unit, lamp.bidder, lamp.name, lamp.paddle) == ("Desk lamp", 1, "P1", "Ana Lind", 1)
    assert (lamp.amount, lamp.paid, lamp.paid_by, lamp.handed_over_by) == (9_05, "cash", "Cara", "Cleo")
    assert (mug.how, mug.amount, mug.paid, mug.handed_over_by) == ("buy_now", 9_00, None, None)
    assert (second.how, second.unit, second.seq) == ("hammer", 2, max(hall.state.sales))
    assert list(totals(purchases(hall.state)).items()) == [("P1", 19_05), ("P2", 9_00)]


def test_statements_and_what_is_owed(hall: Hall):
    ana, bo = statements(hall.state)
    assert (ana.bidder, ana.name, ana.paddle, ana.email) == ("P1", "Ana Lind", 1, "ana@example.org")
    assert (ana.total, ana.paid, ana.owed, [line.amount for line in ana.lines]) == (19_05, 9_05, 10_00, [9_05, 10_00])
    assert [(each.bidder, each.owed) for each in owed(hall.state)] == [("P1", 10_00), ("P2", 9_00)]
    hall.do(MarkPaid(by="Cara", bidder=2, how="card", salt="5a"))
    assert [each.bidder for each in owed(hall.state)] == ["P1"]
    assert bo.owed == 9_00


def test_a_paid_sale_that_is_cancelled_is_to_be_paid_back(hall: Hall):
    hall.do(MarkPaid(by="Cara", bidder=2, how="card", salt="5a"))
    (mug,) = (each.seq for each in purchases(hall.state) if each.item == "mug")
    hall.do(CancelSale(by="A", sale=mug, why="broken"))
    (back,) = (each for each in statements(hall.state) if each.bidder == "P2")
    assert (back.total, back.paid, back.owed, back.lines) == (0, 9_00, -9_00, [])
    assert b"To be paid back: 9.00 EUR" in render(hall.state, "statements", "html")
    assert [(each["bidder"], each["owed"]) for each in rows(render(hall.state, "owed", "csv"))] == [
        ("P1", "10.00"),
        ("P2", "-9.00"),
    ]


def test_items_and_sellers(hall: Hall):
    assert [(each.item, each.units, each.sold, each.total, each.finished) for each in item_totals(hall.state)] == [
        ("lamp", 3, 2, 19_05, False),
        ("desk", 1, 0, 0, True),
        ("mug", 1, 1, 9_00, True),
    ]
    assert [(each.seller, each.items, each.sold, each.total) for each in seller_totals(hall.state)] == [
        ("Sal", 1, 2, 19_05),
        (None, 2, 1, 9_00),
    ]


def test_unsold_says_why(hall: Hall):
    def found() -> list[tuple[str, int, str]]:
        return [(each.item, each.units, each.why) for each in unsold(hall.state)]

    assert found() == [("lamp", 1, "on_sale"), ("desk", 1, "reserve_not_met")]
    hall.do(Withdraw(by="A", item="lamp", why="cracked"))
    assert found()[0] == ("lamp", 1, "withdrawn")
    (mug,) = (each.seq for each in purchases(hall.state) if each.item == "mug")
    hall.do(CancelSale(by="A", sale=mug, why="broken"))
    assert found()[2] == ("mug", 1, "cancelled")


def test_unsold_without_a_bid_withdrawn_or_offered():
    hall = Hall()
    hall.do(Bid("P2", 1, "lamp", 8_00, 1, TOKEN))
    sale = hall.sell("lamp", "P1", 9_00)
    hall.do(Bid("P1", 99, "mug", 2_00, 1, TOKEN))
    hall.do(Withdraw(by="A", item="mug", why="cracked"))
    hall.do(MeetDeadline("desk"), 60_000)
    assert [(each.item, each.why) for each in unsold(hall.state)] == [
        ("lamp", "on_sale"),
        ("desk", "no_bid"),
        ("mug", "withdrawn"),
    ]
    hall.do(CancelSale(by="A", sale=sale, why="mistake", then="offer"))
    assert unsold(hall.state)[0].why == "offered"


def test_nothing_private_is_public(hall: Hall):
    for format in ("csv", "json"):
        public = render_public(hall.state, format).decode()
        assert all(found in public for found in ("Desk lamp", "P1", "buy_now" if format == "json" else "fixed price"))
        for secret in ("Ana", "Bo Berg", "example.org", "cash", "Cara", "Cleo", "paid", "Sal", "200"):
            assert secret not in public.removeprefix("\ufeff").replace("Sale", "")
    assert public_purchases(hall.state)[0].__struct_fields__ == (
        ("item", "item_name", "unit", "bidder", "amount", "at", "seq", "how")
    )


def test_csv_of_purchases_has_the_public_columns_first(hall: Hall):
    public, private = render_public(hall.state, "csv"), render(hall.state, "purchases", "csv")
    header = b"\xef\xbb\xbfitem,name,unit,bidder,amount,currency,time,event,how"
    assert public.startswith(header + b"\r\n")
    assert private.startswith(header + b",paddle,bidder_name,paid,paid_by,handed_over_by\r\n")
    assert render(hall.state, "all", "csv") == private
    first = rows(private)[0]
    assert (first["amount"], first["time"], first["paid"]) == ("9.05", "2027-01-15T08:00:01.123Z", "cash")
    assert rows(private)[1]["how"] == "fixed price"


def test_csv_of_statements_has_a_row_for_each_bidder(hall: Hall):
    ana, bo = rows(render(hall.state, "statements", "csv"))
    assert (ana["bidder"], ana["name"], ana["paddle"], ana["email"]) == ("P1", "Ana Lind", "1", "ana@example.org")
    assert (ana["total"], ana["paid"], ana["owed"], ana["currency"]) == ("19.05", "9.05", "10.00", "EUR")
    assert ana["purchases"] == "Desk lamp (1) 9.05, Desk lamp (2) 10.00"
    assert bo["units"] == "1"


def test_json_has_what_was_asked_for(hall: Hall):
    parts = [what for what in WHATS if what != "all"]
    everything = json.loads(render(hall.state, "all", "json"))
    assert set(parts) <= set(everything)
    assert (everything["currency"], everything["total"], len(everything["purchases"])) == ("EUR", 28_05, 3)
    for what in parts:
        part = json.loads(render(hall.state, what, "json"))
        assert [name for name in parts if name in part] == [what]
        assert part[what] == everything[what]
        assert msgspec.json.decode(render(hall.state, what, "json"), type=Report) == report(hall.state, what)


def test_results_of_a_long_sale_add_up():
    for seed in range(3):
        state = BusySale(seed).go(800).state
        sold = {event.seq: event for event in state.sold if isinstance(event, UnitSold)}
        for event in state.sold:
            if isinstance(event, SaleCancelled):
                del sold[event.sale]
        bought = purchases(state)
        assert {each.seq: (each.bidder, each.amount, each.how) for each in bought} == {
            seq: (event.bidder, event.amount, event.how) for seq, event in sold.items()
        }
        total = sum(event.amount for event in sold.values())
        assert total > 0
        for parts in (statements(state), item_totals(state), seller_totals(state)):
            assert sum(each.total for each in parts) == total
        assert all(sum(line.amount for line in each.lines) == each.total for each in statements(state))
        units = sum(item.terms.units for item in state.items.values())
        assert sum(each.units for each in unsold(state)) == units - len(sold)
        assert {each.seller for each in seller_totals(state)} >= {"Sal", "Sue", None}
        for what in WHATS:
            for format in FORMATS:
                assert render(state, what, format)


# What somebody typed

DANGEROUS = "=+-@\t\r\n;,|'\"<>& \uff1d\uff0b"
TYPED = st.text(min_size=1, alphabet=st.one_of(st.sampled_from(DANGEROUS), st.characters(codec="utf-8")))
CELL_START = re.compile(r"(?:^|[;,|\t\r\n])[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")


@settings(deadline=None)
@given(lamp=TYPED, ana=TYPED)
def test_csv_gives_every_text_back_and_none_is_a_formula(lamp: str, ana: str):
    hall = Hall(lamp, ana)
    hall.sell("lamp", "P1", 9_05)
    for what in ("purchases", "statements"):
        (row,) = rows(render(hall.state, what, "csv"))
        if what == "purchases":
            assert row["name"].replace("'", "") == lamp.replace("'", "")
            assert row["bidder_name"].replace("'", "") == ana.replace("'", "")
        assert not any(CELL_START.search(row[key]) for key in row if key not in ("amount", "total", "paid", "owed"))
        assert not any(row[key].startswith(("\t", "\r", "\n")) for key in row)


@pytest.mark.parametrize(
    "name", ["=1+1", " =1+1", "x;=1+1", "x\n@SUM(A1)", "-2", "+2", "\t=1", "\tx", "\r", "\nx", "\uff1d1"]
)
def test_a_formula_is_kept_as_text(name: str):
    hall = Hall(name)
    hall.sell("lamp", "P1", 9_05)
    (row,) = rows(render(hall.state, "items", "csv"))[:1]
    assert row["name"] != name
    assert row["name"].replace("'", "") == name
    assert not CELL_START.search(row["name"])


@pytest.mark.parametrize("name", ["Desk lamp", "T-shirt, red", "O'Neill", "a-b=c", 'Lamp "Ø"', "陳"])
def test_a_plain_name_is_left_as_it_is(name: str):
    hall = Hall(name)
    assert rows(render(hall.state, "items", "csv"))[0]["name"] == name


class Reader(HTMLParser):
    """Reads a page as a browser would: which tags it has, with which attributes, and the text of each cell."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.texts: list[str] = []
        self.title = ""
        self.open: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "bdi":
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "bdi":
            self.texts[-1] += data
        if self.open and self.open[-1] == "title":
            self.title += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


PLAIN = Hall()
PLAIN.sell("lamp", "P1", 9_05)
PLAIN_PAGE = Reader(render(PLAIN.state, "all", "html"))


@settings(deadline=None)
@given(lamp=TYPED, ana=TYPED, email=TYPED)
def test_nothing_that_was_typed_does_anything_on_the_page(lamp: str, ana: str, email: str):
    hall = Hall(lamp, ana, email)
    hall.sell("lamp", "P1", 9_05)
    page = Reader(render(hall.state, "all", "html"))
    assert page.open == []
    assert (page.tags, page.attributes) == (PLAIN_PAGE.tags, PLAIN_PAGE.attributes)
    assert any(text == lamp for text in page.texts)
    assert any(text == ana for text in page.texts)


@pytest.mark.parametrize(
    "name",
    ["</title><script>alert(1)</script>", "</td></table><h1>x", '"><img src=x onerror=alert(1)>', "<!-- ", "&lt;b&gt;"],
)
def test_hostile_names_are_shown_as_text(name: str):
    hall = Hall(name, name, name, name, f"{name} & Sons")
    hall.sell("lamp", "P1", 9_05)
    page = Reader(render(hall.state, "all", "html"))
    assert (page.tags, page.attributes) == (PLAIN_PAGE.tags, PLAIN_PAGE.attributes)
    assert page.texts.count(name) >= 4
    assert f"{name} & Sons" in page.texts
    assert page.title == f"{name}: results"


def test_the_page_is_one_file_with_a_sheet_for_every_statement(hall: Hall):
    page = render(hall.state, "all", "html").decode()
    assert page.count('<section class="statement">') == len(statements(hall.state)) == 2
    printed = page[page.index("@media print") : page.index("</style>")]
    assert "break-before: page" in printed
    assert not re.search(r"(src|href)=|@import|url\(", page)
    assert "default-src 'none'" in page
    for shown in ("Purchases", "Totals", "Items", "Sellers", "Unsold", "19.05 EUR", "the reserve was not met"):
        assert shown in page
    assert "To be paid: 10.00 EUR" in page
    assert as_html(report(RoomState(terms=hall.state.terms), "unsold")).count(b"Nothing to show") == 1


def test_the_overview_leaves_out_what_is_empty():
    state = Hall().state
    assert [table.title for table in overview(report(state))] == ["Items", "Sellers", "Unsold"]
    state = Hall(seller=None).state
    assert [table.title for table in overview(report(state))] == ["Items", "Unsold"]
    assert [table.title for table in overview(report(state, "sellers"))] == ["Sellers"]
