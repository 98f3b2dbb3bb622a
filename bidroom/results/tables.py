"""Results as tables, which know nothing of how they are shown: spreadsheets, pages and terminals draw the same ones."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from msgspec import UNSET, Struct

from bidroom.results.items import ItemTotal, SellerTotal, UnsoldItem
from bidroom.results.purchases import CheckoutPurchase, Purchase
from bidroom.results.report import Report
from bidroom.results.statements import Balance, Statement
from bidroom.rules.money import format_plain

Cell = str | int | None

_HOW = {"hammer": "", "buy_now": "fixed price", "offer": "offer"}
_WHY = {
    "on_sale": "still on sale",
    "offered": "offered to the runner-up",
    "no_bid": "nobody bid",
    "reserve_not_met": "the reserve was not met",
    "cancelled": "the sale was cancelled",
    "withdrawn": "withdrawn",
    "closed": "the sale was closed",
}


class Column(Struct, frozen=True):
    """`key` is its name for programs, `title` for people; one without a title is for programs only."""

    key: str
    title: str = ""
    kind: Literal["text", "number", "money", "time"] = "text"


class Table(Struct, frozen=True):
    """`rows` have a cell for each column. `footer` sums them up for people; None where there is nothing to sum."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    footer: tuple[Cell, ...] | None = None


_PUBLIC = (
    Column("item"),
    Column("name", "Item"),
    Column("unit", "Unit", "number"),
    Column("bidder", "Buyer"),
    Column("amount", "Price", "money"),
    Column("currency"),
    Column("time", "Time", "time"),
    Column("event", "Event", "number"),
    Column("how", "How"),
)
_CHECKOUT = (
    Column("paddle", "Paddle", "number"),
    Column("bidder_name", "Name"),
    Column("paid", "Paid"),
    Column("paid_by", "Noted by"),
    Column("handed_over_by", "Handed over by"),
)
_BALANCE = (
    Column("bidder", "Bidder"),
    Column("name", "Name"),
    Column("paddle", "Paddle", "number"),
    Column("email", "Email"),
    Column("total", "Total", "money"),
    Column("paid", "Paid", "money"),
    Column("owed", "Owed", "money"),
    Column("currency"),
)


def public_table(currency: str, bought: Sequence[Purchase]) -> Table:
    """Purchases as everyone may see them."""
    return Table("Purchases", _PUBLIC, [_public_cells(each, currency) for each in bought])


def purchases_table(currency: str, bought: Sequence[CheckoutPurchase], title: str = "Purchases") -> Table:
    """Purchases as the checkout sees them."""
    columns = _PUBLIC + _CHECKOUT
    rows = [
        (*_public_cells(each, currency), each.paddle, each.name, each.paid, each.paid_by, each.handed_over_by)
        for each in bought
    ]
    return Table(title, columns, rows, _sums(columns, {"amount": sum(each.amount for each in bought)}))


def _public_cells(each: Purchase, currency: str) -> tuple[Cell, ...]:
    sold = each.item, each.item_name, each.unit, each.bidder, each.amount, currency, each.at, each.seq
    return *sold, _HOW[each.how]


def balances_table(currency: str, title: str, balances: Sequence[Balance]) -> Table:
    """Accounts, one row for each bidder."""
    sums = {key: sum(getattr(each, key) for each in balances) for key in ("total", "paid", "owed")}
    return Table(title, _BALANCE, [_balance_cells(each, currency) for each in balances], _sums(_BALANCE, sums))


def _balance_cells(each: Balance, currency: str) -> tuple[Cell, ...]:
    return each.bidder, each.name, each.paddle, each.email, each.total, each.paid, each.owed, currency


def statements_table(currency: str, found: Iterable[Statement]) -> Table:
    """Statements, one row for each bidder with all that they bought, as letters are made from a spreadsheet."""
    columns = (*_BALANCE, Column("units", "Units", "number"), Column("purchases", "Purchases"))
    rows = [(*_balance_cells(each, currency), len(each.lines), _in_words(currency, each.lines)) for each in found]
    return Table("Statements", columns, rows)


def _in_words(currency: str, lines: Iterable[Purchase]) -> str:
    return ", ".join(f"{each.item_name} ({each.unit}) {format_plain(each.amount, currency)}" for each in lines)


def statement_table(currency: str, statement: Statement) -> Table:
    """One bidder's statement, for people: what, price, total."""
    whole = purchases_table(currency, statement.lines, statement_title(statement))
    known = {
        "bidder",
        "event",
        "paddle",
        "bidder_name",
        "paid_by",
    }  # once for the whole statement, or of no use to them
    return _part(whole, [number for number, column in enumerate(whole.columns) if column.key not in known])


def statement_title(statement: Balance) -> str:
    """Whose statement it is, in one line."""
    paddle = "" if statement.paddle is None else f"paddle {statement.paddle}"
    more = ", ".join(part for part in (statement.name, paddle, statement.email) if part and part != statement.bidder)
    return f"Statement for {statement.bidder}{f' ({more})' if more else ''}"


def items_table(currency: str, items: Sequence[ItemTotal]) -> Table:
    """What each item brought."""
    columns = (
        Column("item"),
        Column("name", "Item"),
        Column("seller", "Seller"),
        Column("units", "Units", "number"),
        Column("sold", "Sold", "number"),
        Column("total", "Total", "money"),
        Column("currency"),
        Column("state", "State"),
    )
    rows = [
        (each.item, each.name, each.seller, each.units, each.sold, each.total, currency, _state(each.finished))
        for each in items
    ]
    return Table("Items", columns, rows, _sums(columns, _add_up(items)))


def _state(finished: bool) -> str:
    return "finished" if finished else "on sale"


def sellers_table(currency: str, sellers: Sequence[SellerTotal]) -> Table:
    """What each seller's items brought."""
    columns = (
        Column("seller", "Seller"),
        Column("items", "Items", "number"),
        Column("units", "Units", "number"),
        Column("sold", "Sold", "number"),
        Column("total", "Total", "money"),
        Column("currency"),
    )
    rows = [(each.seller or "the house", each.items, each.units, each.sold, each.total, currency) for each in sellers]
    return Table("Sellers", columns, rows, _sums(columns, _add_up(sellers)))


def _add_up(found: Sequence[ItemTotal] | Sequence[SellerTotal]) -> dict[str, int]:
    return {key: sum(getattr(each, key) for each in found) for key in ("units", "sold", "total")}


def unsold_table(items: Sequence[UnsoldItem]) -> Table:
    """Which units found no buyer, and why."""
    columns = (
        Column("item"),
        Column("name", "Item"),
        Column("seller", "Seller"),
        Column("units", "Units", "number"),
        Column("why", "Why"),
    )
    rows = [(each.item, each.name, each.seller, each.units, _WHY[each.why]) for each in items]
    return Table("Unsold", columns, rows, _sums(columns, {"units": sum(each.units for each in items)}))


def _sums(columns: tuple[Column, ...], sums: dict[str, Any]) -> tuple[Cell, ...]:
    titled = next(number for number, column in enumerate(columns) if column.title)
    return tuple("Together" if number == titled else sums.get(each.key) for number, each in enumerate(columns))


def spreadsheet_table(report: Report) -> Table:
    """The one table of a report that a spreadsheet gets: of all that is in it, the purchases."""
    tables = {
        "purchases": lambda: purchases_table(report.currency, report.purchases or []),
        "statements": lambda: statements_table(report.currency, report.statements or []),
        "owed": lambda: balances_table(report.currency, "Owed", report.owed or []),
        "items": lambda: items_table(report.currency, report.items or []),
        "sellers": lambda: sellers_table(report.currency, report.sellers or []),
        "unsold": lambda: unsold_table(report.unsold or []),
    }
    return next(table() for part, table in tables.items() if getattr(report, part) is not UNSET)


def overview(report: Report) -> list[Table]:
    """The tables of a report for people, but for the statements: whatever was asked for and has rows."""
    currency, found = report.currency, list[Table]()
    if report.purchases is not UNSET:
        found.append(purchases_table(currency, report.purchases))
    if report.statements is not UNSET:
        found.append(balances_table(currency, "Totals", report.statements))
    if report.owed is not UNSET and report.statements is UNSET:  # the totals say it too
        found.append(balances_table(currency, "Owed", report.owed))
    if report.items is not UNSET:
        found.append(items_table(currency, report.items))
    if report.sellers is not UNSET and (report.items is UNSET or any(each.seller for each in report.sellers)):
        found.append(sellers_table(currency, report.sellers))
    if report.unsold is not UNSET:
        found.append(unsold_table(report.unsold))
    return [table for table in found if table.rows]


def for_people(table: Table) -> Table:
    """The table without the columns that are for programs, and without those that are empty."""
    kept = [
        number
        for number, column in enumerate(table.columns)
        if column.title and any(row[number] not in (None, "") for row in table.rows)
    ]
    return _part(table, kept)


def _part(table: Table, kept: list[int]) -> Table:
    return Table(
        table.title,
        tuple(table.columns[number] for number in kept),
        [tuple(row[number] for number in kept) for row in table.rows],
        None if table.footer is None else tuple(table.footer[number] for number in kept),
    )
