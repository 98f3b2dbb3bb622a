"""What tests of the server share."""

import pytest

from bidroom.server import start


@pytest.fixture
def no_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server doesn't look whether it was away: a clock that a test moves on is no outage, however long it takes."""
    monkeypatch.setattr(start, "PULSE_S", 3600)
