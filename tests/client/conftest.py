"""What every test of the client shares."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def nothing_left_open() -> Iterator[None]:
    """Let what a test has left open be found in that test, and not in a later one."""
    yield
    gc.collect()
