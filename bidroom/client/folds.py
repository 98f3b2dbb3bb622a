"""What each event does to a view. The view knows no rule of the room; neither does anything here."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from bidroom.client.item_state import ItemState
from bidroom.rules.events import (
    Announced,
    BidAccepted,
    BidderRemoved,
    BidVoided,
    DeadlinesMoved,
    ItemAdded,
    ItemFinished,
    ItemReopened,
    OfferDeclined,
    OfferMade,
    Paused,
    PublicEvent,
    Resumed,
    RoomClosing,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    SaleCancelled,
    UnitSold,
)
from bidroom.wire.views import OfferView, announcement_view

if TYPE_CHECKING:
    from bidroom.client.view import View


def _room_opened(_view: "View", _event: RoomOpened) -> None:
    """Nothing: a view begins with the items of a room that is open."""


def _item_added(view: "View", event: ItemAdded) -> None:
    terms = event.terms
    view.items[terms.id] = ItemState(
        id=terms.id,
        name=terms.name,
        state="between",
        unit=0,
        units=terms.units,
        units_left=terms.units,
        starting_price=terms.starting_price,
        price=None,
        leader=None,
        minimum=terms.starting_price,
        ends_at=None,
        opens_at=event.opens_at,
        reserve="not_met" if terms.reserve else "",
    )
    view.finished = False


def _round_opened(view: "View", event: RoundOpened) -> None:
    item = view.items[event.item]
    item.state = "open"
    item.unit = event.unit
    item.price = item.leader = item.opens_at = None
    item.minimum = event.minimum
    item.ends_at = event.ends_at
    item.reserve = event.reserve
    item.buy_now = event.buy_now
    item.bid = None
    item.bids = 0


def _bid_accepted(view: "View", event: BidAccepted) -> None:
    item = view.items[event.item]
    item.price = event.amount
    item.leader = event.bidder
    item.minimum = event.minimum
    item.ends_at = event.ends_at
    item.reserve = event.reserve
    item.buy_now = None
    item.bid = event.seq
    item.bids += event.bids
    view.bids += event.bids


def _bid_voided(view: "View", event: BidVoided) -> None:
    item = view.items[event.item]
    item.price = event.amount
    item.leader = event.leader
    item.minimum = event.minimum
    item.ends_at = None if item.stopped else event.ends_at
    item.reserve = event.reserve
    item.buy_now = event.buy_now
    item.bid = event.standing


def _unit_sold(view: "View", event: UnitSold) -> None:
    item = view.items[event.item]
    view.note_sales([event])
    if event.how == "offer":
        view.offers = [offer for offer in view.offers if (offer.item, offer.unit) != (event.item, event.unit)]
        return
    item.state = "between"
    item.units_left -= 1
    item.ends_at = item.bid = None
    item.opens_at = event.opens_at
    item.minimum = item.starting_price  # where a next round begins


def _sale_cancelled(view: "View", event: SaleCancelled) -> None:
    view.items[event.item].units_left += 1
    view.note_sales([event])


def _offer_made(view: "View", event: OfferMade) -> None:
    view.items[event.item].units_left -= 1
    view.offers = [*view.offers, OfferView(event.item, event.unit, event.bidder, event.amount)]


def _offer_declined(view: "View", event: OfferDeclined) -> None:
    view.items[event.item].units_left += 1
    view.offers = [offer for offer in view.offers if (offer.item, offer.unit) != (event.item, event.unit)]


def _item_finished(view: "View", event: ItemFinished) -> None:
    item = view.items[event.item]
    item.state = "finished"
    item.ends_at = item.opens_at = item.buy_now = item.bid = None
    item.minimum = item.starting_price
    item.paused = item.stopped = False
    if event.next_item is not None:
        following = view.items[event.next_item]
        following.opens_at = None if following.stopped else event.opens_at


def _item_reopened(view: "View", event: ItemReopened) -> None:
    item = view.items[event.item]
    item.state = "between"
    item.opens_at = event.opens_at
    item.minimum = item.starting_price
    view.finished = False


def _room_finished(view: "View", _event: RoomFinished) -> None:
    view.finished = True


def _paused(view: "View", event: Paused) -> None:
    if event.item is None:
        view.paused = True
    else:
        view.items[event.item].paused = True
    for item in _meant(view, event):
        item.stopped = item.state != "finished"
        item.ends_at = item.opens_at = None


def _meant(view: "View", event: Paused | Resumed) -> Iterable[ItemState]:
    return view.items.values() if event.item is None else (view.items[event.item],)


def _resumed(view: "View", event: Resumed) -> None:
    if event.item is None:
        view.paused = False
    else:
        view.items[event.item].paused = False
    for item in _meant(view, event):
        item.stopped = item.paused or view.paused
    _deadlines_moved(view, event)


def _room_closing(view: "View", _event: RoomClosing) -> None:
    view.closing = True


def _deadlines_moved(view: "View", event: DeadlinesMoved | Resumed) -> None:
    for moved in event.rounds:
        item = view.items[moved.item]
        item.ends_at, item.opens_at = moved.ends_at, moved.opens_at


def _announced(view: "View", event: Announced) -> None:
    view.announcement = announcement_view(event)


def _bidder_removed(_view: "View", _event: BidderRemoved) -> None:
    """Nothing: what it means for rounds and offers came just before it."""


FOLDS: dict[type[PublicEvent], Callable[["View", Any], None]] = {
    RoomOpened: _room_opened,
    ItemAdded: _item_added,
    RoundOpened: _round_opened,
    BidAccepted: _bid_accepted,
    BidVoided: _bid_voided,
    UnitSold: _unit_sold,
    SaleCancelled: _sale_cancelled,
    OfferMade: _offer_made,
    OfferDeclined: _offer_declined,
    ItemFinished: _item_finished,
    ItemReopened: _item_reopened,
    RoomFinished: _room_finished,
    RoomClosing: _room_closing,
    DeadlinesMoved: _deadlines_moved,
    Paused: _paused,
    Resumed: _resumed,
    Announced: _announced,
    BidderRemoved: _bidder_removed,
}
