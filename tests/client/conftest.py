"""What every test of the client shares."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

# Asked for a loop where none was ever set, asyncio makes one; pytest-asyncio does ask, and leaves that one unclosed.
asyncio.set_event_loop(None)


@pytest.fixture
def nothing_left_open() -> Iterator[None]:
    """Let what a test has left open be found in that test, and not in a later one."""
    yield
    gc.collect()
