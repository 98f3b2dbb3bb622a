"""The hunt for what is private, in everything that leaves the server.

The same sale is played twice. Once somebody leaves a maximum far above all others, raises it in silence, twice, and
cancels it in the end; once they leave a smaller one, and do neither. Every byte that anybody else gets is kept:
what bidders and watchers hear, in every way of hearing, what latecomers and those who come back are shown, every page
that can be fetched, and the log. Then the amounts are looked for in every spelling, and the two sales are compared.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from bidroom.journal.memory import MemoryJournal
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.server import orders, seats
from bidroom.server.settings import Tokens, token_hash
from tests.server.house import WINDOW, House, Peer, house
from tests.server.test_maximums import ask

TOKEN = "00112233445566778899aabbccddeeff"
SECRETS = {
    "maximum": 73_577_331,
    "raised": 84_688_442,
    "replaced": 95_799_553,
    "reserve": 6_135_791,
    "budget": 99_887_766,
}
ROOM = RoomTerms(
    "hall",
    "The hall",
    "EUR",
    (
        ItemTerms("lamp", "Lamp", 100, 10, 2, LiveClosing(WINDOW), 0, reserve=True),
        ItemTerms("desk", "Desk", 1000, 50, 1, LiveClosing(WINDOW), 0),
    ),
)
PAGES = (
    "/api/rooms",
    "/api/rooms/hall",
    "/api/rooms/hall/events",
    "/api/rooms/hall/purchases",
    "/api/rooms/hall/purchases?format=csv",
    "/api/rooms/hall/catalogue",
    "/openapi.json",
    "/metrics",
    "/healthz",
    "/",
)


class Spy:
    """Everything that reached anybody but Ana, in the order of the moments at which it was looked at."""

    def __init__(self, hall: House) -> None:
        self.hall = hall
        self.peers: dict[str, Peer] = {}
        self.heard: list[tuple[str, str, str]] = []

    async def place(self, who: str, **message: Any) -> None:
        self.peers[who] = await self.hall.peer()
        self.peers[who].send(**message)

    async def listen(self, moment: str) -> None:
        """Whatever was said up to now: a pong comes behind all of it."""
        for name, peer in self.peers.items():
            peer.send(type="ping")
            while (message := await peer.hear()).get("type") != "pong":
                self.heard.append((moment, name, json.dumps(message)))
        await self.place(f"latecomer at {moment}", type="watch")
        async with aiohttp.ClientSession() as session:
            for page in PAGES:
                async with session.get("http://{}:{}{}".format(*self.hall.address, page)) as answer:
                    self.heard.append((moment, page, await answer.text()))


async def play(secretive: bool) -> Spy:
    """The sale, with or without what nobody else may notice."""
    most = SECRETS["maximum"] if secretive else SECRETS["maximum"] - 1_111_111
    reserves = {"hall": {"lamp": SECRETS["reserve"]}}
    tokens = Tokens(token_hash(TOKEN))
    async with house(ROOM, journal=MemoryJournal(), tokens=tokens, reserves=reserves) as hall:
        spy = Spy(hall)
        zoe = await hall.peer()
        zoe.send(type="control", token=TOKEN, name="Zoe", events="none")
        await zoe.hear()
        code = (await ask(zoe, 1, "invite", name="Ana", budget=SECRETS["budget"]))["code"]
        ana = await hall.peer()
        await ana.join("", code=code, events="none")
        for name, message in (
            ("Ben", {"type": "join", "name": "Ben"}),
            ("recorder", {"type": "watch", "events": "all"}),
            ("nobody", {"type": "watch", "events": "none"}),
        ):
            await spy.place(name, **message)
        await spy.listen("before")
        await ask(ana, 1, "max_bid", item="lamp", amount=most)
        await spy.listen("it is left")
        if secretive:
            await ask(ana, 2, "max_bid", item="lamp", amount=SECRETS["replaced"])
            await ask(ana, 3, "max_bid", item="lamp", amount=SECRETS["raised"])
        await spy.listen("it is raised in silence")
        await bid(spy, 1, 7_000_000)
        await spy.listen("it answers a bid")
        if secretive:
            await ask(ana, 4, "cancel_max", item="lamp")
        await spy.listen("it is cancelled, or not")
        standing = hall.server.rooms["hall"].state.items["lamp"].bids[-1].seq
        preview = await ask(zoe, 2, "void_bid", item="lamp", bid=standing, why="a slip", dry_run=True)
        spy.heard.append(("preview", "Zoe", json.dumps(preview)))
        hall.pass_time(WINDOW)
        await hall.until(lambda: bool(hall.server.rooms["hall"].state.sales))
        await spy.listen("it has won")
        await spy.place("back again", type="watch", after=3, events="all")
        await spy.listen("in the end")
        return spy


async def bid(spy: Spy, id: int, amount: int) -> None:
    """Ben bids, and all that he hears is on record."""
    ben = spy.peers["Ben"]
    ben.send(type="bid", item="lamp", amount=amount, id=id, unit=1)
    while (message := await ben.hear()).get("id") != id:
        spy.heard.append(("a bid", "Ben", json.dumps(message)))
    spy.heard.append(("a bid", "Ben", json.dumps(message)))


def spellings(amount: int) -> list[str]:
    cents = f"{amount / 100:.2f}"
    return [str(amount), cents, f"{amount / 100:,.2f}", cents.replace(".", ","), f"{amount:,}", f"{amount:x}"]


@pytest.fixture
def same_secrets(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Tokens and salts that are the same in both sales; call it before each."""

    def begin() -> None:
        counter = iter(range(10_000))
        monkeypatch.setattr(seats, "new_salt", lambda: f"{next(counter):032x}")
        monkeypatch.setattr(orders, "new_salt", lambda: f"{next(counter):032x}")
        monkeypatch.setattr(orders, "new_code", lambda: "AAAA-BBBB-CCCC")
        monkeypatch.setattr(seats.secrets, "token_hex", lambda _size: f"{next(counter):032x}")

    return begin


async def test_no_private_amount_is_in_anything_that_leaves_the_server(same_secrets: Callable[[], None]):
    same_secrets()
    with capture_logs() as log:
        spy = await play(secretive=True)
    everything = "\n".join(text for _, _, text in spy.heard) + json.dumps(log, default=str)
    # The lamp was lifted to the reserve, which is then its price: from there on it is no secret.
    lifted = [text for moment, _, text in spy.heard if moment == "before"]
    for what, amount in SECRETS.items():
        text = "\n".join(lifted) if what == "reserve" else everything
        assert [spelling for spelling in spellings(amount) if spelling in text] == [], what
    assert '"maximum' not in "".join(text for _, page, text in spy.heard if page != "/openapi.json")


async def test_nobody_can_tell_which_of_the_two_sales_they_saw(same_secrets: Callable[[], None]):
    sales = []
    for secretive in (True, False):
        same_secrets()
        sales.append(await play(secretive))
    one, other = (
        [(moment, who, without_heads(text)) for moment, who, text in spy.heard if who != "/openapi.json"]
        for spy in sales
    )
    assert one == other


def without_heads(text: str) -> str:
    """A message without hashes, which depend on salts, tokens, and how long things took."""
    text = re.sub(r'"(head|token)": ?"[0-9a-f]+"', "", text)
    return re.sub(r"bidroom_commit_seconds_(sum|bucket).*|.*_created.*|process_.*|python_.*", "", text)


async def test_no_head_moves_when_something_private_happens(same_secrets: Callable[[], None]):
    same_secrets()
    spy = await play(secretive=True)
    heads: dict[str, str] = {}
    for moment, who, text in spy.heard:
        if who == "/api/rooms/hall":
            heads[moment] = json.loads(text)["head"]
    assert heads["it is left"] == heads["it is raised in silence"]
    assert heads["it answers a bid"] == heads["it is cancelled, or not"]
    assert heads["before"] != heads["it is left"] != heads["it answers a bid"]


async def test_frames_come_only_when_something_public_happens(same_secrets: Callable[[], None]):
    same_secrets()
    spy = await play(secretive=True)
    silent = [entry for entry in spy.heard if entry[0] in ("it is raised in silence", "it is cancelled, or not")]
    assert {who for _, who, _ in silent if who in ("Ben", "recorder", "nobody")} == set()
