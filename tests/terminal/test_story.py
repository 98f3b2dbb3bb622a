"""What is told of a room, in plain lines."""

from bidroom.client.view import View
from bidroom.rules.events import (
    DeadlinesMoved,
    ItemFinished,
    PublicEvent,
    RoomFinished,
    RoundOpened,
    UnitSold,
)
from bidroom.terminal.story import Story
from tests.terminal.views import NOW, a_bid, a_view, an_item


def told(view: View, *events: PublicEvent) -> list[str | None]:
    story = Story(view)
    return [story.tell(event) for event in events]


def test_a_story_is_told_from_the_listeners_side() -> None:
    sold = UnitSold(seq=4, at=NOW, item="lamp", unit=1, bidder="Ana", amount=1300, opens_at=None)
    events = a_bid(1, "Ana", 1000), a_bid(2, "Bo", 1200, bids=3), a_bid(3, "Ana", 1300), sold
    assert told(a_view(me="Ana"), *events) == [
        None,
        "OUTBID on Desk lamp (1 of 2): Bo leads at 12.00 EUR (3 bids)",
        None,
        "WON Desk lamp (1 of 2) for 13.00 EUR",
    ]
    assert told(a_view(), *events) == [
        "Desk lamp (1 of 2) 10.00 EUR by Ana",
        "Desk lamp (1 of 2) 12.00 EUR by Bo (3 bids)",
        "Desk lamp (1 of 2) 13.00 EUR by Ana",
        "SOLD Desk lamp (1 of 2) to Ana for 13.00 EUR",
    ]


def test_a_leader_before_we_came_is_known_and_a_new_round_has_none() -> None:
    led = a_view(an_item("lamp", "Lamp", leader="Ana", price=1000, units=1), me="Ana")
    opened = RoundOpened(seq=2, at=NOW, item="lamp", unit=1, minimum=1000, ends_at=None)
    assert told(led, a_bid(1, "Bo", 1100)) == ["OUTBID on Lamp: Bo leads at 11.00 EUR"]
    assert told(led, opened, a_bid(3, "Bo", 1100)) == ["Lamp opens at 10.00 EUR", "Lamp 11.00 EUR by Bo"]


def test_the_other_events_have_words_too() -> None:
    assert told(
        a_view(),
        ItemFinished(seq=1, at=NOW, item="mug", unsold=2),
        ItemFinished(seq=2, at=NOW, item="lamp", unsold=0),
        DeadlinesMoved(seq=3, at=NOW, rounds=()),
        RoomFinished(seq=4, at=NOW),
    ) == [
        "Mug is finished, 2 unsold",
        "Desk lamp is finished",
        "The house was away; every open round has its time back.",
        "The room is finished.",
    ]
