"""A room's results as bytes: what the server sends and what the command line prints are made here, so they agree."""

import msgspec

from bidroom.results.page import as_html
from bidroom.results.report import Format, Report, What, public_report, report
from bidroom.results.spreadsheet import as_csv
from bidroom.results.tables import public_table, spreadsheet_table
from bidroom.rules.state import RoomState

CONTENT_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}


def render(state: RoomState, what: What, format: Format) -> bytes:
    """Results for the auctioneer alone: names, emails, who has paid. Of "all", CSV has the purchases."""
    return write(report(state, what), format)


def write(found: Report, format: Format) -> bytes:
    """A report in one of the formats."""
    match format:
        case "csv":
            return as_csv(spreadsheet_table(found), found.currency)
        case "json":
            return msgspec.json.encode(found)
        case "html":
            return as_html(found)


def render_public(state: RoomState, format: Format) -> bytes:
    """The purchases for everyone, as CSV or JSON; there is no public page."""
    found = public_report(state)
    if format == "csv":
        return as_csv(public_table(found.currency, found.purchases), found.currency)
    return msgspec.json.encode(found)
