"""Pictures of what is sold: image files of one folder on this machine, and the places elsewhere that catalogues name.

A picture comes from whoever made the catalogue, and an SVG may hold a script; so every answer says that nothing in it
may run or be taken for anything but an image.
"""

import asyncio
from functools import lru_cache
from pathlib import Path, PurePosixPath

import msgspec
from aiohttp import web
from yarl import URL

from bidroom.server.hosts import policy_host
from bidroom.wire.views import CatalogueEntry

TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
}
"""What is served; other files in the folder are not."""

MAX_ORIGINS = 40
"""How many places elsewhere a page's policy names one by one: proxies take headers of no more than 4 or 8 KiB."""

_HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


class Pictures:
    """Serves the pictures of a folder; of none, nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def route(self) -> web.RouteDef:
        """Where the pictures are found."""
        return web.get("/pictures/{path:.+}", self._picture)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        # In a thread, because it asks the disk: bids don't wait for that.
        file = self._folder and await asyncio.to_thread(find_picture, self._folder, request.match_info["path"])
        if file is None:
            raise web.HTTPNotFound
        return web.FileResponse(file, headers={**_HEADERS, "Content-Type": TYPES[file.suffix.lower()]})


def find_picture(folder: Path, path: str) -> Path | None:
    """The image file at a path inside the folder. None for anything else, also for a link that leads out of it."""
    if any(part.startswith(".") for part in PurePosixPath(path).parts):
        return None
    try:
        file = (folder / path).resolve(strict=True)
        inside = file.is_relative_to(folder.resolve())
        return file if inside and file.suffix.lower() in TYPES and file.is_file() else None
    except (OSError, ValueError, RuntimeError):  # not there; no path at all; links in a circle (before Python 3.13)
        return None


@lru_cache(maxsize=256)
def picture_origins(catalogue: bytes) -> frozenset[str]:
    """Where a catalogue's pictures are that are not on this server: scheme, host and port, as a policy names them."""
    entries = msgspec.json.decode(catalogue, type=list[CatalogueEntry])
    found = frozenset(filter(None, (_origin(entry.picture) for entry in entries)))
    return found if len(found) <= MAX_ORIGINS else frozenset(origin.partition("//")[0] for origin in found)


def _origin(address: str) -> str:
    """Empty where the address is none: then it is the name of a file here, or shows nothing."""
    try:
        url = URL(address)
    except ValueError:
        return ""
    host = policy_host(url) if url.scheme in ("http", "https") else ""
    return f"{url.scheme}://{host}" if host else ""
