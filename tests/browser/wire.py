"""A wire between the pages of one visitor and their server: all that went over it is kept, and it can be held up.

A message that is held up when its connection ends is lost, as it would be in a real network.
"""

import asyncio
import json

from playwright.async_api import WebSocketRoute

from tests.browser.venue import Message
from tests.browser.visitor import Visitor


class Wire:
    """`sent` is what left the pages and `heard` what came to them, each in order, also what was held up then."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.heard: list[Message] = []
        self._holds_sent = False
        self._holds_heard = False
        self._held: list[tuple[WebSocketRoute, str]] = []
        self._page: WebSocketRoute | None = None
        self._connections = 0
        self._dead = 0
        self._left_a_page = asyncio.Event()

    def hold(self, *, sent: bool = False, heard: bool = False) -> None:
        """Let nothing through in these directions, until it is released."""
        self._holds_sent, self._holds_heard = sent, heard

    def release(self) -> None:
        """Let everything through again, first what was held up."""
        self.hold()
        held, self._held = self._held, []
        for side, message in held:
            side.send(message)

    def release_last(self) -> None:
        """Let only the message through that was held up last."""
        side, message = self._held.pop()
        side.send(message)

    def lose(self) -> None:
        """Let everything through again, but what was held up is lost."""
        self._held.clear()
        self.hold()

    def cut(self) -> None:
        """Let the connections that there are be dead from now on, without a word to either side."""
        self._dead = self._connections

    def tell(self, message: Message) -> None:
        """Say something to the page that opened a connection last, in the name of its server."""
        assert self._page is not None, "a page is connected"
        self._page.send(json.dumps(message))

    def commands(self) -> list[Message]:
        """What was sent that counts at most once."""
        return [message for message in self.sent if "id" in message]

    async def carries(self, count: int) -> None:
        """Wait until so many commands have left the pages."""
        while len(self.commands()) < count:
            self._left_a_page.clear()
            await self._left_a_page.wait()

    def joins(self) -> list[Message]:
        return [message for message in self.sent if message["type"] == "join"]

    def connect(self, page: WebSocketRoute) -> None:
        """A page opens a connection."""
        server = page.connect_to_server()
        self._page = page
        self._connections += 1
        number = self._connections

        def from_page(message: str | bytes) -> None:
            if number > self._dead:
                self.sent.append(json.loads(message))
                self._left_a_page.set()
                self._pass(server, str(message), self._holds_sent)

        def from_server(message: str | bytes) -> None:
            if number > self._dead:
                self.heard.append(json.loads(message))
                self._pass(page, str(message), self._holds_heard)

        page.on_message(from_page)
        server.on_message(from_server)

    def _pass(self, side: WebSocketRoute, message: str, held: bool) -> None:
        if held:
            self._held.append((side, message))
        else:
            side.send(message)


async def wire_of(visitor: Visitor) -> Wire:
    """Lay it for all pages that the visitor opens from now on."""
    wire = Wire()
    await visitor.context.route_web_socket("**/ws", wire.connect)
    return wire
