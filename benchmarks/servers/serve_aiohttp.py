"""aiohttp with `send_str` to one after another: `python -m benchmarks.servers.serve_aiohttp UPDATE`."""

import asyncio
import sys
from collections.abc import Callable

from aiohttp import WSMsgType, web

from benchmarks.servers.teller import WELCOME, Words, accepted, read, run

words = Words(sys.argv[1])
watchers: set[web.WebSocketResponse] = set()


async def handle(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    try:
        async for received in socket:
            if received.type is not WSMsgType.TEXT:
                continue
            message = read(received.data)
            if message["type"] == "bid":
                update = words.update(int(str(message["amount"])))
                for watcher in list(watchers):
                    await watcher.send_str(update)
                await socket.send_str(accepted(int(str(message["id"]))))
            else:
                if message["type"] == "watch":
                    watchers.add(socket)
                await socket.send_str(WELCOME)
    finally:
        watchers.discard(socket)
    return socket


async def main(ready: Callable[[int], None]) -> None:
    app = web.Application()
    app.router.add_get("/ws", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ready(runner.addresses[0][1])
    await asyncio.Event().wait()


run(main)
