"""What was bought, by whom and for how much: sales as rows, CSV and JSON, the same while a room runs and afterwards.

Amounts stay integers in minor units until they are written for people.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from bidroom.rules.events import UnitSold
from bidroom.rules.item import RoomTerms
from bidroom.rules.money import format_plain

CSV_HEADER = ("item", "name", "unit", "bidder", "amount", "currency", "time", "event")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Purchase(Struct, frozen=True):
    """One unit that was sold: `amount` in minor units, `at` in milliseconds of room time, `seq` the event's number."""

    item: str
    item_name: str
    unit: int
    bidder: str
    amount: int
    at: int
    seq: int


class Report(Struct, frozen=True):
    """The purchases of one room as JSON."""

    room: str
    currency: str
    total: int
    purchases: list[Purchase]


def purchases(terms: RoomTerms, sales: Iterable[UnitSold]) -> list[Purchase]:
    """The purchases that sales make, in the order of the sales."""
    names = {item.id: item.name for item in terms.items}
    return [
        Purchase(sale.item, names[sale.item], sale.unit, sale.bidder, sale.amount, sale.at, sale.seq) for sale in sales
    ]


def totals(bought: Iterable[Purchase]) -> dict[str, int]:
    """What each bidder owes in minor units, most first."""
    owed: Counter[str] = Counter()
    for purchase in bought:
        owed[purchase.bidder] += purchase.amount
    return dict(owed.most_common())


def unsold(terms: RoomTerms, bought: Iterable[Purchase]) -> dict[str, int]:
    """How many units of each item have no buyer (so far), by item id; items that are sold out are left out."""
    sold = Counter(purchase.item for purchase in bought)
    return {item.id: item.units - sold[item.id] for item in terms.items if item.units > sold[item.id]}


def as_json(terms: RoomTerms, bought: list[Purchase]) -> bytes:
    """A `Report` as JSON."""
    total = sum(purchase.amount for purchase in bought)
    return msgspec.json.encode(Report(terms.id, terms.currency, total, bought))


def as_csv(terms: RoomTerms, bought: Iterable[Purchase]) -> str:
    """The purchases as CSV with a header and a byte order mark, by which spreadsheets know the encoding.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    table = io.StringIO(newline="")
    table.write("\ufeff")
    rows = csv.writer(table)
    rows.writerow(CSV_HEADER)
    for purchase in bought:
        rows.writerow(
            (
                _harmless(purchase.item),
                _harmless(purchase.item_name),
                purchase.unit,
                _harmless(purchase.bidder),
                format_plain(purchase.amount, terms.currency),
                terms.currency,
                when(purchase.at),
                purchase.seq,
            )
        )
    return table.getvalue()


def when(at: int) -> str:
    """A room time as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03}Z"


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
