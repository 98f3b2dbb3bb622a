"""What a round leaves on record for those who ask about it afterwards."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from bidroom.rules.item import Maximum
from bidroom.rules.money import format_money

Clock = Callable[[int], str]
"""Writes a room time as people read it."""

HowBid = Literal["hand", "floor", "phone", "maximum", "buy_now"]


class Sentence(Struct, frozen=True):
    """One sentence or two; `at` is the room time of what it tells, None where it isn't about a moment."""

    at: int | None
    text: str


class Beaten(Struct, frozen=True):
    """Whom a bid of the room's had to beat: how far they went, by the maximum or the bid of that moment."""

    bidder: str
    amount: int
    maximum: Maximum | None
    at: int


class Bid(Struct):
    """A bid that led. `maximum` is the one by which the room made it, `beaten` who led before and how far they went.

    `voided` says that it was taken back.
    """

    seq: int
    at: int
    bidder: str
    amount: int
    how: HowBid
    maximum: Maximum | None = None
    beaten: Beaten | None = None
    voided: bool = False


class Close(Struct, frozen=True):
    """How a round ended: `winner` is None where the unit was not sold; `amount` is the price, or the best bid.

    `bid` is the one that stood.
    """

    winner: str | None
    amount: int | None
    reserve: int | None
    bid: Bid | None


class Standing(Struct, frozen=True):
    """How the bidder who is asked about stood when the round ended.

    `maximum` is what they had left then, `removed` when and by whom they were sent out, and why; `may_win` and
    `headroom` are what their own limits allowed.
    """

    maximum: Maximum | None = None
    removed: str | None = None
    may_win: bool = True
    headroom: int | None = None


class Round(Struct):
    """A round as it is told. `late` are the bids (bidder, amount, milliseconds) that came after its close.

    `cancelled` says that its sale was; `taken_by` is who then took it by an offer.
    """

    unit: int
    told: list[Sentence]
    bids: list[Bid] = []
    late: list[tuple[str, int, int]] = []
    close: Close | None = None
    asked: Standing = Standing()
    cancelled: bool = False
    taken_by: str | None = None

    def best_of(self, bidder: str) -> Bid | None:
        """The bidder's best bid that counts."""
        return max((bid for bid in self.bids if bid.bidder == bidder and not bid.voided), key=_amount, default=None)


def _amount(bid: Bid) -> int:
    return bid.amount


class Words(Struct, frozen=True):
    """How amounts, times and bidders are written. `names` are own names, of those whom others see by paddle."""

    currency: str
    clock: Clock
    names: dict[str, str]
    times: dict[tuple[int, int], int]
    """When each maximum was left, by the place of its event."""

    def money(self, amount: int) -> str:
        """12050 -> "120.50 EUR"."""
        return format_money(amount, self.currency)

    def who(self, bidder: str) -> str:
        """The bidder as others see them, with their own name where that is another."""
        name = self.names.get(bidder, "")
        return f"{bidder} ({name})" if name and name != bidder else bidder

    def left_at(self, maximum: Maximum) -> str:
        """When a maximum was left."""
        return self.clock(self.times[maximum.since])


def span(milliseconds: int) -> str:
    """312 -> "0.312 s"."""
    return f"{milliseconds // 1000}.{milliseconds % 1000:03} s"


def given(why: str) -> str:
    """A reason that somebody gave, to end a sentence with."""
    return f": {why.rstrip('. ')}."
