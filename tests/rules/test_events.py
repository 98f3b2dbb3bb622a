"""Events as the public sees them, and as the journal keeps them."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.events import AnyEvent, BidAccepted, BidderRegistered, CommandRef, PrivateEvent, UnitSold

BID = BidAccepted(
    seq=5,
    at=1000,
    item="lamp",
    unit=1,
    bidder="Ana",
    amount=100,
    minimum=110,
    ends_at=1010,
    command=CommandRef(3, "00ff"),
)


def test_the_public_does_not_see_which_command_it_was():
    public = BID.public()
    assert public.command is None
    assert msgspec.to_builtins(public) == {
        "type": "bid_accepted",
        "seq": 5,
        "at": 1000,
        "item": "lamp",
        "unit": 1,
        "bidder": "Ana",
        "amount": 100,
        "minimum": 110,
        "ends_at": 1010,
    }
    assert BID.command == CommandRef(3, "00ff"), "the event itself keeps it"


def test_other_events_are_public_as_they_are():
    sold = UnitSold(seq=6, at=1010, item="lamp", unit=1, bidder="Ana", amount=100, opens_at=None)
    assert sold.public() is sold


def test_only_a_registration_is_private():
    private = [event for event in AnyEvent.__args__ if issubclass(event, PrivateEvent)]
    assert private == [BidderRegistered]


def test_tags_are_the_names_in_past_tense_that_the_protocol_lists():
    assert {event.__struct_config__.tag for event in AnyEvent.__args__} == {
        "room_opened",
        "bidder_registered",
        "round_opened",
        "bid_accepted",
        "unit_sold",
        "item_finished",
        "room_finished",
        "deadlines_moved",
    }


@given(st.builds(BidAccepted) | st.builds(BidderRegistered) | st.builds(UnitSold))
def test_json_and_back(event: AnyEvent):
    assert msgspec.json.decode(msgspec.json.encode(event), type=AnyEvent) == event
