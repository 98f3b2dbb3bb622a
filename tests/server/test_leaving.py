"""Whoever goes leaves nothing behind: a full hall that comes and goes must not become work for garbage collection."""

import asyncio
import gc
import json

import aiohttp
import pytest

from tests.server.house import House, house


async def visit(here: House, session: aiohttp.ClientSession, says_goodbye: bool) -> None:
    """Come in over a WebSocket, and leave."""
    host, port = here.address
    async with session.get(f"http://{host}:{port}/healthz"):
        pass
    socket = await session.ws_connect(f"http://{host}:{port}/ws")
    await socket.send_str(json.dumps({"type": "watch"}))
    assert json.loads((await socket.receive()).data)["type"] == "welcome"
    if says_goodbye:
        await socket.close()
    else:
        transport = socket.get_extra_info("socket")
        transport.shutdown(2)
    await here.until(lambda: not here.server.rooms["hall"].audience)
    await asyncio.sleep(0.05)  # until the last callback of the connection has run


@pytest.mark.parametrize("says_goodbye", [True, False])
async def test_a_websocket_leaves_no_cycles_behind(says_goodbye: bool) -> None:
    async with house() as here, aiohttp.ClientSession() as session:
        await visit(here, session, says_goodbye)
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            await visit(here, session, says_goodbye)
            gc.collect()
            left = {type(found).__name__ for found in gc.garbage}
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
        assert not left & {"RequestHandler", "WebSocketResponse", "Connection", "Door"}
