"""What an audience is told of a batch: nothing private, and of many bids on an item only the last, counted."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.events import (
    BidAccepted,
    BidderRegistered,
    CommandRef,
    PublicEvent,
    UnitSold,
)
from bidroom.wire.updates import latest_events, public_events


def bid(seq: int, item: str, unit: int, amount: int) -> BidAccepted:
    return BidAccepted(
        seq=seq, at=seq, item=item, unit=unit, bidder="Ana", amount=amount, minimum=amount + 1, ends_at=9
    )


def sold(seq: int, item: str, unit: int) -> UnitSold:
    return UnitSold(seq=seq, at=seq, item=item, unit=unit, bidder="Ana", amount=1, opens_at=None)


ITEMS, UNITS = st.sampled_from("ab"), st.integers(1, 2)
BATCHES = st.lists(
    st.builds(bid, st.just(0), ITEMS, UNITS, st.integers(1, 99)) | st.builds(sold, st.just(0), ITEMS, UNITS),
    max_size=12,
)


def naive(events: list[PublicEvent]) -> list[tuple[PublicEvent, int]]:
    """Each event that is told, with how many bids it stands for: a bid is told if none of its round comes behind it."""
    told: list[tuple[PublicEvent, int]] = []
    for index, event in enumerate(events):
        if isinstance(event, BidAccepted):
            same = [
                n
                for n, e in enumerate(events)
                if isinstance(e, BidAccepted) and (e.item, e.unit) == (event.item, event.unit)
            ]
            if index == same[-1]:
                told.append((event, len(same)))
        else:
            told.append((event, 1))
    return told


@given(BATCHES)
def test_only_the_latest_bid_of_a_round(events: list[PublicEvent]):
    latest = latest_events(events)
    expected = naive(events)
    assert [(type(event), event.item) for event in latest] == [(type(event), event.item) for event, _ in expected]  # pyright: ignore
    for event, (source, count) in zip(latest, expected, strict=True):
        if isinstance(event, BidAccepted):
            assert isinstance(source, BidAccepted)
            assert (event.amount, event.bids) == (source.amount, count)
        else:
            assert event == source


def test_nothing_private_is_told():
    registered = BidderRegistered(seq=1, sub=1, at=1, bidder="Ana", token_hash="h", salt="s")
    accepted = BidAccepted(
        seq=2, at=1, item="a", unit=1, bidder="Ana", amount=5, minimum=6, ends_at=9, command=CommandRef(7, "digest")
    )
    (told,) = public_events([registered, accepted])
    assert msgspec.json.decode(msgspec.json.encode(told)).keys() == {
        "type",
        "seq",
        "at",
        "item",
        "unit",
        "bidder",
        "amount",
        "minimum",
        "ends_at",
    }
