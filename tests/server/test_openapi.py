"""The HTTP API is what /openapi.json says: schemathesis makes requests of every kind from it and checks each answer.

Every operation is called with what the description allows and with what it doesn't; every answer must have a status and
a body that are described, nothing may be a server error, and what needs a token must be refused without one.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any, get_args

import aiohttp
import pytest

from bidroom.journal.memory import MemoryJournal
from bidroom.rules.item import ItemDefaults, ItemTerms, LiveClosing, RoomTerms
from bidroom.server.settings import Tokens, token_hash
from bidroom.wire.control import AnyControl
from tests.server.house import PAUSE, WINDOW, House, house

TOKEN = "00112233445566778899aabbccddeeff"
TOKENS = Tokens(token_hash(TOKEN))
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")

# A 400 may come of what JSON Schema allows: it takes `1.0` for a whole number.
CONFIG = """
[parameters]
"path.room" = "hall"
"path.item" = "lamp"
"query.by" = "Zoe"
[warnings]
fail-on = ["missing_test_data", "missing_auth", "unused_openapi_auth", "method_not_allowed"]
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 401, 403, 404, 409]
"""

ENDINGS = ("close_room", "pause", "withdraw", "remove_bidder")
"""Orders after which many others are refused; they are tried in a run of their own."""

DONE = {
    "--exclude-operation-id": {"announced", "item_added", "budget_set", "token_replaced"}
    | {"bid_accepted", "bidder_registered", "purchases_paid", "purchases_handed_over"},
    "--include-operation-id": {"room_closing", "paused", "item_finished", "bidder_removed"},
}
"""The two runs, and what must have happened in each: a run in which everything is refused would find nothing either."""


def hall() -> RoomTerms:
    items = tuple(
        ItemTerms(id, id, 100, 10, 3, LiveClosing(WINDOW), PAUSE, buy_now=900) for id in ("lamp", "desk", "vase")
    )
    return RoomTerms("hall", "The hall", "EUR", items, defaults=ItemDefaults(increment=5))


async def described(running: House) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get("http://{}:{}/openapi.json".format(*running.address)) as answer,
    ):
        assert answer.status == 200
        return await answer.json()


async def test_every_order_is_described():
    async with house(hall()) as running:
        paths = (await described(running))["paths"]
    for kind in get_args(AnyControl):
        operation = paths[f"/api/rooms/{{room}}/{kind.__struct_config__.tag}"]["post"]
        assert operation["security"] == [{"token": []}]
        assert {"200", "400", "401", "403", "404", "409", "503"} <= set(operation["responses"])
    assert paths["/api/rooms/{room}/purchases"]["get"].get("security") is None


@pytest.mark.parametrize("which", DONE)
@pytest.mark.timeout(300)
async def test_a_run_against_the_live_server_finds_nothing(which: str, tmp_path: Path):
    journal = MemoryJournal()
    async with house(hall(), tokens=TOKENS, journal=journal) as running:
        ana, ben = await running.bidder("Ana"), await running.bidder("Ben")
        for bidder, item in ((ana, "lamp"), (ben, "desk"), (ana, "vase")):
            await bidder.bid({"lamp": 1, "desk": 1, "vase": 2}[item], 100, item=item)
        running.pass_time(WINDOW)
        await running.until(lambda: len(running.server.rooms["hall"].state.sales) == 3)
        running.pass_time(PAUSE)
        said = await schemathesis(running, tmp_path, *(word for ending in ENDINGS for word in (which, ending)))
        assert {entry.type for entry in journal.kept["hall"]} >= DONE[which], said


async def schemathesis(running: House, directory: Path, *options: str) -> str:
    """Run it against the server, with the auctioneer's token; what it says. It must have found nothing."""
    (directory / "schemathesis.toml").write_text(CONFIG)
    url = "http://{}:{}/openapi.json".format(*running.address)
    token = ("--header", f"Authorization: Bearer {TOKEN}")
    process = await asyncio.create_subprocess_exec(
        *(SCHEMATHESIS, "--config-file", "schemathesis.toml", "run", url, *token, *options),
        *("--max-examples", "15", "--seed", "1", "--no-color", "--generation-database", "none"),
        cwd=directory,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-6000:]
    return said.decode()
