"""Follows a room in the terminal until it is finished: as a live table, or line by line where nobody could see one."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bidroom.client.client import Client
from bidroom.client.connection import ClientError, ConnectionLost
from bidroom.client.view import View
from bidroom.results import Purchase, totals
from bidroom.rules.money import format_money
from bidroom.terminal.board import Board
from bidroom.terminal.story import Story, clock_time, visible

FRAME_S = 0.125
"""How often the live table is drawn: eight times a second, enough for tenths of seconds to run."""

PATIENCE_S = 0.7
"""After how long without a server somebody who waits wants to know why."""

STDOUT = Console(highlight=False, soft_wrap=False)


def is_live(plain: bool) -> bool:
    """Whether a live table makes sense: somebody looks at a terminal that can show one, and hasn't said otherwise."""
    return not plain and STDOUT.is_terminal and not STDOUT.is_dumb_terminal


def say(line: str) -> None:
    """Print one plain line at once."""
    print(line, flush=True)


def view_of(client: Client) -> View:
    """The view of a client that has been welcomed."""
    assert client.view is not None, "a client that has started has a view"
    return client.view


async def start(client: Client) -> View:
    """Start a client, and say so where the server lets it wait. Raises ClientError."""
    waiting = asyncio.get_running_loop().call_later(
        PATIENCE_S, say, f"No answer from {client.address} yet; trying again ..."
    )
    try:
        await client.start_client()
    except ClientError as error:
        if isinstance(error.__cause__, ConnectionLost):
            raise ClientError(f"{error} Start one there with: python3 Tserver.py") from None
        raise
    finally:
        waiting.cancel()
    return view_of(client)


async def follow(client: Client, board: Board, live: bool) -> None:
    """Show the room until it is finished. Raises ClientError where the server can't be followed any more."""
    if live:
        await _draw(client, board)
    else:
        await tell(client)


async def _draw(client: Client, board: Board) -> None:
    hearing = asyncio.create_task(_hear(client, board))
    try:
        with Live(board, console=STDOUT, screen=True, auto_refresh=False) as live:
            while not hearing.done():
                if not getattr(sys.stdout, "busy", False):  # a frame that nobody took yet: the next one will do
                    board.now = client.now()
                    board.connected = client.connected
                    live.refresh()
                await asyncio.wait((hearing,), timeout=FRAME_S)
        await hearing
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        board.now = client.now()
        STDOUT.print(board.standing())


async def _hear(client: Client, board: Board) -> None:
    async for event in client.events():
        board.hear(event)


async def tell(client: Client) -> None:
    """Print the room's events as lines until it is finished. Raises ClientError."""
    story = Story(view_of(client))
    watching = asyncio.create_task(tell_connection(client))
    try:
        async for event in client.events():
            line = story.tell(event)
            if line is not None:
                say(f"{clock_time(event.at)}  {line}")
    finally:
        watching.cancel()


async def tell_connection(client: Client) -> None:
    """Say when the connection is lost, and when it is back; for ever."""
    connected = True
    while True:
        if client.connected != connected:
            connected = client.connected
            say(
                "Connected again; nothing was missed."
                if connected
                else "The connection is lost; trying to get it back ..."
            )
        await asyncio.sleep(FRAME_S)


def purchases_table(currency: str, purchases: Sequence[Purchase]) -> Group:
    """Every purchase in order, and what each bidder bought and owes."""
    table = Table(title="Purchases", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in ("Item", "Buyer"):
        table.add_column(name, overflow="fold", header_style="dim")
    for name in ("Unit", "Price", "Time", "Event"):
        table.add_column(name, justify="right", no_wrap=True, header_style="dim")
    for bought in purchases:
        price = format_money(bought.amount, currency)
        cells = (str(bought.unit), price, clock_time(bought.at), str(bought.seq))
        table.add_row(*(Text(visible(cell)) for cell in (bought.item_name, bought.bidder, *cells)))
    return Group(table, Text(""), _totals_table(currency, purchases))


def _totals_table(currency: str, purchases: Sequence[Purchase]) -> Table:
    units = Counter(bought.bidder for bought in purchases)
    table = Table(title="Totals", title_justify="left", title_style="bold", box=None, pad_edge=False, show_footer=True)
    table.add_column("Bidder", footer="Together", overflow="fold", header_style="dim")
    table.add_column("Units", footer=str(len(purchases)), justify="right", header_style="dim")
    everything = format_money(sum(bought.amount for bought in purchases), currency)
    table.add_column("Total", footer=everything, justify="right", no_wrap=True, header_style="dim")
    for bidder, amount in totals(purchases).items():
        table.add_row(Text(visible(bidder)), str(units[bidder]), format_money(amount, currency))
    return table


def print_purchases(name: str, currency: str, purchases: Sequence[Purchase]) -> None:
    """The purchases of a room, for people; wide enough for its columns where no terminal sets a width."""
    console = STDOUT if STDOUT.is_terminal else Console(highlight=False, width=120)
    console.print(Text(f"\n{visible(name)}", style="bold"))
    if purchases:
        console.print(purchases_table(currency, purchases))
    else:
        console.print("Nothing was bought.")
