"""`bidroom watch`: a room from the outside, live until it is finished."""

import asyncio

from bidroom.client.client import Client
from bidroom.rules.money import format_money
from bidroom.terminal.board import Board
from bidroom.terminal.loop import unless_stopped
from bidroom.terminal.show import follow, is_live, say, start
from bidroom.terminal.story import visible


async def watch(address: str, room: str | None, plain: bool, stop: asyncio.Event) -> int:
    """Show the room until it is finished or `stop`; exit status 0. Raises ClientError."""
    await unless_stopped(stop, _watch(address, room, is_live(plain)))
    return 0


async def _watch(address: str, room: str | None, live: bool) -> None:
    client = Client(address, room=room)
    try:
        view = await start(client)
        if not live:
            say(f"{visible(view.name)}:")
            for item in view.items.values():
                price = item.minimum if item.price is None else item.price
                leader = "" if item.leader is None else f", {visible(item.leader)} leads"
                left = f"{item.units_left} of {item.units} left"
                say(f"  {visible(item.name)}: {format_money(price, view.currency)}{leader}, {left}, {item.state}")
        if view.finished:
            say("The room is finished.")
            return
        board = Board(view)
        board.footer = ("Ctrl-C ends watching.",)
        await follow(client, board, live)
    finally:
        await client.close()
