"""The HTTP API for the auctioneer and the clerks: every order as a POST, and what only they may see.

The token comes in the header `Authorization: Bearer ...`, which no page from elsewhere can send.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast, get_args

from aiohttp import web
from msgspec import Struct

from bidroom import results
from bidroom.errors import BidroomError
from bidroom.journal.backup import copy_journal
from bidroom.rules.answers import Reason
from bidroom.server.endpoints import Endpoint, Parameter, asking_desk, file_answer, find_room, json_answer, problem
from bidroom.server.figures import Figures, figures
from bidroom.server.room import OrderAnswer, Room
from bidroom.server.settings import Tokens
from bidroom.wire.codec import Malformed, decode_as
from bidroom.wire.control import AnyControl, Invite, NewToken
from bidroom.wire.messages import Accepted, Done, Preview, Refused

BY = Parameter("by", "Who asks, as the record will say; the role where it is left out.", "")

WHAT = Parameter("what", "Which part.", "all", choices=results.WHATS)
FORMAT = Parameter("format", "How to give it.", "json", choices=results.FORMATS)

_STATUS = {Reason.NOT_ALLOWED: 403, Reason.UNAVAILABLE: 503}
"""What a refusal is in HTTP, where it is not 409, a conflict with how things are."""


class BidderLine(Struct, frozen=True):
    """What the auctioneer knows of a bidder. `bidder` is how others see them; amounts are in minor units.

    `leading` is what they would pay if every round that they lead ended now; `owed` what they won and haven't paid.
    """

    bidder: str
    name: str
    paddle: int | None
    email: str
    budget: int | None
    won: int
    paid: int
    owed: int
    leading: int
    units: int
    removed: bool
    connected: bool


class DeskApi:
    """Lets those with a token do what they may."""

    def __init__(self, rooms: Mapping[str, Room], tokens: Tokens) -> None:
        self._rooms = rooms
        self._tokens = tokens

    def endpoints(self) -> list[Endpoint]:
        """What can be asked: one for each order, and what a desk may look at."""
        bidders = Endpoint(
            method="GET",
            path="/api/rooms/{room}/bidders",
            name="bidders",
            summary="Everyone who is registered, with budgets and what they owe.",
            handle=self._bidders,
            gives=list[BidderLine],
            token=True,
            problems=(401, 404),
        )
        found = Endpoint(
            method="GET",
            path="/api/rooms/{room}/results",
            name="results",
            summary="Purchases, statements, what is owed, totals: all that the auctioneer's books need.",
            handle=self._results,
            gives=results.Report,
            content=tuple(kind.partition(";")[0] for kind in results.CONTENT_TYPES.values()),
            parameters=(WHAT, FORMAT),
            token=True,
            problems=(400, 401, 404),
        )
        going = Endpoint(
            method="GET",
            path="/api/rooms/{room}/figures",
            name="figures",
            summary="How the sale is going: who is there, how many bids come, what was sold for how much.",
            handle=self._figures,
            gives=Figures,
            token=True,
            problems=(401, 404),
        )
        return [bidders, found, going, self._backup_endpoint(), *(self._order(kind) for kind in get_args(AnyControl))]

    def _order(self, kind: type[AnyControl]) -> Endpoint:
        name = str(kind.__struct_config__.tag)

        async def handle(request: web.Request) -> web.Response:
            desk = asking_desk(self._tokens, request, BY.read(request))
            room = find_room(self._rooms, request)
            return _answered(await room.ask(await _body(request, kind), desk))

        gives = Done | Preview if kind is NewToken else Done if kind is Invite else Accepted
        return Endpoint(
            method="POST",
            path=f"/api/rooms/{{room}}/{name}",
            name=name,
            summary=(kind.__doc__ or "").strip(),
            handle=handle,
            gives=Accepted | Preview if "dry_run" in kind.__struct_fields__ and gives is Accepted else gives,
            body=kind,
            parameters=(BY,),
            token=True,
            problems=(400, 401, 404, 409, 413),
        )

    async def _bidders(self, request: web.Request) -> web.Response:
        asking_desk(self._tokens, request)
        room = find_room(self._rooms, request)
        return json_answer(await room.show(lambda: _lines(room)))

    async def _figures(self, request: web.Request) -> web.Response:
        asking_desk(self._tokens, request)
        room = find_room(self._rooms, request)
        return json_answer(await room.show(lambda: figures(room)))

    async def _results(self, request: web.Request) -> web.Response:
        asking_desk(self._tokens, request)
        room = find_room(self._rooms, request)
        what, format = cast(results.What, WHAT.read(request)), cast(results.Format, FORMAT.read(request))
        body = await room.show(lambda: results.render(room.state, what, format))
        return file_answer(f"{room.id}-{what}.{format}", body, results.CONTENT_TYPES[format])

    def _backup_endpoint(self) -> Endpoint:
        return Endpoint(
            method="POST",
            path="/api/backup",
            name="backup",
            summary="A consistent copy of the journal, made while bidding goes on. Needs the auctioneer's token.",
            handle=self._backup,
            content=("application/vnd.sqlite3",),
            token=True,
            problems=(401,),
        )

    async def _backup(self, request: web.Request) -> web.StreamResponse:
        if asking_desk(self._tokens, request).role != "auctioneer":
            raise web.HTTPForbidden(reason="Only the auctioneer may have a copy")
        journal = next(iter(self._rooms.values())).journal
        response = web.StreamResponse(headers={"Content-Type": "application/vnd.sqlite3"})
        with TemporaryDirectory(prefix="bidroom-") as directory:
            copy = Path(directory) / "journal.db"
            try:
                await copy_journal(journal, copy)
            except BidroomError as error:  # a full disk, or a journal that is not whole: the sale goes on
                return problem(503, f"No copy could be made: {error}")
            await response.prepare(request)
            with copy.open("rb") as file:
                while block := await asyncio.to_thread(file.read, 1 << 20):
                    await response.write(block)
        await response.write_eof()
        return response


def _lines(room: Room) -> list[BidderLine]:
    return [
        BidderLine(
            bidder=id,
            name=bidder.name or id,
            paddle=bidder.paddle,
            email=bidder.email,
            budget=bidder.budget,
            won=bidder.won,
            paid=bidder.paid,
            owed=bidder.won - bidder.paid,
            leading=bidder.leading,
            units=sum(bidder.units.values()),
            removed=bidder.removed,
            connected=bool(room.seats.get(id).connections),
        )
        for id, bidder in room.state.bidders.items()
    ]


async def _body(request: web.Request, kind: type[AnyControl]) -> AnyControl:
    try:
        return decode_as(kind, await request.read() or b"{}")
    except Malformed as error:
        raise web.HTTPBadRequest(reason=str(error)) from None


def _answered(answer: OrderAnswer) -> web.Response:
    if isinstance(answer, Refused):
        return json_answer(answer, _STATUS.get(answer.reason, 409))
    return json_answer(answer)
