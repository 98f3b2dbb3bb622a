"""Maximums, fixed prices and offers over a real socket, with receipts, resent and after a restart."""

from bidroom.journal.memory import MemoryJournal
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms, TimedClosing
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


async def test_what_the_leader_leaves_raises_and_cancels_has_receipts_and_makes_no_noise():
    journal = MemoryJournal()
    async with house(ROOM, journal=journal) as hall:
        ana, watcher = await hall.bidder("Ana"), await hall.watcher(events="all")
        bid = await ask(ana, 1, "bid", item="lamp", amount=100)
        answers = [
            await ask(ana, 2, "max_bid", item="lamp", amount=500),
            await ask(ana, 3, "max_bid", item="lamp", amount=900, units=2),
            await ask(ana, 4, "cancel_max", item="lamp"),
        ]
        assert [(answer["type"], answer["seq"]) for answer in answers] == [("accepted", bid["seq"])] * 3
        entries = {entry.hash.hex(): entry for entry in journal.kept["hall"]}
        kinds = ["maximum_set", "maximum_set", "maximum_cancelled"]
        assert [entries[answer["head"]].type for answer in answers] == kinds
        assert (await ask(ana, 5, "cancel_max", item="lamp"))["reason"] == "no_maximum"
        assert (await ask(ana, 6, "max_bid", item="lamp", amount=99))["minimum"] == 100
        assert (await ask(ana, 7, "max_bid", item="moon", amount=99))["reason"] == "unknown_item"
        assert (await watcher.hear())["seq"] == bid["seq"]
        watcher.send(type="ping")
        assert (await watcher.hear())["type"] == "pong"


async def test_the_fixed_price_is_for_whoever_comes_before_the_first_bid():
    async with house(ROOM) as hall:
        ana, ben = await hall.bidder("Ana", events="none"), await hall.bidder("Ben", events="none")
        assert (await ask(ana, 1, "buy_now", item="lamp", unit=1))["reason"] == "no_buy_now"
        assert (await ask(ana, 2, "buy_now", item="desk", unit=2))["reason"] == "closed"
        await ask(ben, 1, "bid", item="desk", amount=1000)
        assert (await ask(ana, 3, "buy_now", item="desk", unit=1))["reason"] == "no_buy_now"


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


async def test_an_answer_to_an_offer_counts_once_also_after_a_restart():
    journal = MemoryJournal()
    async with house(ROOM, journal=journal, tokens=TOKENS) as hall:
        ana, ben, zoe = await hall.peer(), await hall.bidder("Ben"), await desk(hall)
        token = (await ana.join("Ana"))["token"]
        await ask(ana, 1, "bid", item="lamp", amount=100)
        await ask(ben, 1, "bid", item="lamp", amount=200)
        hall.pass_time(WINDOW)
        await hall.until(lambda: bool(hall.server.rooms["hall"].state.sales))
        sale = next(iter(hall.server.rooms["hall"].state.sales))
        await ask(zoe, 1, "cancel_sale", sale=sale, why="no card", then="offer")
        declined = await ask(ana, 2, "answer_offer", item="lamp", unit=1, accept=False)
        assert declined["type"] == "accepted"
        assert await ask(ana, 2, "answer_offer", item="lamp", unit=1, accept=False) == declined
        assert (await ask(ana, 2, "answer_offer", item="lamp", unit=1, accept=True))["reason"] == "id_conflict"
        assert (await ask(ana, 3, "answer_offer", item="lamp", unit=1, accept=True))["reason"] == "no_offer"
    async with house(ROOM, journal=journal, clock=HandClock(hall.clock.at)) as hall:
        ana = await hall.peer()
        await ana.join("Ana", token=token)
        assert await ask(ana, 2, "answer_offer", item="lamp", unit=1, accept=False) == declined
        assert not hall.server.rooms["hall"].state.sales


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


async def test_a_paddle_that_somebody_has_is_not_given_away():
    """Also not where they have only joined, and not yet bid."""
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, zoe = await hall.bidder("Ana"), await desk(hall)
        assert (await ask(zoe, 1, "invite", name="Dora", paddle=1))["reason"] == "invalid"
        assert (await ask(zoe, 2, "invite", name="Dora"))["paddle"] == 2
        assert (await ask(ana, 1, "bid", item="lamp", amount=100))["type"] == "accepted"


async def test_nobody_is_called_like_a_paddle_where_others_have_them():
    paddles = RoomTerms("hall", "The hall", "EUR", ROOM.items, bidders="paddles")
    async with house(paddles) as hall:
        xaver = await hall.peer()
        for name in ("Paddle 2", "paddle  7", "PADDLE 12"):
            assert (await xaver.join(name))["reason"] == "bad_name"
        assert (await xaver.join("Xaver"))["type"] == "welcome"
        ben = await hall.bidder("Ben")
        for peer in (ben, xaver):
            await peer.close()
        await hall.until(lambda: len(hall.server.rooms["hall"].seats) == 0)


async def test_what_should_have_opened_while_the_house_was_away_opens_on_its_return():
    timed = TimedClosing(window_ms=WINDOW, duration_ms=60_000)
    items = (ItemTerms("lamp", "Lamp", 100, 10, 1, timed), ItemTerms("desk", "Desk", 100, 10, 1, timed))
    room = RoomTerms("hall", "The hall", "EUR", items, opens_at=START + 1_000)
    journal = MemoryJournal()
    async with house(room, journal=journal):
        pass
    hours = 3_600_000
    async with house(room, journal=journal, clock=HandClock(START + hours)) as hall:
        state = hall.server.rooms["hall"].state
        await hall.until(lambda: state.items["desk"].unit == 1)
        assert [item.due_at for item in state.items.values()] == [START + hours + 60_000] * 2
        assert not state.finished


async def test_a_name_or_a_reason_that_hides_something_is_not_taken():
    async with house(ROOM, tokens=TOKENS) as hall:
        zoe = await desk(hall)
        vase = {"id": "vase", "name": "Va\u202ese", "starting_price": 5, "increment": 1}
        assert (await ask(zoe, 1, "add_item", item=vase))["reason"] == "invalid"
        assert (await ask(zoe, 2, "announce", text="a\x1b[2J"))["reason"] == "invalid"
        closing = {"kind": "live", "window_ms": 1000, "opening_ms": -5}
        odd = vase | {"name": "Vase", "closing": closing}
        assert (await ask(zoe, 3, "add_item", item=odd))["reason"] == "invalid"
        assert (await ask(zoe, 4, "add_item", item=odd | {"closing": None, "buy_now": 5}))["reason"] == "invalid"
        assert (await ask(zoe, 5, "add_item", item=odd | {"closing": None, "pause_ms": 0}))["type"] == "accepted"


async def test_a_room_that_is_closing_ends_though_its_last_bid_is_voided():
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, zoe = await hall.bidder("Ana"), await desk(hall)
        bid = await ask(ana, 1, "bid", item="lamp", amount=100)
        await ask(zoe, 1, "close_room", why="late")
        await ask(zoe, 2, "void_bid", item="lamp", bid=bid["seq"], why="a slip")
        hall.pass_time(WINDOW)
        await hall.until(lambda: hall.server.rooms["hall"].state.finished)
