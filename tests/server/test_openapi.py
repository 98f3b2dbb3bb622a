"""The HTTP API is what /openapi.json says: schemathesis makes requests of every kind from it and checks each answer.

Every operation is called with what the description allows and with what it doesn't; every answer must have a status and
a body that are described, nothing may be a server error, and what needs a token must be refused without one.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, get_args

import aiohttp
import pytest

from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.server.settings import Tokens, token_hash
from bidroom.wire.control import AnyControl
from tests.server.house import House, house

TOKEN = "00112233445566778899aabbccddeeff"
TOKENS = Tokens(token_hash(TOKEN))
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")

# What no schema can say is refused with 400 as well: names with invisible characters, and `1.0` for a whole number,
# which JSON Schema takes for one.
CONFIG = """
[parameters]
"path.room" = ["hall", "hall", "hall", "cellar"]
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 401, 403, 404, 409]
"""


def hall() -> RoomTerms:
    items = tuple(ItemTerms(id, id, 100, 10, 3, LiveClosing(10_000), 0, buy_now=900) for id in ("lamp", "desk", "vase"))
    return RoomTerms("hall", "The hall", "EUR", items)


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


@pytest.mark.parametrize("which", [("--exclude-operation-id", "close_room"), ("--include-operation-id", "close_room")])
@pytest.mark.timeout(300)
async def test_a_run_against_the_live_server_finds_nothing(which: tuple[str, str], tmp_path: Path):
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    async with house(hall(), tokens=TOKENS) as running:
        await (await running.bidder("Ana")).bid(1, 100)
        process = await asyncio.create_subprocess_exec(
            SCHEMATHESIS,
            *("--config-file", "schemathesis.toml", "run", "http://{}:{}/openapi.json".format(*running.address)),
            *(
                "--header",
                f"Authorization: Bearer {TOKEN}",
                "--max-examples",
                "15",
                "--seed",
                "1",
                "--no-color",
                *which,
            ),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()[-6000:]
        assert running.server.rooms["hall"].state.seq > 4, "some orders were carried out"
        json.dumps(await described(running))
