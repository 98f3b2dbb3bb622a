"""The naive model's telling of maximums.

Everybody who takes part in a round has a claim: how far they, or the room for them, would go. The strongest one leads,
at the second strongest + the step, or at all of it where it is less. A claim that is beaten is told as a bid; the
strongest tells no more of itself than that.
"""

from typing import NamedTuple

from tests.rules.model_steps import Teller, step
from tests.rules.story import Story
from tests.rules.telling import Happening


class Claim(NamedTuple):
    """Sorted, the strongest comes first: the highest, of equal ones the earliest."""

    minus_amount: int
    since: tuple[int, int]
    bidder: str

    @property
    def amount(self) -> int:
        return -self.minus_amount


def with_answers(story: Story, told: tuple[Happening, ...], at: int) -> tuple[Happening, ...]:
    """What happened, and all that maximums say to it: one item after the other, until none has anything more to say."""
    asked: list[str] = []
    for index in range(len(told)):
        asked += concerned(Story(story.story + told[:index]), told[index], asked)
    while asked:
        now = Story(story.story + told)
        answers = exchange(now, asked[0], at)
        if not answers:
            del asked[0]
        for answer in answers:
            asked += concerned(Story(story.story + told), answer, asked)
            told += (answer,)
    return told


def concerned(story: Story, happening: Happening, asked: list[str]) -> list[str]:
    """Items on which there may be something to say now: the happening's own, and all of a bidder whom it set free."""
    items = [happening.item] if happening.item and happening.kind != "item_added" else []
    if happening.kind in ("resumed", "deadlines_moved"):
        items += list(story.items())
    free = None
    if happening.kind in ("sale_cancelled", "budget_set"):
        free = happening.bidder
    elif happening.kind in ("bid_accepted", "bid_voided", "item_finished"):
        free = story.leader(happening.item)
    limited = free is not None and (story.budget(free) is not None or story.room.units_each is not None)
    if limited or happening.kind == "budget_set":
        items += [left.item for left in story.maximums() if left.bidder == free]
    new: list[str] = []
    for item in items:
        if item not in asked and item not in new:
            new.append(item)
    return new


def claims(story: Story, item: str) -> list[Claim]:
    """All claims on the open round, the strongest first.

    The bid that stands is a claim as well: since it was made, where it was made by hand. One that the room made has
    shown already that no equal claim is stronger.
    """
    found: list[Claim] = []
    leader, bids = story.leader(item), story.bids(item)
    if leader is not None:
        by_hand = bids[-1].command is not None or bids[-1].by is not None
        found.append(Claim(-bids[-1].amount, (bids[-1].seq, 0) if by_hand else (0, 0), leader))
    for left in story.maximums():
        if left.item == item and story.may_win_another(left.bidder, item, item):
            reach = min(left.amount, story.headroom(left.bidder, item))
            found.append(Claim(-reach, left.since, left.bidder))
    return sorted(found)


def exchange(story: Story, item: str, at: int) -> tuple[Happening, ...]:
    """What is said on the item next: nothing, a bid, or a bid and the leader's answer to it."""
    if not story.takes_bids(item, at):
        return ()
    ranked, terms, price = claims(story, item), story.items()[item], story.price(item)
    leader, reserve = story.leader(item), story.reserve(item)
    teller = Teller(story, at)

    def says(claim: Claim, amount: int) -> None:
        amount = min(amount, claim.amount)
        teller.bid(item, claim.bidder, max(amount, reserve) if claim.amount >= reserve else amount)

    if not ranked or ranked[0].amount < terms.starting_price:
        return ()
    top = ranked[0]
    others = [claim for claim in ranked if claim.bidder != top.bidder]
    if leader is None:
        says(top, terms.starting_price)
        return teller.told
    assert price is not None
    if top.bidder != leader:
        lead = next(claim for claim in ranked if claim.bidder == leader)
        says(top, lead.amount + step(terms, lead.amount))
    elif others and others[0].amount > price:
        says(others[0], others[0].amount)
        says(top, others[0].amount + step(terms, others[0].amount))
    elif price < reserve <= top.amount:
        says(top, price)
    return teller.told
