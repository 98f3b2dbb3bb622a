"""explain(events, question, clock): the whole answer, sentence by sentence."""

from collections.abc import Callable, Iterable
from typing import Any

from bidroom.explain import bidding, closing, house
from bidroom.explain.book import Book
from bidroom.explain.question import Question
from bidroom.explain.reasons import bidder_reasons, price_reason
from bidroom.explain.record import Clock, Round, Sentence, Words
from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    BidCameLate,
    BidderRegistered,
    BidderRemoved,
    BidVoided,
    DeadlinesMoved,
    ItemAdded,
    ItemFinished,
    ItemReopened,
    MaximumCancelled,
    MaximumSet,
    OfferDeclined,
    OfferMade,
    Paused,
    ReserveSet,
    Resumed,
    RoundOpened,
    SaleCancelled,
    UnitSold,
)
from bidroom.rules.evolve import evolve
from bidroom.rules.state import RoomState

_ABOUT_ITEMS: dict[type[AnyEvent], Callable[[Book, Any], None]] = {
    ReserveSet: house.reserve_set,
    RoundOpened: house.round_opened,
    BidAccepted: bidding.bid_accepted,
    BidVoided: house.bid_voided,
    MaximumSet: bidding.maximum_set,
    MaximumCancelled: bidding.maximum_cancelled,
    BidCameLate: bidding.bid_came_late,
    UnitSold: closing.unit_sold,
    SaleCancelled: house.sale_cancelled,
    OfferMade: house.offer_made,
    OfferDeclined: bidding.offer_declined,
    ItemFinished: closing.item_finished,
    ItemReopened: house.item_reopened,
    Paused: house.paused,
    Resumed: house.resumed,
}
"""What is told where the event's `item` is the one in question, or None for all of them."""

_ABOUT_ALL: dict[type[AnyEvent], Callable[[Book, Any], None]] = {
    BidderRegistered: house.bidder_registered,
    ItemAdded: house.item_added,
    BidderRemoved: house.bidder_removed,
    DeadlinesMoved: house.deadlines_moved,
}


def explain(events: Iterable[AnyEvent], question: Question, clock: Clock) -> list[Sentence]:
    """What happened to the item in question, and why. `events` are all those of its room, in order."""
    state = RoomState()
    book = None
    for event in events:
        if book is None and state.terms is not None:
            book = Book(state, question, Words(state.terms.currency, clock, {}, {}))
        if book is not None:
            _tell(book, event)
        evolve(state, event)
    assert book is not None, "a room where nothing happened has no item to ask about"
    sentences = [Sentence(None, _heading(book))]
    rounds = [round for round in book.rounds if question.unit in (None, round.unit)]
    for round in rounds:
        sentences += round.told
        sentences += [Sentence(None, reason) for reason in _reasons(book, round)]
    if not rounds:
        sentences.append(Sentence(None, "Nothing of it has been put up yet."))
    return sentences + book.between


def _tell(book: Book, event: AnyEvent) -> None:
    kind = type(event)
    if book.question.item not in book.state.items and kind not in (ItemAdded, BidderRegistered):
        return  # the item came to the sale later
    if kind in _ABOUT_ALL:
        _ABOUT_ALL[kind](book, event)
    elif kind in _ABOUT_ITEMS and book.concerns(event):
        _ABOUT_ITEMS[kind](book, event)


def _heading(book: Book) -> str:
    terms, room = book.item.terms, book.state.terms
    assert room is not None, "the room is open"
    units = "1 unit" if terms.units == 1 else f"{terms.units} units"
    seller = "" if terms.seller is None else f", sold for {terms.seller}"
    return (
        f"{terms.name} ({terms.id}) in {room.name}: {units}{seller}, from {book.words.money(terms.starting_price)} up."
    )


def _reasons(book: Book, round: Round) -> list[str]:
    words, terms, asked = book.words, book.item.terms, book.question.bidder
    if round.close is None:
        leader, price = book.item.highest_bidder, book.item.highest_bid
        if leader is None or price is None:
            return ["The round is still open, and nobody leads."]
        return [f"The round is still open; {words.who(leader)} leads at {words.money(price)}."]
    reasons: list[str] = []
    if round.close.winner is not None:
        reasons.append(f"Why this price: {price_reason(terms, round.close, words)}")
    if asked is not None:
        found = bidder_reasons(terms, round, asked, words)
        reasons.append(f"And {words.who(asked)}? {' '.join(found)}")
    return reasons
