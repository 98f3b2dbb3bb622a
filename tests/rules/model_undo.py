"""The naive model's telling of what the auctioneer takes back."""

from bidroom.rules import control
from bidroom.rules.item import LiveClosing
from tests.rules.model_bids import beyond
from tests.rules.model_desk import who
from tests.rules.model_steps import Teller, next_minimum, reopening
from tests.rules.story import Story


def void_bid(story: Story, command: control.VoidBid, teller: Teller):
    item = command.item
    if item not in story.items():
        return "unknown_item"
    bids = story.bids(item)
    if story.leader(item) is None or bids[-1].seq != command.bid:
        return "not_standing"
    cancelling(story, teller, bids[-1].bidder, [item])
    return voiding(teller, item, bids[:-1], command)


def cancelling(story: Story, teller: Teller, bidder: str, items: list[str]) -> None:
    for item in items:
        if story.maximum(bidder, item) is not None:
            teller.tell("maximum_cancelled", bidder=bidder, item=item, salt=story.registration(bidder).salt)


def voiding(teller: Teller, item: str, remaining: list, command):
    """The last of the remaining bids stands, and there is a fresh window on the clock, or a fresh wait for a bid."""
    story, terms = teller.story, teller.story.items()[item]
    stood = 0 if story.stopped(item) is None else teller.at - story.stopped(item)
    fresh = teller.at + terms.closing.window_ms
    ends_at, hard_end = story.due(item), story.hard_end(item)
    if not remaining and isinstance(terms.closing, LiveClosing) and not story.is_closing():
        ends_at = None if terms.closing.opening_ms is None else teller.at + terms.closing.opening_ms
    elif ends_at is not None:
        ends_at = max(ends_at + stood, fresh)
    if hard_end is not None:
        hard_end = max(hard_end + stood, fresh)
    standing = remaining[-1] if remaining else None
    amount = standing.amount if standing else None
    return teller.tell(
        "bid_voided",
        item=item,
        unit=story.unit(item),
        bid=story.bids(item)[-1].seq,
        bidder=story.leader(item),
        standing=standing.seq if standing else None,
        leader=standing.bidder if standing else None,
        amount=amount,
        minimum=next_minimum(terms, amount),
        ends_at=ends_at,
        hard_end=hard_end,
        reserve=story.reserve_sign(item, amount),
        buy_now=None if standing else terms.buy_now,
        by=command.by,
        why=command.why,
    )


def remove_bidder(story: Story, command: control.RemoveBidder, teller: Teller):
    bidder = who(story, command.bidder)
    if bidder is None:
        return "unknown_bidder"
    if story.is_removed(bidder):
        return "already"
    cancelling(story, teller, bidder, [left.item for left in story.maximums() if left.bidder == bidder])
    for item in story.led(bidder):
        voiding(teller, item, [bid for bid in story.bids(item) if bid.bidder != bidder], command)
    for offer in story.offers():
        if offer.bidder == bidder:
            teller.tell("offer_declined", item=offer.item, unit=offer.unit, bidder=bidder)
    return teller.tell("bidder_removed", bidder=bidder, by=command.by, why=command.why)


def cancel_sale(story: Story, command: control.CancelSale, teller: Teller) -> str | None:
    sales = [sale for sale in story.standing_sales() if sale.seq == command.sale]
    if not sales:
        return "no_such_sale"
    sale = sales[0]
    runner_up = None
    if command.then == "offer":
        runner_up = second_best(Story(story.story[: story.story.index(sale)]), sale)
        if runner_up is None or story.is_removed(runner_up.bidder):
            return "no_runner_up"
    reopens = command.then == "reopen" and story.phase(sale.item) == "finished"
    if reopens and (story.is_closing() or story.is_paused()):
        return "closed" if story.is_closing() else "paused"
    what = {"item": sale.item, "unit": sale.unit, "bidder": sale.bidder, "amount": sale.amount}
    teller.tell("sale_cancelled", sale=sale.seq, by=command.by, why=command.why, **what)
    if runner_up is not None:
        offered = {"bidder": runner_up.bidder, "amount": runner_up.amount}
        teller.tell("offer_made", **{**what, **offered}, by=command.by)
    if reopens:
        reopening(teller, sale.item, command.by)
    return None


def settle_offer(story: Story, command: control.SettleOffer, teller: Teller):
    """As if the one to whom it is offered had said it."""
    offers = [offer for offer in story.offers() if (offer.item, offer.unit) == (command.item, command.unit)]
    if not offers:
        return "no_offer"
    told = {"item": command.item, "unit": command.unit, "bidder": offers[0].bidder}
    if not command.accept:
        return teller.tell("offer_declined", **told)
    reason = beyond(story, offers[0].bidder, command.item, offers[0].amount, None)
    return reason or teller.tell("unit_sold", **told, amount=offers[0].amount, how="offer")


def second_best(then: Story, sale):
    """The last bid of anybody else in the round, as it was when the unit was sold."""
    if sale.how == "offer":
        return None
    others = [bid for bid in then.bids(sale.item) if bid.bidder != sale.bidder]
    return others[-1] if others else None
