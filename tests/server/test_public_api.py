"""What everyone may read over HTTP: the rooms and their ways, what never changes of the items, the bids of a round."""

from typing import Any

import pytest

from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.server.settings import Tokens, token_hash
from tests.server.house import PAUSE, START, WINDOW, House, Peer, house
from tests.server.test_http import get
from tests.server.test_maximums import ask

pytestmark = pytest.mark.usefixtures("no_pulse")

TOKEN = "a" * 32
TOKENS = Tokens(token_hash(TOKEN))
TIMED = TimedClosing(WINDOW, None, START + 60_000, START + 90_000)


def hall_of(*items: ItemTerms, **terms: Any) -> RoomTerms:
    return RoomTerms("hall", "The hall", "EUR", items, **terms)


def lamp(**terms: Any) -> ItemTerms:
    return ItemTerms("lamp", "Lamp", 100, 10, 2, LiveClosing(WINDOW), PAUSE, **terms)


async def desk(hall: House) -> Peer:
    zoe = await hall.peer()
    zoe.send(type="control", token=TOKEN, name="Zoe", events="none")
    assert (await zoe.hear())["type"] == "welcome"
    return zoe


async def bids(hall: House, item: str = "lamp") -> list[tuple[int, int, str, int]]:
    """Number, unit, bidder and amount of each bid."""
    answer = await get(hall, f"/api/rooms/hall/items/{item}/bids")
    assert all(list(bid) == ["seq", "at", "unit", "bidder", "amount"] for bid in answer)
    return [(bid["seq"], bid["unit"], bid["bidder"], bid["amount"]) for bid in answer]


async def test_the_list_of_rooms_tells_their_ways():
    club = RoomTerms("club", "The club", "JPY", (lamp(),), registration="invite", bidders="paddles")
    async with house(hall_of(lamp()), club) as both:
        assert await get(both, "/api/rooms") == [
            {"id": "hall", "name": "The hall", "currency": "EUR", "decimals": 2, "finished": False, "seq": 2}
            | {"registration": "open", "bidders": "names"},
            {"id": "club", "name": "The club", "currency": "JPY", "decimals": 0, "finished": False, "seq": 2}
            | {"registration": "invite", "bidders": "paddles"},
        ]


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
async def test_a_room_tells_the_decimals_of_its_currency(currency: str, decimals: int):
    async with house(RoomTerms("hall", "The hall", currency, (lamp(),))) as hall:
        assert (await get(hall, "/api/rooms/hall"))["room"]["decimals"] == decimals


async def test_the_catalogue_tells_how_an_item_closes_and_what_it_looks_like():
    items = (lamp(), ItemTerms("desk", "Desk", 1, 1, 1, TIMED, picture="big desk.jpg"))
    async with house(hall_of(*items)) as hall:
        assert await get(hall, "/api/rooms/hall/catalogue") == [
            {"id": "lamp", "description": "", "closing": {"kind": "live", "window_ms": WINDOW, "opening_ms": None}},
            {
                "id": "desk",
                "description": "",
                "closing": {"kind": "timed", "window_ms": WINDOW, "duration_ms": None}
                | {"closes_at": START + 60_000, "hard_end": START + 90_000},
                "picture": "/pictures/big%20desk.jpg",
            },
        ]


async def test_who_comes_late_sees_what_was_announced_last():
    async with house(hall_of(lamp()), tokens=TOKENS) as hall:
        zoe = await desk(hall)
        assert "announcement" not in (await get(hall, "/api/rooms/hall"))["room"]
        for text in ("Soup is ready", "Cake is ready"):
            hall.pass_time(5)
            await ask(zoe, 1, "announce", text=text)
        told = {"text": "Cake is ready", "at": START + 10, "by": "Zoe"}
        assert (await get(hall, "/api/rooms/hall"))["room"]["announcement"] == told
        late = await hall.peer()
        late.send(type="watch")
        assert (await late.hear())["room"]["announcement"] == told


async def test_the_bids_of_a_round_are_there_until_the_next_one_opens():
    async with house(hall_of(lamp())) as hall:
        ana, ben = await hall.bidder("Ana", events="none"), await hall.bidder("Ben", events="none")
        assert await bids(hall) == []
        await ana.bid(1, 100)
        assert (await ben.bid(1, 105))["reason"] == "too_low"
        hall.clock.at += 7
        await ben.bid(2, 110)
        of_the_first = [(3, 1, "Ana", 100), (4, 1, "Ben", 110)]
        assert await bids(hall) == of_the_first
        answer = await get(hall, "/api/rooms/hall/items/lamp/bids")
        assert [bid["at"] for bid in answer] == [START, START + 7]
        hall.pass_time(WINDOW)
        await hall.until(lambda: bool(hall.server.rooms["hall"].state.sales))
        assert await bids(hall) == of_the_first
        hall.pass_time(PAUSE)
        await hall.until(lambda: hall.server.rooms["hall"].state.items["lamp"].unit == 2)
        assert await bids(hall) == []
        await ana.bid(2, 120)
        assert await bids(hall) == [(7, 2, "Ana", 120)]


async def test_what_was_voided_is_no_bid_and_a_maximum_s_looks_like_all_others():
    async with house(hall_of(lamp()), tokens=TOKENS) as hall:
        ana, ben, zoe = await hall.bidder("Ana"), await hall.bidder("Ben"), await desk(hall)
        await ask(ana, 1, "max_bid", item="lamp", amount=73_577)
        await ben.bid(1, 200)
        assert [bid[2:] for bid in await bids(hall)] == [("Ana", 100), ("Ben", 200), ("Ana", 210)]
        await ask(zoe, 1, "remove_bidder", bidder="Ana", why="rude")
        assert [bid[2:] for bid in await bids(hall)] == [("Ben", 200)]
        standing = hall.server.rooms["hall"].state.items["lamp"].bids[-1].seq
        await ask(zoe, 2, "void_bid", item="lamp", bid=standing, why="a slip")
        assert await bids(hall) == []


async def test_bids_of_what_is_not_there():
    async with house(hall_of(lamp())) as hall:
        assert "no such item" in (await get(hall, "/api/rooms/hall/items/vase/bids", 404))["message"]
        assert "no such room" in (await get(hall, "/api/rooms/yard/items/lamp/bids", 404))["message"]
