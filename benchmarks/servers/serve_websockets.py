"""`websockets.broadcast`, as its documentation has it: `python -m benchmarks.servers.serve_websockets UPDATE`."""

import asyncio
import sys
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection, broadcast, serve

from benchmarks.servers.teller import WELCOME, Words, accepted, read, run

words = Words(sys.argv[1])
watchers: set[ServerConnection] = set()


async def handle(socket: ServerConnection) -> None:
    try:
        async for text in socket:
            message = read(str(text))
            if message["type"] == "bid":
                broadcast(watchers, words.update(int(str(message["amount"]))))
                await socket.send(accepted(int(str(message["id"]))))
            else:
                if message["type"] == "watch":
                    watchers.add(socket)
                await socket.send(WELCOME)
    finally:
        watchers.discard(socket)


async def main(ready: Callable[[int], None]) -> None:
    async with serve(handle, "127.0.0.1", 0) as server:
        ready(next(iter(server.sockets)).getsockname()[1])
        await asyncio.Event().wait()


run(main)
