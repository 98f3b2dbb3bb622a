"""A room's events in plain lines, as one would tell them: for logs, pipes, and the last lines below the live table.

A story has a listener's side: the bidder who is told it hears what they won and when somebody outbids them. It keeps
who led each item, and nothing else.
"""

import time

from bidroom.client.view import View
from bidroom.rules.events import BidAccepted, DeadlinesMoved, ItemFinished, RoomFinished, RoundOpened, UnitSold
from bidroom.rules.money import format_money
from bidroom.wire.messages import PublicEvent


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
        self._leaders = {item.id: item.leader for item in view.items.values() if item.state == "open"}

    def tell(self, event: PublicEvent) -> str | None:
        """One line for an event; None for one that says nothing to a person."""
        match event:
            case RoundOpened():
                self._leaders[event.item] = None
                return f"{self._unit(event)} opens at {self.money(event.minimum)}"
            case BidAccepted():
                return self._bid(event)
            case UnitSold():
                if event.bidder == self._view.me:
                    return f"WON {self._unit(event)} for {self.money(event.amount)}"
                return f"SOLD {self._unit(event)} to {visible(event.bidder)} for {self.money(event.amount)}"
            case ItemFinished():
                unsold = f", {event.unsold} unsold" if event.unsold else ""
                return f"{self.item(event.item)} is finished{unsold}"
            case RoomFinished():
                return "The room is finished."
            case DeadlinesMoved():
                return "The house was away; every open round has its time back."
            case _:
                return None

    def item(self, id: str) -> str:
        """What the item is called."""
        return visible(self._view.items[id].name)

    def money(self, minor: int) -> str:
        """An amount in the room's currency."""
        return format_money(minor, self._view.currency)

    def unit_name(self, item: str, unit: int) -> str:
        """The item, and which of its units where it has several."""
        units = self._view.items[item].units
        return self.item(item) if units == 1 else f"{self.item(item)} ({unit} of {units})"

    def _unit(self, event: RoundOpened | UnitSold | BidAccepted) -> str:
        return self.unit_name(event.item, event.unit)

    def _bid(self, event: BidAccepted) -> str | None:
        before, self._leaders[event.item] = self._leaders.get(event.item), event.bidder
        me = self._view.me
        price = self.money(event.amount)
        if me is not None and event.bidder == me:
            return None  # they know from the answer to their bid
        more = f" ({event.bids} bids)" if event.bids > 1 else ""
        if me is not None and before == me:
            return f"OUTBID on {self._unit(event)}: {visible(event.bidder)} leads at {price}{more}"
        return f"{self._unit(event)} {price} by {visible(event.bidder)}{more}"
