"""What an auctioneer, and in part a clerk, sends: `bidroom.rules.control` says what each command does.

Over HTTP the same objects are posted to /api/rooms/{room}/{type}, without their `type`. Times are milliseconds, amounts
minor units. With `dry_run` nothing happens, and the answer is a `Preview`.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from bidroom.rules import control
from bidroom.rules.commands import Reserve
from bidroom.rules.increments import Increment
from bidroom.rules.item import MAX_AMOUNT, Closing, ItemDefaults, ItemTerms, LiveClosing
from bidroom.rules.pictures import MAX_PICTURE_LENGTH, BadPicture, clean_picture
from bidroom.wire.fields import LONGEST_MS, Amount, Count, Name, Paddle, Span, Text, Units, Words

Who = Annotated[str, Meta(max_length=200)] | Annotated[int, Meta(ge=1, le=1_000_000)]
"""A bidder, as everyone sees them, or by their paddle's number."""


class ControlMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The part that every one has: `id` comes back with the answer."""

    id: Count = 0


class OpenBidding(ControlMessage, frozen=True, kw_only=True, tag="open_bidding"):
    """Open the first rounds."""


class OpenItem(ControlMessage, frozen=True, kw_only=True, tag="open_item"):
    """Open the next round of an item; without `item`, of the one that comes next."""

    item: Text | None = None


class Pause(ControlMessage, frozen=True, kw_only=True, tag="pause"):
    """Pause an item; without `item`, the room."""

    item: Text | None = None


class Resume(ControlMessage, frozen=True, kw_only=True, tag="resume"):
    """Go on with an item; without `item`, with the room."""

    item: Text | None = None


class Extend(ControlMessage, frozen=True, kw_only=True, tag="extend"):
    """Let an open round close no earlier than `span_ms` from now."""

    item: Text
    span_ms: Span


class Withdraw(ControlMessage, frozen=True, kw_only=True, tag="withdraw"):
    """Take an item out of the sale."""

    item: Text
    why: Words


class NewItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An item as the auctioneer adds it. What it leaves out is as the room's catalogue says for all items."""

    id: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    starting_price: Amount
    increment: Amount | None = None
    units: Units = 1
    closing: Closing | None = None
    pause_ms: Annotated[int, Meta(ge=0, le=LONGEST_MS)] | None = None
    description: Annotated[str, Meta(max_length=10_000)] = ""
    category: Text = ""
    seller: Text | None = None
    reserve: Amount | None = None
    buy_now: Amount | None = None
    units_each: Units | None = None
    picture: Annotated[str, Meta(max_length=MAX_PICTURE_LENGTH)] = ""


class AddItem(ControlMessage, frozen=True, kw_only=True, tag="add_item"):
    """Add an item to the end of the sale."""

    item: NewItem


class Reopen(ControlMessage, frozen=True, kw_only=True, tag="reopen"):
    """Offer the unsold units of a finished item again."""

    item: Text


class Announce(ControlMessage, frozen=True, kw_only=True, tag="announce"):
    """Tell everyone something."""

    text: Words


class CloseRoom(ControlMessage, frozen=True, kw_only=True, tag="close_room"):
    """End the sale."""

    why: Words


class BidFor(ControlMessage, frozen=True, kw_only=True, tag="bid_for"):
    """Bid for a paddle."""

    bidder: Who
    item: Text
    amount: Amount
    unit: Amount | None = None
    via: Literal["floor", "phone"] = "floor"


class VoidBid(ControlMessage, frozen=True, kw_only=True, tag="void_bid"):
    """Take back the standing bid of an open round, which is the event with the number `bid`."""

    item: Text
    bid: Amount
    why: Words
    dry_run: bool = False


class CancelSale(ControlMessage, frozen=True, kw_only=True, tag="cancel_sale"):
    """Take back the sale whose `unit_sold` has the number `sale`."""

    sale: Amount
    why: Words
    then: Literal["unsold", "reopen", "offer"] = "unsold"
    dry_run: bool = False


class SettleOffer(ControlMessage, frozen=True, kw_only=True, tag="settle_offer"):
    """Take, or decline, an offered unit for a bidder who answers in the hall or on the telephone."""

    item: Text
    unit: Amount
    accept: bool


class RemoveBidder(ControlMessage, frozen=True, kw_only=True, tag="remove_bidder"):
    """Send a bidder out."""

    bidder: Who
    why: Words
    dry_run: bool = False


class Invite(ControlMessage, frozen=True, kw_only=True, tag="invite"):
    """Register a bidder; the answer, `Done`, has the code that lets them in.

    Without `paddle` they get the next number, without `code` (8 letters and digits or more) one that nobody can guess.
    """

    name: Name
    paddle: Paddle | None = None
    budget: Amount | None = None
    email: Text = ""
    code: Annotated[str, Meta(min_length=8, max_length=64)] | None = None


class NewToken(ControlMessage, frozen=True, kw_only=True, tag="new_token"):
    """Give a bidder who lost theirs a new token; the answer, `Done`, has it."""

    bidder: Who
    dry_run: bool = False


class SetBudget(ControlMessage, frozen=True, kw_only=True, tag="set_budget"):
    """Let a bidder spend at most `budget`; null: as much as they like."""

    bidder: Who
    budget: Amount | None


class MarkPaid(ControlMessage, frozen=True, kw_only=True, tag="mark_paid"):
    """A bidder has paid, `how`, for one sale, or for everything they owe."""

    bidder: Who
    how: Words
    sale: Amount | None = None


class HandOver(ControlMessage, frozen=True, kw_only=True, tag="hand_over"):
    """A bidder has been given one sale, or everything they bought."""

    bidder: Who
    sale: Amount | None = None


AnyControl = (
    OpenBidding
    | OpenItem
    | Pause
    | Resume
    | Extend
    | Withdraw
    | AddItem
    | Reopen
    | Announce
    | CloseRoom
    | BidFor
    | VoidBid
    | CancelSale
    | SettleOffer
    | RemoveBidder
    | Invite
    | NewToken
    | SetBudget
    | MarkPaid
    | HandOver
)

_SAME: dict[type[ControlMessage], type[control.ControlCommand]] = {
    OpenBidding: control.OpenBidding,
    OpenItem: control.OpenItem,
    Pause: control.Pause,
    Resume: control.Resume,
    Extend: control.Extend,
    Withdraw: control.Withdraw,
    Reopen: control.Reopen,
    Announce: control.Announce,
    CloseRoom: control.CloseRoom,
    BidFor: control.BidFor,
    VoidBid: control.VoidBid,
    CancelSale: control.CancelSale,
    SettleOffer: control.SettleOffer,
    RemoveBidder: control.RemoveBidder,
    SetBudget: control.SetBudget,
    MarkPaid: control.MarkPaid,
    HandOver: control.HandOver,
}
"""Messages whose fields are their command's."""


class BadItem(ValueError):
    """An item that can't be sold as it is described; the text says why."""


def command(message: AnyControl, by: str, salt: str, defaults: ItemDefaults) -> Any:
    """The command that a message asks for, without those that need a secret (`Invite`, `NewToken`). Raises BadItem."""
    if isinstance(message, AddItem):
        terms, reserve = _terms(message.item, defaults, salt)
        return control.AddItem(by=by, id=message.id, terms=terms, reserve=reserve)
    fields = msgspec.structs.asdict(message)
    fields.pop("dry_run", None)
    return _SAME[type(message)](by=by, salt=salt, **fields)


def _check_closing(closing: Closing) -> None:
    spans = [closing.window_ms]
    moments: list[int | None] = []
    if isinstance(closing, LiveClosing):
        spans += [] if closing.opening_ms is None else [closing.opening_ms]
    else:
        spans += [] if closing.duration_ms is None else [closing.duration_ms]
        moments += [closing.closes_at, closing.hard_end]
    if not all(1 <= span <= LONGEST_MS for span in spans):
        raise BadItem(f"Spans of time are in milliseconds, 1 to {LONGEST_MS}.")
    if not all(moment is None or 0 <= moment <= MAX_AMOUNT for moment in moments):
        raise BadItem("Moments are milliseconds since 1970.")


def _terms(item: NewItem, defaults: ItemDefaults, salt: str) -> tuple[ItemTerms, Reserve | None]:
    increment: Increment | None = item.increment or defaults.increment
    if increment is None:
        raise BadItem("The room's catalogue has no increment for all items; give the item one.")
    closing = item.closing or defaults.closing
    _check_closing(closing)
    if item.reserve is not None and item.reserve < item.starting_price:
        raise BadItem("The reserve is below the starting price.")
    if item.buy_now is not None and item.buy_now < max(item.starting_price + 1, item.reserve or 0):
        raise BadItem("The fixed price is not above the starting price, or below the reserve.")
    terms = ItemTerms(
        id=item.id,
        name=item.name,
        starting_price=item.starting_price,
        increment=increment,
        units=item.units,
        closing=closing,
        pause_ms=defaults.pause_ms if item.pause_ms is None else item.pause_ms,
        description=item.description,
        category=item.category,
        seller=item.seller,
        reserve=item.reserve is not None,
        buy_now=item.buy_now,
        units_each=item.units_each,
        picture=_picture(item.picture),
    )
    return terms, None if item.reserve is None else Reserve(item.id, item.reserve, salt)


def _picture(picture: str) -> str:
    try:
        return clean_picture(picture)
    except BadPicture as error:
        raise BadItem(f"The picture {error}.") from None
