"""How the auctioneer takes something back: as a new event that says who, when and why, never by rewriting."""

from bidroom.rules.answers import Reason
from bidroom.rules.closing import after_void
from bidroom.rules.control import CancelSale, RemoveBidder, VoidBid
from bidroom.rules.decision import Decision, Places, accept, refuse
from bidroom.rules.events import (
    AnyEvent,
    BidderRemoved,
    BidVoided,
    MaximumCancelled,
    OfferDeclined,
    OfferMade,
    SaleCancelled,
)
from bidroom.rules.increments import step
from bidroom.rules.item import Item, ItemPhase
from bidroom.rules.running import may_reopen, reopened
from bidroom.rules.state import RoomState, Sale


def void_bid(state: RoomState, command: VoidBid, at: int) -> Decision:
    """The round goes back to the best bid that remains, with a fresh window.

    The bidder's maximum on the item is cancelled with the bid: it would only make the bid again.
    """
    item = state.items.get(command.item)
    if item is None:
        return refuse(command.id, Reason.UNKNOWN_ITEM)
    if item.phase is not ItemPhase.OPEN or not item.bids or item.bids[-1].seq != command.bid:
        return refuse(command.id, Reason.NOT_STANDING)
    places = Places(state)
    bidder = item.bids[-1].bidder
    cancelled = _cancel_maximums(state, bidder, [command.item], places, at)
    voided = _voided(item, places, at, without="", by=command.by, why=command.why, closing=state.closing)
    return Decision(accept(command.id, voided).answer, (*cancelled, voided))


def _voided(item: Item, places: Places, at: int, *, without: str, by: str, why: str, closing: bool) -> BidVoided:
    """The event that voids the standing bid; no bid of `without` may stand in its place.

    In a room that is `closing` no round waits for a first bid again: it has a window left, and then it passes.
    """
    bid = item.bids[-1]
    standing = next((other for other in reversed(item.bids[:-1]) if other.bidder != without), None)
    amount = None if standing is None else standing.amount
    ends_at, hard_end = after_void(item, standing is not None or closing, at)
    return BidVoided(
        seq=places.public(),
        at=at,
        item=item.terms.id,
        unit=item.unit,
        bid=bid.seq,
        bidder=bid.bidder,
        standing=None if standing is None else standing.seq,
        leader=None if standing is None else standing.bidder,
        amount=amount,
        minimum=item.terms.starting_price if amount is None else amount + step(item.terms.increment, amount),
        ends_at=ends_at,
        hard_end=hard_end,
        reserve=item.reserve_sign(amount),
        buy_now=item.terms.buy_now if standing is None else None,
        by=by,
        why=why,
    )


def _cancel_maximums(state: RoomState, name: str, items: list[str], places: Places, at: int) -> list[AnyEvent]:
    bidder = state.bidders[name]
    return [
        MaximumCancelled(seq=places.seq, sub=places.private(), at=at, bidder=name, item=item, salt=bidder.salt)
        for item in items
        if item in bidder.maximums
    ]


def remove_bidder(state: RoomState, command: RemoveBidder, at: int) -> Decision:
    """The bidder is out: no bid of theirs stands or comes to stand any more, no maximum, no offer."""
    name = state.find_bidder(command.bidder)
    if name is None:
        return refuse(command.id, Reason.UNKNOWN_BIDDER)
    if state.bidders[name].removed:
        return refuse(command.id, Reason.ALREADY)
    places = Places(state)
    events = _cancel_maximums(state, name, list(state.bidders[name].maximums), places, at)
    events += [
        _voided(item, places, at, without=name, by=command.by, why=command.why, closing=state.closing)
        for item in state.items.values()
        if item.is_led_by(name)
    ]
    events += [
        OfferDeclined(seq=places.public(), at=at, item=offer.item, unit=offer.unit, bidder=name)
        for offer in state.offers
        if offer.bidder == name
    ]
    removed = BidderRemoved(seq=places.public(), at=at, bidder=name, by=command.by, why=command.why)
    return Decision(accept(command.id, removed).answer, (*events, removed))


def cancel_sale(state: RoomState, command: CancelSale, at: int) -> Decision:
    """The purchase is none any more. The unit stays unsold, is offered again, or to the runner-up at their own bid."""
    sale = state.sales.get(command.sale)
    if sale is None:
        return refuse(command.id, Reason.NO_SUCH_SALE)
    places = Places(state)
    cancelled = SaleCancelled(
        seq=places.public(),
        at=at,
        item=sale.item,
        unit=sale.unit,
        sale=sale.seq,
        bidder=sale.bidder,
        amount=sale.amount,
        by=command.by,
        why=command.why,
    )
    if command.then == "offer":
        return _then_offer(state, command, sale, cancelled, places)
    item = state.items[sale.item]
    if command.then == "unsold" or item.phase is not ItemPhase.FINISHED:
        return accept(command.id, cancelled)  # what is unsold of an item that goes on comes up again by itself
    reason = may_reopen(state)
    if reason is not None:
        return refuse(command.id, reason)
    return accept(command.id, cancelled, reopened(state, item, places, at, item.units_left + 1, command.by))


def _then_offer(
    state: RoomState, command: CancelSale, sale: Sale, cancelled: SaleCancelled, places: Places
) -> Decision:
    if sale.runner_up is None or state.bidders[sale.runner_up[0]].removed:
        return refuse(command.id, Reason.NO_RUNNER_UP)
    bidder, amount = sale.runner_up
    offer = OfferMade(
        seq=places.public(),
        at=cancelled.at,
        item=sale.item,
        unit=sale.unit,
        bidder=bidder,
        amount=amount,
        by=command.by,
    )
    return accept(command.id, cancelled, offer)
