"""From messages to commands: what a bidder or somebody at a desk sends, as the rules are asked it.

Whatever is random or secret is added here: salts for private events, codes for those who are invited.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from bidroom.rules import commands, control
from bidroom.rules.commands import BidderCommand
from bidroom.rules.control import ControlCommands
from bidroom.rules.events import AnyEvent, TokenReplaced
from bidroom.rules.money import format_money
from bidroom.rules.names import BadName, clean_name, first_unseen
from bidroom.rules.state import RoomState
from bidroom.server.desks import Desk
from bidroom.server.room import Room
from bidroom.server.seats import Seat, new_code, new_salt, plain_code, public_name
from bidroom.server.settings import token_hash
from bidroom.wire import messages
from bidroom.wire.control import (
    AnyControl,
    BadItem,
    BidFor,
    HandOver,
    Invite,
    MarkPaid,
    NewItem,
    NewToken,
    command,
)
from bidroom.wire.messages import BidderMessage, Preview
from bidroom.wire.updates import public_events
from bidroom.wire.words import Words

CLERKS_MAY = BidFor | MarkPaid | HandOver
"""What a clerk may ask for; the auctioneer may ask for everything."""


LEAST_CODE = 8
"""How many letters and digits an invitation's code has at least."""


class Invalid(Exception):
    """An order that can't be carried out as it is; the text says why."""


class Prepared(Struct, frozen=True):
    """A command that is ready to be decided, and the code that its answer gives away, if any."""

    command: ControlCommands
    code: str = ""


def bidder_command(message: BidderMessage, seat: Seat) -> BidderCommand:
    """What the bidder in this seat asks of the rules."""
    return _BIDDER_COMMANDS[type(message)](message, seat)


_BIDDER_COMMANDS: dict[type[BidderMessage], Callable[[Any, Seat], BidderCommand]] = {
    messages.Bid: lambda m, s: commands.Bid(s.bidder, m.id, m.item, m.amount, m.unit, s.registration),
    messages.MaxBid: lambda m, s: commands.MaxBid(s.bidder, m.id, m.item, m.amount, m.units, s.registration),
    messages.CancelMax: lambda m, s: commands.CancelMax(s.bidder, m.id, m.item, s.registration),
    messages.BuyNow: lambda m, s: commands.BuyNow(s.bidder, m.id, m.item, m.unit, s.registration),
    messages.AnswerOffer: lambda m, s: commands.AnswerOffer(s.bidder, m.id, m.item, m.unit, m.accept, s.registration),
}


def prepare(room: Room, message: AnyControl, desk: Desk) -> Prepared:
    """What somebody at a desk asks of the rules. Raises Invalid."""
    by = desk.name
    _refuse_unseen(message)
    if isinstance(message, Invite):
        return _invitation(room, message, by)
    if isinstance(message, NewToken):
        code = new_code()
        replace = control.ReplaceToken(
            by=by, id=message.id, salt=new_salt(), bidder=message.bidder, token_hash=token_hash(plain_code(code))
        )
        return Prepared(replace, code)
    try:
        return Prepared(command(message, by, new_salt(), room.terms.defaults))
    except BadItem as error:
        raise Invalid(str(error)) from None


def _refuse_unseen(message: AnyControl | NewItem) -> None:
    """Nothing that everyone reads may hold what nobody sees. Raises Invalid."""
    for field in message.__struct_fields__:
        value = getattr(message, field)
        if isinstance(value, NewItem):
            _refuse_unseen(value)
        elif isinstance(value, str) and (unseen := first_unseen(value.replace("\n", " "))) is not None:
            raise Invalid(f"`{field}` has a control or bidirectional character (U+{ord(unseen):04X}); leave it out.")


def _invitation(room: Room, message: Invite, by: str) -> Prepared:
    try:
        name = clean_name(message.name)
    except BadName as error:
        raise Invalid(str(error)) from None
    if room.seats.is_taken(name):
        raise Invalid(f"The name {name!r} is taken; choose another one, or give them a new token.")
    paddle = message.paddle or room.seats.next_paddle()
    if room.seats.has_paddle(paddle):
        raise Invalid(f"Somebody has paddle {paddle} already; choose another number, or leave it out for the next one.")
    bidder = public_name(room.terms, name, paddle)
    code = message.code or new_code()
    if len(plain_code(code)) < LEAST_CODE or room.seats.is_token(plain_code(code)):
        raise Invalid(f"The code has at least {LEAST_CODE} letters and digits, and nobody else has it; choose another.")
    invite = control.Invite(
        by=by,
        id=message.id,
        salt=new_salt(),
        bidder=bidder,
        name="" if bidder == name else name,
        paddle=paddle,
        budget=message.budget,
        email=message.email,
        token_hash=token_hash(plain_code(code)),
    )
    return Prepared(invite, code)


def is_dry_run(message: AnyControl) -> bool:
    """Whether nothing is to happen."""
    return getattr(message, "dry_run", False)


def preview(state: RoomState, id: int, events: tuple[AnyEvent, ...]) -> Preview:
    """What these events would do, in words and as the public would hear of it."""
    assert state.terms is not None, "the room is open"
    currency = state.terms.currency
    words = Words(lambda item, unit: _unit(state, item, unit), lambda minor: format_money(minor, currency))
    public = public_events(events)
    told = [words.tell(event) for event in public]
    told += [
        f"{event.bidder} comes back with a new token; the old one is worth nothing any more"
        for event in events
        if isinstance(event, TokenReplaced)
    ]
    return Preview(id, told, public)


def _unit(state: RoomState, item: str, unit: int | None) -> str:
    terms = state.items[item].terms
    return terms.name if unit is None or terms.units == 1 else f"{terms.name} ({unit} of {terms.units})"
