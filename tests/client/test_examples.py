"""What the guide and the examples show, run as a reader would run it: as programs, against a real server."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from bidroom.client.client import Client
from bidroom.client.strategies import RandomBidder
from bidroom.journal.memory import MemoryJournal
from bidroom.rules.item import LiveClosing
from bidroom.server.settings import ServerSettings
from bidroom.server.start import start_server
from tests.client.peer import until
from tests.client.small_room import terms

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/programmers.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
LIMITS = {"lamp": 300, "desk": 2000, "mug": 120}


@asynccontextmanager
async def a_sale() -> AsyncIterator[str]:
    """The address of a room in which two bots buy everything, sooner or later; they wait for somebody to come."""
    room = terms(LiveClosing(window_ms=200), pause_ms=20)
    server = await start_server([room], MemoryJournal(), ServerSettings(host="127.0.0.1", port=0))
    address = f"127.0.0.1:{server.addresses[0][1]}"
    try:
        async with Client(address, "Bot 1") as one, Client(address, "Bot 2") as two:
            bots = enumerate((one, two))
            bidding = [asyncio.ensure_future(_bid_after_a_guest(server, bot, seed)) for seed, bot in bots]
            yield address
            for task in bidding:
                task.cancel()
            await asyncio.gather(*bidding, return_exceptions=True)
    finally:
        await server.stop()


async def _bid_after_a_guest(server, client: Client, seed: int) -> None:
    await until(lambda: len(server.rooms["hall"].audience) == 3)
    await client.start_bidding(RandomBidder(LIMITS), Random(seed), pace=0.05)


async def run(*arguments: str, cwd: Path = ROOT) -> str:
    """What the program prints. It must end well and complain of nothing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, err.decode()) == (0, "")
    return out.decode()


def block_with(text: str) -> str:
    (block,) = [block for block in BLOCKS if text in block]
    return block


async def run_block(text: str) -> list[str]:
    async with a_sale() as address:
        return (await run("-c", block_with(text).replace("localhost:12345", address))).splitlines()


def test_every_block_of_the_guide_is_run_here() -> None:
    assert len(BLOCKS) == 7


async def test_watching() -> None:
    lines = await run_block("print(event)")
    assert lines[:3] == ["Lamp 100 EUR", "Desk 1000 EUR", "Mug 50 EUR"]
    assert lines[-2].startswith("RoomFinished(")
    assert lines[-1] == "sold: 5"


async def test_bidding() -> None:
    lines = await run_block("your receipt is")
    assert len(lines) == 3
    for line in lines:
        assert re.fullmatch(r"\w+ (is yours so far; your receipt is [0-9a-f]{64}|refused: \w+ (\d+|None))", line)


async def test_coming_back() -> None:
    assert await run_block("token=token") == ["back as Ben"]


async def test_leaving_a_maximum() -> None:
    lines = await run_block("max_bid(")
    assert [line.partition("(")[0] for line in lines] == ["Accepted", "Accepted"]


async def test_a_strategy() -> None:
    lines = await run_block("start_bidding(")
    assert all(re.match(r"Offer\(.*\) (Accepted|Refused)\(", line) for line in lines[:-1])
    assert lines[-1].startswith("bought: [")


async def test_a_strategy_without_a_server() -> None:
    assert await run("-c", block_with("ItemView(")) == "Offer(item='lamp', amount=2100, unit=1)\nNone\n"


def test_the_strategy_in_the_guide_is_the_example() -> None:
    assert block_with("class Patient") == (ROOT / "examples/my_strategy.py").read_text("utf-8")


@pytest.mark.parametrize(("module", "where"), [("examples.my_strategy", "."), ("my_strategy", "examples")])
async def test_the_example_strategy_bids_from_the_command_line(module: str, where: str) -> None:
    bidder = ("--strategy", f"{module}:Patient", "--name", "Pat", "--max", "mug=120")
    chance = ("--seed", "3", "--pace", "0.05")
    async with a_sale() as address:
        printed = await run("-m", "bidroom", "bot", address, *bidder, *chance, cwd=ROOT / where)
    assert "accepted as event" in printed


async def test_watching_prices() -> None:
    async with a_sale() as address:
        lines = (await run("examples/watch_prices.py", address)).splitlines()
    assert lines[0] == "The hall: 3 items"
    assert sum(" SOLD to Bot " in line for line in lines) == 5
    assert any(re.fullmatch(r"Desk: [0-9.]+ EUR by Bot [12]", line) for line in lines)
    assert lines[-1] == "All is sold: 5 units."
