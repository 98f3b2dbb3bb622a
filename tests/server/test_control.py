"""The desk: every order over a socket and over HTTP, by whom, when it can't be, twice; and that it lasts."""

from pathlib import Path
from typing import Any, get_args

import aiohttp
import pytest

from bidroom.errors import BidroomError
from bidroom.journal.memory import Fault, MemoryJournal
from bidroom.journal.sqlite import SqliteJournal
from bidroom.journal.verify import verify_file
from bidroom.limits import Limits
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.server import desk_api
from bidroom.server.settings import Tokens, token_hash
from bidroom.wire.control import AnyControl
from tests.server.house import START, WINDOW, HandClock, House, Message, Peer, house
from tests.server.test_bidding import HeldJournal
from tests.server.test_maximums import ask
from tests.server.test_recovery import FragileJournal

TOKEN, CLERK = "a" * 32, "c" * 32
TOKENS = Tokens(token_hash(TOKEN), token_hash(CLERK))
ITEMS = tuple(ItemTerms(id, id.capitalize(), 100, 10, 2, LiveClosing(WINDOW), 0) for id in ("lamp", "desk"))
ROOM = RoomTerms("hall", "The hall", "EUR", ITEMS)

VASE = {"id": "vase", "name": "Vase", "starting_price": 5, "increment": 1}
ORDERS: list[tuple[Message, str | None, str | None]] = [
    ({"type": "open_bidding"}, "already", None),
    ({"type": "open_item", "item": "lamp"}, "already", None),
    ({"type": "open_item", "item": "vase"}, "unknown_item", None),
    ({"type": "pause"}, None, "already"),
    ({"type": "resume"}, None, "already"),
    ({"type": "pause", "item": "desk"}, None, "already"),
    ({"type": "resume", "item": "desk"}, None, "already"),
    ({"type": "invite", "name": "Dora", "paddle": 12}, None, "invalid"),
    ({"type": "invite", "name": "Eve", "paddle": 12}, "invalid", None),
    ({"type": "invite", "name": "\u200b"}, "invalid", None),
    ({"type": "bid_for", "bidder": 12, "item": "lamp", "amount": 150}, None, "leading"),
    ({"type": "bid_for", "bidder": 99, "item": "lamp", "amount": 150}, "unknown_bidder", None),
    ({"type": "extend", "item": "lamp", "span_ms": 60_000}, None, "already"),
    ({"type": "void_bid", "item": "lamp", "bid": 8, "why": "a slip"}, None, "not_standing"),
    ({"type": "void_bid", "item": "lamp", "bid": 4, "why": "stale"}, "not_standing", None),
    ({"type": "set_budget", "bidder": "Dora", "budget": 500}, None, "already"),
    ({"type": "set_budget", "bidder": "Dora", "budget": None}, None, "already"),
    ({"type": "cancel_sale", "sale": 999, "why": "x"}, "no_such_sale", None),
    ({"type": "settle_offer", "item": "lamp", "unit": 1, "accept": True}, "no_offer", None),
    ({"type": "mark_paid", "bidder": 12, "how": "cash"}, "no_such_sale", None),
    ({"type": "hand_over", "bidder": 12}, "no_such_sale", None),
    (
        {"type": "add_item", "item": {"id": "vase", "name": "Vase", "starting_price": 5, "increment": 1}},
        None,
        "already",
    ),
    ({"type": "add_item", "item": {"id": "cup", "name": "Cup", "starting_price": 5}}, "invalid", None),
    ({"type": "announce", "text": "Soup is ready"}, None, None),
    ({"type": "withdraw", "item": "vase", "why": "broken"}, None, "closed"),
    ({"type": "reopen", "item": "vase"}, None, "already"),
    ({"type": "remove_bidder", "bidder": 12, "why": "rude"}, None, "already"),
    ({"type": "new_token", "bidder": "Dora"}, None, None),
    ({"type": "close_room", "why": "good night"}, None, "closed"),
]
"""Orders in this order, the reason for which each is refused, and the one for which it is when it comes again."""


async def take_desk(hall: House, token: str = TOKEN) -> Peer:
    peer = await hall.peer()
    peer.send(type="control", token=token, name="Zoe", events="none")
    assert (await peer.hear())["type"] == "welcome"
    return peer


async def post(hall: House, body: Message, token: str | None = TOKEN) -> tuple[int, dict[str, Any]]:
    """What the server answers to an order over HTTP."""
    fields = {name: value for name, value in body.items() if name != "type"}
    url = "http://{}:{}/api/rooms/hall/{}?by=Zoe".format(*hall.address, body["type"])
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=fields) as answer:
        return answer.status, await answer.json()


def test_every_order_is_tried():
    assert {body["type"] for body, _, _ in ORDERS} == {kind.__struct_config__.tag for kind in get_args(AnyControl)}


@pytest.mark.parametrize("way", ["lines", "websocket", "http"])
async def test_every_order_once_and_twice(way: str):
    async with house(ROOM, tokens=TOKENS) as hall, aiohttp.ClientSession() as session:
        zoe = await take_desk(hall)
        socket = await session.ws_connect("http://{}:{}/ws".format(*hall.address))
        await socket.send_json({"type": "control", "token": TOKEN, "name": "Zoe", "events": "none"})
        assert (await socket.receive_json())["you"] == {"name": "Zoe", "last_id": 0, "role": "auctioneer"}

        async def order(body: Message) -> Message:
            if way == "http":
                status, answer = await post(hall, body)
                assert status == (409 if answer["type"] == "refused" else 200)
                return answer
            if way == "websocket":
                await socket.send_json(body)
                return await socket.receive_json()
            return await ask(zoe, 5, **body)

        for body, first, second in ORDERS:
            answer = await order(body)
            assert answer.get("reason") == first, (body, answer)
            if first is None and second is not None:
                assert (await order(body)).get("reason") == second, body
        assert hall.server.rooms["hall"].state.finished


async def test_a_clerk_bids_for_paddles_and_settles_and_nothing_else():
    clerks = ("bid_for", "mark_paid", "hand_over")
    async with house(ROOM, tokens=TOKENS) as hall:
        clerk = await take_desk(hall, CLERK)
        for number, (body, _, _) in enumerate(ORDERS, 1):
            answer = await ask(clerk, number, **body)
            assert (answer.get("reason") == "not_allowed") == (body["type"] not in clerks)
            status, _ = await post(hall, body, CLERK)
            assert (status == 403) == (body["type"] not in clerks)
        assert hall.server.rooms["hall"].state.seq == 3, "nothing has happened"


async def test_nobody_else_has_a_say():
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, watcher, stranger = await hall.bidder("Ana"), await hall.watcher(), await hall.peer()
        for peer in (ana, watcher, stranger):
            for body, _, _ in ORDERS:
                assert (await ask(peer, 3, **body))["reason"] == "not_allowed"
        stranger.send(type="control", token="b" * 32)
        assert (await stranger.hear())["reason"] == "bad_token"
        for token in (None, "", "b" * 32, TOKEN[:-1], token_hash(TOKEN)):
            for body, _, _ in ORDERS:
                assert (await post(hall, body, token))[0] == 401
        assert (await post(hall, {"type": "nonsense"}))[0] == 404
        assert hall.server.rooms["hall"].state.seq == 3, "nothing has happened"
    async with house(ROOM) as hall:  # a server that was given no tokens
        assert (await post(hall, {"type": "pause"}, ""))[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        {"type": "extend", "item": "lamp", "span_ms": 1.5},
        {"type": "extend", "item": "lamp", "span_ms": True},
        {"type": "void_bid", "item": "lamp"},
        {"type": "announce", "text": ""},
        {"type": "bid_for", "bidder": 1, "item": "lamp", "amount": -1},
        {"type": "bid_for", "bidder": 1, "item": "lamp", "amount": 2**53 + 1},
        {"type": "cancel_sale", "sale": 1, "why": "x", "then": "burn"},
        {"type": "pause", "room": "hall"},
    ],
)
async def test_what_is_no_order_is_said_to_be_none(body: Message):
    async with house(ROOM, tokens=TOKENS) as hall:
        zoe = await take_desk(hall)
        zoe.send(**body)
        assert (await zoe.hear())["reason"] == "malformed"
        status, answer = await post(hall, body)
        assert status == 400
        assert "Not a message of this protocol" in answer["message"]


UNKNOWN: list[tuple[Message, str]] = [
    *(({"type": type, "item": "moon"}, "unknown_item") for type in ("open_item", "pause", "resume", "reopen")),
    ({"type": "extend", "item": "moon", "span_ms": 1}, "unknown_item"),
    ({"type": "withdraw", "item": "moon", "why": "x"}, "unknown_item"),
    ({"type": "void_bid", "item": "moon", "bid": 4, "why": "x"}, "unknown_item"),
    ({"type": "bid_for", "bidder": "Ana", "item": "moon", "amount": 100}, "unknown_item"),
    ({"type": "bid_for", "bidder": "Ana", "item": "desk", "amount": 100, "unit": 2}, "closed"),
    ({"type": "void_bid", "item": "lamp", "bid": 99, "why": "x"}, "not_standing"),
    ({"type": "void_bid", "item": "desk", "bid": 4, "why": "x"}, "not_standing"),
    ({"type": "cancel_sale", "sale": 4, "why": "x"}, "no_such_sale"),
    ({"type": "settle_offer", "item": "moon", "unit": 1, "accept": True}, "no_offer"),
    ({"type": "mark_paid", "bidder": "Ana", "how": "x", "sale": 4}, "no_such_sale"),
    ({"type": "hand_over", "bidder": "Ana", "sale": 4}, "no_such_sale"),
]
UNKNOWN += [
    ({"type": type, "bidder": bidder} | more, "unknown_bidder")
    for bidder in ("Nobody", 99)
    for type, more in (
        ("bid_for", {"item": "lamp", "amount": 110}),
        ("remove_bidder", {"why": "x"}),
        ("new_token", {}),
        ("set_budget", {"budget": 5}),
        ("mark_paid", {"how": "x"}),
        ("hand_over", {}),
    )
]


@pytest.mark.parametrize(("body", "reason"), UNKNOWN, ids=lambda part: str(part)[:60])
async def test_what_names_nothing_that_there_is_changes_nothing(body: Message, reason: str):
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, zoe = await hall.bidder("Ana"), await take_desk(hall)
        bid = await ana.bid(1, 100)
        refused = await ask(zoe, 7, **body)
        assert refused == {"type": "refused", "id": 7, "reason": reason, "message": refused["message"]}
        assert await post(hall, body | {"id": 7}) == (409, refused)
        assert hall.server.rooms["hall"].state.seq == bid["seq"]


def wrong_types() -> list[Message]:
    """Every order, with each of its fields in turn something that it can't be."""
    first = {body["type"]: body for body, _, _ in reversed(ORDERS)}
    fields = [(body, field) for body in first.values() for field in ("id", *body) if field != "type"]
    return [body | {field: wrong} for body, field in fields for wrong in ([], {"a": 1}, 1.5)]


async def test_no_field_takes_what_it_can_not_be():
    async with house(ROOM, tokens=TOKENS, limits=Limits(messages_per_second=1000)) as hall:
        zoe = await take_desk(hall)
        for body in wrong_types():
            zoe.send(**body)
            assert (await zoe.hear())["reason"] == "malformed", body
            assert (await post(hall, body))[0] == 400, body
        assert hall.server.rooms["hall"].state.seq == 3, "nothing has happened"


async def test_a_bid_that_stands_no_more_is_not_voided_again():
    """The auctioneer saw Ben's bid; Ana was quicker. What is named is what is meant."""
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, ben, zoe = await hall.bidder("Ana"), await hall.bidder("Ben"), await take_desk(hall)
        seen = await ben.bid(1, 100)
        after = await ana.bid(1, 110)
        order = {"type": "void_bid", "item": "lamp", "bid": seen["seq"], "why": "a slip"}
        assert (await ask(zoe, 1, **order))["reason"] == "not_standing"
        assert (await ask(zoe, 2, **order, dry_run=True))["reason"] == "not_standing"
        assert (await ask(zoe, 3, **order | {"bid": after["seq"]}))["type"] == "accepted"
        assert (await ask(zoe, 4, **order))["type"] == "accepted", "Ben's stands again"


@pytest.mark.parametrize("fault", list(Fault))
async def test_no_order_is_carried_out_while_the_journal_recovers(fault: Fault):
    journal = FragileJournal()
    async with house(ROOM, tokens=TOKENS, journal=journal) as hall:
        zoe = await take_desk(hall)
        for number, name in enumerate(("Ana", "Ben"), 1):
            journal.fault = fault
            body = {"type": "invite", "name": name, "code": f"code of {name}"}
            if name == "Ana":
                assert (await ask(zoe, number, **body))["reason"] == "unavailable"
            else:
                status, answer = await post(hall, body)
                assert (status, answer["reason"]) == (503, "unavailable")
            again = await ask(zoe, 10 + number, **body)
            if fault is Fault.LOST:
                assert (again["type"], again["bidder"]) == ("done", name), "its name, paddle and code are free"
            else:
                assert again["reason"] == "invalid", "it is there already"
            guest = await hall.peer()
            assert (await guest.join("", code=body["code"]))["you"]["name"] == name
        assert [entry.type for entry in journal.kept["hall"]].count("bidder_registered") == 2


async def test_orders_that_come_while_the_room_is_unavailable():
    async with house(ROOM, tokens=TOKENS) as hall:
        zoe, one = await take_desk(hall), hall.server.rooms["hall"]
        one.unavailable = True
        assert (await ask(zoe, 1, "pause"))["reason"] == "unavailable"
        assert (await post(hall, {"type": "pause"}))[0] == 503
        one.unavailable = False
        assert (await ask(zoe, 1, "pause"))["type"] == "accepted"


async def test_invitations_that_are_decided_together_do_not_get_in_each_other_s_way():
    """Names that count as the same, the next paddle, a code: also before the first of them is durable."""
    journal = HeldJournal()
    async with house(ROOM, tokens=TOKENS, journal=journal) as hall:
        zoe, xaver, late = await take_desk(hall), await hall.peer(), await hall.peer()
        journal.gate.clear()
        journal.waiting.clear()
        zoe.send(type="announce", text="Welcome", id=1)
        await journal.waiting.wait()
        for id, (name, code) in enumerate(
            (("Ana", "anas code"), ("ANA", "another code"), ("Ben", "anas code"), ("Cem", "cems code")), 2
        ):
            zoe.send(type="invite", name=name, code=code, id=id)
        await hall.until(lambda: len(hall.server.rooms["hall"].inbox) == 4)
        xaver.send(type="join", name="ana")
        late.send(type="join", code="cems code")
        await hall.until(lambda: len(hall.server.rooms["hall"].inbox) == 6)
        journal.gate.set()
        answers = [await zoe.hear() for _ in range(5)][1:]
        assert [answer.get("reason") for answer in answers] == [None, "invalid", "invalid", None]
        assert [answer.get("paddle") for answer in answers] == [1, None, None, 2]
        assert (await xaver.hear())["reason"] == "name_taken"
        assert (await late.hear())["you"]["name"] == "Cem"
        assert (await (await hall.peer()).join("", code="anas code"))["you"]["name"] == "Ana"


async def test_a_new_token_lasts_and_the_old_one_stays_dead():
    journal = MemoryJournal()
    async with house(ROOM, tokens=TOKENS, journal=journal) as hall:
        ana, zoe = await hall.peer(), await take_desk(hall)
        old = (await ana.join("Ana"))["token"]
        await ana.bid(1, 100)
        codes = [(await ask(zoe, number, "new_token", bidder="Ana"))["code"] for number in (1, 2)]
        assert (await ana.bid(2, 1))["reason"] == "leading", "who is in stays in"
    for _ in range(2):
        async with house(ROOM, tokens=TOKENS, journal=journal, clock=HandClock(hall.clock.at)) as hall:
            peer = await hall.peer()
            assert (await peer.join("Ana", token=old))["reason"] == "bad_token"
            assert (await peer.join("", code=codes[0]))["reason"] == "bad_token"
            assert (await peer.join("", code=codes[1]))["you"]["last_id"] == 1


async def test_a_preview_says_what_would_happen_and_changes_nothing():
    journal = MemoryJournal()
    async with house(ROOM, tokens=TOKENS, journal=journal) as hall:
        ana, ben, zoe = await hall.bidder("Ana"), await hall.bidder("Ben"), await take_desk(hall)
        await ana.bid(1, 100)
        await ask(ben, 1, "max_bid", item="lamp", amount=73_577)
        before = len((await journal.read("hall", journal.start)).entries)
        standing = hall.server.rooms["hall"].state.items["lamp"].bids[-1].seq
        preview = await ask(zoe, 1, "void_bid", item="lamp", bid=standing, why="a slip", dry_run=True)
        assert preview["words"] == [
            "Lamp (1 of 2): the bid of Ben is voided by Zoe (a slip); Ana leads at 1.00 EUR again"
        ]
        assert [event["type"] for event in preview["events"]] == ["bid_voided"]
        removal = await ask(zoe, 2, "remove_bidder", bidder="Ben", why="rude", dry_run=True)
        assert [event["type"] for event in removal["events"]] == ["bid_voided", "bidder_removed"]
        token = await ask(zoe, 3, "new_token", bidder="Ben", dry_run=True)
        assert "comes back with a new token" in token["words"][0]
        assert (await ask(zoe, 4, "void_bid", item="lamp", bid=4, why="x", dry_run=True))["reason"] == "not_standing"
        assert "73577" not in str((preview, removal, token)).replace("_", "").replace(",", "")
        assert len((await journal.read("hall", journal.start)).entries) == before


async def test_who_is_removed_is_out_and_stays_out():
    journal = MemoryJournal()
    async with house(ROOM, tokens=TOKENS, journal=journal) as hall:
        ana, zoe = await hall.peer(), await take_desk(hall)
        token = (await ana.join("Ana"))["token"]
        await ana.bid(1, 100)
        await ask(zoe, 1, "remove_bidder", bidder="Ana", why="rude")
        assert (await ana.hear_until("error"))["reason"] == "removed"
        assert await ana.hear() == {}
        again = await hall.peer()
        assert (await again.join("Ana", token=token))["reason"] == "removed"
    async with house(ROOM, tokens=TOKENS, journal=journal, clock=HandClock(START + 5)) as hall:
        again = await hall.peer()
        assert (await again.join("Ana", token=token))["reason"] == "removed"
        assert (await again.join("Ana"))["reason"] == "name_taken"
        assert hall.server.rooms["hall"].state.items["lamp"].highest_bidder is None


async def test_paddles_hide_names_and_an_invitation_is_needed_where_it_is():
    room = RoomTerms("hall", "The hall", "EUR", ITEMS, registration="invite", bidders="paddles")
    async with house(room, tokens=TOKENS) as hall:
        zoe, watcher = await take_desk(hall), await hall.watcher()
        code = (await ask(zoe, 1, "invite", name="Ana Alt", paddle=7))["code"]
        stranger = await hall.peer()
        assert (await stranger.join("Ana Alt"))["reason"] == "invite_only"
        ana = await hall.peer()
        assert (await ana.join("", code=code))["you"]["name"] == "Paddle 7"
        await ana.bid(1, 100)
        update = await watcher.hear_until("update")
        assert update["events"][0]["bidder"] == "Paddle 7"
        assert "Ana" not in str(update)
        assert await again_with_token(hall, code) == "Paddle 7"


async def again_with_token(hall: House, code: str) -> str:
    peer = await hall.peer()
    welcome = await peer.join("Ana Alt", token=code.replace("-", ""))
    return welcome["you"]["name"]


async def test_a_pause_stops_the_clocks_for_everyone():
    async with house(ROOM, tokens=TOKENS) as hall:
        ana, zoe = await hall.bidder("Ana"), await take_desk(hall)
        await ana.bid(1, 100)
        await ask(zoe, 1, "pause")
        hall.pass_time(100 * WINDOW)
        assert (await ana.bid(2, 200, item="desk"))["reason"] == "paused"
        late = await hall.peer()
        late.send(type="watch")
        room = (await late.hear())["room"]
        assert (room["paused"], room["items"][0]["ends_at"]) == (True, None)
        await ask(zoe, 2, "resume")
        assert (await ana.hear_until("update"))["events"]
        assert not hall.server.rooms["hall"].state.sales
        hall.pass_time(WINDOW)
        await hall.until(lambda: bool(hall.server.rooms["hall"].state.sales))


async def test_an_item_added_live_is_for_everyone_to_see():
    async with house(ROOM, tokens=TOKENS) as hall:
        watcher, zoe = await hall.watcher(), await take_desk(hall)
        item = {"id": "vase", "name": "Vase", "starting_price": 500, "increment": 50, "reserve": 73_577}
        before = await catalogue(hall)
        await ask(zoe, 1, "add_item", item=item | {"description": "It holds."})
        update = await watcher.hear_until("update")
        assert [event["type"] for event in update["events"]] == ["item_added", "round_opened"]
        assert "73577" not in str(update)
        live = {"kind": "live", "window_ms": 10_000, "opening_ms": None}
        assert (await catalogue(hall))[-1] == {"id": "vase", "description": "It holds.", "closing": live}
        assert len(await catalogue(hall)) == len(before) + 1


async def test_an_item_that_is_added_may_have_a_picture():
    async with house(ROOM, tokens=TOKENS) as hall:
        zoe = await take_desk(hall)
        for number, (picture, link) in enumerate(
            (("lots/a vase.jpg", "/pictures/lots/a%20vase.jpg"), ("https://example.org/v", "https://example.org/v"))
        ):
            item = VASE | {"id": f"vase-{number}", "picture": picture}
            assert (await ask(zoe, number, "add_item", item=item))["type"] == "accepted"
            assert (await catalogue(hall))[-1]["picture"] == link
        for picture, why in (("../vase.jpg", 'has a part that is empty, "." or ".."'), ("vase.exe", "the endings are")):
            answer = await ask(zoe, 5, "add_item", item=VASE | {"picture": picture})
            assert answer["reason"] == "invalid"
            assert answer["message"].startswith("The picture ")
            assert why in answer["message"]
        assert "vase" not in hall.server.rooms["hall"].state.items


async def catalogue(hall: House) -> list[dict[str, Any]]:
    url = "http://{}:{}/api/rooms/hall/catalogue".format(*hall.address)
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()


async def test_what_was_ordered_lasts():
    journal = MemoryJournal()
    async with house(ROOM, tokens=TOKENS, journal=journal) as hall:
        zoe = await take_desk(hall)
        for number, (body, _, _) in enumerate(ORDERS[:-1], 1):
            await ask(zoe, number, **body)
        state = hall.server.rooms["hall"].state
    async with house(ROOM, tokens=TOKENS, journal=journal, clock=HandClock(START + 5)) as hall:
        again = hall.server.rooms["hall"].state
        assert (again.bidders, again.sales, again.seq) == (state.bidders, state.sales, state.seq)


async def test_a_copy_can_be_had_while_the_sale_goes_on(tmp_path: Path):
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    try:
        async with house(ROOM, tokens=TOKENS, journal=journal) as hall:
            ana = await hall.bidder("Ana")
            receipt = (await ana.bid(1, 100))["head"]
            url = "http://{}:{}/api/backup".format(*hall.address)
            async with aiohttp.ClientSession() as session:
                for token, status in (("", 401), (CLERK, 403), (TOKEN, 200)):
                    async with session.post(url, headers={"Authorization": f"Bearer {token}"}) as answer:
                        assert answer.status == status
                        copy = await answer.read()
            (tmp_path / "copy.db").write_bytes(copy)
        assert verify_file(tmp_path / "copy.db", receipt).receipt is not None
    finally:
        await journal.close()


async def test_a_copy_that_can_not_be_made_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch):
    async def fail(*_: object) -> None:
        raise BidroomError("the disk is full")

    monkeypatch.setattr(desk_api, "copy_journal", fail)
    async with house(ROOM, tokens=TOKENS) as hall, aiohttp.ClientSession() as session:
        url, headers = "http://{}:{}/api/backup".format(*hall.address), {"Authorization": f"Bearer {TOKEN}"}
        async with session.post(url, headers=headers) as answer:
            assert answer.status == 503
            assert "the disk is full" in (await answer.json())["message"]
        assert (await (await hall.bidder("Ana")).bid(1, 100))["type"] == "accepted"
