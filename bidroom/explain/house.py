"""Tells what the house did: opened and moved rounds, paused, took back, sent out, cancelled and offered."""

from bidroom.explain.book import Book
from bidroom.explain.record import Round, Sentence, given
from bidroom.rules.events import (
    BidderRegistered,
    BidderRemoved,
    BidVoided,
    DeadlinesMoved,
    ItemAdded,
    ItemReopened,
    MovedDeadline,
    OfferMade,
    Paused,
    ReserveSet,
    Resumed,
    RoundOpened,
    SaleCancelled,
)
from bidroom.rules.item import ItemPhase, LiveClosing


def bidder_registered(book: Book, event: BidderRegistered) -> None:
    """Whose name stands behind a paddle."""
    book.words.names[event.bidder] = event.name


def item_added(book: Book, event: ItemAdded) -> None:
    """An item that came to the sale while it went on."""
    if event.terms.id == book.question.item:
        book.between.append(Sentence(event.at, f"{event.by} added the item to the sale."))


def reserve_set(book: Book, event: ReserveSet) -> None:
    """The reserve, whose amount only the journal has."""
    amount = book.words.money(event.amount)
    book.say(event, f"The item has a reserve of {amount}, below which no unit is sold; bidders don't see how much.")


def round_opened(book: Book, event: RoundOpened) -> None:
    """A new round, to which belongs what was told since the last one."""
    words, closing = book.words, book.item.terms.closing
    by = f"{event.by} opened" if event.by else "The room opened"
    text = f"{by} the bidding for unit {event.unit}, from {words.money(event.minimum)} up."
    if event.ends_at is not None:
        without = " if nobody bid" if isinstance(closing, LiveClosing) else ""
        text += f" It was to close at {words.clock(event.ends_at)}{without}."
    if isinstance(closing, LiveClosing):
        text += f" After each bid, others had {closing.window_ms / 1000:g} s to bid more."
    book.rounds.append(Round(event.unit, [*book.between, Sentence(event.at, text)]))
    book.between = []


def bid_voided(book: Book, event: BidVoided) -> None:
    """A standing bid that was taken back, and who leads then."""
    words, round = book.words, book.rounds[-1]
    for bid in round.bids:
        bid.voided = bid.voided or bid.seq == event.bid
    amount = words.money(book.item.bids[-1].amount)
    text = f"{event.by} took back the bid of {words.who(event.bidder)} over {amount}{given(event.why)}"
    if event.leader is None or event.amount is None:
        text += " No bid stood any more."
    else:
        text += f" {words.who(event.leader)} led again at {words.money(event.amount)}."
    book.say(event, text + _close_now(book, event.ends_at))


def _close_now(book: Book, ends_at: int | None) -> str:
    return "" if ends_at is None else f" The close was now {book.words.clock(ends_at)}."


def deadlines_moved(book: Book, event: DeadlinesMoved) -> None:
    """More time, by the auctioneer's wish or because the server had been away."""
    ends_at = _ends_at(book, event.rounds)
    if ends_at is not None and event.by:
        book.say(event, f"{event.by} gave the round more time.{_close_now(book, ends_at)}")
    elif ends_at is not None:
        book.say(event, f"The server had been away, so the round got more time.{_close_now(book, ends_at)}")


def _ends_at(book: Book, rounds: tuple[MovedDeadline, ...]) -> int | None:
    return next((moved.ends_at for moved in rounds if moved.item == book.question.item), None)


def paused(book: Book, event: Paused) -> None:
    """The item's clock stands still."""
    if book.item.phase is not ItemPhase.FINISHED:
        what = "the whole sale" if event.item is None else "the item"
        book.say(event, f"{event.by} paused {what}: no bids were taken, and the clock stood still.")


def resumed(book: Book, event: Resumed) -> None:
    """The item's clock runs again."""
    if book.item.phase is not ItemPhase.FINISHED:
        what = "the sale" if event.item is None else "the item"
        book.say(event, f"{event.by} let {what} go on.{_close_now(book, _ends_at(book, event.rounds))}")


def bidder_removed(book: Book, event: BidderRemoved) -> None:
    """A bidder who was sent out, where they had to do with the item or are asked about."""
    if event.bidder == book.question.bidder:
        book.removed = f"at {book.words.clock(event.at)} by {event.by}{given(event.why)}"
    elif not any(bid.bidder == event.bidder for round in book.rounds for bid in round.bids):
        return
    for bid in book.rounds[-1].bids if book.is_open else ():
        bid.voided = bid.voided or bid.bidder == event.bidder
    book.say(event, f"{event.by} sent {book.words.who(event.bidder)} out of the sale{given(event.why)}")


def sale_cancelled(book: Book, event: SaleCancelled) -> None:
    """A sale that is none any more."""
    round = book.round_of(event.unit)
    round.cancelled, round.taken_by = True, None
    who, price = book.words.who(event.bidder), book.words.money(event.amount)
    book.say(event, f"{event.by} cancelled the sale to {who} for {price}{given(event.why)}")


def offer_made(book: Book, event: OfferMade) -> None:
    """The unit of a cancelled sale, offered to the runner-up."""
    who, price = book.words.who(event.bidder), book.words.money(event.amount)
    book.say(event, f"{event.by} offered the unit to {who} at their own last bid, {price}.")


def item_reopened(book: Book, event: ItemReopened) -> None:
    """What is unsold of a finished item, put up again."""
    units = "the unsold unit" if event.units_left == 1 else f"the {event.units_left} unsold units"
    book.say(event, f"{event.by} put {units} up again.")
