"""Somebody in front of a screen: a browser context of their own, in which nothing may go wrong unnoticed.

A page that works also keeps its console clean, where the browser writes what breaks the page's own content policy, and
asks nobody but its own server for anything. Whatever is otherwise is a fault; the fixtures fail the test for it.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    WebError,
    WebSocket,
)

Profile = dict[str, Any]

PHONE: Profile = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
TABLET: Profile = {"viewport": {"width": 1024, "height": 768}, "has_touch": True}
DESKTOP: Profile = {"viewport": {"width": 1280, "height": 800}}
PROJECTOR: Profile = {"viewport": {"width": 1920, "height": 1080}}

TIMEOUT_MS = 10_000

_NO_SERVER = re.compile(r"net::ERR_|WebSocket connection to .* failed|responded with a status of 50[234]")


class Visitor:
    """One person: `context` is their browser, and `faults` is what went wrong in it so far."""

    def __init__(self, name: str, context: BrowserContext) -> None:
        self.name = name
        self.context = context
        self.faults: list[str] = []
        self._hosts: set[str] = set()
        self._without_server = False
        context.set_default_timeout(TIMEOUT_MS)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("page", self._on_page)

    async def visit(self, url: str) -> Page:
        """Open an address in a new tab; its origin is from now on one that pages may ask for things."""
        self._hosts.add(urlsplit(url).netloc)
        page = await self.context.new_page()
        await page.goto(url)
        return page

    @asynccontextmanager
    async def expect_offline(self) -> AsyncIterator[None]:
        """While the block lasts, requests may fail for want of a server; other faults are faults as ever."""
        self._without_server = True
        try:
            yield
            await self._hear()
        finally:
            self._without_server = False

    @asynccontextmanager
    async def offline(self) -> AsyncIterator[None]:
        """While the block lasts, nothing comes or goes. Sockets that are open stay so, silent, and then go on."""
        async with self.expect_offline():
            await self.context.set_offline(True)
            try:
                yield
            finally:
                await self.context.set_offline(False)

    async def take_faults(self) -> list[str]:
        """What went wrong up to now, and is not counted any more: for tests in which something must."""
        await self._hear()
        taken, self.faults = self.faults, []
        return taken

    async def keep_pictures(self, folder: Path) -> list[Path]:
        """What the visitor sees in each tab, as files."""
        kept: list[Path] = []
        for number, page in enumerate(self.context.pages, 1):
            path = folder / f"{self.name}-{number}.png"
            with suppress(Error):  # a page that has crashed has no picture
                await page.screenshot(path=path, timeout=TIMEOUT_MS / 2)
                kept.append(path)
        return kept

    async def _hear(self) -> None:
        """Let each page answer once: what it has to tell comes before that."""
        for page in self.context.pages:
            with suppress(Error):
                await page.evaluate("0")

    def _on_page(self, page: Page) -> None:
        page.on("websocket", self._on_socket)
        page.on("crash", lambda page: self.faults.append(f"{page.url} crashed"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning", "assert"):
            return
        if self._without_server and _NO_SERVER.search(message.text):
            return
        place = message.location
        self.faults.append(f"{message.type}: {message.text} ({place['url']}:{place['lineNumber'] + 1})")

    def _on_error(self, error: WebError) -> None:
        self.faults.append(f"uncaught: {error.error.stack or error.error}")

    def _on_request(self, request: Request) -> None:
        self._check_host(request.url)

    def _on_socket(self, socket: WebSocket) -> None:
        self._check_host(socket.url)

    def _check_host(self, url: str) -> None:
        host = urlsplit(url).netloc  # none: what the page has in itself
        if host and host not in self._hosts:
            self.faults.append(f"a request elsewhere: {url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500 and not self._without_server:
            self.faults.append(f"{response.status} for {response.request.method} {response.url}")
