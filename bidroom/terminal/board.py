"""The live table of a room: a picture of a view at one moment, made to fit the terminal it is drawn in.

A board hears the room's events, from which it keeps three things that a view doesn't: the last lines of the story, when
each item was last bid on, and how long a bid holds its round open (from which the auctioneer's calls follow). Drawing
changes nothing. What doesn't fit is left out from the end: first old lines, then items that are finished.
"""

from collections import deque
from collections.abc import Iterable

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from bidroom.client.item_state import ItemState
from bidroom.client.view import View
from bidroom.rules.events import (
    BidAccepted,
    PublicEvent,
)
from bidroom.rules.money import format_money
from bidroom.terminal.story import Story, clock_time, visible

FRESH_MS = 700
"""How long a new price stands out."""

LONGEST_CALL_MS = 10_000
"""Going once and going twice are called in the last ten seconds, or in the window where that is shorter."""

KEPT_LINES = 40


class Board:
    """Draws `view`; `now` is the room time (ms) of the picture. `footer` are lines below the room's figures."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.now = 0
        self.connected = True
        self.footer: tuple[str, ...] = ()
        self._story = Story(view)
        self._lines: deque[Text] = deque(maxlen=KEPT_LINES)
        self._bid_at: dict[str, int] = {}
        self._window: dict[str, int] = {}

    def hear(self, event: PublicEvent) -> None:
        """Take in an event that the view has taken in."""
        if isinstance(event, BidAccepted):
            self._bid_at[event.item] = event.at
            self._window[event.item] = event.ends_at - event.at
        line = self._story.tell(event)
        if line is not None:
            self._lines.append(Text(f"{clock_time(event.at)}  {line}", style=_line_style(line)))

    def standing(self) -> Group:
        """The table as it stands, with all its items and nothing below: for when the live one has ended."""
        items = list(self.view.items.values())
        return Group(self._title(80), self._table(items, 80), self._figures())

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        items = list(self.view.items.values())
        below = [self._figures(), *(Text(line, style="dim") for line in self.footer)]
        room = console.size.height - 1 - len(below) - 5  # title, head and two rules of the table, one line to spare
        shown = _most_interesting(items, max(room, 1))
        yield Group(self._title(width), self._table(shown, width), *self._left_out(items, shown))
        lines = max(room - len(shown) - (len(shown) < len(items)) - 1, 0)
        if lines and self._lines:
            yield Group(*(_cut(line, width) for line in list(self._lines)[-lines:]), Text(""))
        yield Group(*(_cut(line, width) for line in below))

    def _title(self, width: int) -> Text:
        sold, units = _sold(self.view.items.values())
        done = "everything is finished" if self.view.finished else f"{sold} of {units} units sold"
        name = Text(f" {visible(self.view.name)} ", style="bold reverse")
        name.truncate(max(width - len(done) - 3, 10), overflow="ellipsis")
        return Text.assemble(name, " " * max(width - name.cell_len - len(done) - 1, 1), (done, "bold"))

    def _table(self, items: list[ItemState], width: int) -> Table:
        table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
        bar = 10 if width >= 100 else 4
        table.add_column("Item", ratio=5, no_wrap=True, overflow="ellipsis")
        table.add_column("Unit", justify="right", no_wrap=True, min_width=5)
        table.add_column(f"Price {self.view.currency}", justify="right", no_wrap=True, min_width=10)
        table.add_column("Leader", ratio=4, no_wrap=True, overflow="ellipsis")
        table.add_column("State", no_wrap=True, width=bar + 17)
        table.add_column("Left", justify="right", no_wrap=True)
        for item in items:
            table.add_row(*self._row(item, bar))
        return table

    def _row(self, item: ItemState, bar: int) -> tuple[Text, ...]:
        dim = "dim" if item.state == "finished" else ""
        return (
            Text(visible(item.name), style=dim or "bold"),
            Text(f"{item.unit}/{item.units}", style=dim),
            self._price(item),
            self._leader(item),
            self._call(item, bar),
            Text(str(item.units_left), style=dim),
        )

    def _price(self, item: ItemState) -> Text:
        if item.state == "finished":
            price = item.last_price if item.last_price is not None else item.price
            return Text("" if price is None else self._amount(price), style="dim")
        if item.price is None:
            return Text(f"from {self._amount(item.starting_price)}", style="dim")
        fresh = self.now - self._bid_at.get(item.id, 0) < FRESH_MS
        return Text(self._amount(item.price), style="bold black on yellow" if fresh else "bold yellow")

    def _amount(self, minor: int) -> str:
        return format_money(minor, self.view.currency).rpartition(" ")[0]

    def _leader(self, item: ItemState) -> Text:
        if item.leader is None:
            return Text("")
        me = item.leader == self.view.me
        style = "dim" if item.state == "finished" else "bold green" if me else "cyan"
        unmet = " < reserve" if item.reserve == "not_met" and item.state == "open" else ""
        return Text.assemble(("you" if me else visible(item.leader), style), (unmet, "dim"))

    def _call(self, item: ItemState, bar: int) -> Text:
        """How long is left, as a bar of so many characters and in seconds, and what the auctioneer would say."""
        if item.state == "finished":
            return Text(f"{item.units_left} unsold" if item.units_left else "sold out", style="dim")
        if item.stopped:
            return Text("paused", style="bold magenta")
        if item.state == "between":
            left = _seconds(item.opens_at, self.now)
            if not item.unit:
                return Text("not open yet" if left is None else f"opens in {left}", style="dim italic")
            return Text.assemble(("SOLD!", "bold green"), ("" if left is None else f"  next in {left}", "dim"))
        if item.ends_at is None:
            return Text("waiting for a bid", style="dim italic")
        remaining = max(item.ends_at - self.now, 0)
        window = min(self._window.get(item.id, LONGEST_CALL_MS), LONGEST_CALL_MS)
        call, style = _called(remaining, window, item.leader is not None)
        filled = min(-(-remaining * bar // max(window, 1)), bar)
        drawn = ("━" * filled, style), ("━" * (bar - filled), "bright_black")
        return Text.assemble(*drawn, f" {_seconds(item.ends_at, self.now):>4}", (f" {call}", style))

    def _left_out(self, items: list[ItemState], shown: list[ItemState]) -> Iterable[Text]:
        if len(shown) < len(items):
            hidden = [item for item in items if item not in shown]
            still = sum(item.state != "finished" for item in hidden)
            yield Text(f"... and {len(hidden)} more items, {still} of them not finished", style="dim")

    def _figures(self) -> Text:
        view = self.view
        bidders = {sale.bidder for sale in view.sales} | {i.leader for i in view.items.values() if i.leader}
        turnover = format_money(sum(sale.amount for sale in view.sales), view.currency)
        return Text.assemble(
            (str(len(bidders)), "bold"),
            " bidders   ",
            (f"{view.bids:,}", "bold"),
            " bids   ",
            (turnover, "bold green"),
            " turnover",
            ("" if self.connected else "   connection lost, trying again ...", "bold red"),
        )


def _most_interesting(items: list[ItemState], room: int) -> list[ItemState]:
    """As many items as there is room for, those on sale first; in the room's order."""
    if len(items) <= room:
        return items
    ranked = sorted(items, key=lambda item: item.state == "finished")
    chosen = {item.id for item in ranked[: max(room - 1, 1)]}  # one line says how many are left out
    return [item for item in items if item.id in chosen]


def _called(remaining: int, window: int, led: bool) -> tuple[str, str]:
    """The call, and its colour: a third of the window each for nothing, going once and going twice."""
    if not led or remaining * 3 > window * 2:
        return "", "green"
    return ("going once", "yellow") if remaining * 3 > window else ("going twice", "bold red")


def _seconds(at: int | None, now: int) -> str | None:
    if at is None:
        return None
    left = max(at - now, 0)
    if left >= 3_600_000:
        return f"{left // 3_600_000}h{left // 60_000 % 60:02}"
    return f"{left // 60_000}:{left // 1000 % 60:02}" if left >= 100_000 else f"{left / 1000:.1f}"


def _sold(items: Iterable[ItemState]) -> tuple[int, int]:
    counts = [(item.units - item.units_left, item.units) for item in items]
    return sum(sold for sold, _ in counts), sum(units for _, units in counts)


def _line_style(line: str) -> str:
    styles = {"SOLD": "green", "WON": "bold green", "OUTBID": "yellow"}
    return next((style for word, style in styles.items() if line.startswith(word)), "dim")


def _cut(line: Text, width: int) -> Text:
    line = line.copy()
    line.truncate(width, overflow="ellipsis")
    return line
