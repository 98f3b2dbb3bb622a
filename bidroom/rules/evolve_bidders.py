"""What events do to bidders: their maximums, purchases, money and standing. Called by `evolve` alone."""

from bisect import insort

from bidroom.rules.events import (
    BidCameLate,
    BidderRegistered,
    BidderRemoved,
    BudgetSet,
    MaximumCancelled,
    MaximumSet,
    OfferDeclined,
    OfferMade,
    PurchasesHandedOver,
    PurchasesPaid,
    SaleCancelled,
    TokenReplaced,
    UnitSold,
)
from bidroom.rules.evolve_items import close, note_command, release
from bidroom.rules.item import Item, Maximum
from bidroom.rules.state import Bidder, Offer, RoomState, Sale
from bidroom.rules.transitions import UnlawfulEvent, move_on


def maximum_set(state: RoomState, event: MaximumSet) -> None:
    bidder, item = state.bidders[event.bidder], state.items[event.item]
    _drop_maximum(state, bidder, item)
    maximum = Maximum(event.bidder, event.amount, event.units, (event.seq, event.sub))
    bidder.maximums[event.item] = maximum
    insort(item.maximums, maximum, key=_strength)
    state.maximums += 1
    note_command(bidder, event.command)


def _strength(maximum: Maximum) -> tuple[int, tuple[int, int]]:
    return -maximum.amount, maximum.since


def maximum_cancelled(state: RoomState, event: MaximumCancelled) -> None:
    bidder = state.bidders[event.bidder]
    _drop_maximum(state, bidder, state.items[event.item])
    note_command(bidder, event.command)


def _drop_maximum(state: RoomState, bidder: Bidder, item: Item) -> None:
    maximum = bidder.maximums.pop(item.terms.id, None)
    if maximum is not None:
        item.maximums.remove(maximum)
        state.maximums -= 1


def unit_sold(state: RoomState, event: UnitSold) -> None:
    item, runner_up = state.items[event.item], None
    if event.how == "offer":
        _settle_offer(state, event.item, event.unit)
    else:
        move_on(item, event)
        runner_up = next(((bid.bidder, bid.amount) for bid in reversed(item.bids) if bid.bidder != event.bidder), None)
        release(state, item)
        item.units_left -= 1
        item.due_at = event.opens_at
        close(item, event.at)
    bidder = state.bidders[event.bidder]
    bidder.won += event.amount
    bidder.units[event.item] = bidder.units.get(event.item, 0) + 1
    maximum = bidder.maximums.get(event.item)
    if maximum is not None:
        maximum.units_left -= 1
        if not maximum.units_left:
            _drop_maximum(state, bidder, item)
    note_command(bidder, event.command)
    state.sales[event.seq] = Sale(event.seq, event.at, event.item, event.unit, event.bidder, event.amount, runner_up)
    state.sold.append(event)


def sale_cancelled(state: RoomState, event: SaleCancelled) -> None:
    sale = state.sales.pop(event.sale)
    bidder = state.bidders[sale.bidder]
    bidder.won -= sale.amount
    bidder.units[sale.item] -= 1
    _give_back(state.items[sale.item], sale.unit)
    state.sold.append(event)


def _give_back(item: Item, unit: int) -> None:
    item.units_left += 1
    insort(item.returned, unit)


def offer_made(state: RoomState, event: OfferMade) -> None:
    item = state.items[event.item]
    item.returned.remove(event.unit)
    item.units_left -= 1
    state.offers.append(Offer(event.item, event.unit, event.bidder, event.amount))


def _settle_offer(state: RoomState, item: str, unit: int) -> None:
    offer = state.find_offer(item, unit)
    if offer is None:
        raise KeyError(f"an offer of {item}, unit {unit}")
    state.offers.remove(offer)


def offer_declined(state: RoomState, event: OfferDeclined) -> None:
    _settle_offer(state, event.item, event.unit)
    _give_back(state.items[event.item], event.unit)
    note_command(state.bidders[event.bidder], event.command)


def purchases_paid(state: RoomState, event: PurchasesPaid) -> None:
    state.bidders[event.bidder].paid += event.amount
    for seq in event.sales:
        state.sales[seq].paid = event.how, event.by


def purchases_handed_over(state: RoomState, event: PurchasesHandedOver) -> None:
    for seq in event.sales:
        state.sales[seq].handed_over = event.by


def bidder_registered(state: RoomState, event: BidderRegistered) -> None:
    if event.bidder in state.bidders or event.paddle in state.paddles:
        raise UnlawfulEvent(f"{event.bidder} can't be registered again (event {event.seq}.{event.sub})")
    bidder = Bidder(event.token_hash, event.salt, event.name, event.paddle, event.budget, event.email)
    state.bidders[event.bidder] = bidder
    state.limited = state.limited or event.budget is not None
    if event.paddle is not None:
        state.paddles[event.paddle] = event.bidder


def budget_set(state: RoomState, event: BudgetSet) -> None:
    state.bidders[event.bidder].budget = event.budget
    state.limited = True


def token_replaced(state: RoomState, event: TokenReplaced) -> None:
    state.bidders[event.bidder].token_hash = event.token_hash


def bidder_removed(state: RoomState, event: BidderRemoved) -> None:
    state.bidders[event.bidder].removed = True
    for item in state.items.values():
        if any(bid.bidder == event.bidder for bid in item.bids):
            item.bids = [bid for bid in item.bids if bid.bidder != event.bidder]


def bid_came_late(state: RoomState, event: BidCameLate) -> None:
    state.items[event.item].late.append(event.bidder)
