"""Tells how rounds end, and keeps on record what the reasons need."""

from msgspec.structs import replace

from bidroom.explain.book import Book
from bidroom.explain.record import Close, Sentence, Standing, given
from bidroom.rules.events import ItemFinished, UnitSold
from bidroom.rules.state import headroom, may_win_another


def unit_sold(book: Book, event: UnitSold) -> None:
    """Under the hammer, at the fixed price, or by an offer."""
    who, price = book.words.who(event.bidder), book.words.money(event.amount)
    if event.how == "offer":
        book.round_of(event.unit).taken_by = event.bidder
        book.say(event, f"{who} took the offer: the unit was sold to them for {price}.")
        return
    if event.how == "buy_now":
        round = book.rounds[-1]
        round.told.pop()  # the bid by which it was taken
        round.bids[-1].how = "buy_now"
        book.say(event, f"{who} took the unit at its fixed price, {price}, and the round closed.")
    else:
        book.say(event, f"The round closed, and the unit was sold to {who} for {price}.")
    _keep(book, event.bidder, event.amount)


def item_finished(book: Book, event: ItemFinished) -> None:
    """The item's end, where that is not simply the sale of its last unit."""
    if book.is_open:
        book.say(event, _end_of_round(book, event))
        _keep(book, None, book.item.highest_bid)
    elif event.because != "sold":
        units = "1 unit was" if event.unsold == 1 else f"{event.unsold} units were"
        book.between.append(Sentence(event.at, f"{_by_whom(event)} {units} left unsold."))


def _end_of_round(book: Book, event: ItemFinished) -> str:
    words, item = book.words, book.item
    if event.because == "passed":
        return "The round closed without a bid, so the unit was not sold."
    if event.because == "reserve_not_met" and item.highest_bid is not None and item.reserve is not None:
        best, reserve = words.money(item.highest_bid), words.money(item.reserve)
        return f"The round closed at {best}, below the reserve of {reserve}, so the unit was not sold."
    return f"{_by_whom(event)} The unit was not sold."


def _by_whom(event: ItemFinished) -> str:
    if event.because == "withdrawn":
        return f"{event.by} withdrew the item{given(event.why)}"
    return f"{event.by} ended the sale{given(event.why)}" if event.by else "The sale was ended."


def _keep(book: Book, winner: str | None, amount: int | None) -> None:
    """What the reasons need to know of the moment of the close; who is asked about is not who won."""
    state, item, round, asked = book.state, book.item, book.rounds[-1], book.question.bidder
    stands = item.bids[-1].seq if item.bids else None
    bid = next((bid for bid in round.bids if bid.seq == stands), None)
    round.close = Close(winner, amount, item.reserve, bid)
    bidder = None if asked is None else state.bidders.get(asked)
    if bidder is None or state.terms is None:
        return
    maximum = bidder.maximums.get(item.terms.id)
    round.asked = Standing(
        maximum=None if maximum is None else replace(maximum),
        removed=book.removed,
        may_win=may_win_another(state.terms, bidder, item, leads=False),
        headroom=None if bidder.budget is None else headroom(bidder),
    )
