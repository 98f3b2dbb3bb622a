"""Bids without an answer yet, kept so that each is decided at most once however often it is sent.

A bid keeps its id when it is sent again. The server remembers a bidder's last 32 answers, so the ids of the unanswered
bids never span more than 32: whatever was decided about one of them, the server still knows. The invariant: bids leave
in the order of their ids, and one that was decided is never decided again under another id.
"""

import asyncio

import msgspec
from msgspec.structs import replace

from bidroom.rules.answers import REMEDIES, Reason
from bidroom.rules.once import KEPT_ANSWERS
from bidroom.wire.codec import encode
from bidroom.wire.messages import Accepted, Bid, Refused

_COME_BACK = frozenset({Reason.RATE_LIMITED, Reason.UNAVAILABLE})


class UnansweredBid:
    """A bid on its way.

    `frame` is the message to send. `waits` is true while it is to be sent later; `in_doubt` once a connection or the
    room's journal was lost while it was out, so that nobody knows whether it was decided.
    """

    def __init__(self, bid: Bid) -> None:
        self.bid = bid
        self.frame = encode(bid)
        self.answer = asyncio.get_running_loop().create_future()
        self.waits = False
        self.in_doubt = False


class Outbox:
    """Numbers bids, and keeps each until it is answered."""

    def __init__(self) -> None:
        self.last_id = 0
        self._bids: dict[int, UnansweredBid] = {}
        self._turn = asyncio.Lock()
        self._fewer = asyncio.Event()
        self._failure: Exception | None = None

    async def add(self, item: str, amount: int, unit: int | None) -> UnansweredBid:
        """Give a new bid its id, as soon as there are few enough without an answer; in the order of the calls.

        Raises ValueError for one that no server would read.
        """
        try:
            msgspec.convert({"item": item, "amount": amount, "id": 1, "unit": unit}, Bid)
        except msgspec.ValidationError as error:
            raise ValueError(f"Not a bid: {error}.") from None
        async with self._turn:
            while self._full and self._failure is None:
                self._fewer.clear()
                await self._fewer.wait()
            if self._failure is not None:
                raise self._failure
            unanswered = UnansweredBid(Bid(item=item, amount=amount, id=self.last_id + 1, unit=unit))
            self._keep(unanswered)
            return unanswered

    def settle(self, answer: Accepted | Refused) -> UnansweredBid | None:
        """Take in an answer. Gives back the bid where it has a new id and must go out at once."""
        unanswered = self._bids.get(answer.id)
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

    def drop(self, unanswered: UnansweredBid) -> None:
        """Forget a bid, answered or not."""
        self._bids.pop(unanswered.bid.id, None)
        self._fewer.set()

    def go_on_from(self, last_id: int) -> None:
        """The server knows ids up to `last_id`: new ones are above it."""
        self.last_id = max(self.last_id, last_id)

    @property
    def waiting(self) -> bool:
        """Whether a bid is to be sent again later."""
        return any(unanswered.waits for unanswered in self._bids.values())

    def again(self) -> list[UnansweredBid]:
        """The bids that wait to be sent again, in order, for sending now."""
        again = [unanswered for unanswered in self._bids.values() if unanswered.waits]
        for unanswered in again:
            unanswered.waits = False
        return again

    def doubt(self) -> None:
        """Nobody knows what became of the bids that are out: all are to be sent again."""
        for unanswered in self._bids.values():
            unanswered.in_doubt |= not unanswered.waits
            unanswered.waits = True

    def close(self) -> None:
        """The room is finished and the connection gone. A bid that was out on that connection alone had its acceptance
        told before the end of the room, or was not accepted: it is refused here, since nobody else may be left."""
        for unanswered in list(self._bids.values()):
            if not unanswered.in_doubt:
                self.settle(Refused(unanswered.bid.id, Reason.CLOSED, REMEDIES[Reason.CLOSED]))

    def fail(self, error: Exception) -> None:
        """No answer will ever come: whoever waits for one, or for its turn, gets the error."""
        self._failure = error
        for unanswered in self._bids.values():
            if not unanswered.answer.done():
                unanswered.answer.set_exception(error)
        self._bids.clear()
        self._fewer.set()

    @property
    def _full(self) -> bool:
        return bool(self._bids) and self.last_id + 1 - next(iter(self._bids)) >= KEPT_ANSWERS

    def _keep(self, unanswered: UnansweredBid) -> None:
        self.last_id = unanswered.bid.id
        self._bids[unanswered.bid.id] = unanswered

    def _renumber(self, unanswered: UnansweredBid) -> UnansweredBid:
        del self._bids[unanswered.bid.id]
        bid = unanswered.bid
        unanswered.bid = replace(bid, id=self.last_id + 1)
        unanswered.frame = encode(unanswered.bid)
        self._keep(unanswered)
        return unanswered
