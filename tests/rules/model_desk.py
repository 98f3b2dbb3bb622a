"""The naive model's telling of what the desk asks: who takes part, and who has paid for what."""

from bidroom.rules import control
from tests.rules.model_steps import Teller
from tests.rules.story import Story


def who(story: Story, named: str | int) -> str | None:
    """Whom the auctioneer means: by the name that everyone sees, or by the paddle's number."""
    registered = story.all("bidder_registered")
    meant = [each.bidder for each in registered if named in (each.bidder, each.paddle)]
    return meant[0] if meant else None


def invite(story: Story, command: control.Invite, teller: Teller) -> str | None:
    taken = [each.paddle for each in story.all("bidder_registered") if each.paddle is not None]
    if command.bidder in story.bidders() or command.paddle in taken:
        return "already"
    teller.tell(
        "bidder_registered",
        bidder=command.bidder,
        token_hash=command.token_hash,
        salt=command.salt,
        name=command.name,
        paddle=command.paddle,
        budget=command.budget,
        email=command.email,
        by=command.by,
    )
    return None


def set_budget(story: Story, command: control.SetBudget, teller: Teller) -> str | None:
    bidder = who(story, command.bidder)
    if bidder is None:
        return "unknown_bidder"
    if story.budget(bidder) == command.budget:
        return "already"
    teller.tell("budget_set", bidder=bidder, budget=command.budget, by=command.by, salt=command.salt)
    return None


def replace_token(story: Story, command: control.ReplaceToken, teller: Teller) -> str | None:
    bidder = who(story, command.bidder)
    if bidder is None:
        return "unknown_bidder"
    teller.tell("token_replaced", bidder=bidder, token_hash=command.token_hash, by=command.by, salt=command.salt)
    return None


def mark_paid(story: Story, command: control.MarkPaid, teller: Teller) -> str | None:
    sales = undone(story, command, "purchases_paid")
    if isinstance(sales, str):
        return sales
    teller.tell(
        "purchases_paid",
        bidder=sales[0].bidder,
        sales=tuple(sale.seq for sale in sales),
        amount=sum(sale.amount for sale in sales),
        how=command.how,
        by=command.by,
        salt=command.salt,
    )
    return None


def hand_over(story: Story, command: control.HandOver, teller: Teller) -> str | None:
    sales = undone(story, command, "purchases_handed_over")
    if isinstance(sales, str):
        return sales
    numbers = tuple(sale.seq for sale in sales)
    teller.tell("purchases_handed_over", bidder=sales[0].bidder, sales=numbers, by=command.by, salt=command.salt)
    return None


def undone(story: Story, command: control.MarkPaid | control.HandOver, kind: str):
    """The bidder's purchases that are meant and of which this was not told yet; or why there are none."""
    bidder = who(story, command.bidder)
    if bidder is None:
        return "unknown_bidder"
    meant = [sale for sale in story.purchases(bidder) if command.sale is None or sale.seq == command.sale]
    if not meant:
        return "no_such_sale"
    done = [seq for each in story.all(kind) for seq in each.sales]
    return [sale for sale in meant if sale.seq not in done] or "already"
