"""The HTTP way in: rooms to read, metrics, and the WebSocket.

Browsers are let in only from the page's own origin and under a host name that is this server's, so that neither a
foreign page nor a rebound name can speak in a bidder's browser.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import msgspec
from aiohttp import WSMsgType, web
from multidict import CIMultiDict
from yarl import URL

from bidroom import results
from bidroom.journal.journal import MAX_PAGE, JournalUnavailable
from bidroom.server.connection import Connection, House, handle_client
from bidroom.server.door import Door
from bidroom.server.framing import WEBSOCKET
from bidroom.server.history import read_public
from bidroom.server.metrics import Metrics
from bidroom.server.room import UNAVAILABLE, Room, Unavailable
from bidroom.wire.codec import encode
from bidroom.wire.messages import MAX_AMOUNT, MAX_MESSAGE_BYTES, Error, ErrorReason, PublicEvent

HEARTBEAT_S = 30
"""How often a WebSocket is pinged; one that doesn't answer within half of it is closed."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RoomSummary(msgspec.Struct, frozen=True):
    """A line of /api/rooms."""

    id: str
    name: str
    currency: str
    finished: bool
    seq: int


class History(msgspec.Struct, frozen=True):
    """A page of /api/rooms/{room}/events. Ask again with `after` = the last event's `seq` until none come."""

    events: list[PublicEvent]
    head: str


class Http:
    """The handlers of one server."""

    def __init__(self, house: House, metrics: Metrics) -> None:
        self._house = house
        self._metrics = metrics

    def application(self) -> web.Application:
        """The routes, behind the check of the host name."""
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_MESSAGE_BYTES)
        app.router.add_get("/", self._index)
        app.router.add_get("/ws", self._websocket)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/metrics", self._metrics_page)
        app.router.add_get("/api/rooms", self._rooms)
        app.router.add_get("/api/rooms/{room}", self._room)
        app.router.add_get("/api/rooms/{room}/events", self._events)
        app.router.add_get("/api/rooms/{room}/purchases", self._purchases)
        app.router.add_get("/api/rooms/{room}/catalogue", self._catalogue)
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
            return _error(403, text)
        try:
            return await handler(request)
        except (Unavailable, JournalUnavailable):
            return _error(503, UNAVAILABLE.message)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return _error(error.status, f"{error.reason}: {request.method} {request.path[:200]}", error.headers)

    def _is_own_host(self, request: web.Request) -> bool:
        """Whether the browser was told a name of ours. An address is one of ours if the connection came in on it."""
        name = _host_name(request.headers.get("Host", ""))
        here = request.transport.get_extra_info("sockname") if request.transport else None
        own = {"localhost", "127.0.0.1", "::1", self._house.settings.host, *self._house.settings.allow_hosts}
        return name in own or (here is not None and name == here[0])

    async def _index(self, _request: web.Request) -> web.Response:
        rooms = "".join(f"  {room.id}: {room.terms.name}\n" for room in self._house.rooms.values())
        return web.Response(text=f"Bidroom. Rooms open here:\n{rooms}\nBid with: python3 Tclient.py\n")

    async def _health(self, _request: web.Request) -> web.Response:
        recovering = [room.id for room in self._house.rooms.values() if room.unavailable]
        if recovering or self._house.stopping:
            return _error(503, f"Recovering: {', '.join(recovering)}" if recovering else "Stopping")
        return web.Response(text="ok\n")

    async def _metrics_page(self, _request: web.Request) -> web.Response:
        self._metrics.connections.set(len(self._house.connections))
        self._metrics.rooms.set(len(self._house.rooms))
        return web.Response(body=self._metrics.page(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _rooms(self, _request: web.Request) -> web.Response:
        return _json([await room.show(lambda room=room: _summary(room)) for room in self._house.rooms.values()])

    async def _room(self, request: web.Request) -> web.Response:
        room = self._find(request)
        return _json(await room.show(lambda: msgspec.Raw(encode(room.state_message()))))

    async def _events(self, request: web.Request) -> web.Response:
        room = self._find(request)
        after = _number(request, "after", 0, MAX_AMOUNT)
        limit = _number(request, "limit", MAX_PAGE, MAX_PAGE)
        events, head = await read_public(room, after, max(limit, 1))
        return _json(History(events, head))

    async def _purchases(self, request: web.Request) -> web.Response:
        room = self._find(request)
        purchases = await room.show(lambda: results.purchases(room.terms, room.state.sales))
        format = request.query.get("format", "json")
        if format == "json":
            return web.Response(body=results.as_json(room.terms, purchases), content_type="application/json")
        if format == "csv":
            return _csv(room, results.as_csv(room.terms, purchases))
        raise web.HTTPBadRequest(reason="format is json or csv")

    async def _catalogue(self, request: web.Request) -> web.Response:
        return web.Response(body=self._find(request).catalogue, content_type="application/json")

    def _find(self, request: web.Request) -> Room:
        room = self._house.rooms.get(request.match_info["room"])
        if room is None:
            raise web.HTTPNotFound(reason="There is no such room; /api/rooms lists them")
        return room

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if not _is_own_origin(request):
            return _error(403, "A page from elsewhere may not bid here; open the page of this server.")
        if self._house.stopping:
            return _error(503, "The server is stopping; come back in a moment.")
        socket = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES)
        await socket.prepare(request)
        connection = Connection(self._house, cast(asyncio.Transport, request.transport), WEBSOCKET)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    handle_client(connection, message.data)
                elif message.type is WSMsgType.BINARY:
                    connection.send(Error(ErrorReason.MALFORMED, "Messages are JSON in text frames, not binary ones."))
        finally:
            connection.lost()
        return socket


def _summary(room: Room) -> RoomSummary:
    terms = room.terms
    return RoomSummary(terms.id, terms.name, terms.currency, room.state.finished, room.state.seq)


def _is_own_origin(request: web.Request) -> bool:
    """Whether a browser asks for a page of this server's; programs that are no browsers name no origin."""
    origin = request.headers.get("Origin")
    try:
        return origin is None or URL(origin).authority == request.host
    except ValueError:
        return False


def _host_name(host: str) -> str:
    try:
        return URL(f"http://{host}").host or ""
    except ValueError:
        return ""


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= most):
        raise web.HTTPBadRequest(reason=f"{name} is a whole number from 0 to {most}")
    return int(text)


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


def _csv(room: Room, body: bytes | str) -> web.Response:
    data = body.encode() if isinstance(body, str) else body
    headers = {
        "Content-Disposition": f'attachment; filename="{room.id}.csv"',
        "Content-Type": "text/csv; charset=utf-8",
    }
    return web.Response(body=data, headers=headers)


def _error(status: int, message: str, headers: CIMultiDict[str] | None = None) -> web.Response:
    kept = {name: value for name, value in (headers or {}).items() if name == "Allow"}
    return web.Response(status=status, body=encode(_HttpError(message)), content_type="application/json", headers=kept)


class _HttpError(msgspec.Struct, frozen=True):
    """What every failed request gets."""

    message: str
