"""Tells what bidders did: bids, maximums, offers that they took or not, bids that came late."""

from msgspec.structs import replace

from bidroom.explain.book import Book
from bidroom.explain.record import Beaten, Bid, HowBid, span
from bidroom.rules.events import BidAccepted, BidCameLate, MaximumCancelled, MaximumSet, OfferDeclined
from bidroom.rules.item import LiveClosing, Maximum
from bidroom.rules.state import headroom


def bid_accepted(book: Book, event: BidAccepted) -> None:
    """A bid that leads: how it came about, and what it changed."""
    how: HowBid = event.via or ("maximum" if event.command is None else "hand")
    bid = Bid(event.seq, event.at, event.bidder, event.amount, how)
    if how == "maximum":
        bid.maximum = replace(book.state.bidders[event.bidder].maximums[event.item])
        bid.beaten = _leader(book) if book.item.highest_bidder != event.bidder else None
    book.say(event, " ".join((_bid_text(book, event, bid), *_effects(book, event))))
    book.rounds[-1].bids.append(bid)


def _leader(book: Book) -> Beaten | None:
    """How far the leader of the moment goes: to the bid that stands, or further by a maximum."""
    item = book.item
    if not item.bids:
        return None
    stands = item.bids[-1]
    at = next(bid.at for bid in reversed(book.rounds[-1].bids) if bid.seq == stands.seq)
    bidder = book.state.bidders[stands.bidder]
    maximum: Maximum | None = bidder.maximums.get(item.terms.id)
    reach = 0 if maximum is None else min(maximum.amount, headroom(bidder, stands.amount))
    if maximum is None or reach < stands.amount:
        return Beaten(stands.bidder, stands.amount, None, at)
    return Beaten(stands.bidder, reach, replace(maximum), at)


def _bid_text(book: Book, event: BidAccepted, bid: Bid) -> str:
    words = book.words
    who, amount = words.who(event.bidder), words.money(event.amount)
    if bid.how in ("floor", "phone"):
        where = "in the hall" if bid.how == "floor" else "on the telephone"
        return f"{who} bid {amount} {where} (entered by {event.by}), and led."
    if bid.maximum is None:
        return f"{who} bid {amount} by hand, and led."
    left = f"by the maximum of {words.money(bid.maximum.amount)} that they left at {words.left_at(bid.maximum)}"
    if book.item.highest_bidder == event.bidder:
        return f"The room raised the bid of {who} to {amount}, {left}."
    return f"The room bid {amount} for {who}, {left}; they led."


def _effects(book: Book, event: BidAccepted) -> list[str]:
    item, clock = book.item, book.words.clock
    effects: list[str] = []
    if event.reserve == "met" and item.reserve_sign(item.highest_bid) == "not_met":
        effects.append("That met the reserve.")
    is_timed = not isinstance(item.terms.closing, LiveClosing)
    if is_timed and item.due_at is not None and event.ends_at > item.due_at:
        effects.append(f"The close moved from {clock(item.due_at)} to {clock(event.ends_at)}.")
    return effects


def maximum_set(book: Book, event: MaximumSet) -> None:
    """A maximum that a bidder left, or changed."""
    words = book.words
    words.times[event.seq, event.sub] = event.at
    units = f" for {event.units} units" if event.units > 1 else ""
    had = book.state.bidders[event.bidder].maximums.get(event.item)
    before = "" if had is None else f" in place of {words.money(had.amount)}"
    who, amount = words.who(event.bidder), words.money(event.amount)
    book.say(event, f"{who} left a maximum of {amount}{units}{before}, which nobody else saw.")


def maximum_cancelled(book: Book, event: MaximumCancelled) -> None:
    """A maximum that is there no more."""
    amount = book.words.money(book.state.bidders[event.bidder].maximums[event.item].amount)
    who = book.words.who(event.bidder)
    if event.command is not None:
        book.say(event, f"{who} took the maximum of {amount} back.")
    else:
        book.say(event, f"The house took out the maximum of {who}, {amount}.")


def bid_came_late(book: Book, event: BidCameLate) -> None:
    """A bid that was refused because the round had closed."""
    book.round_of(event.unit).late.append((event.bidder, event.amount, event.late_ms))
    who, amount = book.words.who(event.bidder), book.words.money(event.amount)
    book.say(event, f"{who} bid {amount}, {span(event.late_ms)} after the close; the bid was refused.")


def offer_declined(book: Book, event: OfferDeclined) -> None:
    """A runner-up who did not take the unit."""
    book.say(event, f"{book.words.who(event.bidder)} did not take the offer; the unit stayed unsold.")
