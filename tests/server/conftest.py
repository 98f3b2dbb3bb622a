"""What tests of the server share."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from bidroom.server import start
from tests.needed import needed

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


@pytest.fixture
def no_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server doesn't look whether it was away: a clock that a test moves on is no outage, however long it takes."""
    monkeypatch.setattr(start, "PULSE_S", 3600)


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:  # noqa: ARG001
    """asyncio's own event loop; and uvloop for tests that ask for both, because the server writes to sockets beside it.

    They ask by `pytest.mark.asyncio(loop_factories=["asyncio", "uvloop"])`.
    """
    marker = item.get_closest_marker("asyncio")
    if marker is None or "loop_factories" not in marker.kwargs:
        return {"asyncio": asyncio.new_event_loop}
    return {"asyncio": asyncio.new_event_loop, "uvloop": _uvloop}


def _uvloop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        needed("uvloop")
    return uvloop.new_event_loop()
