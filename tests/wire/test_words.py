"""Every event has a sentence, and nothing that somebody wrote gets past the caller's own way of showing it."""

from typing import get_args

import pytest

from bidroom.rules.events import (
    Announced,
    BidAccepted,
    BidderRemoved,
    BidVoided,
    DeadlinesMoved,
    ItemFinished,
    ItemReopened,
    MovedDeadline,
    OfferMade,
    Paused,
    PublicEvent,
    Resumed,
    RoomClosing,
    RoundOpened,
    SaleCancelled,
    UnitSold,
)
from bidroom.wire.words import _SENTENCES, Words

WORDS = Words(
    lambda item, unit: item.capitalize() if unit is None else f"{item.capitalize()} {unit}",
    lambda minor: f"{minor / 100:.2f}",
    lambda text: text.replace("\x1b", "?"),
)
LAMP = {"seq": 9, "at": 1, "item": "lamp"}
VOID = {"unit": 1, "bid": 8, "bidder": "Ben", "minimum": 1_00, "ends_at": None, "hard_end": None} | {
    "by": "Zoe",
    "why": "slip",
}
TIMES = MovedDeadline("lamp", 1, 5, None)


def test_every_event_has_one():
    assert set(_SENTENCES) == set(get_args(PublicEvent))


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (RoundOpened(**LAMP, unit=1, minimum=100, ends_at=None), "Lamp 1 opens at 1.00"),
        (BidAccepted(**LAMP, unit=1, bidder="Ana", amount=100, minimum=1, ends_at=1), "Lamp 1 1.00 by Ana"),
        (
            BidAccepted(**LAMP, unit=1, bidder="Ana", amount=100, minimum=1, ends_at=1, via="phone", bids=3),
            "Lamp 1 1.00 by Ana, on the telephone (3 bids)",
        ),
        (
            BidVoided(**LAMP, **VOID, standing=None, leader=None, amount=None),
            "Lamp 1: the bid of Ben is voided by Zoe (slip); no bid stands, the next is at least 1.00",
        ),
        (
            BidVoided(**LAMP, **VOID, standing=7, leader="Ana", amount=90),
            "Lamp 1: the bid of Ben is voided by Zoe (slip); Ana leads at 0.90 again",
        ),
        (UnitSold(**LAMP, unit=1, bidder="Ana", amount=100, opens_at=None), "SOLD Lamp 1 to Ana for 1.00"),
        (
            UnitSold(**LAMP, unit=1, bidder="Ana", amount=100, opens_at=None, how="buy_now"),
            "SOLD Lamp 1 to Ana for 1.00, at the fixed price",
        ),
        (
            SaleCancelled(**LAMP, unit=1, sale=8, bidder="Ana", amount=100, by="Zoe", why="no card"),
            "The sale of Lamp 1 to Ana for 1.00 is cancelled by Zoe (no card)",
        ),
        (
            OfferMade(**LAMP, unit=1, bidder="Ben", amount=90, by="Zoe"),
            "Lamp 1 is offered to Ben for 0.90, their own last bid",
        ),
        (ItemFinished(**LAMP, unsold=0), "Lamp is finished"),
        (ItemFinished(**LAMP, unsold=2, because="passed"), "Lamp passes without a bid, 2 unsold"),
        (ItemFinished(**LAMP, unsold=1, because="reserve_not_met"), "Lamp passes: the reserve was not met, 1 unsold"),
        (
            ItemFinished(**LAMP, unsold=1, because="withdrawn", by="Zoe", why="broken"),
            "Lamp is withdrawn by Zoe (broken), 1 unsold",
        ),
        (ItemReopened(**LAMP, units_left=2, opens_at=None, by="Zoe"), "Lamp is offered again (2 unsold)"),
        (RoomClosing(seq=9, at=1, by="Zoe", why="late"), "Zoe ends the sale (late); open rounds run out"),
        (DeadlinesMoved(seq=9, at=1, rounds=(TIMES,), by="Zoe"), "Zoe gives more time: Lamp 1"),
        (DeadlinesMoved(seq=9, at=1, rounds=(TIMES,)), "The house was away; every open round has its time back."),
        (Paused(seq=9, at=1, item=None, by="Zoe"), "The sale is paused by Zoe"),
        (Resumed(seq=9, at=1, item="lamp", rounds=(), by="Zoe"), "Lamp goes on"),
        (Announced(seq=9, at=1, text="Soup\x1b[2J", by="Zoe"), "Zoe: Soup?[2J"),
        (BidderRemoved(seq=9, at=1, bidder="A\x1b", by="Zoe", why="\x1brude"), "A? is out of the sale (?rude)"),
    ],
)
def test_the_sentence(event: PublicEvent, sentence: str):
    assert WORDS.tell(event) == sentence
