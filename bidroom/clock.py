"""Room time: milliseconds since the epoch that never run backwards and that no clock change can bend.

It is the wall clock at the start plus a monotonic clock. On Linux that clock also counts while the machine sleeps, so
that a suspended laptop wakes up to the true time and finds out that it was away.
"""

import time
from typing import Protocol

_MONOTONIC = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Something that tells room time. The room's deadlines are met by it and by nothing else."""

    def now(self) -> int:
        """Room time in milliseconds; never less than it was."""
        ...

    def not_before(self, at: int) -> None:
        """Run on from `at` (ms) where that is later than now: the last time that a journal knows."""
        ...


class SystemClock:
    """The real clock."""

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.clock_gettime_ns(_MONOTONIC)

    def now(self) -> int:
        return (self._offset_ns + time.clock_gettime_ns(_MONOTONIC)) // 1_000_000

    def not_before(self, at: int) -> None:
        self._offset_ns += max(at - self.now(), 0) * 1_000_000
