"""The purchases that stand: as everyone may see them, and as the checkout does, who paid how and who got theirs."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from bidroom.rules.events import UnitSold
from bidroom.rules.state import RoomState

How = Literal["hammer", "buy_now", "offer"]


class Purchase(Struct, frozen=True):
    """One unit that was sold, as everyone may see it.

    `amount` is in minor units, `at` in milliseconds of room time, `seq` the number of the sale.
    """

    item: str
    item_name: str
    unit: int
    bidder: str
    amount: int
    at: int
    seq: int
    how: How = "hammer"


class CheckoutPurchase(Purchase, frozen=True):
    """A purchase as the checkout sees it: who the bidder is, how it was paid and who noted that, who handed it over."""

    name: str = ""
    paddle: int | None = None
    paid: str | None = None
    paid_by: str | None = None
    handed_over_by: str | None = None


def purchases(state: RoomState) -> list[CheckoutPurchase]:
    """The purchases that stand, in the order of the sales, for the auctioneer only."""
    how: dict[int, How] = {event.seq: event.how for event in state.sold if isinstance(event, UnitSold)}
    found: list[CheckoutPurchase] = []
    for sale in state.sales.values():
        bidder = state.bidders[sale.bidder]
        paid, paid_by = sale.paid or (None, None)
        found.append(
            CheckoutPurchase(
                item=sale.item,
                item_name=state.items[sale.item].terms.name,
                unit=sale.unit,
                bidder=sale.bidder,
                amount=sale.amount,
                at=sale.at,
                seq=sale.seq,
                how=how[sale.seq],
                name=bidder.name,
                paddle=bidder.paddle,
                paid=paid,
                paid_by=paid_by,
                handed_over_by=sale.handed_over,
            )
        )
    return found


def public_purchases(state: RoomState) -> list[Purchase]:
    """The purchases that stand, in the order of the sales, for everyone."""
    return [
        Purchase(
            item=bought.item,
            item_name=bought.item_name,
            unit=bought.unit,
            bidder=bought.bidder,
            amount=bought.amount,
            at=bought.at,
            seq=bought.seq,
            how=bought.how,
        )
        for bought in purchases(state)
    ]


def totals(bought: Iterable[Purchase]) -> dict[str, int]:
    """What each bidder bought for in minor units, most first."""
    spent: Counter[str] = Counter()
    for purchase in bought:
        spent[purchase.bidder] += purchase.amount
    return dict(spent.most_common())
