"""At most once: a command that comes again under its id gets its first answer again and changes nothing.

Ids of one bidder rise. The last `KEPT_ANSWERS` answers are kept with a digest of their command; an id below the last
one and no longer (or never) kept is stale. So a resent command counts at most once for the room's whole life, in
bounded memory. Accepted commands are known again after a restart, from the journal; refused ones are decided afresh.
"""

from hashlib import blake2b
from typing import Generic, TypeVar

import msgspec

from bidroom.rules.answers import Reason, Refused
from bidroom.rules.commands import BidderCommand

KEPT_ANSWERS = 32
"""How many answers are kept for a bidder, and so how many of their commands may wait for one at a time."""

KeptAnswer = TypeVar("KeptAnswer")


def digest(command: BidderCommand) -> str:
    """64 bits, in hexadecimal, that tell one command's content from another's."""
    return blake2b(msgspec.json.encode(command.content()), digest_size=8).hexdigest()


class AnswerLog(Generic[KeptAnswer]):
    """The last answers that one bidder got."""

    def __init__(self) -> None:
        self.last_id = 0
        self._kept: dict[int, tuple[str, KeptAnswer]] = {}

    def recall(self, id: int, content_digest: str) -> KeptAnswer | Refused | None:
        """The answer that a command already has, or must have for its id alone; None where it is to be decided."""
        if id > self.last_id:
            return None
        kept = self._kept.get(id)
        if kept is None:
            return Refused(id, Reason.STALE_ID)
        return kept[1] if kept[0] == content_digest else Refused(id, Reason.ID_CONFLICT)

    def keep(self, id: int, content_digest: str, answer: KeptAnswer) -> None:
        """Remember the decision on a command whose id `recall` did not know."""
        assert id > self.last_id, "ids rise"
        self.last_id = id
        self._kept[id] = content_digest, answer
        if len(self._kept) > KEPT_ANSWERS:
            del self._kept[next(iter(self._kept))]
