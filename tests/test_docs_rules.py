"""docs/rules.md says what the rules do: its diagram, its tables and its examples are held to the code."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, get_args

import pytest

from bidroom.catalogue.increments import increment
from bidroom.catalogue.room import ROOM_KEYS
from bidroom.rules.act import act
from bidroom.rules.answers import UNDECIDED, Reason, Refused
from bidroom.rules.commands import MeetDeadline, OpenRoom, Reserve
from bidroom.rules.control import CancelSale, ControlCommands, OpenBidding, Pause, Resume, SetBudget, VoidBid
from bidroom.rules.decide import Command
from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    BidVoided,
    ItemFinished,
    OfferMade,
    PrivateEvent,
    RoomFinished,
    RoundOpened,
    SaleCancelled,
    UnitSold,
)
from bidroom.rules.increments import PRESETS, step
from bidroom.rules.item import ItemPhase, LiveClosing, TimedClosing
from bidroom.rules.state import RoomState
from bidroom.server.orders import CLERKS_MAY
from bidroom.wire.control import AnyControl
from docs.diagram import BEGIN, END, PAGE, diagram, drawn
from tests.rules.versus import START, a_bid, a_max, an_answer, item_terms, no_max, room_terms

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_diagram_is_up_to_date():
    assert drawn(TEXT) == TEXT, "run `python docs/diagram.py`"


def test_the_diagram_shows_every_phase():
    for phase in ItemPhase:
        assert f"--> {phase.value}" in diagram()
    assert "    open --> between: unit_sold\n" in diagram()
    assert "    finished --> [*]\n" in diagram()


@pytest.mark.parametrize("page", ["", BEGIN, END, END + BEGIN, (BEGIN + END) * 2])
def test_a_page_without_its_one_place_for_the_diagram_is_not_touched(page: str):
    with pytest.raises(ValueError, match="once each"):
        drawn(page)


# What the page names exists


def tags(union: Any) -> set[str]:
    return {kind.__struct_config__.tag for kind in get_args(union)}


def section(heading: str) -> str:
    """The part of the page below a heading of the second level."""
    return TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_the_page_names_every_reason_and_no_other():
    assert {reason for reason in Reason if f"`{reason.value}`" not in TEXT} == set()
    undecided = TEXT[TEXT.index("Some answers are no decisions") :].split("\n\n")[0]
    assert {reason for reason in Reason if f"`{reason.value}`" in undecided} == UNDECIDED
    refused = set(re.findall(r"^\| \d+ \| .* \| `(\w+)` \|$", section("A bid"), re.MULTILINE))
    assert refused <= {reason.value for reason in Reason}


def test_the_page_names_every_command_of_the_desk_and_says_which_a_clerk_may_give():
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (yes)? *\| ", section("The auctioneer and the clerks"), re.MULTILINE)
    named = {name: clerk for names, clerk in rows for name in re.findall(r"\w+", names)}
    assert set(named) == tags(AnyControl)
    assert {name for name, clerk in named.items() if clerk} == tags(CLERKS_MAY)
    again = section("The auctioneer and the clerks").split("### Twice is once")[1]
    assert {name for name in named if f"`{name}`" not in again} == set()


def test_every_setting_of_a_catalogue_that_the_page_names_is_one():
    settings = set(re.findall(r'`(\w+) = "[\w-]+"`', TEXT))
    assert {"order", "next_item", "opens", "registration", "bidders", "closing"} == settings
    for key in (*settings, "opens_at", "window", "opening", "duration", "closes_at", "hard_end", "pause", "units_each"):
        assert key in ROOM_KEYS
        assert f"`{key}" in TEXT


def test_links_within_the_page_lead_somewhere():
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"\n##+ (.*)", TEXT)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= slugs


# Increments


def cents(text: str) -> int:
    return int(Decimal(text.replace(",", "")) * 100)


def test_the_ladders_on_the_page_are_the_presets():
    rows = re.findall(r"^\| ([\d.,]+) \| ([\d.]+) \| \| ([\d.,]* ?)\| ([\d.]* ?)\|$", TEXT, re.MULTILINE)
    shown = {"ebay": [row[:2] for row in rows], "trademe": [row[2:] for row in rows if row[2].strip()]}
    for name, preset in PRESETS.items():
        assert [(cents(price), cents(up)) for price, up in shown[name]] == [(r.price, r.step) for r in preset.rungs]


def test_the_next_bids_on_the_page_are_those_of_the_increments():
    kinds, *rows = re.findall(r"^\| (.*) \|$", section("Increments").split("at least:")[1], re.MULTILINE)
    increments = [increment("EUR")(read(kind.strip("` "))) for kind in kinds.split("|")[1:]]
    assert len(increments) == 5
    for row in rows[1:]:
        price, *bids = map(cents, row.split("|"))
        assert [price + step(each, price) for each in increments] == bids


def read(kind: str) -> str | Decimal:
    """An increment as a catalogue has it."""
    return Decimal(kind.removeprefix("fixed ")) if kind.startswith("fixed") else kind


# Examples with a clock


def milliseconds(time: str) -> int:
    minutes, seconds, thousandths = map(int, re.split("[:.]", time))
    return (minutes * 60 + seconds) * 1000 + thousandths


def timed_round(hard_end: int | None = None) -> RoomState:
    state = RoomState()
    closing = TimedClosing(window_ms=10_000, duration_ms=60_000, hard_end=hard_end)
    act(state, OpenRoom(room_terms(item_terms(closing=closing))), START)
    return state


def test_the_example_of_a_timed_round_is_what_happens():
    rows = re.findall(r"^\| (\d+:\d\d\.\d{3}) \| (\d+:\d\d\.\d{3})? *\| [^|]* \|$", TEXT, re.MULTILINE)
    assert len(rows) == 6
    state = timed_round(START + 65_000)
    for number, (arrival, deadline) in enumerate(rows, start=1):
        bid = a_bid("Ben" if number % 2 else "Ana", number, amount=100 * number)
        decision = act(state, bid, START + milliseconds(arrival))
        assert bool(decision.events) == bool(deadline)
        if deadline:
            assert state.items["lamp"].due_at == START + milliseconds(deadline)


def test_the_example_of_a_pause_is_what_happens():
    rows = re.findall(r"^\| (\d+:\d\d\.\d{3}) \| (\d+:\d\d\.\d{3}) \| (\d+:\d\d\.\d{3}) \|", TEXT, re.MULTILINE)
    assert len(rows) == 2
    for paused, resumed, deadline in rows:
        state = timed_round()
        act(state, Pause(by="Zoe"), START + milliseconds(paused))
        act(state, Resume(by="Zoe"), START + milliseconds(resumed))
        assert state.items["lamp"].due_at == START + milliseconds(deadline)


# Examples in words


EXAMPLES = re.findall(
    r"<!-- example:(.*?)-->\n\n\| what comes \| what everybody sees \| leads \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", TEXT
)
"""What the room of an example has besides plain terms, and the rows of its table."""


def example_room(settings: str) -> OpenRoom:
    """One unit of a lamp from 100 in steps of 10, unless the settings say otherwise."""
    given = dict(setting.partition("=")[::2] for setting in settings.split())
    terms = {"closing": LiveClosing(window_ms=1000), "units": int(given.get("units", 1))}
    items = [item_terms(id, **terms, reserve="reserve" in given) for id in ("lamp", "desk")[: 1 + ("desk" in given)]]
    reserves = tuple(Reserve(item.id, int(given["reserve"]), "salt") for item in items if item.reserve)
    return OpenRoom(room_terms(*items, opens=given.get("opens", "at-once")), reserves)


Ask = Callable[[RoomState, int, re.Match[str]], Command]
BY = {"by": "Zoe", "why": "a slip"}


def due(_state: RoomState, _id: int, _said: re.Match[str]) -> MeetDeadline:
    return MeetDeadline("lamp")


def void(state: RoomState, _id: int, said: re.Match[str]) -> ControlCommands:
    item = state.items["lamp"]
    assert item.highest_bidder == said[1]
    return VoidBid(item="lamp", bid=item.bids[-1].seq, **BY)


def cancel(state: RoomState, _id: int, said: re.Match[str]) -> ControlCommands:
    (sale,) = state.sales
    return CancelSale(sale=sale, then=said[1], **BY)  # pyright: ignore[reportArgumentType]


WHAT_COMES: dict[str, Ask] = {
    r"(\w+) bids (\d+)(?: on the (\w+))?": lambda _, id, said: a_bid(said[1], id, said[3] or "lamp", int(said[2])),
    r"(\w+) leaves (\d+)(?: for (\d+))?(?: on the (\w+))?": lambda _, id, said: a_max(
        said[1], id, said[4] or "lamp", int(said[2]), int(said[3] or 1)
    ),
    r"(\w+) cancels": lambda _, id, said: no_max(said[1], id),
    r"bidding opens": lambda *_: OpenBidding(by="Zoe"),
    r"the (?:round|pause) ends": due,
    r"(\w+)'s bid is voided": void,
    r"the sale is cancelled, then (\w+)": cancel,
    r"(\w+) takes the offer": lambda _, id, said: an_answer(said[1], id, "lamp", 1, True),
}


def asked(state: RoomState, id: int, words: str) -> Command:
    """The command that a row of an example tells in words."""
    (command,) = [ask(state, id, said) for pattern, ask in WHAT_COMES.items() if (said := re.fullmatch(pattern, words))]
    return command


def seen(event: AnyEvent) -> str:
    """An event as the examples tell it; empty for what is private and what goes without saying."""
    where = "desk: " if getattr(event, "item", "") == "desk" else ""
    match event:
        case BidAccepted():
            return f"{where}{event.bidder} {event.amount}"
        case BidVoided():
            voided = f"{event.bidder}'s"
            return f"{where}{voided} {{}} is void"
        case RoundOpened():
            return f"unit {event.unit} opens"
        case UnitSold():
            return f"unit {event.unit} sold to {event.bidder} for {event.amount}"
        case SaleCancelled():
            return f"the sale to {event.bidder} is cancelled"
        case OfferMade():
            return f"unit {event.unit} offered to {event.bidder} for {event.amount}"
        case ItemFinished():
            return "finished" if event.because == "sold" else f"passes: {event.because}"
        case PrivateEvent() | RoomFinished():
            return ""
    raise AssertionError(f"no example tells of {event}")


def stands(state: RoomState, item: str) -> str:
    """Who leads an item's open round at what; with whether that meets the reserve, where there is one."""
    one = state.items[item]
    if one.phase is not ItemPhase.OPEN or one.highest_bidder is None:
        return "nobody"
    sign = {"": "", "met": ", reserve met", "not_met": ", reserve not met"}[one.reserve_sign(one.highest_bid)]
    return f"{'desk: ' if item == 'desk' else ''}{one.highest_bidder} at {one.highest_bid}{sign}"


@pytest.mark.parametrize(("settings", "table"), EXAMPLES)
def test_every_example_in_words_is_what_happens(settings: str, table: str):
    state, now = RoomState(), START
    act(state, example_room(settings), now)
    for id, (bidder, budget) in enumerate(re.findall(r"budget:(\w+)=(\d+)", settings), start=1):
        act(state, a_max(bidder, id, amount=100), now)  # makes them known
        act(state, no_max(bidder, id + 1), now)
        act(state, SetBudget(by="Zoe", bidder=bidder, budget=int(budget)), now)
        act(state, VoidBid(item="lamp", bid=state.items["lamp"].bids[-1].seq, **BY), now)
    for id, row in enumerate(table.splitlines(), start=10):
        comes, everybody, leads = (cell.strip() for cell in row.strip("|").split("|"))
        command = asked(state, id, comes)
        before = state.items["lamp"].highest_bid
        now = state.items["lamp"].due_at or now if isinstance(command, MeetDeadline) else now + 1
        decision = act(state, command, now)
        told = [seen(event).format(before) for event in decision.events if seen(event)]
        if isinstance(decision.answer, Refused):
            told = [f"refused: `{decision.answer.reason.value}`"]
        assert ", ".join(told or ["nothing"]) == everybody, comes
        item = "desk" if leads.startswith("desk: ") else "lamp"
        said, _, _why = leads.removeprefix("desk: ").partition(":")
        assert stands(state, item).removeprefix("desk: ") == said, comes


def test_there_are_examples_of_what_is_hard_to_say():
    assert len(EXAMPLES) == 7
    words = " ".join(table for _, table in EXAMPLES)
    for hard in ("the tie is hers", "a short step", "hers was there before", "is void", "reserve met", "offered to"):
        assert hard in words
