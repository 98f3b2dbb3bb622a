"""Long random walks through rooms in which much happens, step by step beside the naive model."""

from random import Random

import pytest

from tests.rules.walk import Walk


@pytest.mark.parametrize("seed", range(150))
def test_a_walk(seed: int):
    walk = Walk(Random(seed))
    for _ in range(100):
        walk.step()
    walk.end()
