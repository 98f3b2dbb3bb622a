"""A room's public events in plain words: one neutral sentence for each, for logs, screens and previews."""

from collections.abc import Callable
from typing import Any

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


class Words:
    """How things are called: `unit` names an item, or one unit of it, `money` an amount, `text` what a person wrote."""

    def __init__(
        self,
        unit: Callable[[str, int | None], str],
        money: Callable[[int], str],
        text: Callable[[str], str] = str,
    ) -> None:
        self.unit = unit
        self.money = money
        self.text = text

    def tell(self, event: PublicEvent) -> str:
        """What has happened."""
        return _SENTENCES[type(event)](self, event)


def _room_opened(words: Words, event: RoomOpened) -> str:
    return f"The room {words.text(event.terms.name)} is open"


def _item_added(words: Words, event: ItemAdded) -> str:
    return f"New in the sale: {words.text(event.terms.name)}"


def _round_opened(words: Words, event: RoundOpened) -> str:
    return f"{words.unit(event.item, event.unit)} opens at {words.money(event.minimum)}"


def _bid_accepted(words: Words, event: BidAccepted) -> str:
    more = f" ({event.bids} bids)" if event.bids > 1 else ""
    via = {"": "", "floor": ", in the hall", "phone": ", on the telephone"}[event.via]
    unit, price = words.unit(event.item, event.unit), words.money(event.amount)
    return f"{unit} {price} by {words.text(event.bidder)}{via}{more}"


def _bid_voided(words: Words, event: BidVoided) -> str:
    unit, bidder = words.unit(event.item, event.unit), words.text(event.bidder)
    taken_back = f"{unit}: the bid of {bidder} is voided by {words.text(event.by)} ({words.text(event.why)})"
    if event.leader is None or event.amount is None:
        return f"{taken_back}; no bid stands, the next is at least {words.money(event.minimum)}"
    return f"{taken_back}; {words.text(event.leader)} leads at {words.money(event.amount)} again"


def _unit_sold(words: Words, event: UnitSold) -> str:
    how = {"hammer": "", "buy_now": ", at the fixed price", "offer": ", who took the offer"}[event.how]
    unit, price = words.unit(event.item, event.unit), words.money(event.amount)
    return f"SOLD {unit} to {words.text(event.bidder)} for {price}{how}"


def _sale_cancelled(words: Words, event: SaleCancelled) -> str:
    unit, price = words.unit(event.item, event.unit), words.money(event.amount)
    by, why = words.text(event.by), words.text(event.why)
    return f"The sale of {unit} to {words.text(event.bidder)} for {price} is cancelled by {by} ({why})"


def _offer_made(words: Words, event: OfferMade) -> str:
    unit, price = words.unit(event.item, event.unit), words.money(event.amount)
    return f"{unit} is offered to {words.text(event.bidder)} for {price}, their own last bid"


def _offer_declined(words: Words, event: OfferDeclined) -> str:
    return f"{words.text(event.bidder)} does not take {words.unit(event.item, event.unit)}; it is unsold"


def _item_finished(words: Words, event: ItemFinished) -> str:
    unsold = f", {event.unsold} unsold" if event.unsold else ""
    because = {
        "sold": "is finished",
        "passed": "passes without a bid",
        "reserve_not_met": "passes: the reserve was not met",
        "withdrawn": f"is withdrawn by {words.text(event.by)} ({words.text(event.why)})",
        "closed": "is finished with the sale",
    }
    return f"{words.unit(event.item, None)} {because[event.because]}{unsold}"


def _item_reopened(words: Words, event: ItemReopened) -> str:
    return f"{words.unit(event.item, None)} is offered again ({event.units_left} unsold)"


def _room_finished(_words: Words, _event: RoomFinished) -> str:
    return "The room is finished."


def _room_closing(words: Words, event: RoomClosing) -> str:
    return f"{words.text(event.by)} ends the sale ({words.text(event.why)}); open rounds run out"


def _deadlines_moved(words: Words, event: DeadlinesMoved) -> str:
    if event.by:
        units = ", ".join(words.unit(round.item, round.unit) for round in event.rounds)
        return f"{words.text(event.by)} gives more time: {units}"
    return "The house was away; every open round has its time back."


def _paused(words: Words, event: Paused) -> str:
    return f"{_what(words, event.item)} is paused by {words.text(event.by)}"


def _resumed(words: Words, event: Resumed) -> str:
    return f"{_what(words, event.item)} goes on"


def _what(words: Words, item: str | None) -> str:
    return "The sale" if item is None else words.unit(item, None)


def _announced(words: Words, event: Announced) -> str:
    return f"{words.text(event.by)}: {words.text(event.text)}"


def _bidder_removed(words: Words, event: BidderRemoved) -> str:
    return f"{words.text(event.bidder)} is out of the sale ({words.text(event.why)})"


_SENTENCES: dict[type[PublicEvent], Callable[[Words, Any], str]] = {
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
