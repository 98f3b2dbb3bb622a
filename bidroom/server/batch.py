"""What one pass through a room's inbox leads to."""

from typing import final

from msgspec import Struct

from bidroom.journal.chain import Entry
from bidroom.rules.events import AnyEvent, PublicEvent
from bidroom.server.room import OrderAnswer, Submission
from bidroom.wire.messages import Entry as Entrance
from bidroom.wire.messages import Error


@final
class Entering(Struct, frozen=True):
    """A participant who has been let in, and the token that brings a bidder back."""

    message: Entrance
    token: str | None = None


class Batch(Struct):
    """Everything that is decided together, made durable by one commit and told in one frame.

    `answers` has one for each submission, in order; None for what gets no message. `public` are the events that others
    may see, as they may see them, once the batch is durable.
    """

    submissions: list[Submission]
    events: list[AnyEvent] = []
    public: list[PublicEvent] = []
    entries: list[Entry] = []
    answers: list[tuple[Submission, OrderAnswer | Error | Entering | None]] = []
