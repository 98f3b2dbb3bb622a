"""How long a peer's bidders wait between an answer and their next bid: the time that suits the peer best.

Amounts rise in the order of sending. A server that doesn't take bids in the order of their arrival refuses those that
others have overtaken; a moment's wait puts that right for Redis (see `words.ORDER`), and costs throughput where it is
longer than it need be. So each peer is tried with a few, and gets the one with which it accepts the most bids a second.
"""

from msgspec.structs import replace

from benchmarks.bids.contenders import Contender
from benchmarks.bids.turn import take_turn
from benchmarks.parts import Form, Stage

THINK_S = (0.0, 0.0005, 0.001, 0.002, 0.004, 0.008)
TRY = Form("try", 1, 0.4, 1.0)


def tries(contender: Contender) -> int:
    """How many tries there will be."""
    return len(THINK_S) if contender.patient else 0


def tuned(contender: Contender, stage: Stage) -> Contender:
    """The contender with the time that suits it best."""
    if not tries(contender):
        return contender
    found: dict[float, float] = {}
    for think_s in THINK_S:
        stage.step(f"trying {contender.name} with bidders who wait {think_s * 1000:g} ms")
        found[think_s] = take_turn(replace(contender, think_s=think_s), TRY, stage.directory).accepted_per_s
    return replace(contender, think_s=max(found, key=lambda think_s: found[think_s]))
