"""Whoever goes leaves nothing behind: a full hall that comes and goes must not become work for garbage collection."""

import asyncio
import gc
import json
from socket import AF_INET, SHUT_RDWR, SOCK_STREAM, fromfd

import aiohttp
import pytest

from tests.server.house import House, house

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio", "uvloop"])


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
        descriptor = socket.get_extra_info("socket").fileno()
        with fromfd(descriptor, AF_INET, SOCK_STREAM) as same:
            same.shutdown(SHUT_RDWR)
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


async def test_who_is_gone_is_written_to_no_more() -> None:
    """The descriptor may be somebody else's by then."""
    async with house() as here:
        peer = await here.watcher()
        (connection,) = here.server.rooms["hall"].audience
        sock = connection._sock
        assert sock is not None
        await peer.close()
        await here.until(lambda: sock.fileno() == -1)
        connection.write(b"for nobody")
        assert connection.transport.is_closing()
