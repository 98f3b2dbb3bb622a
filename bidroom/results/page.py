"""Results as one page to read and to print: everything is in it, and each statement has a sheet of paper of its own.

Whatever somebody typed is escaped, and set apart so that it can't turn the text around it (bidi). The page runs nothing
and loads nothing, and forbids itself to.
"""

from datetime import UTC, datetime
from html import escape

from bidroom.results.report import Report
from bidroom.results.statements import Statement
from bidroom.results.tables import Cell, Column, Table, for_people, overview, statement_table, statement_title
from bidroom.rules.money import format_money

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 70rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #ddd; vertical-align: top;
  overflow-wrap: anywhere; }
th { font-weight: 600; color: #555; }
tfoot td { font-weight: 600; border-bottom: 0; border-top: 2px solid #1a1a1a; }
.right { text-align: right; white-space: nowrap; }
.due { font-size: 1.15rem; font-weight: 600; margin-top: 1rem; }
@media print {
  body { font-size: 11pt; max-width: none; margin: 0; padding: 0; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  .statement { break-before: page; }
  main > .statement:first-child { break-before: auto; }
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(report: Report) -> bytes:
    """All that is in the report as a page of its own, in UTF-8."""
    name = _text(report.name)
    state = "The sale is finished." if report.finished else "The sale is still on."
    parts = [_section(table, report.currency) for table in overview(report)]
    parts += [_statement(each, report) for each in report.statements or []]
    body = "\n".join(parts) or "<p>Nothing to show.</p>"
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(report.name)}: results</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{name}</h1>
<p>As of {_time(report.at)}. {state} Sold for {format_money(report.total, report.currency)} altogether.</p>
</header>
<main>
{body}
</main>
</body>
</html>
"""
    return page.encode("utf-8", "replace")


def _section(table: Table, currency: str) -> str:
    return f"<section>\n<h2>{_text(table.title)}</h2>\n{_table(table, currency)}\n</section>"


def _statement(statement: Statement, report: Report) -> str:
    currency = report.currency
    lines = _table(statement_table(currency, statement), currency) if statement.lines else "<p>No purchases.</p>"
    due = (
        f"To be paid back: {format_money(-statement.owed, currency)}"
        if statement.owed < 0
        else f"To be paid: {format_money(statement.owed, currency)}"
    )
    return f"""<section class="statement">
<h2>{_text(statement_title(statement))}</h2>
<p>{_text(report.name)}, as of {_time(report.at)}</p>
{lines}
<p>Paid: {format_money(statement.paid, currency)}</p>
<p class="due">{due}</p>
</section>"""


def _table(table: Table, currency: str) -> str:
    shown = for_people(table)
    head = "".join(f'<th scope="col"{_side(column)}>{column.title}</th>' for column in shown.columns)
    rows = "\n".join(f"<tr>{_cells(shown, row, currency)}</tr>" for row in shown.rows)
    foot = "" if shown.footer is None else f"\n<tfoot><tr>{_cells(shown, shown.footer, currency)}</tr></tfoot>"
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>{foot}\n</table>"


def _cells(table: Table, row: tuple[Cell, ...], currency: str) -> str:
    return "".join(
        f"<td{_side(column)}>{_shown(cell, column, currency)}</td>"
        for cell, column in zip(row, table.columns, strict=True)
    )


def _side(column: Column) -> str:
    return "" if column.kind == "text" else ' class="right"'


def _shown(cell: Cell, column: Column, currency: str) -> str:
    if cell is None or isinstance(cell, str):
        return _text(cell or "")
    if column.kind == "money":
        return format_money(cell, currency)
    return _time(cell) if column.kind == "time" else str(cell)


def _time(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _text(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>" if text else ""
