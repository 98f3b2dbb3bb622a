"""The HTTP way in: the page, the API, metrics, and the WebSocket.

Browsers are let in only from the page's own origin and under a host name that is this server's, so that neither a
foreign page nor a rebound name can speak in a bidder's browser.
"""

import asyncio
from typing import cast

from aiohttp import web
from yarl import URL

from bidroom.journal.journal import JournalUnavailable
from bidroom.server.connection import House
from bidroom.server.desk_api import DeskApi
from bidroom.server.door import Door
from bidroom.server.endpoints import Handler, problem
from bidroom.server.hosts import asked_address
from bidroom.server.joining import Joining
from bidroom.server.metrics import Metrics
from bidroom.server.openapi import describe
from bidroom.server.pages import Pages
from bidroom.server.pictures import Pictures
from bidroom.server.public_api import PublicApi
from bidroom.server.room import UNAVAILABLE, Unavailable
from bidroom.wire.messages import MAX_MESSAGE_BYTES


class Http:
    """The handlers of one server."""

    def __init__(self, house: House, metrics: Metrics) -> None:
        self._house = house
        self._metrics = metrics
        desk = DeskApi(house.rooms, house.settings.tokens)
        joining = Joining(house.rooms, house.settings)
        self._endpoints = [*PublicApi(house.rooms).endpoints(), *desk.endpoints(), *joining.endpoints()]
        self._description = describe(self._endpoints)

    def application(self) -> web.Application:
        """The routes, behind the check of the host name."""
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_MESSAGE_BYTES)
        app.router.add_routes([*Pages(self._house.rooms).routes(), Pictures(self._house.settings.pictures).route()])
        app.router.add_get("/ws", self._websocket)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/metrics", self._metrics_page)
        app.router.add_get("/openapi.json", self._openapi)
        for endpoint in self._endpoints:
            app.router.add_route(endpoint.method, endpoint.path, endpoint.handle)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        door = request.transport and cast(asyncio.Transport, request.transport).get_protocol()
        if isinstance(door, Door):
            door.spoke()
        if not self._is_own_host(request):
            text = (
                f"This server doesn't go by the name {request.host[:100]!r}; start it with --allow-host for that name."
            )
            return problem(403, text)
        try:
            return await handler(request)
        except (Unavailable, JournalUnavailable):
            return problem(503, UNAVAILABLE.message)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return problem(error.status, f"{error.reason}: {request.method} {request.path[:200]}", error.headers)

    def _is_own_host(self, request: web.Request) -> bool:
        """Whether the browser was told a name of ours. An address is one of ours if the connection came in on it."""
        address = asked_address(request)
        here = request.transport.get_extra_info("sockname") if request.transport else None
        own = {"localhost", "127.0.0.1", "::1", self._house.settings.host, *self._house.settings.allow_hosts}
        return address is not None and (address.host in own or (here is not None and address.host == here[0]))

    async def _health(self, _request: web.Request) -> web.Response:
        recovering = [room.id for room in self._house.rooms.values() if room.unavailable]
        if recovering or self._house.stopping:
            return problem(503, f"Recovering: {', '.join(recovering)}" if recovering else "Stopping")
        return web.Response(text="ok\n")

    async def _metrics_page(self, _request: web.Request) -> web.Response:
        self._metrics.connections.set(len(self._house.connections))
        self._metrics.rooms.set(len(self._house.rooms))
        return web.Response(body=self._metrics.page(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _openapi(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._description, content_type="application/json")

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if not _is_own_origin(request):
            return problem(403, "A page from elsewhere may not bid here; open the page of this server.")
        if self._house.stopping:
            return problem(503, "The server is stopping; come back in a moment.")
        if not web.WebSocketResponse().can_prepare(request):
            return problem(400, "This is where a WebSocket begins; ask for one (version 13), as browsers do.")
        door = cast(Door, cast(asyncio.Transport, request.transport).get_protocol())
        door.upgrade(request.headers["Sec-WebSocket-Key"], request.protocol)
        return web.Response()  # which the HTTP library has nowhere to send to


def _is_own_origin(request: web.Request) -> bool:
    """Whether a browser asks for a page of this server's; programs that are no browsers name no origin."""
    origin = request.headers.get("Origin")
    try:
        return origin is None or URL(origin).authority == request.host
    except ValueError:
        return False
