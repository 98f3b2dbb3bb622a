"""The book in which the item in question is told: round by round, and what belongs to the next round."""

from typing import Any

from bidroom.explain.question import Question
from bidroom.explain.record import Round, Sentence, Words
from bidroom.rules.events import AnyEvent, BidCameLate, OfferDeclined, OfferMade, SaleCancelled, UnitSold
from bidroom.rules.item import Item, ItemPhase
from bidroom.rules.state import RoomState


class Book:
    """`state` is the room's just before the event that is told next; `removed` says how the bidder asked about left."""

    def __init__(self, state: RoomState, question: Question, words: Words) -> None:
        self.state = state
        self.question = question
        self.words = words
        self.rounds: list[Round] = []
        self.between: list[Sentence] = []
        self.removed: str | None = None

    @property
    def item(self) -> Item:
        """The item in question."""
        return self.state.items[self.question.item]

    @property
    def is_open(self) -> bool:
        """Whether a round of it is open: the last one."""
        return self.item.phase is ItemPhase.OPEN

    def concerns(self, event: Any) -> bool:
        """Whether an event that names an item, or None for all of them, is about the one in question."""
        return event.item in (None, self.question.item)

    def say(self, event: AnyEvent, text: str) -> None:
        """Tell of an event where it belongs: with the round of its unit, the open one, or the next one."""
        if isinstance(event, SaleCancelled | OfferMade | OfferDeclined | UnitSold | BidCameLate):
            told = self.round_of(event.unit).told
        else:
            told = self.rounds[-1].told if self.is_open else self.between
        told.append(Sentence(event.at, text))

    def round_of(self, unit: int) -> Round:
        """The last round of this unit."""
        return next(round for round in reversed(self.rounds) if round.unit == unit)
