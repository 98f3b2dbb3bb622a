"""Events as the public sees them, and as the journal keeps them."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    CommandRef,
    ItemAdded,
    ItemFinished,
    MaximumCancelled,
    MaximumSet,
    OfferDeclined,
    PrivateEvent,
    RoomOpened,
    UnitSold,
)

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


def test_the_public_sees_that_a_bid_came_by_phone_but_not_who_entered_it():
    entered = msgspec.structs.replace(BID, via="phone", by="Zoe", command=None).public()
    assert (entered.via, entered.by) == ("phone", "")


def test_other_events_are_public_as_they_are():
    finished = ItemFinished(seq=6, at=1010, item="lamp", unsold=1)
    assert finished.public() is finished


def test_what_answers_a_command_does_not_say_which():
    sold = UnitSold(
        seq=6, at=1010, item="lamp", unit=1, bidder="Ana", amount=100, opens_at=None, command=CommandRef(3, "00ff")
    )
    declined = OfferDeclined(seq=6, at=1010, item="lamp", unit=1, bidder="Ana", command=CommandRef(3, "00ff"))
    for event in (sold, declined):
        assert event.public().command is None
    answering = {event for event in AnyEvent.__args__ if "command" in event.__struct_fields__}
    assert answering == {BidAccepted, UnitSold, OfferDeclined, MaximumSet, MaximumCancelled}, "and no others answer one"


def test_what_others_may_not_see_is_private():
    private = [event.__struct_config__.tag for event in AnyEvent.__args__ if issubclass(event, PrivateEvent)]
    assert private == [
        "reserve_set",
        "bidder_registered",
        "budget_set",
        "token_replaced",
        "maximum_set",
        "maximum_cancelled",
        "bid_came_late",
        "purchases_paid",
        "purchases_handed_over",
    ]


@given(st.one_of(*(st.builds(event) for event in AnyEvent.__args__ if event not in (RoomOpened, ItemAdded))))
def test_json_and_back(event: AnyEvent):
    assert msgspec.json.decode(msgspec.json.encode(event), type=AnyEvent) == event
