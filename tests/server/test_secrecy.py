"""The hunt for what is private, in everything that leaves the server.

One sale is played three times, with the same tokens and salts. The first time Ana does things that nobody else may
notice: leaves a maximum, raises and cancels it, is given a budget. The second time she leaves those out; the third time
she does them with other amounts. A spy keeps everything that anybody else gets: what bidders, clerks and watchers hear,
over each kind of connection and in each way of hearing; what those see who come late or come back; every page; what an
auctioneer's preview says; the log. Amounts and salts are looked for in all of it, and the sales are compared.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from itertools import count, pairwise
from typing import Any, NamedTuple

import aiohttp
import msgspec
import pytest
from structlog.testing import capture_logs

from bidroom.journal.chain import Entry, read_event, seal
from bidroom.journal.memory import Fault
from bidroom.rules.events import PrivateEvent
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.rules.state import RoomState
from bidroom.server import bidding, orders, seats
from bidroom.server.room import Room
from bidroom.server.settings import Tokens, token_hash
from tests.server.house import PAUSE, WINDOW, House, Message, Peer, house
from tests.server.test_bidding import HeldJournal
from tests.server.test_maximums import ask
from tests.server.test_recovery import FragileJournal

pytestmark = pytest.mark.usefixtures("no_pulse")

AUCTIONEER, CLERK = "a1" * 16, "c1" * 16
CODE = "ANAS-OWN-CODE"


def item(id: str, units: int = 1, **more: Any) -> ItemTerms:
    return ItemTerms(id, id.capitalize(), 100, 10, units, LiveClosing(WINDOW), PAUSE, **more)


ROOM = RoomTerms(
    "hall", "The hall", "EUR", (item("lamp", units=2), item("vase", reserve=True), item("cup", reserve=True))
)
RESERVES = {"vase": 61_357_913, "cup": 6_135_791}
"""The vase's is never met, the cup's is met by a bid above it: a hand's, since a maximum's would be the reserve."""


class Amounts(NamedTuple):
    """What Ana keeps to herself: recognisable, and far above everything that is bid."""

    first: int = 73_577_331
    raised: int = 84_688_442
    between: int = 95_799_553
    budget: int = 99_887_766
    lasting: int = 51_133_557
    lasting_raised: int = 52_244_668


OTHERS = Amounts(40_000_001, 40_000_002, 40_000_003, 90_000_004, 40_000_005, 40_000_006)

PAGES = (
    "/",
    "/api/rooms",
    "/api/rooms/hall",
    "/api/rooms/hall/events",
    "/api/rooms/hall/events?after=4&limit=2",
    "/api/rooms/hall/purchases",
    "/api/rooms/hall/purchases?format=csv",
    "/api/rooms/hall/catalogue",
    "/api/rooms/hall/items/lamp/bids",
    "/api/rooms/hall/items/vase/bids",
    "/api/rooms/hall/figures",
    "/api/rooms/hall/bidders",
    "/api/rooms/hall/results",
    "/healthz",
    "/metrics",
    "/openapi.json",
)
"""Everything that can be fetched without a token, or that must not be."""


class Browser:
    """Somebody at the other end of a WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.unsent: list[str] = []

    def send(self, **message: Any) -> None:
        self.unsent.append(json.dumps(message))

    async def hear_line(self) -> str:
        while self.unsent:
            await self.socket.send_str(self.unsent.pop(0))
        return await self.socket.receive_str()


class Heard(NamedTuple):
    """Something that left the server: to whom, after which moment of the sale."""

    moment: str
    who: str
    text: str


class Spy:
    """Keeps what everybody but Ana gets, moment by moment."""

    def __init__(self, hall: House, session: aiohttp.ClientSession) -> None:
        self.hall = hall
        self.session = session
        self.url = "http://{}:{}".format(*hall.address)
        self.peers: dict[str, Peer | Browser] = {}
        self.record: list[Heard] = []
        self.moments: list[str] = []

    async def place(self) -> None:
        """Everybody who is there from the beginning to the end."""
        here: dict[str, Message] = {
            "Ben": {"type": "join", "name": "Ben"},
            "Cem": {"type": "join", "name": "Cem", "events": "all"},
            "clerk": {"type": "control", "token": CLERK, "events": "all"},
        }
        here |= {f"{events} watcher": {"type": "watch", "events": events} for events in ("latest", "all", "none")}
        for who, message in here.items():
            self.peers[who] = await self.hall.peer()
            await self.enter("at first", who, self.peers[who], message)
        for events in ("latest", "all", "none"):
            who = f"{events} browser"
            self.peers[who] = Browser(await self.session.ws_connect(self.url + "/ws"))
            await self.enter("at first", who, self.peers[who], {"type": "watch", "events": events})

    async def listen(self, moment: str) -> None:
        """Keep what has been said up to now, and what can be seen now."""
        self.moments.append(moment)
        for who, peer in self.peers.items():
            await self.hear_out(moment, who, peer)
        await self.look_in(moment)
        for page in PAGES:
            async with self.session.get(self.url + page) as answer:
                self.record.append(Heard(moment, page, f"{answer.status} {await answer.text()}"))

    async def enter(self, moment: str, who: str, peer: Peer | Browser, message: Message) -> None:
        """Come in, and keep the welcome."""
        peer.send(**message)
        line = await peer.hear_line()
        assert json.loads(line)["type"] == "welcome", line
        self.record.append(Heard(moment, who, line))

    async def hear_out(self, moment: str, who: str, peer: Peer | Browser) -> None:
        """All that was said to a peer who is in: a pong comes behind it."""
        peer.send(type="ping")
        while (line := await peer.hear_line()) and json.loads(line)["type"] != "pong":
            self.record.append(Heard(moment, who, line))

    async def look_in(self, moment: str) -> None:
        """What those see who come now, for the first time or again, and who go at once."""
        seq = self.hall.server.rooms["hall"].state.seq
        visits: list[Message] = [{"type": "watch"}, {"type": "join", "name": f"Late {len(self.moments)}"}]
        visits += [{"type": "join", "name": "Ben", "token": self.token_of_ben()}] if len(self.moments) > 1 else []
        for after in (0, seq - 1, seq):
            visits += [{"type": "watch", "events": events, "after": after} for events in ("all", "latest")]
        connections = self.hall.server._house.connections
        here = len(connections)
        for visit in visits:
            peer = await self.hall.peer()
            await self.enter(moment, str(visit), peer, visit)
            await self.hear_out(moment, str(visit), peer)
            await peer.close()
        await self.hall.until(lambda: len(connections) == here)

    def token_of_ben(self) -> str:
        """As he was told it when he came."""
        return next(json.loads(heard.text)["token"] for heard in self.record if heard.who == "Ben")

    async def ask(self, who: str, id: int, type: str, **fields: Any) -> Message:
        """Somebody asks for something; what they hear until they are answered is kept."""
        peer = self.peers[who]
        peer.send(type=type, id=id, **fields)
        while (message := json.loads(line := await peer.hear_line())).get("id") != id:
            self.record.append(Heard("", who, line))
        self.record.append(Heard("", who, line))
        return message


class Sale:
    """One sale as it is played. `secretive`: Ana does what nobody may notice; else she leaves it out."""

    def __init__(self, spy: Spy, journal: HeldJournal, ana: Peer, zoe: Peer, secretive: bool, amounts: Amounts) -> None:
        self.spy = spy
        self.journal = journal
        self.ana = ana
        self.zoe = zoe
        self.secretive = secretive
        self.amounts = amounts
        self.ids = count(10)

    async def play(self) -> None:
        """Moments that begin with "unseen" are those at which nobody else may get anything."""
        spy, amounts = self.spy, self.amounts
        await spy.listen("at first")
        await self.by_ana("bid", item="lamp", amount=100)
        await spy.ask("Ben", 1, "bid", item="vase", amount=1_000)
        await spy.ask("Ben", 2, "bid", item="cup", amount=7_000_000)
        await spy.listen("bids by hand")
        if self.secretive:
            await self.by_ana("max_bid", item="lamp", amount=amounts.first)
            await self.by_ana("max_bid", item="lamp", amount=amounts.raised)
        await spy.listen("unseen: a maximum of the leader's is left and raised")
        if self.secretive:
            await self.by_ana("cancel_max", item="lamp")
            await self.by_zoe("set_budget", bidder="Ana", budget=amounts.budget)
        await spy.listen("unseen: it is cancelled, and there is a budget")
        await self.by_zoe("invite", name="Dora", paddle=1_000, email="dora@example.org", code="DORAS-OWN-CODE")
        await spy.listen("unseen by who is in: an invitation")
        await self.by_ana("max_bid", item="lamp", amount=amounts.lasting)
        if self.secretive:
            await self.by_ana("max_bid", item="lamp", amount=amounts.lasting_raised, units=2)
        await spy.listen("unseen: another maximum, raised or not")
        assert (await spy.ask("Ben", 3, "bid", item="lamp", amount=105))["minimum"] == 110
        await spy.ask("Ben", 4, "bid", item="lamp", amount=5_000)
        await spy.listen("a bid that is answered")
        await self.together()
        await spy.listen("what nobody may see, decided and committed together with bids")
        await self.previews()
        self.spy.hall.pass_time(WINDOW)
        await spy.hall.until(lambda: len(self.state.sales) == 2)
        await spy.listen("sold, and passed")
        if self.secretive:
            await self.by_ana("cancel_max", item="lamp")
            await self.by_ana("max_bid", item="lamp", amount=amounts.between)
            await self.by_ana("cancel_max", item="lamp")
            await self.by_zoe("mark_paid", bidder="Ana", how="cash")
            await self.by_zoe("hand_over", bidder="Ana")
            await self.by_zoe("new_token", bidder="Ana")
        await spy.listen("unseen: a maximum comes and goes between two rounds; Ana pays")
        self.spy.hall.pass_time(PAUSE)
        await spy.hall.until(lambda: self.state.items["lamp"].unit == 2)
        await spy.ask("Ben", 6, "bid", item="lamp", amount=100)
        await self.by_zoe("announce", text="The last one")
        await spy.listen("in the end")

    async def together(self) -> None:
        """While a bid is being committed, the next batch gathers: another bid, and in between what Ana does unseen."""
        self.journal.gate.clear()
        self.journal.waiting.clear()
        self.spy.peers["Cem"].send(type="bid", id=1, item="lamp", amount=6_000)
        await self.journal.waiting.wait()
        if self.secretive:
            self.ana.send(type="cancel_max", id=next(self.ids), item="lamp")
            self.ana.send(type="max_bid", id=next(self.ids), item="lamp", amount=self.amounts.lasting, units=2)
        gathered = 2 * self.secretive
        await self.spy.hall.until(lambda: len(self.room.inbox) == gathered)
        self.spy.peers["Ben"].send(type="bid", id=5, item="lamp", amount=8_000)
        await self.spy.hall.until(lambda: len(self.room.inbox) == gathered + 1)
        self.journal.gate.set()
        await self.spy.hall.until(lambda: not self.room.inbox and self.room.published == self.state.seq)
        for _ in range(gathered):
            assert (await self.ana.hear_until("accepted"))["seq"]

    @property
    def room(self) -> Room:
        return self.spy.hall.server.rooms["hall"]

    @property
    def state(self) -> RoomState:
        return self.room.state

    async def by_ana(self, type: str, **fields: Any) -> None:
        """Ana asks for something, and it is done."""
        assert (await ask(self.ana, next(self.ids), type, **fields))["type"] == "accepted"

    async def by_zoe(self, type: str, **fields: Any) -> None:
        assert (await ask(self.zoe, next(self.ids), type, **fields))["type"] in ("accepted", "done")

    async def previews(self) -> None:
        """What the auctioneer is told would happen: she may see budgets, but no maximum either."""
        standing = self.state.items["lamp"].bids[-1].seq
        for order in (
            {"type": "void_bid", "item": "lamp", "bid": standing},
            {"type": "remove_bidder", "bidder": "Ana"},
            {"type": "remove_bidder", "bidder": "Ben"},
        ):
            self.zoe.send(**order, id=5, why="a slip", dry_run=True)
            self.spy.record.append(Heard("previews", "Zoe", await self.zoe.hear_line()))


class Told(NamedTuple):
    """What is left of a sale."""

    record: list[Heard]
    entries: list[Entry]
    log: str


Play = Callable[..., Awaitable[Told]]


def fix_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Salts, tokens and codes that are the same in every sale, each kind with a count of its own."""
    salts, tokens, codes = count(), count(), count()

    def new_salt() -> str:
        return sha256(b"salt %d" % next(salts)).hexdigest()[:32]

    for module in (seats, orders, bidding):
        monkeypatch.setattr(module, "new_salt", new_salt)
    monkeypatch.setattr(orders, "new_code", lambda: f"NEW-CODE-{next(codes)}")
    monkeypatch.setattr(seats.secrets, "token_hex", lambda _: sha256(b"token %d" % next(tokens)).hexdigest()[:32])


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Play:
    """Plays the sale once."""

    async def play(secretive: bool = True, amounts: Amounts = Amounts()) -> Told:  # noqa: B008
        fix_secrets(monkeypatch)
        caplog.set_level(logging.DEBUG)
        journal, tokens = HeldJournal(), Tokens(token_hash(AUCTIONEER), token_hash(CLERK))
        with capture_logs() as log:
            async with (
                house(ROOM, journal=journal, tokens=tokens, reserves={"hall": RESERVES}) as hall,
                aiohttp.ClientSession() as session,
            ):
                spy, zoe, ana = Spy(hall, session), await hall.peer(), await hall.peer()
                zoe.send(type="control", token=AUCTIONEER, name="Zoe", events="none")
                assert (await zoe.hear())["type"] == "welcome"
                assert (await ask(zoe, 1, "invite", name="Ana", code=CODE))["type"] == "done"
                assert (await ana.join("", code=CODE, events="none"))["type"] == "welcome"
                await spy.place()
                await Sale(spy, journal, ana, zoe, secretive, amounts).play()
        return Told(spy.record, journal.kept["hall"], json.dumps(log, default=str) + caplog.text)

    return play


def spellings(amount: int) -> set[str]:
    """An amount in minor units and in euros, with every kind of point and group, and as a machine might write it."""
    cents = f"{amount / 100:.2f}"
    grouped = f"{amount / 100:,.2f}"
    swapped = grouped.translate({ord(","): ".", ord("."): ","})
    plain = {str(amount), f"{amount:,}", f"{amount:_}", f"{amount:x}", cents, cents.replace(".", ","), grouped, swapped}
    return plain | {swapped.replace(".", " "), swapped.replace(".", "\u00a0"), grouped.replace(",", "'")}


def found(needles: Iterable[str], record: Iterable[Heard], log: str = "") -> list[tuple[str, str, str]]:
    """Where any of these is, in what has left the server."""
    everything = [*record, Heard("", "the log", log)]
    return [(needle, heard.moment, heard.who) for needle in needles for heard in everything if needle in heard.text]


def test_the_spy_sees_what_there_is_to_see():
    """An amount in any of these texts would be found."""
    for text in ("73577331", "735773.31", "735,773.31", "735.773,31", "735 773,31", "73,577,331", "462b373"):
        assert found(spellings(73_577_331), [Heard("", "", f"<{text}>")]), text


async def test_no_private_amount_leaves_the_server(play: Play):
    told = await play()
    for amount in (*Amounts(), *RESERVES.values()):
        assert found(spellings(amount), told.record, told.log) == []
    described = [heard for heard in told.record if heard.who != "/openapi.json"]
    for secret in ("maximum_", "reserve_set", "dora", "Dora", "digest", "by_hand", AUCTIONEER, CLERK, CODE):
        assert found([secret], described, told.log) == []


async def test_no_salt_and_no_hash_of_anything_private_leaves_the_server(play: Play):
    told = await play()
    private = [entry for entry in told.entries if entry.sub]
    kinds = {entry.type for entry in private}
    assert kinds >= {"maximum_set", "maximum_cancelled", "reserve_set", "budget_set", "bidder_registered"}
    events = [msgspec.json.decode(entry.body) for entry in private]
    hidden = {event[name] for event in events for name in ("salt", "token_hash") if name in event}
    assert found(hidden | {entry.hash.hex() for entry in private}, told.record, told.log) == []


async def test_no_published_hash_lets_a_guess_be_tried(play: Play):
    """With all that is public and the right amount, the next head comes out only for who has the salt."""
    told = await play()
    published = "".join(heard.text for heard in told.record)
    tried: set[str] = set()
    for index, entry in enumerate(told.entries):
        event = read_event(entry)
        if not isinstance(event, PrivateEvent):
            continue
        later = range(index, len(told.entries))
        following = next((one for one in later if told.entries[one].hash.hex() in published), None)
        if following is None:
            continue
        head = told.entries[following].hash
        assert rehash(told.entries, index, following, event.salt) == head
        for salt in ("", "0" * 32, event.salt[:-1], event.salt.upper(), told.entries[index - 1].hash.hex()[:32]):
            assert rehash(told.entries, index, following, salt) != head
        tried.add(entry.type)
    assert tried >= {"maximum_set", "maximum_cancelled", "reserve_set", "budget_set", "bidder_registered"}


def rehash(entries: list[Entry], private: int, public: int, salt: str) -> bytes:
    """The hash of a public entry, if a private one before it had this salt: the best guess that anybody can make."""
    hash = entries[private - 1].hash
    for index in range(private, public + 1):
        event = read_event(entries[index])
        if index == private:
            event = msgspec.structs.replace(event, salt=salt)  # pyright: ignore
        hash = seal(event, hash).hash
    return hash


def without(pattern: str, record: Iterable[Heard]) -> list[Heard]:
    return [heard._replace(text=re.sub(pattern, "", heard.text)) for heard in record]


HEAD = r'"head":"[0-9a-f]{64}"'
BIRTHDAYS = r"\bbidroom_\w+_created\b.*"
"""When a counter of the metrics was made: the only thing here that goes by the wall clock."""


async def test_nobody_can_tell_whether_somebody_keeps_something_to_themselves(play: Play):
    """Everything is the same, byte for byte, but for the heads of what is public and comes later."""
    one, other = await play(secretive=True), await play(secretive=False)
    assert without(f"{HEAD}|{BIRTHDAYS}", one.record) == without(f"{HEAD}|{BIRTHDAYS}", other.record)
    assert one.log == other.log
    until = next(index for index, heard in enumerate(one.record) if heard.who == "Ben" and '"id":3,' in heard.text)
    assert without(BIRTHDAYS, one.record[:until]) == without(BIRTHDAYS, other.record[:until]), "heads, too"
    assert one.record[until:] != other.record[until:], "the journals do differ"


async def test_nobody_can_tell_how_much(play: Play):
    one, other = await play(), await play(amounts=OTHERS)
    assert without(f"{HEAD}|{BIRTHDAYS}", one.record) == without(f"{HEAD}|{BIRTHDAYS}", other.record)
    assert one.log == other.log


async def test_nobody_who_listens_gets_a_frame_when_something_private_happens(play: Play):
    told = await play()
    unseen = [heard for heard in told.record if heard.moment.startswith("unseen")]
    assert len({heard.moment for heard in unseen}) == 5
    assert {heard.who for heard in unseen} & {"Ben", "Cem", "clerk", "all watcher", "latest browser"} == set()
    for page in ("/metrics", "/api/rooms/hall", "/api/rooms/hall/events", "/api/rooms/hall/items/lamp/bids"):
        seen = {heard.moment: heard.text for heard in without(BIRTHDAYS, told.record) if heard.who == page}
        for before, after in pairwise(seen):
            if after.startswith("unseen"):
                assert seen[before] == seen[after], (page, after)


async def test_the_books_of_the_auctioneer_have_no_maximum_either():
    amounts = Amounts()
    async with house(ROOM, tokens=Tokens(token_hash(AUCTIONEER)), reserves={"hall": RESERVES}) as hall:
        ana = await hall.bidder("Ana")
        await ask(ana, 1, "max_bid", item="lamp", amount=amounts.first)
        await ask(ana, 2, "max_bid", item="vase", amount=RESERVES["vase"] - 1)
        headers = {"Authorization": f"Bearer {AUCTIONEER}"}
        async with aiohttp.ClientSession("http://{}:{}".format(*hall.address), headers=headers) as session:
            for page in ("bidders", "figures", "results", "results?format=csv", "results?format=html"):
                async with session.get(f"/api/rooms/hall/{page}") as answer:
                    assert answer.status == 200
                    page = Heard("", page, await answer.text())
                for amount in (amounts.first, RESERVES["vase"], RESERVES["vase"] - 1):
                    assert found(spellings(amount), [page]) == []


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_maximum_whose_commit_fails_is_told_to_nobody(fault: Fault, caplog: pytest.LogCaptureFixture):
    """That the room recovers, everyone hears; not for what."""
    journal, amounts = FragileJournal(), Amounts()
    caplog.set_level(logging.DEBUG)
    with capture_logs() as log:
        async with house(ROOM, journal=journal, reserves={"hall": RESERVES}) as hall:
            ana, watcher = await hall.bidder("Ana", events="none"), await hall.watcher(events="all")
            await ask(ana, 1, "bid", item="lamp", amount=100)
            await watcher.hear()
            journal.fault = fault
            assert (await ask(ana, 2, "max_bid", item="lamp", amount=amounts.first))["reason"] == "unavailable"
            assert (await watcher.hear())["reason"] == "unavailable"
            answer = await ask(ana, 2, "max_bid", item="lamp", amount=amounts.first)
            assert answer["type"] == "accepted"
            watcher.send(type="ping")
            assert (await watcher.hear())["type"] == "pong"
    assert log
    assert found({*spellings(amounts.first), answer["head"]}, [], json.dumps(log) + caplog.text) == []
    assert [entry.type for entry in journal.kept["hall"]].count("maximum_set") == 1
