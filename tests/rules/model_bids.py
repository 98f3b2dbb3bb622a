"""The naive model's telling of what bidders ask, and of what keeps them out."""

from bidroom.rules.commands import AnswerOffer, Bid, BuyNow, CancelMax, MaxBid
from bidroom.rules.control import BidFor
from bidroom.rules.names import name_key
from tests.rules.model_desk import who
from tests.rules.model_steps import Outcome, Teller, accepted, next_minimum, refused, round_end, selling
from tests.rules.story import Story

# What keeps a bidder out


def own_name(story: Story, command: Bid | MaxBid | BuyNow) -> str:
    registered = story.registration(command.bidder)
    return command.registration.name if registered is None else registered.name or ""


def barred(story: Story, command: Bid | MaxBid | BuyNow, at: int) -> str | None:
    """What keeps the bidder from having any part in the item's round; a maximum may also be left between rounds."""
    if story.is_removed(command.bidder):
        return "removed"
    if command.item not in story.items():
        return "unknown_item"
    phase, seller = story.phase(command.item), story.items()[command.item].seller
    if phase != "finished" and (story.is_paused() or story.is_paused(command.item)):
        return "paused"
    if not story.takes_bids(command.item, at) and not (isinstance(command, MaxBid) and phase == "between"):
        return "closed"
    names = [name_key(command.bidder), name_key(own_name(story, command))]
    return "own_item" if seller is not None and name_key(seller) in names else None


def beyond(story: Story, bidder: str, item: str, amount: int, besides: str | None) -> str | None:
    if not story.may_win_another(bidder, item, besides):
        return "limit"
    led = sum(story.led(bidder).values())
    budget = story.budget(bidder)
    won = sum(sale.amount for sale in story.purchases(bidder))
    return "over_budget" if budget is not None and won + led + amount > budget else None


def refusal(story: Story, command: Bid, at: int) -> tuple[str, int | None] | None:
    reason = barred(story, command, at)
    if reason is not None:
        return reason, None
    if command.unit is not None and command.unit != story.unit(command.item):
        return "closed", None
    if story.leader(command.item) == command.bidder:
        return "leading", None
    least = next_minimum(story.items()[command.item], story.price(command.item))
    if command.amount < least:
        return "too_low", least
    reason = beyond(story, command.bidder, command.item, command.amount, command.item)
    return None if reason is None else (reason, None)


# What bidders ask


def registering(teller: Teller, command: Bid | MaxBid | BuyNow) -> None:
    """Whoever is accepted for the first time is registered first."""
    given = command.registration
    if command.bidder not in teller.story.bidders():
        teller.tell(
            "bidder_registered",
            bidder=command.bidder,
            token_hash=given.token_hash,
            salt=given.salt,
            name=given.name,
            paddle=given.paddle,
        )


def bid(story: Story, command: Bid, at: int) -> Outcome:
    refusing = refusal(story, command, at)
    teller = Teller(story, at)
    if refusing is not None:
        if refusing[0] == "closed":
            late(teller, command)
        return Outcome(("refused", command.id, *refusing), teller.told)
    registering(teller, command)
    return accepted(command, teller, teller.bid(command.item, command.bidder, command.amount, command=command.id))


def late(teller: Teller, command: Bid) -> None:
    """A bid that came within a second after its round had closed goes on record: each bidder's first one."""
    story, item = teller.story, command.item
    ended = round_end(story, item)
    registered = story.registration(command.bidder)
    if ended is None or registered is None:
        return
    closed_at, unit = ended.at, story.unit(item)
    is_for_it = command.unit == unit or (command.unit is None and story.phase(item) != "open")
    if story.phase(item) == "open":  # the round that closed is the one before
        unit = [each.unit for each in story.of(item, "round_opened")][-2]
        is_for_it = command.unit == unit
    already = [each for each in story.of(item, "bid_came_late") if each.bidder == command.bidder]
    already = [each for each in already if story.story.index(each) > story.story.index(ended)]
    if is_for_it and teller.at - closed_at <= 1000 and not already:
        teller.tell(
            "bid_came_late",
            bidder=command.bidder,
            item=item,
            unit=unit,
            amount=command.amount,
            late_ms=teller.at - closed_at,
            salt=registered.salt,
        )


def bid_for(story: Story, command: BidFor, at: int) -> Outcome:
    bidder = who(story, command.bidder)
    if bidder is None:
        return refused(command, "unknown_bidder")
    registered = story.registration(bidder)
    refusing = refusal(story, Bid(bidder, command.id, command.item, command.amount, command.unit, registered), at)
    if refusing is not None:
        return refused(command, *refusing)
    teller = Teller(story, at)
    return accepted(command, teller, teller.bid(command.item, bidder, command.amount, via=command.via, by=command.by))


def max_bid(story: Story, command: MaxBid, at: int) -> Outcome:
    reason = barred(story, command, at)
    if reason is not None:
        return refused(command, reason)
    terms = story.items()[command.item]
    bought = story.purchases(command.bidder)
    if terms.units_each is not None and len([sale for sale in bought if sale.item == terms.id]) >= terms.units_each:
        return refused(command, "limit")
    price = story.price(command.item)
    least = price if story.leader(command.item) == command.bidder else next_minimum(terms, price)
    if command.amount < least:
        return refused(command, "too_low", least)
    budget = story.budget(command.bidder)
    if budget is not None and command.amount > budget - sum(sale.amount for sale in bought):
        return refused(command, "over_budget")
    teller = Teller(story, at)
    registering(teller, command)
    left = teller.tell(
        "maximum_set",
        bidder=command.bidder,
        item=command.item,
        amount=command.amount,
        units=command.units,
        salt=(story.registration(command.bidder) or command.registration).salt,
        command=command.id,
    )
    return accepted(command, teller, left)


def cancel_max(story: Story, command: CancelMax, at: int) -> Outcome:
    if command.item not in story.items():
        return refused(command, "unknown_item")
    if story.maximum(command.bidder, command.item) is None:
        return refused(command, "no_maximum")
    teller = Teller(story, at)
    salt = story.registration(command.bidder).salt
    told = teller.tell("maximum_cancelled", bidder=command.bidder, item=command.item, salt=salt, command=command.id)
    return accepted(command, teller, told)


def buy_now(story: Story, command: BuyNow, at: int) -> Outcome:
    reason = barred(story, command, at)
    if reason is None and command.unit != story.unit(command.item):
        reason = "closed"
    if reason is None:
        price = story.items()[command.item].buy_now
        if price is None or story.leader(command.item) is not None:
            reason = "no_buy_now"
        else:
            reason = beyond(story, command.bidder, command.item, price, command.item)
    if reason is not None:
        return refused(command, reason)
    teller = Teller(story, at)
    registering(teller, command)
    taken = teller.bid(command.item, command.bidder, price, command=command.id)
    selling(teller, command.item, "buy_now")
    return accepted(command, teller, taken)


def answer_offer(story: Story, command: AnswerOffer, at: int) -> Outcome:
    asked = (command.item, command.unit, command.bidder)
    offers = [offer for offer in story.offers() if (offer.item, offer.unit, offer.bidder) == asked]
    if not offers:
        return refused(command, "no_offer")
    teller, amount = Teller(story, at), offers[0].amount
    told: dict = {"item": command.item, "unit": command.unit, "bidder": command.bidder, "command": command.id}
    if not command.accept:
        return accepted(command, teller, teller.tell("offer_declined", **told))
    reason = beyond(story, command.bidder, command.item, amount, None)
    if reason is not None:
        return refused(command, reason)
    return accepted(command, teller, teller.tell("unit_sold", **told, amount=amount, how="offer"))
