"""The server's room time, told from the `now` of its messages.

A message takes time to arrive, and that makes the server's clock look behind by as much; so the least delayed message
heard lately, the one with the largest offset to the local monotonic clock, is the one believed. Lately is the last one
to two minutes, so that a clock that drifts is followed. What is told never runs backwards. All times are milliseconds.
"""

SPAN_MS = 60_000


class ServerTime:
    """Feed it every `now` that is heard; ask it what time it is over there."""

    def __init__(self) -> None:
        self._told = 0
        self._restart(0, 0)

    def restart(self, now: int, local: int) -> None:
        """A new connection, perhaps to a server that was started again: believe it and forget the one before."""
        self._restart(now - local, local)

    def hear(self, now: int, local: int) -> None:
        """The server said `now` in a message that arrived at `local`, by the local monotonic clock."""
        offset = now - local
        if local - self._since >= SPAN_MS:
            self._before, self._current, self._since = self._current, offset, local
        else:
            self._current = max(self._current, offset)

    def now(self, local: int) -> int:
        """Room time at `local`; never less than was told before."""
        self._told = max(self._told, local + max(self._before, self._current))
        return self._told

    def _restart(self, offset: int, local: int) -> None:
        self._before = self._current = offset
        self._since = local
