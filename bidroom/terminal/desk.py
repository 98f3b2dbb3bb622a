"""The auctioneer's line to a server: orders go as HTTP requests with a token, and answers come back as plain words.

On the server's own machine the journal says where the server is and what the token is; from elsewhere the address is
given, and the token is asked for or stands in the environment. It is never an argument: others can read those.
"""

import getpass
import json
import os
import sys
from typing import Any
from urllib.parse import quote, urlencode

from bidroom.errors import BidroomError
from bidroom.rules.money import BadMoney, parse_money
from bidroom.terminal.desk_options import DeskOptions
from bidroom.terminal.journals import server_of
from bidroom.terminal.request import NotDone, request
from bidroom.terminal.show import say
from bidroom.terminal.story import visible
from bidroom.terminal.tokens import read_tokens

TOKEN_VARIABLE = "BIDROOM_TOKEN"


class Desk:
    """A line to one room of a server. Every method raises BidroomError where there is none."""

    def __init__(self, options: DeskOptions) -> None:
        self._by = options.by
        self._certificate = ""
        if options.address is None:
            server = server_of(options.journal)
            self.url, self._certificate = server.url, server.certificate
            self._token = os.environ.get(TOKEN_VARIABLE) or read_tokens(options.journal).auctioneer
        else:
            self.url = _url(options.address)
            self._token = os.environ.get(TOKEN_VARIABLE) or _ask_token()
        rooms = {room["id"]: room for room in self._get("/api/rooms")}
        if options.room is None and len(rooms) > 1:
            raise BidroomError(f"The server has several rooms; name one with --room: {', '.join(list(rooms)[:10])}.")
        if options.room is not None and options.room not in rooms:
            raise BidroomError(f"The server has no room {options.room!r}; it has {', '.join(list(rooms)[:10])}.")
        self.room = options.room or next(iter(rooms))
        self.currency: str = rooms[self.room]["currency"]

    def get(self, what: str) -> Any:
        """What the server shows of the room."""
        return self._get(f"/api/rooms/{quote(self.room)}{what}")

    def order(self, command: str, **fields: Any) -> dict[str, Any]:
        """The answer to an order; a refusal is one, too. Fields that are None are left out."""
        return self._order(command, {name: value for name, value in fields.items() if value is not None})

    def set_budget(self, bidder: str | int, budget: int | None) -> dict[str, Any]:
        """The answer to a new budget; None: as much as they like."""
        return self._order("set_budget", {"bidder": bidder, "budget": budget})

    def _order(self, command: str, fields: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(fields).encode()
        query = f"?{urlencode({'by': self._by})}" if self._by else ""
        return self._ask("POST", f"/api/rooms/{quote(self.room)}/{command}{query}", body)

    def money(self, amount: str) -> int:
        """An amount as a person writes it, in minor units."""
        try:
            return parse_money(amount, self.currency)
        except BadMoney as error:
            raise BidroomError(str(error)) from None

    def item(self, named: str) -> dict[str, Any]:
        """The item with this id or name, as it stands."""
        items = self.get("")["room"]["items"]
        found = [item for item in items if item["id"] == named] or [
            item for item in items if item["name"].casefold() == named.casefold()
        ]
        if len(found) == 1:
            return found[0]
        some = ", ".join(item["id"] for item in items[:10])
        fault = "Several items are called" if found else "There is no item"
        raise BidroomError(
            f"{fault} {visible(named)!r}; use its id. There are {some}{' ...' if len(items) > 10 else ''}"
        )

    def _get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        """The answer's JSON; that of a refusal by the room, too."""
        try:
            answer = request(self.url, path, method=method, token=self._token, body=body, certificate=self._certificate)
            return json.loads(b"".join(answer))
        except NotDone as refusal:
            if refusal.said.get("type") != "refused":
                raise
            return refusal.said
        except ValueError:
            raise BidroomError(f"The server at {self.url} is no Bidroom, or another version.") from None


def _url(address: str) -> str:
    """The server's address for HTTP, of one that was typed."""
    if address.startswith(("http://", "https://")):
        return address.rstrip("/")
    return f"http://{address}" if ":" in address else f"http://{address}:12345"


def _ask_token() -> str:
    if not sys.stdin.isatty():
        raise BidroomError(f"Put the auctioneer's token into the environment variable {TOKEN_VARIABLE}.")
    return getpass.getpass("The auctioneer's token: ").strip()


def report(answer: dict[str, Any]) -> int:
    """Say what became of an order. The exit status: 1 where it was refused."""
    if answer["type"] == "refused":
        print(f"Refused ({answer['reason']}): {answer['message']}", file=sys.stderr)
        return 1
    if answer["type"] == "preview":
        for words in answer["words"]:
            say(f"Would happen: {visible(words)}")
        return 0
    if answer["type"] == "done":
        paddle = f", paddle {answer['paddle']}" if not answer["bidder"].startswith("Paddle ") else ""
        say(f"{visible(answer['bidder'])}{paddle}: the code is {answer['code']} (shown this once)")
    else:
        say(f"Done; on record as event {answer['seq']}.")
    return 0


def confirmed(desk: Desk, command: str, dry_run: bool, yes: bool, **fields: Any) -> int:
    """Show what an order would do, and give it once that is confirmed. The exit status."""
    preview = desk.order(command, dry_run=True, **fields)
    status = report(preview) if not yes or dry_run or preview["type"] == "refused" else 0
    if status or dry_run:
        return status
    if not yes and not _agreed():
        say("Nothing was changed.")
        return 1
    return report(desk.order(command, **fields))


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise BidroomError("Nobody is there to confirm this; repeat it with --yes.")
    return input("Do it? [y/N] ").strip().lower() in ("y", "yes")
