"""Letting in many who come at once."""

import asyncio

from bidroom.server import admission
from tests.server.house import house


async def test_more_than_are_let_in_at_once_all_come_in() -> None:
    async with house() as here:
        names = [f"Bidder {number}" for number in range(5 * admission.AT_ONCE + 1)]
        await asyncio.gather(*map(here.bidder, names))
        assert len(here.server.rooms["hall"].audience) == len(names)
