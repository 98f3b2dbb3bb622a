"""What can be read out of a room's story about its bidders: what they bought, lead at, may spend and have left.

See `tests.rules.story_items` for the rest of it.
"""

from bidroom.rules.item import MAX_AMOUNT
from tests.rules.story_items import ItemStory, asked_once
from tests.rules.telling import Happening, Left


class Story(ItemStory):
    """Everything that happened, and all questions about it."""

    def bidders(self) -> list[str]:
        return [registered.bidder for registered in self.all("bidder_registered")]

    def registration(self, bidder: str) -> Happening | None:
        told = [each for each in self.all("bidder_registered") if each.bidder == bidder]
        return told[0] if told else None

    def is_removed(self, bidder: str) -> bool:
        return bidder in [removed.bidder for removed in self.all("bidder_removed")]

    def budget(self, bidder: str) -> int | None:
        told = [each for each in self.all("bidder_registered", "budget_set") if each.bidder == bidder]
        return told[-1].budget if told else None

    def purchases(self, bidder: str) -> list[Happening]:
        return [sale for sale in self.standing_sales() if sale.bidder == bidder]

    def led(self, bidder: str) -> dict[str, int]:
        """The items whose open round the bidder leads, and at what."""
        return {item: self.price(item) or 0 for item in self.items() if self.leader(item) == bidder}

    def headroom(self, bidder: str, item: str) -> int:
        """What the budget leaves for this item, whatever the bidder leads at on it."""
        budget = self.budget(bidder)
        if budget is None:
            return MAX_AMOUNT
        spent = [sale.amount for sale in self.purchases(bidder)]
        return budget - sum(spent) - sum(price for other, price in self.led(bidder).items() if other != item)

    def may_win_another(self, bidder: str, item: str, besides: str | None) -> bool:
        """Whether the limits allow one more unit of the item. Every round that the bidder leads counts as a unit.

        All but that of `besides`: the round that would be the very unit that is asked for.
        """
        each, room = self.items()[item].units_each, self.room.units_each
        own = [sale for sale in self.purchases(bidder) if sale.item == item]
        leads = [other for other in self.led(bidder) if other != besides]
        return (each is None or len(own) + (item in leads) < each) and (
            room is None or len(self.purchases(bidder)) + len(leads) < room
        )

    @asked_once
    def maximums(self) -> list[Left]:
        """All maximums that hold, in the order in which they were left."""
        found = []
        for index, left in enumerate(self.story, 1):
            if left.kind == "maximum_set":
                later = [each for each in self.story[index:] if (each.item, each.bidder) == (left.item, left.bidder)]
                won = len([each for each in later if each.kind == "unit_sold"])
                if won < left.units and not [e for e in later if e.kind in ("maximum_set", "maximum_cancelled")]:
                    place = type(self)(self.story[:index]).place()
                    found.append(Left(left.bidder, left.item, left.amount, left.units - won, place))
        return found

    def maximum(self, bidder: str, item: str) -> Left | None:
        return next((left for left in self.maximums() if (left.bidder, left.item) == (bidder, item)), None)
