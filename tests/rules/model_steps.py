"""What the naive model says in several places: a round opens, a bid is taken, a unit is sold, an item is finished."""

from typing import NamedTuple

from bidroom.rules.increments import Ladder, Percentage
from bidroom.rules.item import ItemTerms, LiveClosing
from tests.rules.story import Story
from tests.rules.telling import PRIVATE, Happening


class Outcome(NamedTuple):
    """`answer` is ("accepted", id, seq, sub), ("refused", id, reason, minimum) or None; `story` is what is new."""

    answer: tuple | None
    story: tuple[Happening, ...]


def refused(command, reason: str, minimum: int | None = None) -> Outcome:
    return Outcome(("refused", command.id, reason, minimum), ())


def accepted(command, teller: "Teller", by: Happening | None = None) -> Outcome:
    """By this happening, or the first one that was told."""
    answering = by or teller.told[0]
    return Outcome(("accepted", command.id, answering.seq, answering.sub), teller.told)


def step(terms: ItemTerms, price: int) -> int:
    """How much more a bid must be."""
    increment = terms.increment
    if isinstance(increment, Ladder):
        return next(rung.step for rung in reversed(increment.rungs) if rung.price <= price)
    if isinstance(increment, Percentage):
        steps = 1
        while steps * increment.rounded_to * 10_000 < price * increment.basis_points:
            steps += 1
        return steps * increment.rounded_to
    return increment


def next_minimum(terms: ItemTerms, price: int | None) -> int:
    return terms.starting_price if price is None else price + step(terms, price)


def round_end(story: Story, item: str) -> Happening | None:
    """What ended the last round of the item that is over: a sale, or that it was finished while open."""
    ended, is_open = None, False
    for each in story.of(item, "round_opened", "unit_sold", "item_finished"):
        if each.how == "offer":
            continue
        if each.kind != "round_opened" and is_open:
            ended = each
        is_open = each.kind == "round_opened"
    return ended


def opening_time(story: Story, pause_ms: int, at: int) -> int | None:
    """When an item that is offered anew opens by the clock; before the sale has begun it waits like all others."""
    room = story.room
    if room.order == "one-by-one" and (room.next_item == "by-hand" or story.goes_on()):
        return None
    return at + pause_ms if story.has_begun() else room.opens_at


class Teller:
    """Tells what happens at one moment, one thing after another, each numbered in its turn."""

    def __init__(self, story: Story, at: int) -> None:
        self.before, self.at = story, at
        self.told: tuple[Happening, ...] = ()

    @property
    def story(self) -> Story:
        """Everything up to now."""
        return Story(self.before.story + self.told)

    def tell(self, kind: str, **what) -> Happening:
        seq, sub = self.story.place()
        place = (seq, sub + 1) if kind in PRIVATE else (seq + 1, 0)
        happening = Happening(kind, seq=place[0], sub=place[1], at=self.at, **what)
        self.told += (happening,)
        return happening

    def opening(self, item: str, by: str = "") -> Happening:
        story, terms = self.story, self.story.items()[item]
        closing, first = terms.closing, not story.of(item, "round_opened")
        if isinstance(closing, LiveClosing):
            lasts = closing.opening_ms
        elif first and closing.closes_at is not None and closing.closes_at > self.at:
            lasts = closing.closes_at - self.at
        else:
            lasts = closing.window_ms if closing.duration_ms is None else closing.duration_ms
        return self.tell(
            "round_opened",
            item=item,
            unit=story.next_unit(item),
            minimum=terms.starting_price,
            ends_at=None if lasts is None else self.at + lasts,
            reserve=story.reserve_sign(item, None),
            buy_now=terms.buy_now,
            by=by,
        )

    def bid(self, item: str, bidder: str, amount: int, **how) -> Happening:
        story, terms = self.story, self.story.items()[item]
        fresh, due, hard_end = self.at + terms.closing.window_ms, story.due(item), story.hard_end(item)
        if isinstance(terms.closing, LiveClosing):
            if story.bids(item) and due > fresh:  # somebody has given the round more time
                fresh = due
        else:
            moved = fresh if hard_end is None or fresh < hard_end else hard_end
            fresh = moved if moved > due else due
        return self.tell(
            "bid_accepted",
            item=item,
            unit=story.unit(item),
            bidder=bidder,
            amount=amount,
            minimum=next_minimum(terms, amount),
            ends_at=fresh,
            reserve=story.reserve_sign(item, amount),
            bids=1,
            **how,
        )


def selling(teller: Teller, item: str, how: str) -> None:
    """The standing bid has bought the unit."""
    story = teller.story
    goes_on = story.left(item) > 1 and not story.is_closing()
    opens_at = teller.at + story.items()[item].pause_ms if goes_on else None
    winner, amount = story.leader(item), story.price(item)
    teller.tell("unit_sold", item=item, unit=story.unit(item), bidder=winner, amount=amount, opens_at=opens_at, how=how)
    if not goes_on:
        finishing(teller, item, "closed" if teller.story.left(item) else "sold")


def finishing(teller: Teller, item: str, because: str, by: str = "", why: str = "") -> None:
    """The item takes no more bids; perhaps another one follows, perhaps the room is finished."""
    story, room = teller.story, teller.story.room
    following: list[str] = []
    opens_at = None
    in_turn = room.order == "one-by-one" and room.next_item == "by-itself" and not story.is_closing()
    if in_turn and not story.goes_on(besides=item):
        opens_at = teller.at + story.items()[item].pause_ms if story.has_begun() else room.opens_at
        following = [other for other in story.unfinished() if other != item] if opens_at is not None else []
    teller.tell(
        "item_finished",
        item=item,
        unsold=story.left(item),
        because=because,
        next_item=following[0] if following else None,
        opens_at=opens_at if following else None,
        by=by,
        why=why,
    )
    if story.unfinished() == [item]:
        teller.tell("room_finished")


def reopening(teller: Teller, item: str, by: str) -> None:
    story = teller.story
    opens_at = opening_time(story, story.items()[item].pause_ms, teller.at)
    teller.tell("item_reopened", item=item, units_left=story.left(item), opens_at=opens_at, by=by)
