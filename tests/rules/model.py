"""The rules of the room told a second time, as naively as possible, to check the first telling against.

It keeps no state. All it has is the story: everything that happened, in order. Whatever it is asked, it works out anew
from the whole story: who leads is whoever bid last since the round opened, the deadline is the latest of all the times
that anything in the round gives it. It shares the terms and the commands with the real rules, and no code.
"""

from typing import NamedTuple

from bidroom.rules.commands import Bid, Command, EndOutage, MeetDeadline, OpenRoom
from bidroom.rules.item import ItemTerms, LiveClosing, RoomTerms


class Happening(NamedTuple):
    """One line of the story. Which fields are filled depends on `kind`."""

    kind: str  # room, open, name, bid, sold, done, over, moved
    at: int
    item: str | None = None
    unit: int | None = None
    bidder: str | None = None
    amount: int | None = None
    minimum: int | None = None
    until: int | None = None  # when the round closes, or the next one opens
    unsold: int | None = None
    moved: tuple[tuple[str, int, int | None, int | None], ...] = ()  # item, unit, deadline, hard end


class Outcome(NamedTuple):
    """`answer` is ("accepted", id, seq), ("refused", id, reason, minimum) or None; `story` is what newly happened."""

    answer: tuple | None
    story: tuple[Happening, ...]


class Look(NamedTuple):
    """How an item stands."""

    phase: str
    unit: int
    left: int
    price: int | None
    leader: str | None
    due: int | None
    hard_end: int | None


class Naive:
    """Answers from the terms and the story alone."""

    def __init__(self, terms: RoomTerms, story: tuple[Happening, ...] = ()) -> None:
        self.terms = {item.id: item for item in terms.items}
        self.room = terms
        self.story = story

    def ask(self, command: Command, now: int) -> Outcome:
        """What a command that comes at `now` leads to."""
        at = max([now] + [happening.at for happening in self.story])
        if isinstance(command, OpenRoom):
            first = [self.opening(item, 1, at) for item in self.room.items]
            return Outcome(None, (Happening("room", at), *first))
        if isinstance(command, Bid):
            return self.bid(command, at)
        if isinstance(command, MeetDeadline):
            return Outcome(None, tuple(self.clock(command.item, at)))
        assert isinstance(command, EndOutage)
        return Outcome(None, tuple(self.outage(at)))

    # The item, from the story

    def of(self, item: str, kind: str) -> list[Happening]:
        return [happening for happening in self.story if happening.item == item and happening.kind == kind]

    def phase(self, item: str) -> str:
        if self.of(item, "done"):
            return "finished"
        return "open" if len(self.of(item, "open")) > len(self.of(item, "sold")) else "between"

    def left(self, item: str) -> int:
        return self.terms[item].units - len(self.of(item, "sold"))

    def unit(self, item: str) -> int:
        return len(self.of(item, "open"))

    def bids(self, item: str) -> list[Happening]:
        """The bids of the current or last round."""
        return [bid for bid in self.of(item, "bid") if bid.unit == self.unit(item)]

    def outages(self, item: str, unit: int | None = None) -> list[int]:
        """When outages ended that moved the item's deadlines: in one round of it, or ever."""
        return [
            happening.at
            for happening in self.story
            for moved in happening.moved
            if moved[0] == item and unit in (None, moved[1])
        ]

    def hard_end(self, item: str, at: int | None = None) -> int | None:
        """The hard end as it was at `at`, or as it is."""
        closing = self.terms[item].closing
        if isinstance(closing, LiveClosing) or closing.hard_end is None:
            return None
        outages = [outage for outage in self.outages(item) if at is None or outage <= at]
        return max([closing.hard_end] + [outage + closing.window_ms for outage in outages])

    def due(self, item: str) -> int | None:
        """When the clock acts on the item next."""
        phase = self.phase(item)
        if phase == "finished":
            return None
        if phase == "between":
            sold = self.of(item, "sold")
            return sold[-1].at + self.terms[item].pause_ms if sold else None
        return self.closing_time(item)

    def closing_time(self, item: str) -> int | None:
        closing, window = self.terms[item].closing, self.terms[item].closing.window_ms
        opened = self.of(item, "open")[-1].at
        bids = [bid.at for bid in self.bids(item)]
        outages = self.outages(item, self.unit(item))
        if isinstance(closing, LiveClosing):
            if bids:
                return max(bids + outages) + window
            if closing.opening_ms is None:
                return None
            return max([opened + closing.opening_ms] + [outage + window for outage in outages])
        times = [outage + window for outage in outages]
        if closing.closes_at is not None and self.unit(item) == 1:
            times += [closing.closes_at, opened]
        else:
            assert closing.duration_ms is not None
            times += [opened + closing.duration_ms]
        for bid in bids:
            limit = self.hard_end(item, bid)
            times += [bid + window if limit is None else min(bid + window, limit)]
        return max(times)

    def minimum(self, item: str) -> int:
        bids = self.bids(item)
        terms = self.terms[item]
        return bids[-1].amount + terms.increment if bids else terms.starting_price

    def look(self, item: str) -> Look:
        bids = self.bids(item)
        return Look(
            self.phase(item),
            self.unit(item),
            self.left(item),
            bids[-1].amount if bids else None,
            bids[-1].bidder if bids else None,
            self.due(item),
            self.hard_end(item),
        )

    def seq(self) -> int:
        """How many public things happened."""
        return len([happening for happening in self.story if happening.kind != "name"])

    # What a command leads to

    def bid(self, bid: Bid, at: int) -> Outcome:
        if bid.item not in self.terms or not self.story:
            return Outcome(("refused", bid.id, "unknown_item", None), ())
        due, unit = self.due(bid.item), self.unit(bid.item)
        too_late = due is not None and at >= due
        if self.phase(bid.item) != "open" or too_late or (bid.unit is not None and bid.unit != unit):
            return Outcome(("refused", bid.id, "closed", None), ())
        if self.bids(bid.item) and self.bids(bid.item)[-1].bidder == bid.bidder:
            return Outcome(("refused", bid.id, "leading", None), ())
        if bid.amount < self.minimum(bid.item):
            return Outcome(("refused", bid.id, "too_low", self.minimum(bid.item)), ())
        known = [happening for happening in self.story if happening.kind == "name" and happening.bidder == bid.bidder]
        name = () if known else (Happening("name", at, bidder=bid.bidder),)
        taken = Happening("bid", at, bid.item, unit, bid.bidder, bid.amount)
        after = Naive(self.room, (*self.story, *name, taken))
        told = taken._replace(minimum=after.minimum(bid.item), until=after.due(bid.item))
        return Outcome(("accepted", bid.id, self.seq() + 1), (*name, told))

    def opening(self, item: ItemTerms, unit: int, at: int) -> Happening:
        opened = Happening("open", at, item.id, unit, minimum=item.starting_price)
        return opened._replace(until=Naive(self.room, (*self.story, opened)).due(item.id))

    def clock(self, item: str, at: int) -> list[Happening]:
        due, terms, unit, left = self.due(item), self.terms[item], self.unit(item), self.left(item)
        if due is None or at < due:
            return []
        if self.phase(item) == "between":
            return [self.opening(terms, unit + 1, at)]
        bids = self.bids(item)
        if not bids:
            return self.ending(item, at, unsold=left)
        until = at + terms.pause_ms if left > 1 else None
        sold = Happening("sold", at, item, unit, bids[-1].bidder, bids[-1].amount, until=until)
        return [sold] if left > 1 else [sold, *self.ending(item, at, unsold=0)]

    def ending(self, item: str, at: int, unsold: int) -> list[Happening]:
        others = [other for other in self.terms if other != item and self.phase(other) != "finished"]
        done = Happening("done", at, item, unsold=unsold)
        return [done] if others else [done, Happening("over", at)]

    def outage(self, at: int) -> list[Happening]:
        moved = []
        for item in self.terms:
            if self.phase(item) != "open":
                continue
            enough = at + self.terms[item].closing.window_ms
            due, hard_end = self.due(item), self.hard_end(item)
            later = tuple(None if time is None else max(time, enough) for time in (due, hard_end))
            if later != (due, hard_end):
                moved.append((item, self.unit(item), *later))
        return [Happening("moved", at, moved=tuple(moved))] if moved else []
