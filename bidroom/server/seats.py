"""Who sits in a room: names, tokens, and what the house remembers of each bidder beyond the rules' state.

A seat is kept for good once its bidder is registered (their first accepted command is in the journal); until then it
lasts as long as its connections do, so that a flood of joins costs nothing that stays. Tokens are kept as hashes only.
"""

import hmac
import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from bidroom.rules.commands import Registration
from bidroom.rules.names import BadName, clean_name, name_key
from bidroom.rules.once import KEPT_ANSWERS, AnswerLog
from bidroom.server.settings import MAX_NAMES
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
        filled = self._messages + (now - self._filled_at) * self._per_second / 1000
        self._messages = min(filled, 2.0 * self._per_second)
        self._filled_at = now
        if self._messages < 1:
            return False
        self._messages -= 1
        return True

    @property
    def full(self) -> bool:
        """Whether as many commands wait for an answer as answers are kept."""
        return self.unanswered >= KEPT_ANSWERS


class Seat:
    """One bidder's place in the room."""

    __slots__ = ("account", "answers", "connections", "name", "registration")

    def __init__(self, name: str, registration: Registration, account: Account) -> None:
        self.name = name
        self.registration = registration
        self.account = account
        self.answers: AnswerLog[Accepted | Refused] = AnswerLog()
        self.connections: set[Connection] = set()


class Seats:
    """The seats of one room, found by names that count as the same."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat] = {}

    def __len__(self) -> int:
        return len(self._seats)

    def __iter__(self) -> Iterator[Seat]:
        return iter(self._seats.values())

    def take(self, join: Join, account: Account) -> tuple[Seat, str] | Error:
        """The seat that a join leads to and the token that comes back to it, or why there is none."""
        try:
            name = clean_name(join.name)
        except BadName as error:
            return Error(ErrorReason.BAD_NAME, str(error))
        seat = self._seats.get(name_key(name))
        if join.token is not None:
            if seat is None or not hmac.compare_digest(_hash(join.token), seat.registration.token_hash):
                return _BAD_TOKEN
            return seat, join.token
        if seat is not None:
            return Error(ErrorReason.NAME_TAKEN, f"The name {name!r} is taken; choose another one.")
        if len(self._seats) >= MAX_NAMES:
            return Error(ErrorReason.TOO_MANY, "The room has no seat left; watch instead.")
        token = secrets.token_hex(16)
        return self._add(name, Registration(_hash(token), secrets.token_hex(16)), account), token

    def register(self, name: str, token_hash: str, salt: str, account: Account) -> Seat:
        """The seat of a bidder whom the journal knows; the one that is there already keeps its connections."""
        seat = self._seats.get(name_key(name))
        return seat or self._add(name, Registration(token_hash, salt), account)

    def get(self, name: str) -> Seat:
        """The seat of a bidder who has one."""
        return self._seats[name_key(name)]

    def leave(self, seat: Seat, connection: "Connection", registered: bool) -> None:
        """A connection of the seat's is gone; the seat with it, where it was the last one of an unregistered bidder."""
        seat.connections.discard(connection)
        if not seat.connections and not registered:
            self._seats.pop(name_key(seat.name), None)

    def _add(self, name: str, registration: Registration, account: Account) -> Seat:
        seat = self._seats[name_key(name)] = Seat(name, registration, account)
        return seat


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


_BAD_TOKEN = Error(
    ErrorReason.BAD_TOKEN,
    "The token doesn't belong to this name; join with the name it was given for, or without a token as somebody new.",
)
