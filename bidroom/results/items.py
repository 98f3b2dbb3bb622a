"""What each item and each seller brought, and which units found no buyer and why."""

from collections import Counter
from typing import Literal

from msgspec import Struct

from bidroom.rules.item import Because, Item, ItemPhase
from bidroom.rules.state import RoomState

Why = Literal["on_sale", "offered", "no_bid", "reserve_not_met", "cancelled", "withdrawn", "closed"]
"""Why units have no buyer: the item is still on sale or offered to a runner-up, or how it ended."""

_ENDED: dict[Because, Why] = {
    "sold": "cancelled",  # and so came back unsold
    "passed": "no_bid",
    "reserve_not_met": "reserve_not_met",
    "withdrawn": "withdrawn",
    "closed": "closed",
}


class ItemTotal(Struct, frozen=True):
    """An item with what its sold units brought; `seller` is None where it is the house's own."""

    item: str
    name: str
    seller: str | None
    units: int
    sold: int
    total: int
    finished: bool


class SellerTotal(Struct, frozen=True):
    """What the items of one seller brought; `seller` is None for the house itself."""

    seller: str | None
    items: int
    units: int
    sold: int
    total: int


class UnsoldItem(Struct, frozen=True):
    """An item of which `units` have no buyer (so far)."""

    item: str
    name: str
    seller: str | None
    units: int
    why: Why


def item_totals(state: RoomState) -> list[ItemTotal]:
    """Every item, in the order of the sale."""
    sold: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for sale in state.sales.values():
        sold[sale.item] += 1
        total[sale.item] += sale.amount
    return [
        ItemTotal(
            item=id,
            name=item.terms.name,
            seller=item.terms.seller,
            units=item.terms.units,
            sold=sold[id],
            total=total[id],
            finished=item.phase is ItemPhase.FINISHED,
        )
        for id, item in state.items.items()
    ]


def seller_totals(state: RoomState) -> list[SellerTotal]:
    """Every seller, in the order in which they come up."""
    of_seller: dict[str | None, list[ItemTotal]] = {}
    for item in item_totals(state):
        of_seller.setdefault(item.seller, []).append(item)
    return [
        SellerTotal(
            seller,
            len(items),
            sum(item.units for item in items),
            sum(item.sold for item in items),
            sum(item.total for item in items),
        )
        for seller, items in of_seller.items()
    ]


def unsold(state: RoomState) -> list[UnsoldItem]:
    """Every item that is not sold out, in the order of the sale."""
    return [
        UnsoldItem(each.item, each.name, each.seller, each.units - each.sold, _why(state, state.items[each.item]))
        for each in item_totals(state)
        if each.units > each.sold
    ]


def _why(state: RoomState, item: Item) -> Why:
    if any(offer.item == item.terms.id for offer in state.offers):
        return "offered"
    return "on_sale" if item.because is None else _ENDED[item.because]
