"""docs/protocol.md: every example has the shape of a message that a server really says, every reason is explained."""

import json
import re
from pathlib import Path
from typing import get_args

from bidroom.rules.answers import Reason
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from bidroom.server import ring
from bidroom.server.settings import Tokens, token_hash
from bidroom.wire.codec import Malformed, decode
from bidroom.wire.messages import ErrorReason, PublicEvent
from tests.server.house import WINDOW, Message, Peer, house

TEXT = (Path(__file__).parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(line) for block in re.findall(r"```json\n(.*?)```", TEXT, re.S) for line in block.splitlines()]
ROOM = RoomTerms("sale", "The sale", "EUR", (ItemTerms("lamp", "Lamp", 100, 10, 2, LiveClosing(WINDOW), 2_000),))


def shape(value: object) -> object:
    """A value without what differs from message to message: keys and types, the type and reason of a message."""
    if isinstance(value, dict):
        fixed = ("type", "reason", "message", "version", "state") if "type" in value or "state" in value else ()
        return {key: part if key in fixed else shape(part) for key, part in value.items()}
    return [shape(part) for part in value] if isinstance(value, list) else type(value).__name__


def is_inbound(message: Message) -> bool:
    try:
        decode(json.dumps(message))
    except Malformed:
        return False
    return True


async def hear_until(peer: Peer, seen: list[Message], **fields: object) -> None:
    """Everything that is said to a peer, up to a message that has these fields."""
    while not seen or seen[-1] | fields != seen[-1]:
        seen.append(await peer.hear())


async def play(seen: list[Message]) -> None:
    """A session that makes the server say everything that the page shows."""
    async with house(ROOM, tokens=Tokens(token_hash("00112233445566778899aabbccddeeff"))) as sale:
        ana, ben, zoe = await sale.peer(), await sale.peer(), await sale.peer()
        ana.send(type="join", name="Ana")
        seen.append(await ana.hear())
        ben.send(type="join", name="Ana")
        ben.send(type="join", name="Ben", events="none")
        ana.send(type="bid", item="lamp", amount=100, id=17, unit=1)
        ana.send(type="bid", item="lamp", amount=100, id=18, unit=1)
        await hear_until(ana, seen, type="refused", id=18)
        await hear_until(ana, seen, type="update")
        ana.send(type="ping")
        await hear_until(ana, seen, type="pong")
        zoe.send(type="control", token="00112233445566778899aabbccddeeff", name="Zoe", events="none")
        zoe.send(type="invite", name="Dora", paddle=12, budget=50_000)
        zoe.send(type="void_bid", item="lamp", bid=3, why="a slip", dry_run=True)
        await hear_until(zoe, seen, type="preview")
        ben.send(type="bid", item="lamp", amount=100, id=1)
        ben.send(type="bid", item="lamp", amount=110, id=2)
        seen += [await ben.hear() for _ in range(4)]
        sale.pass_time(WINDOW)
        await sale.until(lambda: len(sale.server.rooms["sale"].state.sales) == 1)
        late = await sale.watcher(after=2)
        seen += [await late.hear(), await late.hear()]
        await sale.server.stop()
        seen.append(await late.hear())


async def test_every_example_is_what_is_really_said(monkeypatch):
    monkeypatch.setattr(ring, "RING_EVENTS", 1)
    seen: list[Message] = []
    await play(seen)
    shapes = [shape(message) for message in seen]
    outbound = [example for example in EXAMPLES if not is_inbound(example)]
    assert len(outbound) > 8
    assert [example for example in outbound if shape(example) not in shapes] == []


def test_every_reason_and_event_is_explained():
    for reason in (*Reason, *ErrorReason):
        assert f"\n| `{reason.value}` |" in TEXT
    events = TEXT[TEXT.index("### Events") :]
    for event in get_args(PublicEvent):
        fields = [field for field in event.__struct_fields__ if field not in ("seq", "at", "sub", "command")]
        (row,) = re.findall(rf"\n\| `{event.__struct_config__.tag}` \|(.*?)\|", events)
        assert [field for field in fields if f"`{field}`" not in row] == []
