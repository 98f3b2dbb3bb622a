"""docs/rules.md says what the rules do: its diagram and its example are held to the code."""

import re

import pytest

from bidroom.rules.act import act
from bidroom.rules.answers import UNDECIDED, Reason
from bidroom.rules.commands import OpenRoom
from bidroom.rules.decide import decide
from bidroom.rules.events import BidAccepted
from bidroom.rules.evolve import evolve
from bidroom.rules.increments import PRESETS
from bidroom.rules.item import ItemPhase, LiveClosing, TimedClosing
from bidroom.rules.state import RoomState
from docs.diagram import BEGIN, END, PAGE, diagram, drawn
from tests.rules.versus import START, a_bid, a_max, item_terms, played, room_terms

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


def test_the_page_names_every_reason():
    assert {reason for reason in Reason if f"`{reason.value}`" not in TEXT} == set()
    undecided = TEXT[TEXT.index("Some answers are no decisions") :].split("\n\n")[0]
    assert {reason for reason in Reason if f"`{reason.value}`" in undecided} == UNDECIDED


def milliseconds(time: str) -> int:
    minutes, seconds, thousandths = map(int, re.split("[:.]", time))
    return (minutes * 60 + seconds) * 1000 + thousandths


def test_the_example_of_a_timed_round_is_what_happens():
    rows = re.findall(r"^\| (\d+:\d\d\.\d{3}) \| (\d+:\d\d\.\d{3})? *\|", TEXT, re.MULTILINE)
    assert len(rows) == 6
    closing = TimedClosing(window_ms=10_000, duration_ms=60_000, hard_end=START + 65_000)
    state = RoomState()
    for event in decide(state, OpenRoom(room_terms(item_terms(closing=closing))), START).events:
        evolve(state, event)
    for number, (arrival, deadline) in enumerate(rows, start=1):
        bid = a_bid("Ben" if number % 2 else "Ana", number, amount=100 * number)
        decision = decide(state, bid, START + milliseconds(arrival))
        for event in decision.events:
            evolve(state, event)
        assert bool(decision.events) == bool(deadline)
        if deadline:
            assert state.items["lamp"].due_at == START + milliseconds(deadline)


def test_the_example_of_maximums_is_what_happens():
    rows = re.findall(r"^\| (\w+) (leaves|bids) (\d+) \| ([\w ,]+) \| (\w+) at (\d+)", TEXT, re.MULTILINE)
    assert len(rows) == 7
    state, _ = played((OpenRoom(room_terms(item_terms(closing=LiveClosing(window_ms=1000)))), 0))
    for number, (bidder, how, amount, seen, leader, price) in enumerate(rows, start=1):
        command = (a_max if how == "leaves" else a_bid)(bidder, number, amount=int(amount))
        events = act(state, command, START + number).events
        bids = [f"{event.bidder} {event.amount}" for event in events if isinstance(event, BidAccepted)]
        assert bids == seen.split(", ")
        assert (state.items["lamp"].highest_bidder, state.items["lamp"].highest_bid) == (leader, int(price))


def test_the_ladders_on_the_page_are_the_presets():
    rows = re.findall(r"^\| ([\d.,]+) \| ([\d.]+) \| \| ([\d.,]* ?)\| ([\d.]* ?)\|$", TEXT, re.MULTILINE)
    shown = {"ebay": [row[:2] for row in rows], "trademe": [row[2:] for row in rows if row[2].strip()]}
    for name, preset in PRESETS.items():
        assert [(cents(price), cents(up)) for price, up in shown[name]] == [(r.price, r.step) for r in preset.rungs]


def cents(text: str) -> int:
    return round(float(text.replace(",", "")) * 100)
