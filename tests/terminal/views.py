"""Views of small rooms, made by hand."""

import msgspec

from bidroom.client.view import View
from bidroom.rules.events import BidAccepted
from bidroom.wire.views import ItemView, RoomView

NOW = 1_790_000_000_000


def a_view(*items: ItemView, currency: str = "EUR", me: str | None = None) -> View:
    shown = items or (an_item("lamp", "Desk lamp"), an_item("mug", "Mug"))
    room = RoomView(
        id="r", name="Sale", currency=currency, decimals=2, finished=False, catalogue="c", items=list(shown)
    )
    return View(room, 0, "0" * 64, me)


def an_item(id: str, name: str, **fields: object) -> ItemView:
    known = {"state": "open", "unit": 1, "units": 2, "units_left": 2, "starting_price": 1000, "price": None}
    known |= {"leader": None, "minimum": 1000, "ends_at": None, "opens_at": None}
    return msgspec.convert({"id": id, "name": name, **known, **fields}, ItemView)


def a_bid(seq: int, bidder: str, amount: int, bids: int = 1) -> BidAccepted:
    return BidAccepted(
        seq=seq, at=NOW, item="lamp", unit=1, bidder=bidder, amount=amount, minimum=0, ends_at=NOW + 9, bids=bids
    )
