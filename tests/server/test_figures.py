"""The figures of a sale as the auctioneer's page asks for them."""

from typing import Any

import aiohttp
import pytest

from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.server import ring
from bidroom.server.settings import Tokens, token_hash
from tests.server.house import WINDOW, House, Peer, house
from tests.server.test_maximums import ask

pytestmark = pytest.mark.usefixtures("no_pulse")

TOKEN, CLERK = "a" * 32, "c" * 32
TOKENS = Tokens(token_hash(TOKEN), token_hash(CLERK))
LIVE = LiveClosing(WINDOW, opening_ms=2 * WINDOW)
ITEMS = (ItemTerms("lamp", "Lamp", 100, 10, 2, LIVE), ItemTerms("desk", "Desk", 500, 50, 3, LIVE))
ROOM = RoomTerms("hall", "The hall", "EUR", ITEMS)


async def figures(hall: House, token: str = TOKEN, status: int = 200, **expected: int) -> dict[str, Any]:
    """What is told of the sale, and shown to be as expected."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = "http://{}:{}/api/rooms/hall/figures".format(*hall.address)
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        assert answer.status == status
        told = await answer.json()
        assert {name: told[name] for name in expected} == expected
        return told


async def desk(hall: House) -> Peer:
    zoe = await hall.peer()
    zoe.send(type="control", token=TOKEN, name="Zoe")
    assert (await zoe.hear())["type"] == "welcome"
    return zoe


async def test_figures_are_for_a_desk():
    async with house(ROOM, tokens=TOKENS) as hall:
        nothing = dict.fromkeys(("bidders", "connected", "watchers", "bids_last_minute"), 0)
        assert await figures(hall, CLERK) == nothing | {"turnover": 0, "sold": 0, "unsold": 0, "units": 5}
        for token in ("", "b" * 32):
            assert "message" in await figures(hall, token, 401)


async def test_who_is_there():
    async with house(ROOM, tokens=TOKENS) as hall:
        zoe, ana, _ = await desk(hall), await hall.bidder("Ana"), await hall.bidder("Ben", events="none")
        watcher = await hall.watcher()
        await hall.watcher(events="none")  # hears nothing
        await figures(hall, bidders=0, connected=2, watchers=1)
        await ana.bid(1, 100)
        await ask(zoe, 1, "invite", name="Dora")
        await figures(hall, bidders=2, connected=2, watchers=1)
        for gone in (ana, watcher):
            await gone.close()
        await hall.until(lambda: len(hall.server._house.connections) == 3)
        await figures(hall, bidders=2, connected=1, watchers=0)


async def test_what_was_sold_and_what_was_not():
    async with house(ROOM, tokens=TOKENS) as hall:
        zoe, ana, ben = await desk(hall), await hall.bidder("Ana"), await hall.bidder("Ben")
        state = hall.server.rooms["hall"].state
        await ana.bid(1, 100)
        await ben.bid(1, 250)
        await figures(hall, turnover=0, sold=0, unsold=0, units=5)
        hall.pass_time(WINDOW)
        await hall.until(lambda: len(state.sales) == 1)
        await figures(hall, turnover=250, sold=1, unsold=0)
        hall.pass_time(WINDOW)  # the desk passes, and the lamp has a unit left
        await hall.until(lambda: state.items["desk"].because == "passed")
        await figures(hall, turnover=250, sold=1, unsold=3)
        await ask(zoe, 1, "withdraw", item="lamp", why="broken")
        await figures(hall, turnover=250, sold=1, unsold=4)
        await ask(zoe, 2, "cancel_sale", sale=next(iter(state.sales)), why="no card", then="offer")
        await figures(hall, turnover=0, sold=0, unsold=4)  # one is on offer
        await ask(ana, 2, "answer_offer", item="lamp", unit=1, accept=True)
        await figures(hall, turnover=100, sold=1, unsold=4, units=5)


async def test_the_bids_of_the_last_minute(monkeypatch: pytest.MonkeyPatch):
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, ben = await hall.bidder("Ana", events="none"), await hall.bidder("Ben", events="none")
        for id, amount in enumerate((100, 120, 140), 1):
            await ana.bid(id, amount)
            await ben.bid(id, amount + 10)
            hall.pass_time(WINDOW - 1)
        assert (await ana.bid(4, 10))["reason"] == "too_low"
        await figures(hall, bids_last_minute=6)
        hall.clock.at += 60_000 - 3 * (WINDOW - 1) - 1
        await figures(hall, bids_last_minute=6)
        hall.clock.at += 1
        await figures(hall, bids_last_minute=4)
    monkeypatch.setattr(ring, "RING_EVENTS", 2)
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, ben = await hall.bidder("Ana", events="none"), await hall.bidder("Ben", events="none")
        for id, amount in enumerate((100, 120, 140), 1):
            await ana.bid(id, amount)
            await ben.bid(id, amount + 10)
        await figures(hall, bids_last_minute=2)
