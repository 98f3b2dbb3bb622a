"""What was bought, by whom and for how much, and what is still owed: as a room runs and from its journal.

Strategy: everything is a pure function of the room's state. `report` picks what is asked for; `render` writes it as
CSV, JSON or a page to print. Amounts stay integers in minor units until they are written for people.

Invariant: only what `public_purchases` and `render_public` give may leave the house without the auctioneer's token.
"""

from bidroom.results.items import ItemTotal, SellerTotal, UnsoldItem, item_totals, seller_totals, unsold
from bidroom.results.page import as_html
from bidroom.results.purchases import CheckoutPurchase, Purchase, public_purchases, purchases, totals
from bidroom.results.render import CONTENT_TYPES, render, render_public
from bidroom.results.report import FORMATS, WHATS, Format, PublicReport, Report, What, report
from bidroom.results.spreadsheet import as_csv, harmless, when
from bidroom.results.statements import Balance, Statement, owed, statements

__all__ = [
    "CONTENT_TYPES",
    "FORMATS",
    "WHATS",
    "Balance",
    "CheckoutPurchase",
    "Format",
    "ItemTotal",
    "PublicReport",
    "Purchase",
    "Report",
    "SellerTotal",
    "Statement",
    "UnsoldItem",
    "What",
    "as_csv",
    "as_html",
    "harmless",
    "item_totals",
    "owed",
    "public_purchases",
    "purchases",
    "render",
    "render_public",
    "report",
    "seller_totals",
    "statements",
    "totals",
    "unsold",
    "when",
]
