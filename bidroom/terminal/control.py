"""`bidroom control`: what an auctioneer does during a sale, one command for each order that a room takes."""

from typing import Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from bidroom.catalogue.fields import slug
from bidroom.errors import BidroomError
from bidroom.terminal.desk import Desk, confirmed, report
from bidroom.terminal.desk_options import DeskOptions

HERE = DeskOptions()
Positive = Annotated[int, Parameter(validator=Number(gte=1))]
DryRun = Annotated[bool, Parameter(negative=(), show_default=False, help="Only say what would happen.")]
Yes = Annotated[bool, Parameter(negative=(), show_default=False, help="Don't ask before it is done.")]
Why = Annotated[str, Parameter(help="The reason, which everyone will read.")]

control = App(name="control", help_format="plaintext", result_action="return_value")


def _who(bidder: str) -> str | int:
    """A bidder as the room is asked for them: a number is a paddle."""
    return int(bidder) if bidder.isascii() and bidder.isdigit() else bidder


def _item_id(desk: Desk, item: str | None) -> str | None:
    return None if item is None else desk.item(item)["id"]


@control.command(name="open")
def open_(item: str | None = None, /, *, at: DeskOptions = HERE) -> int:
    """Open the bidding; with an item, its next round; where items are sold one by one, the next one.

    Parameters
    ----------
    item
        The item, by its id or name.
    """
    desk = Desk(at)
    if item is not None:
        return report(desk.order("open_item", item=_item_id(desk, item)))
    answer = desk.order("open_bidding")
    if answer.get("reason") == "already":  # so it is the next item's turn, where one waits
        following = desk.order("open_item")
        answer = answer if following.get("reason") == "closed" else following
    return report(answer)


@control.command
def pause(item: str | None = None, /, *, at: DeskOptions = HERE) -> int:
    """Take no bids and stop the clocks: of an item, or of the whole sale.

    Parameters
    ----------
    item
        The item, by its id or name; without one, the sale.
    """
    desk = Desk(at)
    return report(desk.order("pause", item=_item_id(desk, item)))


@control.command
def resume(item: str | None = None, /, *, at: DeskOptions = HERE) -> int:
    """Go on after a pause: with an item, or with the whole sale.

    Parameters
    ----------
    item
        The item, by its id or name; without one, the sale.
    """
    desk = Desk(at)
    return report(desk.order("resume", item=_item_id(desk, item)))


@control.command
def extend(item: str, seconds: Positive, /, *, at: DeskOptions = HERE) -> int:
    """Let an open round close no earlier than so many seconds from now.

    Parameters
    ----------
    item
        The item, by its id or name.
    seconds
        How long it stays open at least.
    """
    desk = Desk(at)
    return report(desk.order("extend", item=_item_id(desk, item), span_ms=seconds * 1000))


@control.command
def withdraw(item: str, /, *, why: Why, at: DeskOptions = HERE) -> int:
    """Take an item out of the sale; a standing bid on it falls away.

    Parameters
    ----------
    item
        The item, by its id or name.
    """
    desk = Desk(at)
    return report(desk.order("withdraw", item=_item_id(desk, item), why=why))


@control.command
def reopen(item: str, /, *, at: DeskOptions = HERE) -> int:
    """Offer the unsold units of a finished item again.

    Parameters
    ----------
    item
        The item, by its id or name.
    """
    desk = Desk(at)
    return report(desk.order("reopen", item=_item_id(desk, item)))


@control.command
def add(
    name: str,
    starting_price: str,
    /,
    *,
    id: str | None = None,
    units: Positive = 1,
    increment: str | None = None,
    reserve: str | None = None,
    buy_now: str | None = None,
    description: str = "",
    picture: str = "",
    at: DeskOptions = HERE,
) -> int:
    """Add an item to the end of the sale.

    Parameters
    ----------
    name
        What people see.
    starting_price
        The first price, such as 120.00.
    id
        What programs call it; made from the name where it is left out.
    units
        How many identical ones.
    increment
        The step; left out: as the catalogue says for all items.
    reserve
        The hidden price below which it is not sold.
    buy_now
        The fixed price at which it is gone at once, before the first bid.
    description
        What people read about it.
    picture
        What it looks like: a file in the server's folder of pictures, or an address.
    """
    desk = Desk(at)
    item = {
        "id": id or slug(name) or "item",
        "name": name,
        "starting_price": desk.money(starting_price),
        "units": units,
        "description": description,
        "picture": picture,
        "increment": None if increment is None else desk.money(increment),
        "reserve": None if reserve is None else desk.money(reserve),
        "buy_now": None if buy_now is None else desk.money(buy_now),
    }
    return report(desk.order("add_item", item=item))


@control.command
def announce(text: str, /, *, at: DeskOptions = HERE) -> int:
    """Tell everyone something.

    Parameters
    ----------
    text
        What everyone will read.
    """
    return report(Desk(at).order("announce", text=text))


@control.command
def close(*, why: Why, at: DeskOptions = HERE) -> int:
    """End the sale: rounds with a standing bid run out, everything else is finished now."""
    return report(Desk(at).order("close_room", why=why))


@control.command
def bid(
    bidder: str,
    item: str,
    amount: str,
    /,
    *,
    via: Literal["floor", "phone"] = "floor",
    at: DeskOptions = HERE,
) -> int:
    """Bid for a paddle, in the hall or on the telephone.

    Parameters
    ----------
    bidder
        The paddle's number, or the bidder as everyone sees them.
    item
        The item, by its id or name.
    amount
        Such as 120.00.
    via
        Where the bid comes from, which everyone will see.
    """
    desk = Desk(at)
    found = desk.item(item)
    fields = {"item": found["id"], "unit": found["unit"] or None, "amount": desk.money(amount), "via": via}
    return report(desk.order("bid_for", bidder=_who(bidder), **fields))


@control.command
def void_bid(item: str, /, *, why: Why, dry_run: DryRun = False, yes: Yes = False, at: DeskOptions = HERE) -> int:
    """Take back the standing bid: the round goes back to the best bid that remains, with a fresh window.

    Parameters
    ----------
    item
        The item, by its id or name.
    """
    desk = Desk(at)
    found = desk.item(item)
    if found.get("bid") is None:
        raise BidroomError(f"No bid stands on {found['name']}.")
    return confirmed(desk, "void_bid", dry_run, yes, item=found["id"], bid=found["bid"], why=why)


@control.command
def cancel_sale(
    item: str,
    unit: Positive | None = None,
    /,
    *,
    why: Why,
    then: Literal["unsold", "reopen", "offer"] = "unsold",
    dry_run: DryRun = False,
    yes: Yes = False,
    at: DeskOptions = HERE,
) -> int:
    """Take back a sale; then leave the unit unsold, offer it again, or to the runner-up at their own last bid.

    Parameters
    ----------
    item
        The item, by its id or name.
    unit
        Which of its units, where several are sold.
    then
        What becomes of the unit.
    """
    desk = Desk(at)
    sold = [sale for sale in desk.get("/purchases")["purchases"] if sale["item"] == desk.item(item)["id"]]
    meant = [sale for sale in sold if unit in (None, sale["unit"])]
    if len(meant) != 1:
        units = ", ".join(str(sale["unit"]) for sale in sold) or "none"
        raise BidroomError(f"Name the unit of {item!r} whose sale is meant; sold are: {units}.")
    return confirmed(desk, "cancel_sale", dry_run, yes, sale=meant[0]["seq"], why=why, then=then)


@control.command
def settle_offer(item: str, unit: Positive, answer: Literal["take", "decline"], /, *, at: DeskOptions = HERE) -> int:
    """Answer an offer for a runner-up who is in the hall or on the telephone.

    Parameters
    ----------
    item
        The item, by its id or name.
    unit
        Which of its units.
    answer
        What they say.
    """
    desk = Desk(at)
    return report(desk.order("settle_offer", item=_item_id(desk, item), unit=unit, accept=answer == "take"))


@control.command
def remove(bidder: str, /, *, why: Why, dry_run: DryRun = False, yes: Yes = False, at: DeskOptions = HERE) -> int:
    """Send a bidder out: their standing bids are voided. What they bought stays bought.

    Parameters
    ----------
    bidder
        The paddle's number, or the bidder as everyone sees them.
    """
    return confirmed(Desk(at), "remove_bidder", dry_run, yes, bidder=_who(bidder), why=why)


@control.command
def new_token(bidder: str, /, *, dry_run: DryRun = False, yes: Yes = False, at: DeskOptions = HERE) -> int:
    """Give a bidder who lost their token a code that lets them back in; the old token is worth nothing any more.

    Parameters
    ----------
    bidder
        The paddle's number, or the bidder as everyone sees them.
    """
    return confirmed(Desk(at), "new_token", dry_run, yes, bidder=_who(bidder))


@control.command
def budget(bidder: str, amount: str | None = None, /, *, at: DeskOptions = HERE) -> int:
    """Let a bidder spend at most so much; without an amount, as much as they like.

    Parameters
    ----------
    bidder
        The paddle's number, or the bidder as everyone sees them.
    amount
        Such as 500.00.
    """
    desk = Desk(at)
    return report(desk.set_budget(_who(bidder), None if amount is None else desk.money(amount)))


@control.command
def paid(bidder: str, /, *, how: str, sale: Positive | None = None, at: DeskOptions = HERE) -> int:
    """A bidder has paid, for everything they still owe or for one sale.

    Parameters
    ----------
    bidder
        The paddle's number, or the bidder as everyone sees them.
    how
        Such as "cash" or "card".
    sale
        The number of the sale's event; without it, everything.
    """
    return report(Desk(at).order("mark_paid", bidder=_who(bidder), how=how, sale=sale))


@control.command
def handed_over(bidder: str, /, *, sale: Positive | None = None, at: DeskOptions = HERE) -> int:
    """A bidder has been given what they bought, all of it or one sale.

    Parameters
    ----------
    bidder
        The paddle's number, or the bidder as everyone sees them.
    sale
        The number of the sale's event; without it, everything.
    """
    return report(Desk(at).order("hand_over", bidder=_who(bidder), sale=sale))
