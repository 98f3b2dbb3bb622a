"""Row 11, the process that is measured: the same commands decided again and again, by the rules alone.

`python -m benchmarks.scale.decide COMMANDS SECONDS [--look]` prints one `Decided` as JSON. With `--look` a timer of the
processor time that is used looks at the running function many times a second; the figures are lower then.
"""

import gc
import signal
import sys
import time
import timeit
from collections import Counter
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from benchmarks.scale.sale import Sale, Step
from bidroom.rules.act import act
from bidroom.rules.answers import Accepted, Refused
from bidroom.rules.commands import MaxBid
from bidroom.rules.state import RoomState

LOOK_EVERY_S = 0.001
CALLS = 100_000


class Decided(Struct, frozen=True):
    """`rate` is commands a second, of the quickest time through all of them; the others count what one time leads to.

    `functions` are those that were running, by how often they were seen: (name, itself, with all that it calls).
    `calls` counts the calls of Python functions, `call_s` is how long one takes that does nothing.
    """

    rate: float
    commands: int
    accepted: int
    refused: int
    maximums: int
    events: int
    functions: list[tuple[str, int, int]] = []
    calls: int = 0
    call_s: float = 0.0


class Looks:
    """What was running when it was looked at."""

    def __init__(self) -> None:
        self._own: Counter[CodeType] = Counter()
        self._all: Counter[CodeType] = Counter()

    def look(self, _signal: int, frame: FrameType | None) -> None:
        """Count the function that runs, and those that have called it, from `act` on."""
        stack: list[CodeType] = []
        while frame is not None:
            stack.append(frame.f_code)
            if frame.f_code is act.__code__:
                self._own[stack[0]] += 1
                self._all.update(set(stack))
                return
            frame = frame.f_back

    def functions(self) -> list[tuple[str, int, int]]:
        """See `Decided`; the one that was seen most often comes first."""
        return [(_name(code), own, self._all[code]) for code, own in self._own.most_common()]


def _name(code: CodeType) -> str:
    place = Path(code.co_filename)
    return f"{code.co_qualname} ({place.name})"


def decide_all(steps: list[Step]) -> None:
    """Decide every command, in a room of its own, and let happen what it leads to."""
    state = RoomState()
    for command, at in steps:
        act(state, command, at)


def _count(steps: list[Step]) -> Decided:
    """What the commands lead to; its `rate` is still open."""
    state = RoomState()
    answers: Counter[type] = Counter()
    events = 0
    for command, at in steps:
        decision = act(state, command, at)
        answers[type(decision.answer)] += 1
        events += len(decision.events)
    maximums = sum(isinstance(command, MaxBid) for command, _ in steps)
    return Decided(0, len(steps), answers[Accepted], answers[Refused], maximums, events)


def _count_calls(steps: list[Step]) -> int:
    """How many Python functions are called to decide every command."""
    calls = 0

    def count(_frame: FrameType, what: str, _of: object) -> None:
        nonlocal calls
        calls += what == "call"

    sys.setprofile(count)
    decide_all(steps)
    sys.setprofile(None)
    return calls


def _time_of_a_call() -> float:
    """How many seconds a call of a Python function takes that does nothing (the loop around it is not counted)."""

    def nothing(_one: object, _other: object, _third: object) -> None:
        pass

    def calls() -> None:
        for _ in range(CALLS):
            nothing(0, 0, 0)

    def loop() -> None:
        for _ in range(CALLS):
            pass

    times = [min(timeit.repeat(what, number=1, repeat=5)) for what in (calls, loop)]
    return (times[0] - times[1]) / CALLS


def measure(commands: int, seconds: float, *, look: bool) -> Decided:
    """Decide for at least so long, at least twice."""
    steps = [step for step, _ in islice(Sale().go_on(), commands)]
    decided = _count(steps)
    gc.collect()
    gc.freeze()  # as a server does with what it begins with
    looks = Looks()
    if look:
        signal.signal(signal.SIGPROF, looks.look)
        signal.setitimer(signal.ITIMER_PROF, LOOK_EVERY_S, LOOK_EVERY_S)
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < 2 or time.perf_counter() < until:
        began = time.perf_counter()
        decide_all(steps)
        times.append(time.perf_counter() - began)
    signal.setitimer(signal.ITIMER_PROF, 0)
    decided = replace(decided, rate=commands / min(times))
    if look:
        decided = replace(decided, functions=looks.functions(), calls=_count_calls(steps), call_s=_time_of_a_call())
    return decided


if __name__ == "__main__":
    measured = measure(int(sys.argv[1]), float(sys.argv[2]), look="--look" in sys.argv[3:])
    print(msgspec.json.encode(measured).decode())
