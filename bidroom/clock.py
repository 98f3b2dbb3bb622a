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


class SystemClock:
    """The real clock. `not_before` is the last time the journal knows, which room time must not fall behind."""

    def __init__(self, not_before: int = 0) -> None:
        self._offset_ns = max(time.time_ns(), not_before * 1_000_000) - time.clock_gettime_ns(_MONOTONIC)

    def now(self) -> int:
        return (self._offset_ns + time.clock_gettime_ns(_MONOTONIC)) // 1_000_000
