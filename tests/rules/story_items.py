"""The story of a room, and what can be read out of it about the room, its items and their clocks.

No state is kept. There is only everything that happened, in order. Whatever is asked is looked for in the whole story:
an item's clock is at whatever was last said of it, a unit is sold if its sale was told and not cancelled.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms
from tests.rules.telling import PRIVATE, Happening

Question = TypeVar("Question", bound=Callable[..., Any])


def asked_once(question: Question) -> Question:
    """A story never changes, so neither does what it says; this only saves looking for it again."""

    @wraps(question)
    def ask(self: "ItemStory", *about):
        key = (question.__name__, *about)
        if key not in self.known:
            self.known[key] = question(self, *about)
        return self.known[key]

    return ask  # type: ignore[return-value]


class ItemStory:
    """Everything that happened, and questions about the room and its items."""

    def __init__(self, story: tuple[Happening, ...] = ()) -> None:
        self.story = story
        self.known: dict[tuple, Any] = {}

    @asked_once
    def all(self, *kinds: str) -> list[Happening]:
        return [happening for happening in self.story if happening.kind in kinds]

    @asked_once
    def of(self, item: str, *kinds: str) -> list[Happening]:
        return [happening for happening in self.story if happening.item == item and happening.kind in kinds]

    def now(self) -> int:
        return self.story[-1].at if self.story else 0

    @asked_once
    def place(self) -> tuple[int, int]:
        """The number of the last thing that happened: how many public ones, and how many private ones since."""
        public = [index for index, happening in enumerate(self.story, 1) if happening.kind not in PRIVATE]
        return len(public), len(self.story) - (public[-1] if public else 0)

    # The room

    @property
    def room(self) -> RoomTerms:
        return self.story[0].terms

    @asked_once
    def items(self) -> dict[str, ItemTerms]:
        added = [happening.terms for happening in self.all("item_added")]
        return {terms.id: terms for terms in (*self.room.items, *added)} if self.story else {}

    def has_begun(self) -> bool:
        return bool(self.all("round_opened"))

    def is_closing(self) -> bool:
        return bool(self.all("room_closing"))

    def unfinished(self) -> list[str]:
        return [item for item in self.items() if self.phase(item) != "finished"]

    def is_paused(self, item: str | None = None) -> bool:
        """Whether the item itself, or the room itself, is paused."""
        said = [each for each in self.all("paused", "resumed") if each.item == item]
        if item is not None:
            said += self.of(item, "item_finished")
        return bool(said) and max(said, key=lambda each: each.seq).kind == "paused"

    def goes_on(self, besides: str | None = None) -> bool:
        """Whether an item is open, or is going to be by the clock."""
        return any(self.phase(item) == "open" or self.due(item) is not None for item in self.items() if item != besides)

    # An item and its rounds

    @asked_once
    def phase(self, item: str) -> str:
        kinds = {
            "round_opened": "open",
            "unit_sold": "between",
            "item_finished": "finished",
            "item_reopened": "between",
        }
        steps = [step for step in self.of(item, *kinds) if step.how != "offer"]
        return kinds[steps[-1].kind] if steps else "between"

    def unit(self, item: str) -> int:
        opened = self.of(item, "round_opened")
        return opened[-1].unit if opened else 0

    @asked_once
    def standing_sales(self) -> list[Happening]:
        cancelled = [cancelled.sale for cancelled in self.all("sale_cancelled")]
        return [sale for sale in self.all("unit_sold") if sale.seq not in cancelled]

    @asked_once
    def offers(self) -> list[Happening]:
        """Offers to runners-up that nobody has answered."""
        told = self.all("offer_made", "offer_declined", "unit_sold")
        answered = [(each.seq, each.item, each.unit) for each in told if each.kind != "offer_made"]
        return [
            offer
            for offer in told
            if offer.kind == "offer_made"
            and not [each for each in answered if each[0] > offer.seq and each[1:] == (offer.item, offer.unit)]
        ]

    def taken_units(self, item: str) -> list[int]:
        """The units that are somebody's, or on offer to somebody."""
        return [each.unit for each in (*self.standing_sales(), *self.offers()) if each.item == item]

    @asked_once
    def left(self, item: str) -> int:
        return self.items()[item].units - len(self.taken_units(item))

    def next_unit(self, item: str) -> int:
        """The first unit that is nobody's, on no offer and not being sold just now."""
        busy = self.taken_units(item) + ([self.unit(item)] if self.phase(item) == "open" else [])
        return next(unit for unit in range(1, len(busy) + 2) if unit not in busy)

    @asked_once
    def bids(self, item: str) -> list[Happening]:
        """The bids since the item's last round opened that count: not voided, and not of somebody who was removed."""
        opened = self.of(item, "round_opened")
        since = [each for each in self.of(item, "bid_accepted", "bid_voided") if opened and each.seq > opened[-1].seq]
        out = [removed.bidder for removed in self.all("bidder_removed")]
        voided = [each for each in since if each.kind == "bid_voided"]
        return [
            bid
            for bid in since
            if bid.kind == "bid_accepted"
            and bid.bidder not in out
            and not [void for void in voided if (void.standing or 0) < bid.seq < void.seq]
        ]

    def on_show(self, item: str) -> tuple[int | None, str | None]:
        """Price and leader as they were last told."""
        told = self.of(item, "round_opened", "bid_accepted", "bid_voided")
        if not told:
            return None, None
        return told[-1].amount, told[-1].leader if told[-1].kind == "bid_voided" else told[-1].bidder

    def leader(self, item: str) -> str | None:
        """Who leads the open round."""
        bids = self.bids(item) if self.phase(item) == "open" else []
        return bids[-1].bidder if bids else None

    def price(self, item: str) -> int | None:
        """What the leader of the open round leads at."""
        bids = self.bids(item) if self.phase(item) == "open" else []
        return bids[-1].amount if bids else None

    def reserve(self, item: str) -> int:
        told = self.of(item, "reserve_set")
        return told[-1].amount if told else 0

    def reserve_sign(self, item: str, price: int | None) -> str:
        if not self.items()[item].reserve:
            return ""
        return "not_met" if price is None or price < self.reserve(item) else "met"

    # Its clock

    @asked_once
    def clock(self, item: str) -> list[tuple[int | None, int | None]]:
        """Everything that was ever said of the item's deadline (or next opening) and hard end, in order."""
        closing = self.items()[item].closing
        hard_end = None if isinstance(closing, LiveClosing) else closing.hard_end
        first = self.room.order == "together" or item == self.room.items[0].id
        is_own = item in [terms.id for terms in self.room.items]
        said = [(self.room.opens_at if first and is_own else None, hard_end)]
        for each in self.story:
            hard_end = said[-1][1]
            if each.next_item == item or (each.kind == "item_added" and each.terms.id == item):
                said.append((each.opens_at, hard_end))
            elif each.kind in ("deadlines_moved", "resumed"):
                moved = [moved for moved in each.rounds if moved[0] == item]
                said += [(ends_at or opens_at, hard_end) for _, _, ends_at, hard_end, opens_at in moved]
            elif each.item != item or each.how == "offer":
                continue
            elif each.kind in ("round_opened", "bid_accepted"):
                said.append((each.ends_at, hard_end))
            elif each.kind == "bid_voided":
                said.append((each.ends_at, each.hard_end))
            elif each.kind == "unit_sold":
                said.append((each.opens_at, hard_end))
            elif each.kind == "item_finished":
                said.append((None, hard_end))
            elif each.kind == "item_reopened":
                said.append((each.opens_at, None))
        return said

    def due(self, item: str) -> int | None:
        return self.clock(item)[-1][0]

    def hard_end(self, item: str) -> int | None:
        return self.clock(item)[-1][1]

    @asked_once
    def stopped(self, item: str) -> int | None:
        """Since when the item's clock stands still; a new time that it is given meanwhile counts from then."""
        if self.phase(item) == "finished":
            return None
        since: int | None = None
        for index, each in enumerate(self.story, 1):
            then = type(self)(self.story[:index])
            if each.kind in ("paused", "resumed") and each.item in (None, item):
                stands = then.is_paused() or then.is_paused(item)
                since = (each.at if since is None else since) if stands else None
            elif since is not None and (
                (each.kind == "bid_voided" and each.item == item)
                or (each.kind == "item_finished" and each.next_item == item)
            ):
                since = each.at
            elif each.kind == "item_finished" and each.item == item:
                since = None
        return since

    def takes_bids(self, item: str, at: int) -> bool:
        due = self.due(item)
        return self.phase(item) == "open" and self.stopped(item) is None and (due is None or at < due)
