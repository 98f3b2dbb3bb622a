"""Those who don't read get behind and catch up, or are closed; nobody else notices, and nothing grows without end."""

import socket
from collections.abc import Callable

import pytest

from bidroom.limits import Limits
from bidroom.server import audience, connection
from tests.server.house import House, Message, Peer, house, room

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio", "uvloop"])

QUICK = Limits(messages_per_second=1_000_000)


@pytest.fixture(autouse=True)
def _small_buffers(monkeypatch):
    """Buffers that a test can fill."""
    monkeypatch.setattr(audience, "FULL_BUFFER", 20_000)
    monkeypatch.setattr(audience, "EMPTY_BUFFER", 1_000)
    monkeypatch.setattr(connection, "MAX_BUFFER", 100_000)


async def stalled(hall: House, **message: object) -> Peer:
    """A peer whose kernel takes little, and that reads nothing until the test does."""
    peer = await hall.peer()
    peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.send(**message)
    await peer.hear()
    peer.writer.transport.pause_reading()
    return peer


async def bid_on(bidders: list[Peer], until: Callable[[], object]) -> int:
    """Bid in turn, one step at a time, until something is so. Gives the number of bids."""
    step = 0
    while not until():
        assert (await bidders[step % 2].bid(step + 1, 100 + 10 * step))["type"] == "accepted"
        step += 1
        assert step < 50_000, "it never came to it"
    return step


def shrink(hall: House) -> None:
    """Let the kernel on the server's side take little, too."""
    for one in hall.server.rooms["hall"].audience:
        one.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


async def test_a_listener_of_the_latest_gets_a_state_and_the_sales_they_missed():
    async with house(room(units=3), limits=QUICK) as hall:
        behind = hall.server.rooms["hall"].audience.behind
        sleeper = await stalled(hall, type="watch")
        shrink(hall)
        healthy = await hall.watcher()
        bidders = [await hall.bidder(name, events="none") for name in ("Ana", "Bob")]
        step = await bid_on(bidders, lambda: bool(behind))
        hall.pass_time(10_000)
        sleeper.writer.transport.resume_reading()
        heard: list[Message] = []
        while not heard or heard[-1]["type"] != "sales":
            heard.append(await sleeper.hear())
        state, sales = heard[-2:]
        assert state["type"] == "state"
        assert [sale["amount"] for sale in sales["events"]] == [100 + 10 * (step - 1)]
        updates = [message for message in heard if message["type"] == "update"]
        assert [update["first"] for update in updates] == list(range(4, 4 + len(updates)))
        hall.pass_time(2_000)
        assert (await sleeper.hear())["first"] == state["seq"] + 1
        seen = 3
        while seen <= state["seq"]:
            update = await healthy.hear()
            assert update["first"] == seen + 1
            seen = update["seq"]


async def test_a_listener_of_everything_is_closed_and_comes_back():
    async with house(room(), limits=QUICK) as hall:
        crowd = hall.server.rooms["hall"].audience
        sleeper = await stalled(hall, type="watch", events="all")
        shrink(hall)
        bidders = [await hall.bidder(name, events="none") for name in ("Ana", "Bob")]
        await bid_on(bidders, lambda: len(crowd) == 0)
        sleeper.writer.transport.resume_reading()
        last = 3
        while (message := await sleeper.hear())["type"] == "update":
            assert message["first"] == last + 1
            last = message["seq"]
        assert message["reason"] == "too_slow"
        back = await hall.watcher(events="all", after=last)
        assert (await back.hear())["first"] == last + 1


async def test_who_stays_behind_is_closed(monkeypatch):
    monkeypatch.setattr(audience, "MAX_BEHIND_MS", 1_000)
    async with house(room(), limits=QUICK) as hall:
        crowd = hall.server.rooms["hall"].audience
        await stalled(hall, type="watch")
        shrink(hall)
        bidders = [await hall.bidder(name, events="none") for name in ("Ana", "Bob")]
        await bid_on(bidders, lambda: bool(crowd.behind))
        hall.pass_time(1_001)
        await hall.until(lambda: len(crowd) == 0)


async def test_who_asks_and_never_listens_is_closed():
    async with house(limits=QUICK) as hall:
        connections = hall.server.rooms["hall"].audience
        talker = await stalled(hall, type="join", name="Talker", events="latest")
        shrink(hall)
        while not talker.writer.transport.is_closing() and len(connections):
            talker.raw(b'{"type":"ping"}\n' * 50)
            await hall.until(lambda: True)
            try:
                await talker.writer.drain()
            except ConnectionError:
                break
        await hall.until(lambda: len(connections) == 0)
        assert (await (await hall.bidder("Ana")).bid(1, 100))["type"] == "accepted"


async def test_what_the_kernel_takes_in_part_arrives_whole_and_in_order():
    async with house() as hall:
        peer = await stalled(hall, type="watch")
        shrink(hall)
        (connection,) = hall.server.rooms["hall"].audience
        messages = [b"a" * 90_000 + b"\n", b"b\n", b"c" * 5_000 + b"\n"]
        for message in messages:
            connection.write(message)
        assert 0 < connection.waiting < 95_000
        peer.writer.transport.resume_reading()
        sent = b"".join(messages)
        assert await peer.reader.readexactly(len(sent)) == sent
        await hall.until(lambda: connection.waiting == 0)
        assert connection.direct is not None, "nothing waits, so nothing need go through the transport"
