"""A room's events in plain lines, as one would tell them: for logs, pipes, and the last lines below the live table.

A story has a listener's side: the bidder who is told it hears what they won and when somebody outbids them. It keeps
who led each item, and nothing else.
"""

import time

from bidroom.client.view import View
from bidroom.rules.events import (
    BidAccepted,
    BidVoided,
    OfferMade,
    PublicEvent,
    RoomOpened,
    RoundOpened,
    UnitSold,
)
from bidroom.rules.money import format_money
from bidroom.wire.words import Words


def visible(text: str) -> str:
    """The text without what could move a terminal's cursor or change its colours: it came from somebody else."""
    return "".join(character if character.isprintable() else "�" for character in text)


def clock_time(at_ms: int) -> str:
    """Room time as hours, minutes and seconds here."""
    return time.strftime("%H:%M:%S", time.localtime(at_ms / 1000))


class Story:
    """Tells the events of the view's room."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._words = Words(self.unit_name, self.money, visible)
        self._leaders = {item.id: item.leader for item in view.items.values() if item.state == "open"}

    def tell(self, event: PublicEvent) -> str | None:
        """One line for an event; None for one that says nothing to a person."""
        me = self._view.me
        match event:
            case BidAccepted():
                return self._bid(event)
            case RoundOpened():
                self._leaders[event.item] = None
            case BidVoided():
                self._leaders[event.item] = event.leader
            case UnitSold() if event.bidder == me:
                return f"WON {self.unit_name(event.item, event.unit)} for {self.money(event.amount)}"
            case OfferMade() if event.bidder == me:
                return f"OFFERED TO YOU: {self.unit_name(event.item, event.unit)} for {self.money(event.amount)}"
            case RoomOpened():
                return None
            case _:
                pass
        return self._words.tell(event)

    def item(self, id: str) -> str:
        """What the item is called."""
        return visible(self._view.items[id].name)

    def money(self, minor: int) -> str:
        """An amount in the room's currency."""
        return format_money(minor, self._view.currency)

    def unit_name(self, item: str, unit: int | None) -> str:
        """The item, and which of its units where it has several."""
        units = self._view.items[item].units
        return self.item(item) if unit is None or units == 1 else f"{self.item(item)} ({unit} of {units})"

    def _bid(self, event: BidAccepted) -> str | None:
        before, self._leaders[event.item] = self._leaders.get(event.item), event.bidder
        me = self._view.me
        if me is not None and event.bidder == me:
            return None  # they know from the answer to their bid
        if me is None or before != me:
            return self._words.tell(event)
        more = f" ({event.bids} bids)" if event.bids > 1 else ""
        unit, price = self.unit_name(event.item, event.unit), self.money(event.amount)
        return f"OUTBID on {unit}: {visible(event.bidder)} leads at {price}{more}"
