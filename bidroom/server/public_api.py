"""The part of the HTTP API that is for everyone: rooms, their events, purchases and catalogues, to read."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from aiohttp import web
from msgspec import Struct

from bidroom import results
from bidroom.journal.journal import MAX_PAGE
from bidroom.rules.events import PublicEvent
from bidroom.rules.item import KEPT_BIDS, Item
from bidroom.rules.money import exponent
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
    """A line of /api/rooms: which room it is, how it counts its money, who may join, and how bidders are seen."""

    id: str
    name: str
    currency: str
    decimals: int
    finished: bool
    seq: int
    registration: Literal["open", "invite"]
    bidders: Literal["names", "paddles"]


class BidLine(Struct, frozen=True):
    """A line of /api/rooms/{room}/items/{item}/bids: `seq` and `at` are those of the bid's event."""

    seq: int
    at: int
    unit: int
    bidder: str
    amount: int


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
            Endpoint(
                method="GET",
                path="/api/rooms/{room}/items/{item}/bids",
                name="bids",
                summary=f"The bids that count in an item's current or last round, the latest {KEPT_BIDS} at most.",
                handle=self._bids,
                gives=list[BidLine],
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

    async def _bids(self, request: web.Request) -> web.Response:
        room, id = find_room(self._rooms, request), request.match_info["item"]
        bids = await room.show(lambda: _bids(room.state.items.get(id)))
        if bids is None:
            raise web.HTTPNotFound(reason="There is no such item in the room; /api/rooms/{room} lists them")
        return json_answer(bids)


def _summary(room: Room) -> RoomSummary:
    terms = room.terms
    return RoomSummary(
        id=room.id,
        name=terms.name,
        currency=terms.currency,
        decimals=exponent(terms.currency),
        finished=room.state.finished,
        seq=room.state.seq,
        registration=terms.registration,
        bidders=terms.bidders,
    )


def _bids(item: Item | None) -> list[BidLine] | None:
    """An item's bids, the oldest first, without what says whose hand made them: a maximum's look like all others."""
    if item is None:
        return None
    return [BidLine(bid.seq, bid.at, item.unit, bid.bidder, bid.amount) for bid in item.bids]
