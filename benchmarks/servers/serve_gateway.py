"""The gateway: subscribes to Redis and broadcasts: `python -m benchmarks.servers.serve_gateway REDIS_PORT`.

It reads Redis' protocol itself, which is quicker than a client library would be.
"""

import asyncio
import sys
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection, broadcast, serve

from benchmarks.servers.teller import WELCOME, run

watchers: set[ServerConnection] = set()


async def handle(socket: ServerConnection) -> None:
    try:
        async for _ in socket:
            watchers.add(socket)
            await socket.send(WELCOME)
    finally:
        watchers.discard(socket)


async def main(ready: Callable[[int], None]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    writer.write(b"SUBSCRIBE bids\r\n")
    await value(reader)
    async with serve(handle, "127.0.0.1", 0) as server:
        ready(next(iter(server.sockets)).getsockname()[1])
        while True:
            _, _, message = await value(reader)
            broadcast(watchers, message.decode())


async def value(reader: asyncio.StreamReader) -> list[bytes]:
    """An array of strings or numbers, as Redis sends it to a subscriber."""
    found: list[bytes] = []
    for _ in range(int((await reader.readline())[1:])):
        line = await reader.readline()
        if line.startswith(b"$"):
            found.append((await reader.readexactly(int(line[1:]) + 2))[:-2])
        else:
            found.append(line[1:-2])
    return found


run(main)
