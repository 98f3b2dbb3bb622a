"""Maximums, fixed prices and offers over a real socket, with receipts, resent and after a restart."""

from bidroom.journal.memory import MemoryJournal
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.server.settings import Tokens, token_hash
from tests.server.house import START, WINDOW, HandClock, House, Message, Peer, house

TOKEN = "00112233445566778899aabbccddeeff"
TOKENS = Tokens(token_hash(TOKEN))
ROOM = RoomTerms(
    "hall",
    "The hall",
    "EUR",
    (
        ItemTerms("lamp", "Lamp", 100, 10, 2, LiveClosing(WINDOW)),
        ItemTerms("desk", "Desk", 1000, 50, 1, LiveClosing(WINDOW), buy_now=5000),
    ),
)


async def ask(peer: Peer, id: int, type: str, **fields: object) -> Message:
    """Ask for something, and hear the answer."""
    peer.send(type=type, id=id, **fields)
    while (message := await peer.hear()).get("id") != id:
        assert message, "the connection ended before the answer"
    return message


async def desk(running: House, name: str = "Zoe") -> Peer:
    peer = await running.peer()
    peer.send(type="control", token=TOKEN, name=name, events="none")
    assert (await peer.hear())["you"]["role"] == "auctioneer"
    return peer


async def test_the_receipt_of_a_maximum_is_the_hash_of_its_own_entry():
    journal = MemoryJournal()
    async with house(ROOM, journal=journal) as hall:
        ana = await hall.bidder("Ana")
        answer = await ask(ana, 1, "max_bid", item="lamp", amount=30_000, units=2)
        assert (answer["type"], answer["seq"]) == ("accepted", 3)
        update = await ana.hear_until("update")
        assert (update["first"], update["seq"]) == (4, 4)
        entries = {entry.hash.hex(): entry for entry in (await journal.read("hall", journal.start)).entries}
        receipt = entries[answer["head"]]
        assert (receipt.type, receipt.seq, receipt.sub) == ("maximum_set", 3, 2)
        assert update["head"] != answer["head"]


async def test_resent_commands_count_once_also_after_a_restart():
    journal = MemoryJournal()
    async with house(ROOM, journal=journal) as hall:
        ana = await hall.peer()
        token = (await ana.join("Ana"))["token"]
        first = await ask(ana, 1, "max_bid", item="lamp", amount=500)
        again = await ask(ana, 1, "max_bid", item="lamp", amount=500)
        assert again == first
        assert (await ask(ana, 1, "max_bid", item="lamp", amount=600))["reason"] == "id_conflict"
        cancelled = await ask(ana, 2, "cancel_max", item="lamp")
        bought = await ask(ana, 3, "buy_now", item="desk", unit=1)
        assert bought["type"] == "accepted"
    async with house(ROOM, journal=journal, clock=HandClock(START + 1000)) as hall:
        ana = await hall.peer()
        await ana.join("Ana", token=token)
        assert await ask(ana, 1, "max_bid", item="lamp", amount=500) == first
        assert await ask(ana, 2, "cancel_max", item="lamp") == cancelled
        assert await ask(ana, 3, "buy_now", item="desk", unit=1) == bought
        assert (await ask(ana, 4, "cancel_max", item="lamp"))["reason"] == "no_maximum"
        assert len(hall.server.rooms["hall"].state.sales) == 1


async def test_only_the_owner_is_shown_what_they_left():
    async with house(ROOM, tokens=TOKENS) as hall:
        zoe = await desk(hall)
        code = (await ask(zoe, 1, "invite", name="Ana", paddle=7, budget=90_000))["code"]
        ana = await hall.peer()
        token = (await ana.join("", code=code))["token"]
        await ask(ana, 1, "max_bid", item="lamp", amount=700, units=2)
        again = await hall.peer()
        assert (await again.join("Ana", token=token))["you"] == {
            "name": "Ana",
            "last_id": 1,
            "paddle": 7,
            "budget": 90_000,
            "maximums": [{"item": "lamp", "amount": 700, "units": 2}],
        }
        ben = await hall.peer()
        assert (await ben.join("Ben"))["you"] == {"name": "Ben", "last_id": 0, "paddle": 8}


async def test_a_cancelled_sale_is_offered_and_taken():
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, ben, zoe = await hall.bidder("Ana"), await hall.bidder("Ben"), await desk(hall)
        await ask(ana, 1, "bid", item="lamp", amount=100)
        await ask(ben, 1, "bid", item="lamp", amount=200)
        hall.pass_time(WINDOW)
        await hall.until(lambda: bool(hall.server.rooms["hall"].state.sales))
        sale = next(iter(hall.server.rooms["hall"].state.sales))
        assert (await ask(zoe, 1, "cancel_sale", sale=sale, why="no card", then="offer"))["type"] == "accepted"
        assert (await ask(ben, 2, "answer_offer", item="lamp", unit=1, accept=True))["reason"] == "no_offer"
        late = await hall.peer()
        late.send(type="watch")
        offer = {"item": "lamp", "unit": 1, "bidder": "Ana", "amount": 100}
        assert (await late.hear())["room"]["offers"] == [offer]
        assert (await ask(ana, 2, "answer_offer", item="lamp", unit=1, accept=True))["type"] == "accepted"
        assert [(one.bidder, one.amount) for one in hall.server.rooms["hall"].state.sales.values()] == [("Ana", 100)]


async def test_the_auctioneer_answers_an_offer_for_somebody_in_the_hall():
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, zoe = await hall.bidder("Ana"), await desk(hall)
        await ask(zoe, 1, "invite", name="Ben", paddle=12)
        await ask(zoe, 2, "bid_for", bidder=12, item="lamp", amount=100)
        await ask(ana, 1, "bid", item="lamp", amount=200)
        hall.pass_time(WINDOW)
        state = hall.server.rooms["hall"].state
        await hall.until(lambda: bool(state.sales))
        await ask(zoe, 3, "cancel_sale", sale=next(iter(state.sales)), why="no card", then="offer")
        assert (await ask(zoe, 4, "settle_offer", item="lamp", unit=2, accept=True))["reason"] == "no_offer"
        assert (await ask(zoe, 5, "settle_offer", item="lamp", unit=1, accept=True))["type"] == "accepted"
        assert [(one.bidder, one.amount) for one in state.sales.values()] == [("Ben", 100)]
        assert (await ask(zoe, 6, "settle_offer", item="lamp", unit=1, accept=False))["reason"] == "no_offer"


async def test_a_code_comes_in_however_it_is_typed_and_a_new_one_ends_the_old():
    async with house(ROOM, tokens=TOKENS) as hall:
        zoe = await desk(hall)
        code = (await ask(zoe, 1, "invite", name="Ana"))["code"]
        ana = await hall.peer()
        assert (await ana.join("", code=code.lower().replace("-", " ")))["you"]["name"] == "Ana"
        new = (await ask(zoe, 2, "new_token", bidder=1))["code"]
        other = await hall.peer()
        assert (await other.join("", code=code))["reason"] == "bad_token"
        assert (await other.join("Ana", code=new))["type"] == "welcome"
