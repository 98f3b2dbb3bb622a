"""What the HTTP API consists of: one `Endpoint` for each thing that can be asked, which serves and describes it.

`bidroom.server.openapi` writes the description from the same objects that answer, so the two can't differ.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import msgspec
from aiohttp import web
from msgspec import Struct
from multidict import CIMultiDict

from bidroom.rules.item import MAX_AMOUNT
from bidroom.server.desks import Desk, find_desk
from bidroom.server.room import Room
from bidroom.server.settings import Tokens
from bidroom.wire.codec import encode
from bidroom.wire.messages import Error

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Parameter(Struct, frozen=True):
    """Something in the query: a whole number from `least` to `most`, or one of `choices`. May be left out."""

    name: str
    what: str
    default: int | str
    least: int = 0
    most: int = MAX_AMOUNT
    choices: tuple[str, ...] = ()

    def read(self, request: web.Request) -> str:
        """What the request gives, or the default. Raises web.HTTPBadRequest."""
        text = request.query.get(self.name, str(self.default))
        if self.choices:
            if text not in self.choices:
                raise web.HTTPBadRequest(reason=f"{self.name} is {' or '.join(self.choices)}")
        elif isinstance(self.default, int) and not self._is_number(text):
            raise web.HTTPBadRequest(reason=f"{self.name} is a whole number from {self.least} to {self.most}")
        return text

    def _is_number(self, text: str) -> bool:
        digits = text.isascii() and text.isdigit() and len(text) <= 16
        return digits and self.least <= int(text) <= self.most


class Endpoint(Struct, frozen=True, kw_only=True):
    """One path and method. `gives` is what its JSON answer decodes to, `body` what it takes; None where it is no JSON.

    `token`: only for whoever has the auctioneer's token, or a clerk's. `content` is the answer's type where it is not
    JSON. `problems` are the statuses that it may fail with besides 403 and 503.
    """

    method: Literal["GET", "POST"]
    path: str
    name: str
    summary: str
    handle: Handler
    gives: Any = None
    content: tuple[str, ...] = ("application/json",)
    body: Any = None
    parameters: tuple[Parameter, ...] = ()
    token: bool = False
    problems: tuple[int, ...] = ()


class Problem(Struct, frozen=True):
    """Why a request failed, and what to do."""

    message: str


def find_room(rooms: Mapping[str, Room], request: web.Request) -> Room:
    """The room that the path names. Raises web.HTTPNotFound."""
    room = rooms.get(request.match_info["room"])
    if room is None:
        raise web.HTTPNotFound(reason="There is no such room; /api/rooms lists them")
    return room


def asking_desk(tokens: Tokens, request: web.Request, by: str = "") -> Desk:
    """Who asks. Raises web.HTTPUnauthorized, and web.HTTPBadRequest where `by` is no name."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    token = credentials.strip() if scheme.lower() == "bearer" else ""
    desk = find_desk(tokens, token, by)
    if not isinstance(desk, Error):
        return desk
    if tokens.role_of(token) is not None:
        raise web.HTTPBadRequest(reason=desk.message)
    raise web.HTTPUnauthorized(reason=desk.message, headers={"WWW-Authenticate": "Bearer"})


def json_answer(value: object, status: int = 200) -> web.Response:
    """A value as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


def file_answer(name: str, body: bytes, content: str) -> web.Response:
    """Something that is looked at, or saved under a name."""
    shown = "attachment" if content.startswith("text/csv") else "inline"
    headers = {"Content-Disposition": f'{shown}; filename="{name}"', "Content-Type": content}
    return web.Response(body=body, headers=headers)


def problem(status: int, message: str, headers: CIMultiDict[str] | None = None) -> web.Response:
    """What every failed request gets."""
    kept = {name: value for name, value in (headers or {}).items() if name in ("Allow", "WWW-Authenticate")}
    body = encode(Problem(message))
    return web.Response(status=status, body=body, content_type="application/json", headers=kept)
