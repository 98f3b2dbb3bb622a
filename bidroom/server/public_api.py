"""The part of the HTTP API that is for everyone: rooms, their events, purchases and catalogues, to read."""

from collections.abc import Mapping

import msgspec
from aiohttp import web
from msgspec import Struct

from bidroom import results
from bidroom.journal.journal import MAX_PAGE
from bidroom.rules.events import PublicEvent
from bidroom.server.endpoints import Endpoint, Parameter, file_answer, find_room, json_answer
from bidroom.server.history import read_public
from bidroom.server.room import Room
from bidroom.wire.codec import encode
from bidroom.wire.messages import State
from bidroom.wire.views import CatalogueEntry

AFTER = Parameter("after", "The number of the event behind which to begin.", 0)
LIMIT = Parameter("limit", "How many events at most.", MAX_PAGE, least=1, most=MAX_PAGE)
FORMAT = Parameter("format", "How to give it.", "json", choices=("json", "csv"))


class RoomSummary(Struct, frozen=True):
    """A line of /api/rooms."""

    id: str
    name: str
    currency: str
    finished: bool
    seq: int


class History(Struct, frozen=True):
    """A page of /api/rooms/{room}/events. Ask again with `after` = the last event's `seq` until none come."""

    events: list[PublicEvent]
    head: str


class PublicApi:
    """Answers from between two batches, so that nobody sees what is not yet durable."""

    def __init__(self, rooms: Mapping[str, Room]) -> None:
        self._rooms = rooms

    def endpoints(self) -> list[Endpoint]:
        """What can be asked."""
        return [
            Endpoint(
                method="GET",
                path="/api/rooms",
                name="rooms",
                summary="The rooms that are open here.",
                handle=self._list,
                gives=list[RoomSummary],
            ),
            Endpoint(
                method="GET",
                path="/api/rooms/{room}",
                name="room",
                summary="The room as it stands, as a `state` message.",
                handle=self._room,
                gives=State,
                problems=(404,),
            ),
            Endpoint(
                method="GET",
                path="/api/rooms/{room}/events",
                name="events",
                summary="The room's public events, by pages.",
                handle=self._events,
                gives=History,
                parameters=(AFTER, LIMIT),
                problems=(400, 404),
            ),
            Endpoint(
                method="GET",
                path="/api/rooms/{room}/purchases",
                name="purchases",
                summary="What was bought, by whom and for how much.",
                handle=self._purchases,
                gives=results.PublicReport,
                content=("application/json", "text/csv"),
                parameters=(FORMAT,),
                problems=(400, 404),
            ),
            Endpoint(
                method="GET",
                path="/api/rooms/{room}/catalogue",
                name="catalogue",
                summary="The items' descriptions, which never change; `room.catalogue` names their content.",
                handle=self._catalogue,
                gives=list[CatalogueEntry],
                problems=(404,),
            ),
        ]

    async def _list(self, _request: web.Request) -> web.Response:
        return json_answer([await room.show(lambda room=room: _summary(room)) for room in self._rooms.values()])

    async def _room(self, request: web.Request) -> web.Response:
        room = find_room(self._rooms, request)
        return json_answer(await room.show(lambda: msgspec.Raw(encode(room.state_message()))))

    async def _events(self, request: web.Request) -> web.Response:
        room = find_room(self._rooms, request)
        events, head = await read_public(room, int(AFTER.read(request)), int(LIMIT.read(request)))
        return json_answer(History(events, head))

    async def _purchases(self, request: web.Request) -> web.Response:
        room = find_room(self._rooms, request)
        format: results.Format = "csv" if FORMAT.read(request) == "csv" else "json"
        purchases = await room.show(lambda: results.render_public(room.state, format))
        return file_answer(f"{room.id}.{format}", purchases, results.CONTENT_TYPES[format])

    async def _catalogue(self, request: web.Request) -> web.Response:
        return web.Response(body=find_room(self._rooms, request).catalogue, content_type="application/json")


def _summary(room: Room) -> RoomSummary:
    return RoomSummary(room.id, room.terms.name, room.terms.currency, room.state.finished, room.state.seq)
