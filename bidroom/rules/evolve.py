"""evolve(state, event): the only way in which a room's state changes. It asks nothing and decides nothing.

What each event does stands in `evolve_items` and `evolve_bidders`. An event that is out of order or not lawful in the
item's phase raises `UnlawfulEvent`: a damaged journal, or a bug.
"""

from collections.abc import Callable
from typing import Any

from bidroom.rules import evolve_bidders, evolve_items
from bidroom.rules.events import (
    Announced,
    AnyEvent,
    BidAccepted,
    BidCameLate,
    BidderRegistered,
    BidderRemoved,
    BidVoided,
    BudgetSet,
    DeadlinesMoved,
    ItemAdded,
    ItemFinished,
    ItemReopened,
    MaximumCancelled,
    MaximumSet,
    OfferDeclined,
    OfferMade,
    Paused,
    PurchasesHandedOver,
    PurchasesPaid,
    ReserveSet,
    Resumed,
    RoomClosing,
    RoomFinished,
    RoomOpened,
    RoundOpened,
    SaleCancelled,
    TokenReplaced,
    UnitSold,
)
from bidroom.rules.state import RoomState
from bidroom.rules.transitions import UnlawfulEvent


def evolve(state: RoomState, event: AnyEvent) -> None:
    """Let one event have happened, in place.

    Raises UnlawfulEvent where its number or time doesn't follow the last one, it names an item, a bidder or a sale that
    the room doesn't have, or its item's phase doesn't allow it; the state is then not to be used any more.
    """
    seq, sub, at = event.seq, event.sub, event.at
    step, following = (0, state.sub + 1) if event.is_private else (1, 0)
    if seq != state.seq + step or sub != following:
        raise UnlawfulEvent(f"event {seq}.{sub} can't follow {state.seq}.{state.sub}")
    if at < state.at:
        raise UnlawfulEvent(f"event {seq}.{sub} is earlier than the one before")
    try:
        _EVOLVERS[type(event)](state, event)
    except KeyError as unknown:
        raise UnlawfulEvent(f"event {seq}.{sub} names {unknown}, which the room doesn't have") from None
    state.seq, state.sub, state.at = seq, sub, at


def _announced(state: RoomState, event: Announced) -> None:
    state.announcement = event


_EVOLVERS: dict[type[AnyEvent], Callable[[RoomState, Any], None]] = {
    RoomOpened: evolve_items.room_opened,
    ReserveSet: evolve_items.reserve_set,
    ItemAdded: evolve_items.item_added,
    BidderRegistered: evolve_bidders.bidder_registered,
    BudgetSet: evolve_bidders.budget_set,
    TokenReplaced: evolve_bidders.token_replaced,
    RoundOpened: evolve_items.round_opened,
    BidAccepted: evolve_items.bid_accepted,
    MaximumSet: evolve_bidders.maximum_set,
    MaximumCancelled: evolve_bidders.maximum_cancelled,
    BidCameLate: evolve_bidders.bid_came_late,
    BidVoided: evolve_items.bid_voided,
    UnitSold: evolve_bidders.unit_sold,
    SaleCancelled: evolve_bidders.sale_cancelled,
    OfferMade: evolve_bidders.offer_made,
    OfferDeclined: evolve_bidders.offer_declined,
    ItemFinished: evolve_items.item_finished,
    ItemReopened: evolve_items.item_reopened,
    RoomFinished: evolve_items.room_finished,
    RoomClosing: evolve_items.room_closing,
    DeadlinesMoved: evolve_items.deadlines_moved,
    Paused: evolve_items.paused,
    Resumed: evolve_items.resumed,
    Announced: _announced,
    BidderRemoved: evolve_bidders.bidder_removed,
    PurchasesPaid: evolve_bidders.purchases_paid,
    PurchasesHandedOver: evolve_bidders.purchases_handed_over,
}
