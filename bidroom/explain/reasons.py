"""The reasons at the end of a round: why the price is what it is, and why somebody did not get the unit."""

from bidroom.explain.record import Beaten, Bid, Close, Round, Words, span
from bidroom.rules.increments import step
from bidroom.rules.item import ItemTerms
from bidroom.rules.names import name_key

_BY_HAND = {"hand": "by hand", "floor": "in the hall", "phone": "on the telephone", "buy_now": "at the fixed price"}


def price_reason(terms: ItemTerms, close: Close, words: Words) -> str:
    """Why a unit that was sold cost what it did."""
    bid, price = close.bid, close.amount
    assert bid is not None, "a unit is sold to a bid"
    assert price is not None, "a sold unit has a price"
    winner = words.who(bid.bidder)
    if bid.how == "buy_now":
        return f"{words.money(price)} was the fixed price, for whoever took the unit before anybody bid."
    if bid.maximum is None:
        return f"the price is what {winner} bid {_BY_HAND[bid.how]}; nobody bid more before the close."
    is_reserve = close.reserve is not None and price == close.reserve
    if bid.beaten is not None:
        return _beating(terms, bid, bid.beaten, is_reserve, words)
    more = f"{winner} would have gone up to {words.money(bid.maximum.amount)}"
    if is_reserve:
        return f"it is the reserve, which the maximum of {winner} reached, and nobody went further; {more}."
    return f"nobody else bid, so it is the starting price; {more}."


def _beating(terms: ItemTerms, bid: Bid, beaten: Beaten, is_reserve: bool, words: Words) -> str:
    """The price of a bid that the room made to beat somebody."""
    assert bid.maximum is not None, "the room bids by a maximum"
    winner, second, price = words.who(bid.bidder), words.who(beaten.bidder), words.money(bid.amount)
    increment = step(terms.increment, beaten.amount)
    went = f"{second} went up to {words.money(beaten.amount)}."
    if bid.amount == beaten.amount:
        other = f"made at {words.clock(beaten.at)}"
        if beaten.maximum is not None:
            other = f"left at {words.left_at(beaten.maximum)}"
        mine = words.left_at(bid.maximum)
        return (
            f"{went} {winner} went equally far, and of equal amounts the earlier one leads: the maximum of {winner} "
            f"was left at {mine}, what {second} offered was {other}."
        )
    if bid.amount == beaten.amount + increment:
        highest = words.money(bid.maximum.amount)
        return (
            f"{went} One step of {words.money(increment)} above that is {price}; {winner} had allowed up to {highest}."
        )
    if is_reserve:
        return f"{went} The price is the reserve, {price}, which the maximum of {winner} reached."
    return f"{went} {winner} could go up to {price}, which is more, though by less than a full step: that is the price."


def bidder_reasons(terms: ItemTerms, round: Round, bidder: str, words: Words) -> list[str]:
    """Why the bidder did not get the unit, or that they did."""
    close, who = round.close, words.who(bidder)
    if close is None:
        return []
    if bidder == round.taken_by or (close.winner == bidder and not round.cancelled):
        return [f"{who} did get it."]
    if close.winner == bidder:
        return [f"{who} won it, but the sale was cancelled (see above)."]
    best = round.best_of(bidder)
    reasons = [_best_bid(close, best, who, words)] if best is not None else []
    if terms.seller is not None and name_key(terms.seller) in (name_key(bidder), name_key(words.names[bidder])):
        reasons.append(f"{who} sells this item, and sellers may not bid for their own.")
    reasons += _taken_back(round, bidder, who, words)
    reasons += _maximum(terms, round, close, best, who, words)
    reasons += [
        f"{who} bid {words.money(amount)} {span(late_ms)} after the close: too late to count."
        for each, amount, late_ms in round.late
        if each == bidder
    ]
    if round.asked.removed is not None:
        reasons.append(f"{who} had been sent out of the sale {round.asked.removed}")
    if reasons:
        return reasons
    return [
        f"{who} made no bid for this unit that counted. Refused bids are not on record, except those that came up to a "
        "second late: a bid below the minimum, above a budget or during a pause would not be found here."
    ]


def _best_bid(close: Close, best: Bid, who: str, words: Words) -> str:
    how = "by a maximum" if best.how == "maximum" else _BY_HAND[best.how]
    made = f"The best bid of {who} was {words.money(best.amount)}, {how}, at {words.clock(best.at)}."
    if close.winner is None:
        return f"{made} Nobody got the unit."
    assert close.amount is not None, "a sold unit has a price"
    beyond = close.amount - best.amount
    if beyond > 0:
        return f"{made} {words.who(close.winner)} outbid it by {words.money(beyond)}."
    if beyond == 0:
        return (
            f"{made} {words.who(close.winner)} had gone equally far before, and of equal amounts the earlier one leads."
        )
    return f"{made} It stood no more when the round closed."


def _taken_back(round: Round, bidder: str, who: str, words: Words) -> list[str]:
    if round.asked.removed is not None:  # that says it all
        return []
    voided = [bid for bid in round.bids if bid.bidder == bidder and bid.voided]
    return [f"The bid of {who} over {words.money(bid.amount)} had been taken back (see above)." for bid in voided]


def _maximum(terms: ItemTerms, round: Round, close: Close, best: Bid | None, who: str, words: Words) -> list[str]:
    """Why a maximum that was there at the close did not do."""
    asked = round.asked
    if asked.maximum is None or close.winner is None:
        return []
    assert close.amount is not None, "a sold unit has a price"
    highest = asked.maximum.amount
    had = f"The maximum of {who} at the close was {words.money(highest)}"
    if best is not None and best.amount == highest:
        return [f"{had}: the room went that far for them, and no further."]
    needed = close.amount + step(terms.increment, close.amount)
    if not asked.may_win:
        return [f"{had}, but they had, or led for, as many units as one bidder may buy."]
    if asked.headroom is not None and asked.headroom < min(highest, needed):
        return [f"{had}, but their budget left only {words.money(max(asked.headroom, 0))} for it."]
    if highest < close.amount:
        return [f"{had}: {words.money(close.amount - highest)} less than the price."]
    if highest == close.amount:
        left = words.left_at(asked.maximum)
        return [f"{had}, the same as the price; it was left at {left}, and of equal amounts the earlier one leads."]
    return [f"{had}, which was not called on."]
