"""The page: what is in `bidroom/web`, read and compressed once at start, and served from memory.

There are three pages: one HTML file, filled in for each with its folder's style sheet and `main.js`, and with all that
the latter imports, so that browsers fetch it at once and not module by module. Everything they load stands under a
version made of the content of all files, so a browser may keep it for good, and modules that import each other by
relative names always come from the same version. Only the HTML is asked for again each time. Paths are looked up among
the names that were read, so none can lead elsewhere.
"""

import gzip
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from posixpath import dirname, join, normpath

from aiohttp import web
from msgspec import Struct

from bidroom.server.hosts import asked_address, policy_host
from bidroom.server.pictures import picture_origins
from bidroom.server.room import Room

WEB = Path(__file__).resolve().parent.parent / "web"

PAGES = {"/": "bidder", "/auctioneer": "desk", "/hall": "hall"}
"""The pages, by where they are shown: each has a folder and a style sheet of this name."""

SHELL = "page.html"

_IMPORT = re.compile(r"""^import\b[^'"]*['"](\.[^'"]+)['"]""", re.MULTILINE)
"""What a module needs before it runs; what it imports only when it gets there is not meant."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
"""What is served at all; whatever else lies in the folder, such as the settings of an editor, is not."""

_STATIC = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

_GUARDED = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class File(Struct, frozen=True):
    """A file as it is sent: as it is, and compressed."""

    content_type: str
    plain: bytes
    gzipped: bytes


class Pages:
    """Serves the files of one folder as they were when it was made, to look at these rooms."""

    def __init__(self, rooms: Mapping[str, Room], folder: Path = WEB) -> None:
        self._rooms = rooms
        contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _served(folder)}
        self.version = _version(contents)
        shell = contents.pop(SHELL, b"").decode()
        self._static = {name: _packed(name, content) for name, content in contents.items()}
        static = f"/static/{self.version}"
        self._html = {path: _packed(SHELL, _fill(shell, static, page, contents)) for path, page in PAGES.items()}

    def routes(self) -> list[web.RouteDef]:
        """Where the files are found."""
        pages = [web.get(path, self._page) for path in PAGES]
        return [*pages, web.get("/static/{version}/{path:.+}", self._file)]

    async def _page(self, request: web.Request) -> web.Response:
        page = self._html[request.path]
        address = asked_address(request)
        host = "" if address is None else policy_host(address)
        # `catalogue` is what everybody gets, so it may be looked at without waiting for the room.
        origins = {origin for room in self._rooms.values() for origin in picture_origins(room.catalogue)}
        return _answer(request, page, {**_GUARDED, "Content-Security-Policy": content_policy(host, origins)})

    def find(self, path: str, version: str) -> File | None:
        """What the page loads from a path; nothing where another version of it is asked for."""
        return self._static.get(path) if version == self.version else None

    async def _file(self, request: web.Request) -> web.Response:
        file = self.find(request.match_info["path"], request.match_info["version"])
        if file is None:
            raise web.HTTPNotFound
        return _answer(request, file, _STATIC)


def _fill(shell: str, static: str, page: str, contents: Mapping[str, bytes]) -> bytes:
    needed = _needed(f"{page}/main.js", contents)
    preloads = "\n".join(f'<link rel="modulepreload" href="{static}/{name}">' for name in needed)
    return shell.replace("{{static}}", static).replace("{{page}}", page).replace("{{preloads}}", preloads).encode()


def _needed(main: str, contents: Mapping[str, bytes]) -> list[str]:
    """The modules that a module imports, and that those import in turn: the nearest first."""
    found = [main]
    for name in found:  # which grows meanwhile
        imports = _IMPORT.findall(contents.get(name, b"").decode())
        targets = (normpath(join(dirname(name), target)) for target in imports)
        found += [target for target in dict.fromkeys(targets) if target not in found]
    return found[1:]


def content_policy(host: str, picture_origins: Iterable[str]) -> str:
    """What a page may load, and from where. `host` is that of the request, or empty.

    It is named for WebSockets because older Safaris don't count them to 'self'.
    """
    images = " ".join(("'self'", "data:", *sorted(picture_origins)))
    sockets = f"'self' ws://{host} wss://{host}" if host else "'self'"
    return (
        f"default-src 'self'; img-src {images}; connect-src {sockets}; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def _served(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _TYPES and path.is_file())


def _version(contents: Mapping[str, bytes]) -> str:
    digests = (f"{name} {sha256(content).hexdigest()}\n" for name, content in sorted(contents.items()))
    return sha256("".join(digests).encode()).hexdigest()[:16]


def _packed(name: str, content: bytes) -> File:
    return File(_TYPES[Path(name).suffix], content, gzip.compress(content, 9, mtime=0))


def _answer(request: web.Request, file: File, headers: Mapping[str, str]) -> web.Response:
    """The file, compressed where that may be; nothing but the headers where the asker has it already."""
    body = file.gzipped if takes_gzip(request) else file.plain
    # Browsers keep the policy that came with the content, so another policy is another version of it.
    etag = sha256(headers.get("Content-Security-Policy", "").encode() + body).hexdigest()[:32]
    headers = {**headers, "Vary": "Accept-Encoding", "ETag": f'"{etag}"'}
    if any(known.value in (etag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    if body is file.gzipped:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, headers={**headers, "Content-Type": file.content_type})


def takes_gzip(request: web.Request) -> bool:
    """Whether the asker takes it (RFC 9110, section 12.5.3): by name, or with whatever it doesn't name."""
    header = ",".join(request.headers.getall("Accept-Encoding", ()))
    offers = (offer.partition(";") for offer in header.replace(" ", "").lower().split(","))
    weights = {coding: weight for coding, _, weight in offers}
    return re.fullmatch(r"q=0(\.0*)?", weights.get("gzip", weights.get("*", "q=0"))) is None
