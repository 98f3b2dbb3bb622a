"""Commands without an answer yet, kept so that each is decided at most once however often it is sent.

A command (a bid, say) keeps its id when it is sent again. The server remembers a bidder's last 32 answers, so the ids
of the unanswered never span more than 32: whatever was decided about one of them, the server still knows. The
invariant: commands leave in the order of their ids, and one that was decided is never decided again under another id.
"""

import asyncio
from typing import Any

import msgspec
from msgspec.structs import replace

from bidroom.rules.answers import REMEDIES, Reason
from bidroom.rules.once import KEPT_ANSWERS
from bidroom.wire.codec import encode
from bidroom.wire.messages import Accepted, BidderMessage, Refused

_COME_BACK = frozenset({Reason.RATE_LIMITED, Reason.UNAVAILABLE})


class Unanswered:
    """A command on its way.

    `frame` is the message to send. `waits` is true while it is to be sent later; `in_doubt` once a connection or the
    room's journal was lost while it was out, so that nobody knows whether it was decided.
    """

    def __init__(self, message: BidderMessage) -> None:
        self.message = message
        self.frame = encode(message)
        self.answer = asyncio.get_running_loop().create_future()
        self.waits = False
        self.in_doubt = False


class Outbox:
    """Numbers commands, and keeps each until it is answered."""

    def __init__(self) -> None:
        self.last_id = 0
        self._unanswered: dict[int, Unanswered] = {}
        self._turn = asyncio.Lock()
        self._fewer = asyncio.Event()
        self._failure: Exception | None = None

    async def add(self, kind: type[BidderMessage], fields: dict[str, Any]) -> Unanswered:
        """Give a new command its id, as soon as there are few enough without an answer; in the order of the calls.

        Raises ValueError for one that no server would read.
        """
        try:
            message = msgspec.convert({**fields, "id": 1}, kind)
        except msgspec.ValidationError as error:
            raise ValueError(f"Not a {kind.__struct_config__.tag}: {error}.") from None
        async with self._turn:
            while self._full and self._failure is None:
                self._fewer.clear()
                await self._fewer.wait()
            if self._failure is not None:
                raise self._failure
            unanswered = Unanswered(replace(message, id=self.last_id + 1))
            self._keep(unanswered)
            return unanswered

    def settle(self, answer: Accepted | Refused) -> Unanswered | None:
        """Take in an answer. Gives back the command where it has a new id and must go out at once."""
        unanswered = self._unanswered.get(answer.id)
        if unanswered is None:  # the answer to a copy of one that is answered
            return None
        if isinstance(answer, Refused):
            if answer.reason in _COME_BACK:
                unanswered.waits = True
                # A room that recovers its journal may find the bid in there.
                unanswered.in_doubt |= answer.reason is Reason.UNAVAILABLE
                return None
            if answer.reason is Reason.STALE_ID and not unanswered.in_doubt:
                # A later bid was decided while this one waited its turn to be sent again. It never was itself.
                return self._renumber(unanswered)
        self.drop(unanswered)
        if not unanswered.answer.done():
            unanswered.answer.set_result(answer)
        return None

    def drop(self, unanswered: Unanswered) -> None:
        """Forget a bid, answered or not."""
        self._unanswered.pop(unanswered.message.id, None)
        self._fewer.set()

    def go_on_from(self, last_id: int) -> None:
        """The server knows ids up to `last_id`: new ones are above it."""
        self.last_id = max(self.last_id, last_id)

    @property
    def waiting(self) -> bool:
        """Whether a bid is to be sent again later."""
        return any(unanswered.waits for unanswered in self._unanswered.values())

    def again(self) -> list[Unanswered]:
        """The bids that wait to be sent again, in order, for sending now."""
        again = [unanswered for unanswered in self._unanswered.values() if unanswered.waits]
        for unanswered in again:
            unanswered.waits = False
        return again

    def doubt(self) -> None:
        """Nobody knows what became of the bids that are out: all are to be sent again."""
        for unanswered in self._unanswered.values():
            unanswered.in_doubt |= not unanswered.waits
            unanswered.waits = True

    def close(self) -> None:
        """The room is finished and the connection gone. A bid that was out on that connection alone had its acceptance
        told before the end of the room, or was not accepted: it is refused here, since nobody else may be left."""
        for unanswered in list(self._unanswered.values()):
            if not unanswered.in_doubt:
                self.settle(Refused(unanswered.message.id, Reason.CLOSED, REMEDIES[Reason.CLOSED]))

    def fail(self, error: Exception) -> None:
        """No answer will ever come: whoever waits for one, or for its turn, gets the error."""
        self._failure = error
        for unanswered in self._unanswered.values():
            if not unanswered.answer.done():
                unanswered.answer.set_exception(error)
        self._unanswered.clear()
        self._fewer.set()

    @property
    def _full(self) -> bool:
        return bool(self._unanswered) and self.last_id + 1 - next(iter(self._unanswered)) >= KEPT_ANSWERS

    def _keep(self, unanswered: Unanswered) -> None:
        self.last_id = unanswered.message.id
        self._unanswered[unanswered.message.id] = unanswered

    def _renumber(self, unanswered: Unanswered) -> Unanswered:
        del self._unanswered[unanswered.message.id]
        unanswered.message = replace(unanswered.message, id=self.last_id + 1)
        unanswered.frame = encode(unanswered.message)
        self._keep(unanswered)
        return unanswered
