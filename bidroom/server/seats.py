"""Who sits in a room: names, tokens, and what the house remembers of each bidder beyond the rules' state.

A seat is kept for good once its bidder is registered (their first accepted command, or their invitation, is in the
journal); until then it lasts as long as its connections do, so that a flood of joins costs nothing that stays. Tokens
are kept as hashes only.
"""

import re
import secrets
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

import msgspec

from bidroom.rules.commands import Registration
from bidroom.rules.events import BidderRegistered, TokenReplaced
from bidroom.rules.item import RoomTerms
from bidroom.rules.names import BadName, clean_name, name_key
from bidroom.rules.once import KEPT_ANSWERS, AnswerLog
from bidroom.server.settings import MAX_NAMES, token_hash
from bidroom.wire.messages import Accepted, Error, ErrorReason, Join, Refused

if TYPE_CHECKING:
    from bidroom.server.connection import Connection


class Account:
    """What a participant may still ask: a bucket of messages that fills by the second, and the commands unanswered."""

    __slots__ = ("_filled_at", "_messages", "_per_second", "unanswered")

    def __init__(self, messages_per_second: int, now: int) -> None:
        self._per_second = messages_per_second
        self._messages = float(2 * messages_per_second)
        self._filled_at = now
        self.unanswered = 0

    def take_message(self, now: int) -> bool:
        """Count a message that arrives at `now` (ms); False where there were too many lately."""
        messages = self._messages + (now - self._filled_at) * self._per_second / 1000
        if messages > 2 * self._per_second:
            messages = 2.0 * self._per_second
        self._filled_at = now
        enough = messages >= 1
        self._messages = messages - 1 if enough else messages
        return enough

    @property
    def full(self) -> bool:
        """Whether as many commands wait for an answer as answers are kept."""
        return self.unanswered >= KEPT_ANSWERS


class Seat:
    """One bidder's place in the room: `bidder` is how others see them, `name` what they call themselves."""

    __slots__ = ("account", "answers", "bidder", "connections", "name", "registration", "removed")

    def __init__(self, bidder: str, name: str, registration: Registration, account: Account) -> None:
        self.bidder = bidder
        self.name = name
        self.registration = registration
        self.account = account
        self.answers: AnswerLog[Accepted | Refused] = AnswerLog()
        self.connections: set[Connection] = set()
        self.removed = False


class Seats:
    """The seats of one room, found by how others see the bidder, by names that count as the same, or by token."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat] = {}
        self._by_name: dict[str, Seat] = {}
        self._by_token: dict[str, Seat] = {}
        self._paddles: set[int] = set()
        self._last_paddle = 0

    def __len__(self) -> int:
        return len(self._seats)

    def __iter__(self) -> Iterator[Seat]:
        return iter(self._seats.values())

    def take(self, join: Join, account: Account, terms: RoomTerms) -> tuple[Seat, str] | Error:
        """The seat that a join leads to and the token that comes back to it, or why there is none."""
        if join.code is not None or join.token is not None:
            return self._come_back(join)
        if terms.registration == "invite":
            return _INVITE_ONLY
        try:
            name = clean_name(join.name)
        except BadName as error:
            return Error(ErrorReason.BAD_NAME, str(error))
        if terms.bidders == "paddles" and _PADDLE.fullmatch(name):
            return Error(ErrorReason.BAD_NAME, "This looks like a paddle; join with a name of your own.")
        if self.is_taken(name):
            return Error(ErrorReason.NAME_TAKEN, f"The name {name!r} is taken; choose another one.")
        if len(self._seats) >= MAX_NAMES:
            return Error(ErrorReason.TOO_MANY, "The room has no seat left; watch instead.")
        token, paddle = secrets.token_hex(16), self.next_paddle()
        bidder = public_name(terms, name, paddle)
        registration = Registration(token_hash(token), new_salt(), "" if bidder == name else name, paddle)
        return self._add(bidder, registration, account), token

    def _come_back(self, join: Join) -> tuple[Seat, str] | Error:
        token = join.token if join.code is None else plain_code(join.code)
        seat = self._by_token.get(token_hash(token or ""))
        if seat is None or (join.name and name_key(join.name) not in (name_key(seat.bidder), name_key(seat.name))):
            return _BAD_TOKEN if join.code is None else _BAD_CODE
        return (seat, token or "") if not seat.removed else REMOVED

    def is_taken(self, name: str) -> bool:
        """Whether somebody has this name, or one that counts as the same."""
        return name_key(name) in self._by_name

    def has_paddle(self, paddle: int) -> bool:
        """Whether somebody has this paddle, registered or not."""
        return paddle in self._paddles

    def is_token(self, token: str) -> bool:
        """Whether somebody comes in with this token."""
        return token_hash(token) in self._by_token

    def next_paddle(self) -> int:
        """The number after the highest that anybody had."""
        return self._last_paddle + 1

    def register(self, event: BidderRegistered, account: Account) -> None:
        """A bidder is in the journal, or about to be; a seat that is there already keeps its connections."""
        if event.bidder not in self._seats:
            self._add(event.bidder, Registration(event.token_hash, event.salt, event.name, event.paddle), account)

    def replace_token(self, event: TokenReplaced) -> None:
        """A bidder comes back with another token from now on."""
        seat = self._seats[event.bidder]
        del self._by_token[seat.registration.token_hash]
        seat.registration = msgspec.structs.replace(seat.registration, token_hash=event.token_hash)
        self._by_token[event.token_hash] = seat

    def get(self, bidder: str) -> Seat:
        """The seat of a bidder who has one."""
        return self._seats[bidder]

    def leave(self, seat: Seat, connection: "Connection", registered: bool) -> None:
        """A connection of the seat's is gone; the seat with it, where it was the last one of an unregistered bidder."""
        seat.connections.discard(connection)
        if not registered:
            self._free(seat)

    def forget_all_but(self, registered: Container[str]) -> None:
        """Free the seats of those whom the journal doesn't know and who are not there, as after a lost invitation."""
        for seat in list(self._seats.values()):
            if seat.bidder not in registered:
                self._free(seat)

    def _free(self, seat: Seat) -> None:
        if not seat.connections and self._seats.pop(seat.bidder, None) is not None:
            del self._by_token[seat.registration.token_hash]
            self._paddles.discard(seat.registration.paddle or 0)
            for name in {name_key(seat.bidder), name_key(seat.name)}:
                del self._by_name[name]

    def _add(self, bidder: str, registration: Registration, account: Account) -> Seat:
        seat = self._seats[bidder] = Seat(bidder, registration.name or bidder, registration, account)
        self._by_token[registration.token_hash] = seat
        self._by_name.update({name_key(bidder): seat, name_key(seat.name): seat})
        if registration.paddle is not None:
            self._paddles.add(registration.paddle)
            self._last_paddle = max(self._last_paddle, registration.paddle)
        return seat


def public_name(terms: RoomTerms, name: str, paddle: int) -> str:
    """How others see a bidder."""
    return f"Paddle {paddle}" if terms.bidders == "paddles" else name


def new_salt() -> str:
    """128 random bits."""
    return secrets.token_hex(16)


def new_code() -> str:
    """60 random bits that can be read from paper: "K7QM-3XPD-9RTV". It serves as a token, without the dashes."""
    letters = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def plain_code(code: str) -> str:
    """A code as it is kept, however it was typed."""
    return "".join(character for character in code.upper() if character.isalnum())


_PADDLE = re.compile(r"\s*paddle\s*\d+\s*", re.IGNORECASE)

_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what is easily taken for something else."""

REMOVED = Error(ErrorReason.REMOVED, "The auctioneer has taken you out of this sale; watch, or speak to them.")

_INVITE_ONLY = Error(
    ErrorReason.INVITE_ONLY, "This room is by invitation: join with the `code` that you were given, or watch."
)

_BAD_CODE = Error(ErrorReason.BAD_TOKEN, "There is no invitation with this code; check it, or ask the auctioneer.")

_BAD_TOKEN = Error(
    ErrorReason.BAD_TOKEN,
    "The token doesn't belong to this name; join with the name it was given for, or without a token as somebody new.",
)
