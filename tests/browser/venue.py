"""A sale in a process of its own, as an auctioneer starts it: it can be stopped, killed, and started again.

Each start goes on with the same journal on the same port, so a page that waits for its server finds it again.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGSTOP
from typing import Any

from aiohttp import ClientSession

from bidroom.client.client import Client
from bidroom.terminal.tokens import read_tokens
from tests.front_door import BIDROOM, PATIENCE_S, free_port

Message = dict[str, Any]


class Venue:
    """The sale of one catalogue in the directory `home`, which is made. `output` is what the server has printed.

    `pictures` are files beside the catalogue: what is in them, by their names.
    """

    def __init__(self, home: Path, catalogue: str, pictures: Mapping[str, str] | None = None) -> None:
        (home / "pictures").mkdir(parents=True)
        for name, content in (pictures or {}).items():
            (home / "pictures" / name).write_text(content, encoding="utf-8")
        (home / "sale.toml").write_text(catalogue, encoding="utf-8")
        self.journal = home / "sale.db"
        self.output = home / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.id = ""
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._bidders: list[Client] = []

    async def start(self) -> None:
        """Start the server, and wait until it listens."""
        where = ("--host", "127.0.0.1", "--port", str(self.port))
        serve = ("serve", "sale.toml", *where, "--journal", self.journal.name, "--plain")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *BIDROOM, *serve, cwd=self.journal.parent, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
        )
        listens = asyncio.Event()
        self._reading = asyncio.create_task(self._read(self._process, listens))
        waiting = asyncio.create_task(listens.wait())
        await asyncio.wait((waiting, self._reading), timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        assert listens.is_set(), f"the server does not listen: {self.output.read_text()}"
        self.id = (await self._ask("GET", "/api/rooms"))[0]["id"]

    def freeze(self) -> None:
        """Let the server stand still until it is killed: whatever comes stays unread."""
        assert self._process is not None, "it was started"
        self._process.send_signal(SIGSTOP)

    async def kill(self) -> None:
        """End the server as a power cut would."""
        assert self._process is not None, "it was started"
        self._process.kill()
        await self._ended()

    async def stop(self) -> None:
        """Let the server end as it does by Ctrl-C: it says goodbye."""
        assert self._process is not None, "it was started"
        self._process.terminate()
        await self._ended()

    async def close(self) -> None:
        """Send everybody home; a server that has ended by itself is no trouble."""
        for bidder in self._bidders:
            await bidder.close()
        with suppress(ProcessLookupError):
            if self._process is not None:
                await self.kill()

    @property
    def auctioneer_token(self) -> str:
        return read_tokens(self.journal).auctioneer

    @property
    def clerk_token(self) -> str:
        return read_tokens(self.journal).clerk

    async def order(
        self, kind: str, *, token: str | None = None, by: str = "Zoe", status: int = 200, **fields: Any
    ) -> Message:
        """Order something at the desk, as the auctioneer unless another token is given; gives the answer."""
        path = f"/api/rooms/{self.id}/{kind}"
        return await self._ask("POST", path, status, {"by": by}, token or self.auctioneer_token, fields)

    async def state(self) -> Message:
        """The room as everyone sees it now, and behind which event."""
        return await self._ask("GET", f"/api/rooms/{self.id}")

    async def room(self) -> Message:
        """The room as everyone sees it now."""
        return (await self.state())["room"]

    async def item(self, id: str) -> Message:
        """One item of the room as everyone sees it now."""
        return next(item for item in (await self.room())["items"] if item["id"] == id)

    async def events(self, after: int = 0) -> list[Message]:
        """The public events behind one of them."""
        return (await self._ask("GET", f"/api/rooms/{self.id}/events", query={"after": str(after)}))["events"]

    async def bidder(self, name: str, code: str | None = None) -> Client:
        """Somebody who bids without a page, and comes back by themselves when the server does."""
        bidder = Client(f"127.0.0.1:{self.port}", name, code=code)
        await bidder.start_client()
        self._bidders.append(bidder)
        return bidder

    async def _ask(
        self,
        method: str,
        path: str,
        status: int = 200,
        query: dict[str, str] | None = None,
        token: str | None = None,
        body: Message | None = None,
    ) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            ClientSession(self.url) as session,
            session.request(method, path, params=query, json=body, headers=headers) as answer,
        ):
            said = await answer.json()
        assert answer.status == status, f"{method} {path} {body}: {answer.status} {said}"
        return said

    async def _read(self, process: Process, listens: asyncio.Event) -> None:
        assert process.stdout is not None, "it has a pipe"
        with self.output.open("ab") as output:
            async for line in process.stdout:
                output.write(line)
                output.flush()
                if line.startswith(b"Listening"):
                    listens.set()

    async def _ended(self) -> None:
        assert self._process is not None, "it was started"
        assert self._reading is not None, "what it prints is read"
        await self._process.wait()
        await self._reading
        self._process = None
