"""What bidders may do: bid by hand, leave and cancel a maximum, buy at the fixed price, answer an offer."""

from bidroom.rules.answers import Accepted, Reason, Refused
from bidroom.rules.closing import deadline_after_bid
from bidroom.rules.commands import AnswerOffer, Bid, BidderCommand, BuyNow, CancelMax, MaxBid, Registration, Via
from bidroom.rules.control import BidFor, SettleOffer
from bidroom.rules.decision import Decision, Places, accept, refuse
from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    BidCameLate,
    BidderRegistered,
    CommandRef,
    MaximumCancelled,
    MaximumSet,
    OfferDeclined,
    UnitSold,
)
from bidroom.rules.increments import step
from bidroom.rules.item import Item, ItemPhase
from bidroom.rules.names import name_key
from bidroom.rules.once import reference
from bidroom.rules.rounds import sell
from bidroom.rules.state import Bidder, Offer, RoomState, headroom, is_unlimited, may_win_another, takes_bids

LATE_MS = 1000
"""How long after a round's close a bid for it still goes on record as late."""

_CLOSED, _LEADING, _TOO_LOW = Reason.CLOSED, Reason.LEADING, Reason.TOO_LOW
"""What most refusals say, looked up once; see `item.OPEN`."""


def refusal(state: RoomState, bid: Bid, at: int) -> Refused | None:
    """Why a bid may not be accepted, by the first rule that it breaks; None where it may."""
    bidder, item = state.bidders.get(bid.bidder), state.items.get(bid.item)
    reason = _bar(state, bid, bidder, item, at)
    if item is None or reason is not None:
        return Refused(bid.id, reason or Reason.UNKNOWN_ITEM)
    if bid.unit is not None and bid.unit != item.unit:
        return Refused(bid.id, _CLOSED)
    if bid.bidder == item.highest_bidder:
        return Refused(bid.id, _LEADING)
    minimum = item.minimum
    if bid.amount < minimum:
        return Refused(bid.id, _TOO_LOW, minimum)
    if state.limited and (beyond := _beyond(state, bidder, item, bid.amount)) is not None:
        return Refused(bid.id, beyond)
    return None


def _bar(state: RoomState, command: Bid | BuyNow, bidder: Bidder | None, item: Item | None, at: int) -> Reason | None:
    """What keeps this bidder from having any part in the item's open round."""
    if bidder is not None and bidder.removed:
        return Reason.REMOVED
    if item is None:
        return Reason.UNKNOWN_ITEM
    if not takes_bids(item, at):  # as in every pause: the clocks stand still
        return Reason.PAUSED if _is_paused(state, item) else Reason.CLOSED
    if item.terms.seller is not None and _is_seller(item.terms.seller, command, bidder):
        return Reason.OWN_ITEM
    return None


def _is_paused(state: RoomState, item: Item) -> bool:
    return (state.paused or item.paused) and item.phase is not ItemPhase.FINISHED


def _is_seller(seller: str, command: BidderCommand, bidder: Bidder | None) -> bool:
    name = bidder.name if bidder is not None else command.registration.name
    return name_key(seller) in (name_key(name), name_key(command.bidder))


def _beyond(state: RoomState, bidder: Bidder | None, item: Item, amount: int, leads: bool = False) -> Reason | None:
    """Which of the bidder's own limits one more unit of the item at this amount would go beyond.

    `leads`: they lead its open round besides, as only somebody can to whom another unit is offered.
    """
    assert state.terms is not None, "there are items, so the room is open"
    if bidder is None or is_unlimited(state.terms, bidder, item):  # a stranger has won nothing; limits are 1 or more
        return None
    if not may_win_another(state.terms, bidder, item, leads=leads, by_offer=leads):
        return Reason.LIMIT
    return Reason.OVER_BUDGET if amount > headroom(bidder) else None


def bid(state: RoomState, command: Bid, at: int) -> Decision:
    """A bid by the bidder's own hand."""
    refused = refusal(state, command, at)
    if refused is not None:
        return Decision(refused, _late(state, command, at) if refused.reason is _CLOSED else ())
    item, seq = state.items[command.item], state.seq + 1
    accepted = bid_accepted(item, command.bidder, command.amount, seq, at, command=reference(command))
    if command.bidder in state.bidders:
        return Decision(Accepted(command.id, seq), (accepted,))
    return Decision(Accepted(command.id, seq), (*_registered(state, command, Places(state), at), accepted))


def bid_for(state: RoomState, command: BidFor, at: int) -> Decision:
    """A bid that the auctioneer or a clerk enters for a paddle."""
    name = state.find_bidder(command.bidder)
    if name is None:
        return refuse(command.id, Reason.UNKNOWN_BIDDER)
    bidder = state.bidders[name]
    registration = Registration(bidder.token_hash, bidder.salt, bidder.name, bidder.paddle)
    refused = refusal(state, Bid(name, command.id, command.item, command.amount, command.unit, registration), at)
    if refused is not None:
        return Decision(refused)
    item, seq = state.items[command.item], state.seq + 1
    return accept(command.id, bid_accepted(item, name, command.amount, seq, at, via=command.via, by=command.by))


def bid_accepted(
    item: Item,
    bidder: str,
    amount: int,
    seq: int,
    at: int,
    *,
    via: Via = "",
    by: str = "",
    command: CommandRef | None = None,
) -> BidAccepted:
    """The event that lets the bidder lead at this amount."""
    return BidAccepted(
        seq=seq,
        at=at,
        item=item.terms.id,
        unit=item.unit,
        bidder=bidder,
        amount=amount,
        minimum=amount + step(item.terms.increment, amount),
        ends_at=deadline_after_bid(item, at),
        reserve=item.reserve_sign(amount),
        via=via,
        by=by,
        command=command,
    )


def max_bid(state: RoomState, command: MaxBid, at: int) -> Decision:
    """A maximum is left, raised or lowered. What it leads to is for `bidroom.rules.maximums`."""
    bidder, item = state.bidders.get(command.bidder), state.items.get(command.item)
    reason = _bar_maximum(state, command, at)
    if reason is not None or item is None:
        return refuse(command.id, reason or Reason.UNKNOWN_ITEM)
    leads_at = item.highest_bid if item.is_led_by(command.bidder) else None
    least = item.minimum if leads_at is None else leads_at
    if command.amount < least:
        return refuse(command.id, Reason.TOO_LOW, least)
    if bidder is not None and bidder.budget is not None and command.amount > bidder.budget - bidder.won:
        return refuse(command.id, Reason.OVER_BUDGET)
    places = Places(state)
    registered = _registered(state, command, places, at)
    maximum = MaximumSet(
        seq=places.seq,
        sub=places.private(),
        at=at,
        bidder=command.bidder,
        item=command.item,
        amount=command.amount,
        units=command.units,
        salt=_salt(state, command),
        command=reference(command),
    )
    return Decision(Accepted(command.id, maximum.seq, maximum.sub), (*registered, maximum))


def _bar_maximum(state: RoomState, command: MaxBid, at: int) -> Reason | None:
    """What keeps this bidder from leaving any maximum on the item. Between rounds, and before the first, they may."""
    bidder, item = state.bidders.get(command.bidder), state.items.get(command.item)
    if bidder is not None and bidder.removed:
        return Reason.REMOVED
    if item is None:
        return Reason.UNKNOWN_ITEM
    if _is_paused(state, item):
        return Reason.PAUSED
    if item.phase is ItemPhase.FINISHED or (item.phase is ItemPhase.OPEN and not takes_bids(item, at)):
        return Reason.CLOSED
    if item.terms.seller is not None and _is_seller(item.terms.seller, command, bidder):
        return Reason.OWN_ITEM
    each = item.terms.units_each
    if bidder is not None and each is not None and bidder.units.get(command.item, 0) >= each:
        return Reason.LIMIT
    return None


def cancel_max(state: RoomState, command: CancelMax, at: int) -> Decision:
    """The maximum is taken out; where it leads, its bidder goes on leading."""
    if command.item not in state.items:
        return refuse(command.id, Reason.UNKNOWN_ITEM)
    bidder = state.bidders.get(command.bidder)
    if bidder is None or command.item not in bidder.maximums:
        return refuse(command.id, Reason.NO_MAXIMUM)
    cancelled = MaximumCancelled(
        seq=state.seq,
        sub=state.sub + 1,
        at=at,
        bidder=command.bidder,
        item=command.item,
        salt=bidder.salt,
        command=reference(command),
    )
    return accept(command.id, cancelled)


def buy_now(state: RoomState, command: BuyNow, at: int) -> Decision:
    """The unit is gone at its fixed price, where nobody has bid for it."""
    bidder, item = state.bidders.get(command.bidder), state.items.get(command.item)
    reason = _bar(state, command, bidder, item, at)
    if item is None or reason is not None:
        return refuse(command.id, reason or Reason.UNKNOWN_ITEM)
    if command.unit != item.unit:
        return refuse(command.id, Reason.CLOSED)
    price = item.terms.buy_now
    if price is None or item.highest_bidder is not None:
        return refuse(command.id, Reason.NO_BUY_NOW)
    beyond = _beyond(state, bidder, item, price)
    if beyond is not None:
        return refuse(command.id, beyond)
    places = Places(state)
    registered = _registered(state, command, places, at)
    accepted = bid_accepted(item, command.bidder, price, places.public(), at, command=reference(command))
    sold = sell(state, item, places, at, command.bidder, price, "buy_now")
    return Decision(Accepted(command.id, accepted.seq), (*registered, accepted, *sold))


def answer_offer(state: RoomState, command: AnswerOffer, at: int) -> Decision:
    """The runner-up takes, or declines, a unit whose sale was cancelled."""
    offer = state.find_offer(command.item, command.unit)
    if offer is None or offer.bidder != command.bidder:
        return refuse(command.id, Reason.NO_OFFER)
    return _settled(state, offer, command, at, reference(command))


def settle_offer(state: RoomState, command: SettleOffer, at: int) -> Decision:
    """The auctioneer answers for a runner-up who is in the hall or on the telephone."""
    offer = state.find_offer(command.item, command.unit)
    return refuse(command.id, Reason.NO_OFFER) if offer is None else _settled(state, offer, command, at, None)


def _settled(
    state: RoomState, offer: Offer, command: AnswerOffer | SettleOffer, at: int, ref: CommandRef | None
) -> Decision:
    seq, item, unit, bidder = state.seq + 1, offer.item, offer.unit, offer.bidder
    if not command.accept:
        return accept(command.id, OfferDeclined(seq=seq, at=at, item=item, unit=unit, bidder=bidder, command=ref))
    leads = state.items[item].is_led_by(bidder)
    beyond = _beyond(state, state.bidders[bidder], state.items[item], offer.amount, leads)
    if beyond is not None:
        return refuse(command.id, beyond)
    sold = UnitSold(
        seq=seq,
        at=at,
        item=item,
        unit=unit,
        bidder=bidder,
        amount=offer.amount,
        opens_at=None,
        how="offer",
        command=ref,
    )
    return accept(command.id, sold)


def _registered(state: RoomState, command: BidderCommand, places: Places, at: int) -> tuple[AnyEvent, ...]:
    """A bidder's first accepted command makes their name and their token durable."""
    if command.bidder in state.bidders:
        return ()
    registration = command.registration
    return (
        BidderRegistered(
            seq=places.seq,
            sub=places.private(),
            at=at,
            bidder=command.bidder,
            token_hash=registration.token_hash,
            salt=registration.salt,
            name=registration.name,
            paddle=registration.paddle,
        ),
    )


def _salt(state: RoomState, command: BidderCommand) -> str:
    """The bidder's own 128 random bits: secret, so that the hash of no private event of theirs can be guessed."""
    bidder = state.bidders.get(command.bidder)
    return command.registration.salt if bidder is None else bidder.salt


def _late(state: RoomState, command: Bid, at: int) -> tuple[AnyEvent, ...]:
    """A refused bid that came just after its round had closed goes on record, once a bidder and round."""
    bidder, item = state.bidders.get(command.bidder), state.items[command.item]
    if bidder is None or item.closed is None or command.bidder in item.late:
        return ()
    unit, closed_at = item.closed
    is_for_it = command.unit == unit or (command.unit is None and item.phase is not ItemPhase.OPEN)
    if not is_for_it or at - closed_at > LATE_MS:
        return ()
    late = BidCameLate(
        seq=state.seq,
        sub=state.sub + 1,
        at=at,
        bidder=command.bidder,
        item=command.item,
        unit=unit,
        amount=command.amount,
        late_ms=at - closed_at,
        salt=bidder.salt,
    )
    return (late,)
