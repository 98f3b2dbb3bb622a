"""Full jitter: every wait lies between nothing and a bound that doubles up to the cap."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bidroom.client.backoff import Backoff


class Highest(Random):
    """Always the longest wait."""

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002
        return b


def test_the_bound_doubles_up_to_the_cap() -> None:
    backoff = Backoff(Highest())
    assert [backoff.next() for _ in range(8)] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_the_bound_begins_anew_when_it_has_worked() -> None:
    backoff = Backoff(Highest())
    for _ in range(5000):  # a server that is gone for a day
        backoff.next()
    assert backoff.next() == 10.0
    backoff.reset()
    assert backoff.next() == 0.25


@given(st.randoms(use_true_random=False), st.integers(0, 20))
def test_a_wait_is_anything_from_nothing_to_the_bound(rng: Random, attempts: int) -> None:
    backoff, bounds = Backoff(rng), Backoff(Highest())
    for _ in range(attempts):
        assert 0 <= backoff.next() <= bounds.next()


def test_waits_of_many_clients_spread_over_the_whole_bound() -> None:
    waits = [Backoff(Random(seed)).next() for seed in range(200)]
    assert min(waits) < 0.02
    assert max(waits) > 0.23
