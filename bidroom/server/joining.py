"""How people come in: the address of the bidder's page as their phones reach it, and QR codes to scan.

Drawing a code takes milliseconds of plain Python, and a list of invitations has hundreds; so codes are drawn one after
another in a thread, and bids don't wait for them.
"""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote

import segno
from aiohttp import web
from msgspec import Meta, Struct

from bidroom.server.endpoints import Endpoint, asking_desk, find_room, json_answer
from bidroom.server.hosts import asked_address, is_loopback, network_addresses
from bidroom.server.room import Room
from bidroom.server.settings import ServerSettings
from bidroom.wire.codec import Malformed, decode_as

MAX_BODY_BYTES = 1024 * 1024
"""The longest list of texts; a thousand invitations are about 100 KiB."""

CodeText = Annotated[str, Meta(min_length=1, max_length=500)]


class JoinAddress(Struct, frozen=True):
    """Where bidders come in, and a QR code of it: an SVG picture as a data: address."""

    address: str
    qr: str


class CodeTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """What to draw as QR codes."""

    texts: Annotated[list[CodeText], Meta(min_length=1, max_length=1000)]


class Codes(Struct, frozen=True):
    """The QR codes, in the order of the texts: SVG pictures as data: addresses."""

    codes: list[str]


class Joining:
    """Tells where to come in."""

    def __init__(self, rooms: Mapping[str, Room], settings: ServerSettings) -> None:
        self._rooms = rooms
        self._settings = settings
        self._drawing = asyncio.Lock()

    def endpoints(self) -> list[Endpoint]:
        """What can be asked."""
        return [
            Endpoint(
                method="GET",
                path="/api/rooms/{room}/join",
                name="join_address",
                summary="The address under which others reach the bidder's page, and a QR code of it.",
                handle=self._join,
                gives=JoinAddress,
                problems=(404,),
            ),
            Endpoint(
                method="POST",
                path="/api/qr",
                name="qr_codes",
                summary="QR codes of texts, to print invitations. What is in them is kept nowhere.",
                handle=self._codes,
                gives=Codes,
                body=CodeTexts,
                token=True,
                problems=(400, 401, 413),
            ),
        ]

    async def _join(self, request: web.Request) -> web.Response:
        room = find_room(self._rooms, request)
        which = f"?room={quote(room.id, safe='')}" if len(self._rooms) > 1 else ""
        address = f"{await self._outside(request)}/{which}"
        async with self._drawing:
            return json_answer(JoinAddress(address, await asyncio.to_thread(_kept_code, address)))

    async def _outside(self, request: web.Request) -> str:
        """Scheme, host and port under which others reach this server, as far as that can be known."""
        address = asked_address(request)
        assert address is not None, "the request was let in for its host"
        if is_loopback(address.host or ""):
            found = await asyncio.to_thread(network_addresses, self._settings.host)
            if found:
                port = request.get_extra_info("sockname")[1]
                address = address.with_host(found[0]).with_port(port)
        return f"{address.scheme}://{address.host_port_subcomponent}"

    async def _codes(self, request: web.Request) -> web.Response:
        asking_desk(self._settings.tokens, request)
        texts = await _texts(request)
        codes: list[str] = []
        for text in texts:
            async with self._drawing:  # let go of each time: nobody waits for a whole list of somebody else's
                codes.append(await asyncio.to_thread(qr_code, text))
        return json_answer(Codes(codes))


def qr_code(text: str) -> str:
    """A text as a QR code: an SVG picture without a size of its own, dark on white, as a data: address."""
    code = segno.make_qr(text, error="m")
    return code.svg_data_uri(border=4, omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None)


_kept_code = lru_cache(maxsize=64)(qr_code)
"""The same for what everybody may see, drawn once."""


async def _texts(request: web.Request) -> list[str]:
    body = await request.clone(client_max_size=MAX_BODY_BYTES).read()
    try:
        return decode_as(CodeTexts, body).texts
    except Malformed as error:
        raise web.HTTPBadRequest(reason=str(error)) from None
