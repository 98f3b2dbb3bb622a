"""Why a unit went to whom, and why somebody else did not get it: told from the journal, in plain words, with times.

Strategy: the rules replay what happened, and beside them a teller writes down what each event meant for one item, with
what the state was just before it. The reasons (why this price, why not this bidder) are given at the end of each round,
from what the round left on record. Invariant: nothing is guessed; what the journal does not have is said to be missing.

What is told here holds maximums and reserves, which are for the owner of the journal alone.
"""

from bidroom.explain.explain import explain
from bidroom.explain.question import Question, ask
from bidroom.explain.record import Clock, Sentence

__all__ = ["Clock", "Question", "Sentence", "ask", "explain"]
