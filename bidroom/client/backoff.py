"""How long to wait before the next attempt: full jitter, so that a thousand clients don't come back all at once."""

from random import Random

BASE_S = 0.25
CAP_S = 10.0


class Backoff:
    """Waits that grow with every attempt in a row, each drawn from 0 to twice the bound before, at most CAP_S."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._attempts = 0

    def next(self) -> float:
        """Seconds to wait before the next attempt."""
        bound = min(CAP_S, BASE_S * 2 ** min(self._attempts, 30))
        self._attempts += 1
        return self._rng.uniform(0, bound)

    def reset(self) -> None:
        """It worked: the next wait is a short one again."""
        self._attempts = 0
