"""The client against a server that says what the test wants, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random

import pytest

from bidroom.client.client import FIRST_TRIES, Client
from bidroom.client.connection import ClientError
from bidroom.client.participant import NAME_TRIES
from bidroom.client.strategies import Offer, Steady
from bidroom.client.view import View
from bidroom.rules.answers import Reason
from bidroom.wire.messages import (
    Accepted,
    Bid,
    Bye,
    Error,
    ErrorReason,
    Join,
    Outbound,
    Ping,
    Pong,
    Refused,
    Watch,
    Welcome,
)
from tests.client.peer import TOKEN, Peer, Talk, Wait, until
from tests.client.small_room import SmallRoom, terms

pytestmark = pytest.mark.usefixtures("nothing_left_open")


@pytest.fixture(params=["lines", "websocket"])
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[Peer]:
    async with Peer(request.param) as peer:
        yield peer


@pytest.fixture
def room() -> SmallRoom:
    return SmallRoom()


async def started(peer: Peer, room: SmallRoom, client: Client, last_id: int = 0) -> Talk:
    """Start the client; gives its connection, welcomed."""
    starting = asyncio.create_task(client.start_client())
    talk = await peer.talk()
    await talk.welcome(room, last_id)
    await starting
    return talk


EVERYTHING = (("lamp", 100), ("desk", 1000), ("mug", 50), ("lamp", 100), ("mug", 50))
"""All that the room has, in an order and at prices at which it can be sold."""


def sell(room: SmallRoom, *sales: tuple[str, int], to: str = "Ben") -> None:
    for item, amount in sales:
        room.bid(to, item, amount)
        room.wait(1200)


@asynccontextmanager
async def peer_client(peer: Peer, room: SmallRoom, rng: Wait | None = None) -> AsyncIterator[tuple[Client, Talk]]:
    """A started client with its connection, closed in the end."""
    client = peer.client(rng=rng)
    try:
        yield client, await started(peer, room, client)
    finally:
        await client.close()


def soon(awaitable: Awaitable) -> asyncio.Future:
    """Let it go on beside the test."""
    return asyncio.ensure_future(awaitable)


async def test_a_bidder_joins_and_sees_the_room(peer: Peer, room: SmallRoom) -> None:
    client = peer.client("Ana", "all", room="hall")
    starting = soon(client.start_client())
    talk = await peer.talk()
    assert await talk.welcome(room) == Join(name="Ana", room="hall", events="all")
    await starting
    assert client.connected
    assert client.token == TOKEN
    assert client.view is not None
    assert (client.view.me, client.view.seq, client.view.currency) == ("Ana", room.state.seq, "EUR")
    assert list(client.view.items) == ["lamp", "desk", "mug"]
    await client.close()
    await talk.hung_up()
    assert not client.connected


async def test_one_without_a_name_watches(peer: Peer, room: SmallRoom) -> None:
    client = peer.client(None)
    starting = soon(client.start_client())
    talk = await peer.talk()
    assert await talk.welcome(room) == Watch()
    await starting
    assert client.view is not None
    assert client.view.me is None
    with pytest.raises(ClientError, match="give the client a name"):
        await client.bid("lamp", 100)
    await client.close()


async def test_one_who_comes_back_in_another_process_brings_their_token(peer: Peer, room: SmallRoom) -> None:
    client = peer.client("Ana", token=TOKEN)
    starting = soon(client.start_client())
    talk = await peer.talk()
    assert await talk.welcome(room, last_id=41) == Join(name="Ana", token=TOKEN)
    await starting
    bid = soon(client.bid("lamp", 100))
    assert await talk.hear() == Bid(item="lamp", amount=100, id=42, unit=1)
    await client.close()
    with pytest.raises(ClientError, match="closed"):
        await bid


async def test_a_bid_names_its_unit_and_gets_its_answer(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        first, second = soon(client.bid("lamp", 100)), soon(client.bid("mug", 49, unit=2))
        third = soon(client.bid("nothing", 5))
        bids = await talk.hear_bids(3)
        assert [(b.id, b.item, b.amount, b.unit) for b in bids] == [
            (1, "lamp", 100, 1),
            (2, "mug", 49, 2),
            (3, "nothing", 5, None),
        ]
        refused = Refused(2, Reason.CLOSED, "Not open.")
        await talk.say(refused, Refused(99, Reason.CLOSED, "An answer to nothing."))
        assert await second == refused
        update = await talk.accept(bids[0], room)
        assert await first == Accepted(1, update.seq, update.head)
        await talk.say(Refused(3, Reason.UNKNOWN_ITEM, "No such item."))
        assert isinstance(await third, Refused)


@pytest.mark.parametrize(
    ("item", "amount", "unit"),
    [
        *(("lamp", amount, 1) for amount in (0, -5, 1.5, True, "100", None, 2**53 + 1, 2**200)),
        *((item, 100, 1) for item in ("x" * 201, None, "\ud800")),
        ("lamp", 100, 0),
    ],
)
async def test_what_is_no_bid_is_not_sent(room: SmallRoom, item, amount, unit) -> None:
    async with Peer() as peer, peer_client(peer, room) as (client, talk):
        with pytest.raises(ValueError, match=r"Not a bid|surrogates"):
            await client.bid(item, amount, unit)
        bid = soon(client.bid("lamp", 100))
        assert (await talk.hear_bids(1))[0].id == 1
        await talk.say(Refused(1, Reason.CLOSED, ""))
        await bid


async def test_it_comes_back_behind_what_it_knows_and_sends_again_what_has_no_answer(peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        bids = [soon(client.bid("lamp", amount)) for amount in (100, 110, 120)]
        sent = await talk.hear_bids(3)
        update = await talk.accept(sent[0], room)
        await bids[0]
        await talk.hang_up()
        talk = await peer.talk()
        assert not client.connected
        meanwhile = soon(client.bid("mug", 50))
        again = await talk.welcome(room, last_id=1, token=None)  # which we know already
        assert again == Join(name="Ana", token=TOKEN, after=update.seq, head=update.head)
        assert await talk.hear_bids(3) == [*sent[1:], Bid(item="mug", amount=50, id=4, unit=1)]
        assert (client.connected, client.token) == (True, TOKEN)
        for bid in (*sent[1:], Bid(item="mug", amount=50, id=4)):
            await talk.say(Refused(bid.id, Reason.LEADING, ""))
        assert [(await bid).id for bid in (*bids, meanwhile)] == [1, 2, 3, 4]


async def test_a_gap_makes_it_come_back(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        known = client.view.seq, client.view.head
        room.bid("Ben", "lamp", 100)
        missed = room.take_update()
        room.bid("Cem", "lamp", 110)
        await talk.say(room.take_update())
        await talk.hung_up()
        talk = await peer.talk()
        again = await talk.welcome(room)
        assert (again.after, again.head) == known
        events = client.events()
        await talk.say(missed)
        assert await anext(events) == missed.events[0]
        assert client.view.items["lamp"].leader == "Ben"


@pytest.mark.parametrize(
    "farewell",
    [
        Bye("The server stops."),
        Error(ErrorReason.TOO_SLOW, "You read too slowly."),
        Error(ErrorReason.SILENT, "Nothing was said."),
    ],
)
async def test_told_to_go_it_comes_back(peer: Peer, room: SmallRoom, farewell: Outbound) -> None:
    async with peer_client(peer, room) as (client, talk):
        await talk.say(farewell)
        talk = await peer.talk()
        assert (await talk.welcome(room)).after == room.state.seq
        await is_back(client, talk)


@pytest.mark.parametrize("reason", [Reason.UNAVAILABLE, Reason.RATE_LIMITED])
async def test_what_was_not_decided_is_sent_again_with_the_same_id(peer: Peer, room: SmallRoom, reason: Reason) -> None:
    async with peer_client(peer, room) as (client, talk):
        bid = soon(client.bid("lamp", 100))
        (sent,) = await talk.hear_bids(1)
        for _ in range(3):
            await talk.say(Refused(1, reason, "Not now."))
            assert await talk.hear() == sent
        await talk.accept(sent, room)
        assert isinstance(await bid, Accepted)


async def test_a_new_bid_does_not_pass_one_that_waits(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room, Wait(0.02)) as (client, talk):
        bids = [soon(client.bid("lamp", 100)), soon(client.bid("desk", 1000))]
        await talk.hear_bids(2)
        await talk.say(Refused(1, Reason.RATE_LIMITED, "Not now."), Refused(2, Reason.CLOSED, ""))
        await bids[1]
        bids.append(soon(client.bid("mug", 50)))  # while the first one waits to be sent again
        assert [bid.id for bid in await talk.hear_bids(2)] == [1, 3]
        await talk.say(Refused(1, Reason.CLOSED, ""), Refused(3, Reason.CLOSED, ""))
        await asyncio.gather(*bids)


async def test_what_waits_to_be_sent_again_is_not_sent_before_the_next_welcome(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room, Wait(0.02, 0)) as (client, talk):
        bid = soon(client.bid("lamp", 100))
        await talk.hear_bids(1)
        await talk.say(Refused(1, Reason.RATE_LIMITED, "Not now."))
        await talk.hang_up()
        talk = await peer.talk()
        await asyncio.sleep(0.04)  # by now it would have been sent again
        await talk.welcome(room)
        assert talk.silent
        await talk.accept((await talk.hear_bids(1))[0], room)
        await bid


async def test_waits_before_sending_again_grow_until_something_is_decided(peer: Peer, room: SmallRoom) -> None:
    rng = Wait(0)
    async with peer_client(peer, room, rng) as (client, talk):
        for _ in range(2):
            bid = soon(client.bid("lamp", 100))
            for _ in range(3):
                (sent,) = await talk.hear_bids(1)
                await talk.say(Refused(sent.id, Reason.RATE_LIMITED, "Not now."))
            await talk.say(Refused((await talk.hear_bids(1))[0].id, Reason.LEADING, ""))
            await bid
        assert rng.bounds == [0.25, 0.5, 1.0] * 2


async def test_waits_before_reconnecting_grow_until_a_connection_is_of_use(peer: Peer, room: SmallRoom) -> None:
    rng = Wait(0)
    async with peer_client(peer, room, rng) as (client, talk):
        for _ in range(3):
            await talk.hang_up()
            talk = await peer.talk()
            await talk.welcome(room)
        await is_back(client, talk)
        await talk.hang_up()
        await (await peer.talk()).welcome(room)
        assert rng.bounds == [0.25, 0.5, 1.0, 0.25]


async def test_a_bid_that_a_later_one_has_overtaken_gets_a_new_id(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        slow, quick = soon(client.bid("lamp", 100)), soon(client.bid("mug", 50))
        await talk.hear_bids(2)
        await talk.say(Refused(1, Reason.RATE_LIMITED, "Not now."), Refused(2, Reason.TOO_LOW, ""))
        assert (await quick).id == 2
        assert (await talk.hear_bids(1))[0].id == 1
        await talk.say(Refused(1, Reason.STALE_ID, "Id 2 was decided."))
        (again,) = await talk.hear_bids(1)
        assert again == Bid(item="lamp", amount=100, id=3, unit=1)
        await talk.accept(again, room)
        assert (await slow).id == 3


async def test_a_bid_in_doubt_keeps_its_id_whatever_comes(peer: Peer, room: SmallRoom) -> None:
    """It was out when the connection was lost: under another id it might count twice."""
    async with peer_client(peer, room) as (client, talk):
        bid = soon(client.bid("lamp", 100))
        await talk.hear_bids(1)
        await talk.hang_up()
        talk = await peer.talk()
        await talk.welcome(room, last_id=7)
        assert (await talk.hear_bids(1))[0].id == 1
        stale = Refused(1, Reason.STALE_ID, "Below your last id.")
        await talk.say(stale)
        assert await bid == stale
        bid = soon(client.bid("lamp", 100))
        assert (await talk.hear_bids(1))[0].id == 8
        await talk.say(Refused(8, Reason.CLOSED, ""))
        await bid


async def test_a_room_that_recovers_gets_everything_again(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        bids = [soon(client.bid("lamp", 100)), soon(client.bid("mug", 50))]
        sent = await talk.hear_bids(2)
        await talk.say(Error(ErrorReason.UNAVAILABLE, "The room is recovering."))
        assert await talk.hear_bids(2) == sent
        await talk.say(Error(ErrorReason.RATE_LIMITED, "Too many pings."))  # about no bid
        await talk.say(Refused(1, Reason.CLOSED, ""), Refused(2, Reason.CLOSED, ""))
        await asyncio.gather(*bids)


async def test_a_server_that_forgot_the_name_is_joined_anew(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        bid = soon(client.bid("lamp", 100))
        sent = await talk.hear_bids(1)
        await talk.hang_up()
        talk = await peer.talk()
        assert (await talk.hear()).token == TOKEN
        await talk.say(Error(ErrorReason.BAD_TOKEN, "Unknown."))
        anew = await talk.welcome(room, token="b" * 32)
        assert anew == Join(name="Ana", after=room.state.seq, head=room.head)
        assert await talk.hear_bids(1) == sent
        assert client.token == "b" * 32
        await talk.accept(sent[0], room)
        await bid
        following = soon(client.bid("mug", 50))
        assert (await talk.hear_bids(1))[0].id == 2
        await talk.say(Refused(2, Reason.CLOSED, ""))
        await following


FATAL = [
    ErrorReason.NAME_TAKEN,
    ErrorReason.BAD_NAME,
    ErrorReason.BAD_TOKEN,
    ErrorReason.UNKNOWN_ROOM,
    ErrorReason.FORKED,
    ErrorReason.MALFORMED,
    ErrorReason.TOO_LONG,
    ErrorReason.ALREADY_JOINED,
]


@pytest.mark.parametrize("reason", FATAL)
async def test_what_trying_again_does_not_mend_is_raised_at_the_start(peer: Peer, reason: ErrorReason) -> None:
    starting = soon(peer.client(token=TOKEN).start_client())
    talk = await peer.talk()
    await talk.hear()
    await talk.say(Error(reason, f"Because of {reason.value}."))
    with pytest.raises(ClientError, match=f"Because of {reason.value}"):
        await starting


async def test_a_fork_is_raised_wherever_one_looks(peer: Peer, room: SmallRoom) -> None:
    client = peer.client()
    talk = await started(peer, room, client)
    events = client.events()
    waits = [client.wait_finished(), anext(events), client.bid("lamp", 100), client.start_bidding(Steady({}), Random())]
    tasks = [soon(wait) for wait in waits]
    await talk.hear_bids(1)
    await talk.hang_up()
    talk = await peer.talk()
    await talk.hear()
    await talk.say(Error(ErrorReason.FORKED, "This is another history."))
    await talk.hung_up()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, ClientError)
        assert str(result) == "This is another history."
    for attempt in (client.bid("lamp", 100), client.wait_finished(), anext(events)):
        with pytest.raises(ClientError, match="another history"):
            await attempt
    assert not client.connected
    await client.close()


async def test_a_name_whose_old_connection_lingers_is_tried_again(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        await talk.hang_up()
        talk = await peer.talk()
        await talk.hear()
        await talk.say(Error(ErrorReason.BAD_TOKEN, "Unknown."))
        await talk.hear()
        for _ in range(NAME_TRIES - 1):
            await talk.say(Error(ErrorReason.NAME_TAKEN, "Taken."))
            talk = await peer.talk()
            assert (await talk.hear()).token is None
        for _ in range(2):  # back in, it has as many tries again
            await talk.say(Error(ErrorReason.NAME_TAKEN, "Taken."))
            talk = await peer.talk()
            await talk.welcome(room)
            await is_back(client, talk)
            await talk.hang_up()
            talk = await peer.talk()
            await talk.hear()


async def test_a_name_that_stays_taken_is_somebody_elses(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        finished = soon(client.wait_finished())
        await talk.hang_up()
        for _ in range(NAME_TRIES + 1):
            talk = await peer.talk()
            await talk.hear()
            await talk.say(Error(ErrorReason.NAME_TAKEN, "Taken."))
        with pytest.raises(ClientError, match="Taken"):
            await finished


async def test_a_busy_server_is_tried_again_at_the_start(peer: Peer, room: SmallRoom) -> None:
    client = peer.client()
    starting = soon(client.start_client())
    for reason in (ErrorReason.TOO_MANY, ErrorReason.UNAVAILABLE, ErrorReason.RATE_LIMITED):
        talk = await peer.talk()
        await talk.hear()
        await talk.say(Error(reason, "Not now."))
    talk = await peer.talk()
    await talk.welcome(room)
    await starting
    await client.close()


async def test_a_server_that_only_hangs_up_is_given_up_after_a_few_tries(peer: Peer) -> None:
    starting = soon(peer.client().start_client())
    for _ in range(FIRST_TRIES):
        talk = await peer.talk()
        await talk.hear()
        await talk.hang_up()
    with pytest.raises(ClientError, match=f"No server to talk to at {peer.address}: the server closed the connection"):
        await starting


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ws://127.0.0.1:{}/ws"])
async def test_where_nobody_listens_there_is_an_error(form: str, unused_tcp_port: int) -> None:
    address = form.format(unused_tcp_port)
    with pytest.raises(ClientError, match=f"No server to talk to at {address}: .*"):
        await Client(address, "Ana", rng=Wait(0)).start_client()


async def test_another_protocol_is_an_error(peer: Peer) -> None:
    starting = soon(peer.client().start_client())
    talk = await peer.talk()
    await talk.hear()
    await talk.say(Welcome(version=2, seq=0, head="", now=0))
    with pytest.raises(ClientError, match="version 2 of the protocol, not 1"):
        await starting


@pytest.mark.parametrize("noise", [b"HTTP/1.1 400 Bad Request", b"\xff\xfe", b'{"type":"hello"}', b"[]"])
async def test_a_server_of_another_kind_is_an_error(noise: bytes) -> None:
    async with Peer() as peer:
        starting = soon(peer.client().start_client())
        talk = await peer.talk()
        await talk.hear()
        await talk.say(noise)
        with pytest.raises(ClientError, match="speaks another protocol"):
            await starting


async def test_a_web_server_of_another_kind_is_an_error() -> None:
    async with Peer("websocket") as peer:
        with pytest.raises(ClientError, match="No server to talk to"):
            await Client(peer.address.replace("/ws", "/nothing"), rng=Wait(0)).start_client()


async def test_a_silent_server_is_asked_and_then_left(peer: Peer, room: SmallRoom, monkeypatch) -> None:
    async with peer_client(peer, room) as (client, talk):
        assert client.connected
        monkeypatch.setattr("bidroom.client.connection.PING_AFTER_S", 0.02)
        await talk.say(Pong(room.at))  # from now on its patience is short
        assert isinstance(await talk.hear(), Ping)
        await talk.hung_up()
        greeting = await (await peer.talk()).hear()
        assert isinstance(greeting, Join)
        assert greeting.after == room.state.seq


async def test_events_are_heard_by_everyone_who_listens_until_the_room_is_finished(peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        one, two = (soon(collect(client.events())) for _ in range(2))
        finished = soon(client.wait_finished())
        told = []
        for item, amount in EVERYTHING:
            sell(room, (item, amount))
            update = room.take_update()
            told += update.events
            await talk.say(update)
        await finished
        assert client.view.finished
        assert await one == await two == told
        assert await collect(client.events()) == []
        assert [sale.amount for sale in client.view.sales] == [100, 1000, 50, 100, 50]
    await client.wait_finished()  # closed, and finished all the same


async def test_finished_means_that_the_missed_sales_were_heard_too(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        events = soon(collect(client.events()))
        finished = soon(client.wait_finished())
        sell(room, *EVERYTHING, to="Ana")
        await talk.say(room.state_message())
        await until(lambda: client.view.finished)
        assert not finished.done()
        await talk.say(room.sales_after(0))
        await finished
        assert client.view.my_purchases == room.state.sold == await events


async def test_a_room_that_is_finished_already(peer: Peer, room: SmallRoom) -> None:
    sell(room, *EVERYTHING)
    room.take_update()
    async with peer_client(peer, room) as (client, _talk):
        await client.wait_finished()
        assert await collect(client.events()) == []
        await client.start_bidding(Steady({"lamp": 500}), Random(), pace=0)


async def test_a_bid_that_the_end_of_the_room_left_behind_is_closed(peer: Peer, room: SmallRoom) -> None:
    """The server may never come back to say so."""
    sell(room, *EVERYTHING[:-1])
    room.take_update()
    async with peer_client(peer, room) as (client, talk):
        bid = soon(client.bid("lamp", 500))
        await talk.hear_bids(1)
        sell(room, EVERYTHING[-1])
        await talk.say(room.take_update(), Bye("All is sold."))
        answer = await bid
        assert isinstance(answer, Refused)
        assert answer.reason is Reason.CLOSED


async def test_a_bid_in_doubt_is_not_closed_by_the_end_of_the_room(peer: Peer, room: SmallRoom) -> None:
    """It may have been accepted on a connection that was lost before its answer came."""
    async with peer_client(peer, room) as (client, talk):
        bid = soon(client.bid("lamp", 100))
        (sent,) = await talk.hear_bids(1)
        room.bid("Ana", "lamp", 100)
        await talk.hang_up()
        sell(room, *EVERYTHING)
        for _ in range(2):
            talk = await peer.talk()
            await talk.welcome(room)
            assert await talk.hear() == sent
            if not client.view.finished:
                await talk.say(room.take_update(), Bye("Back in a moment."))
        await talk.say(Accepted(1, 5, "f" * 64))
        assert isinstance(await bid, Accepted)


async def test_one_who_asks_for_no_events_hears_only_answers(peer: Peer, room: SmallRoom) -> None:
    client = peer.client("Ana", "none")
    talk = await started(peer, room, client)
    for attempt in (client.wait_finished(), client.bid("lamp", 100), client.start_bidding(Steady({}), Random())):
        with pytest.raises(ClientError, match="hears no events"):
            await attempt
    with pytest.raises(ClientError, match="hears no events"):
        client.events()
    bid = soon(client.bid("lamp", 100, unit=1))
    await talk.hear_bids(1)
    await talk.hang_up()
    talk = await peer.talk()
    assert await talk.welcome(room) == Join(name="Ana", token=TOKEN, events="none")
    await talk.hear_bids(1)
    await talk.say(Accepted(1, 5, "f" * 64))
    assert isinstance(await bid, Accepted)
    await client.close()


class Asked:
    """A steady bidder that notes when it was asked, and what the view had heard by then."""

    def __init__(self, limits: dict[str, int]) -> None:
        self._steady = Steady(limits)
        self.times: list[float] = []
        self.seqs: list[int] = []

    def next_bid(self, view: View, now: int, rng: Random) -> Offer | None:
        self.times.append(asyncio.get_running_loop().time())
        self.seqs.append(view.seq)
        return self._steady.next_bid(view, now, rng)


async def opportunities() -> None:
    """Long enough for a bidder without a pace to have some."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_strategy_bids_until_the_room_is_finished(peer: Peer) -> None:
    room = SmallRoom(terms(units=1, pause_ms=0))
    async with peer_client(peer, room) as (client, talk):
        answers: list[tuple[Offer, str]] = []

        def note(offer: Offer, answer: Accepted | Refused) -> None:
            answers.append((offer, type(answer).__name__))

        bidding = soon(client.start_bidding(Steady({"desk": 5000, "mug": 60}), Random(1), 0, note))
        (desk,) = await talk.hear_bids(1)
        assert (desk.item, desk.amount, desk.unit) == ("desk", 1000, 1)
        await talk.accept(desk, room)
        (mug,) = await talk.hear_bids(1)
        assert (mug.item, mug.amount) == ("mug", 50)
        room.bid("Ben", "mug", 60)
        room.bid("Ben", "lamp", 100)
        await talk.say(room.take_update(), Refused(mug.id, Reason.TOO_LOW, "", 65))
        room.wait(5000)
        await talk.say(room.take_update())
        await bidding
        assert answers == [(Offer("desk", 1000, 1), "Accepted"), (Offer("mug", 50, 1), "Refused")]


async def test_a_strategy_is_asked_only_when_its_view_is_up_to_date(peer: Peer, room: SmallRoom) -> None:
    strategy = Asked({"desk": 5000})
    async with peer_client(peer, room) as (client, talk):
        bidding = soon(client.start_bidding(strategy, Random(1), 0))
        (desk,) = await talk.hear_bids(1)
        asked = len(strategy.seqs)
        room.bid("Ana", "desk", 1000)
        update = room.take_update()
        await talk.say(Accepted(desk.id, update.seq, update.head))
        await opportunities()  # accepted, but the view still shows a desk that nobody leads
        await talk.say(update)
        await until(lambda: len(strategy.seqs) > asked)
        assert strategy.seqs[asked] == update.seq
        await talk.hang_up()
        await until(lambda: not client.connected)
        talk, asked = await peer.talk(), len(strategy.seqs)
        await opportunities()
        assert len(strategy.seqs) == asked
        await talk.welcome(room)
        await until(lambda: len(strategy.seqs) > asked)
        bidding.cancel()


async def test_opportunities_keep_their_distance(peer: Peer, room: SmallRoom) -> None:
    strategy = Asked({})
    async with peer_client(peer, room) as (client, _talk):
        bidding = soon(client.start_bidding(strategy, Random(1), pace=0.01))
        await until(lambda: len(strategy.times) == 8)
        bidding.cancel()
    assert all(later - earlier >= 0.005 for earlier, later in pairwise(strategy.times))


async def test_now_is_the_servers_time(peer: Peer, room: SmallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bidroom.client.client._local_ms", lambda: 5000)
    async with peer_client(peer, room) as (client, talk):
        assert client.now() == room.at
        events = client.events()
        room.wait(300)
        room.bid("Ben", "lamp", 100)
        await talk.say(room.take_update())
        await anext(events)
        assert client.now() == room.at


async def test_closing_ends_everything_that_waits(peer: Peer, room: SmallRoom) -> None:
    client = peer.client()
    talk = await started(peer, room, client)
    events = soon(collect(client.events()))
    bids = [soon(client.bid("lamp", 100 + n)) for n in range(40)]
    finished = soon(client.wait_finished())
    await talk.hear_bids(32)
    await client.close()
    assert await events == []
    for result in await asyncio.gather(*bids, finished, return_exceptions=True):
        assert isinstance(result, ClientError)
    with pytest.raises(ClientError, match="closed"):
        await client.bid("lamp", 100)
    await talk.hung_up()
    await client.close()  # a second time does no harm


async def test_a_bid_that_nobody_waits_for_any_more_is_not_sent_again(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room) as (client, talk):
        given_up, kept = soon(client.bid("lamp", 100)), soon(client.bid("mug", 50))
        await talk.hear_bids(2)
        given_up.cancel()
        await talk.hang_up()
        talk = await peer.talk()
        await talk.welcome(room)
        assert [bid.id for bid in await talk.hear_bids(1)] == [2]
        await talk.say(Accepted(1, 4, "f" * 64), Refused(2, Reason.CLOSED, ""))  # the first comes too late for anybody
        await kept


async def test_a_start_that_is_given_up_leaves_nothing_behind(peer: Peer) -> None:
    starting = soon(peer.client().start_client())
    talk = await peer.talk()
    await talk.hear()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await talk.hung_up()
    assert not [task for task in asyncio.all_tasks() if "receive_messages" in repr(task)]


async def test_a_client_waits_between_attempts_and_can_be_closed_meanwhile(peer: Peer, room: SmallRoom) -> None:
    async with peer_client(peer, room, Wait(3600)) as (client, talk):
        await talk.hang_up()
        await until(lambda: not client.connected)


async def collect(events: AsyncIterator) -> list:
    return [event async for event in events]


async def is_back(client: Client, talk: Talk) -> None:
    """The client is welcome again on this connection: it bids there."""
    bid = soon(client.bid("lamp", 100))
    (sent,) = await talk.hear_bids(1)
    await talk.say(Refused(sent.id, Reason.CLOSED, ""))
    await bid
