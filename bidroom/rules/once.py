"""At most once: a command that comes again under its id gets its first answer again and changes nothing.

Ids of one bidder rise. The last `KEPT_ANSWERS` answers are kept with a digest of their command; an id below the last
one and no longer (or never) kept is stale. So a resent command counts at most once for the room's whole life, in
bounded memory. Accepted commands are known again after a restart, from the journal; refused ones are decided afresh.
"""

from collections import deque
from hashlib import blake2b
from typing import Generic, TypeVar

import msgspec

from bidroom.rules.answers import Reason, Refused
from bidroom.rules.commands import BidderCommand
from bidroom.rules.events import CommandRef

KEPT_ANSWERS = 32
"""How many answers are kept for a bidder, and so how many of their commands may wait for one at a time."""

KeptAnswer = TypeVar("KeptAnswer")

_encode = msgspec.json.Encoder().encode

_BLANK = blake2b(digest_size=8)
"""A hash of nothing yet: to copy it takes two thirds of the time that a new one takes."""


def reference(command: BidderCommand) -> CommandRef:
    """The command as an event names it: by its id, and 64 bits in hexadecimal that tell its content from another's."""
    hash = _BLANK.copy()
    hash.update(_encode(command.content()))
    return CommandRef(command.id, hash.hexdigest())


class AnswerLog(Generic[KeptAnswer]):
    """The last answers that one bidder got.

    What they answered is kept as the command itself, or as its digest where only the journal knows it any more. Almost
    no command ever comes again; so only one whose id is known already has its digest worked out here.
    """

    def __init__(self) -> None:
        self.last_id = 0
        self._kept: deque[tuple[int, BidderCommand | str, KeptAnswer]] = deque(maxlen=KEPT_ANSWERS)

    def recall(self, command: BidderCommand) -> KeptAnswer | Refused | None:
        """The answer that a command already has, or must have for its id alone; None where it is to be decided."""
        id = command.id
        if id > self.last_id:
            return None
        for kept_id, asked, answer in self._kept:
            if kept_id == id:
                known = asked if isinstance(asked, str) else reference(asked).digest
                return answer if known == reference(command).digest else Refused(id, Reason.ID_CONFLICT)
        return Refused(id, Reason.STALE_ID)

    def keep(self, id: int, asked: BidderCommand | str, answer: KeptAnswer) -> None:
        """Remember the decision on a command, or on one with this digest, whose id `recall` did not know."""
        assert id > self.last_id, "ids rise"
        self.last_id = id
        self._kept.append((id, asked, answer))
