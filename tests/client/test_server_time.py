"""The server's time: never later than it can be, never back, and as exact as the least delayed message."""

from hypothesis import given
from hypothesis import strategies as st

from bidroom.client.server_time import SPAN_MS, ServerTime

AHEAD = 1_790_000_000_000
"""What the server's clock shows when the local one shows 0."""


def test_the_least_delayed_message_counts() -> None:
    time = ServerTime()
    time.restart(AHEAD + 1000, 1080)  # 80 ms under way
    assert time.now(1080) == AHEAD + 1000
    time.hear(AHEAD + 2000, 2005)  # 5 ms
    time.hear(AHEAD + 3000, 3300)  # 300 ms
    assert time.now(3300) == AHEAD + 3295


def test_a_clock_that_drifts_is_followed_after_a_while() -> None:
    time = ServerTime()
    time.restart(AHEAD, 0)
    drift = 0
    for local in range(0, 3 * SPAN_MS, 1000):
        drift = local // 1000  # the server's clock loses a millisecond a second
        time.hear(AHEAD + local - drift, local)
    assert time.now(3 * SPAN_MS) <= AHEAD + 3 * SPAN_MS - drift + 2 * SPAN_MS // 1000


def test_a_late_message_at_the_turn_of_a_span_changes_nothing() -> None:
    time = ServerTime()
    time.restart(AHEAD, 0)
    time.hear(AHEAD + SPAN_MS - 400, SPAN_MS)
    assert time.now(SPAN_MS + 10) == AHEAD + SPAN_MS + 10


def test_a_server_that_was_started_again_is_believed() -> None:
    time = ServerTime()
    time.restart(AHEAD + 5000, 0)
    time.restart(AHEAD, 100)  # its clock was put right meanwhile
    assert time.now(200) == AHEAD + 100  # never told anything later


def test_it_never_runs_backwards_even_then() -> None:
    time = ServerTime()
    time.restart(AHEAD + 5000, 0)
    assert time.now(50) == AHEAD + 5050
    time.restart(AHEAD, 100)
    assert time.now(200) == AHEAD + 5050
    assert time.now(6000) == AHEAD + 5900


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 500)), min_size=1, max_size=50))
def test_it_is_never_ahead_of_the_server_and_never_runs_backwards(heard: list[tuple[int, int]]) -> None:
    time, local, told = ServerTime(), 0, 0
    time.restart(AHEAD, 0)
    for pause, delay in heard:
        local += pause
        time.hear(AHEAD + local - delay, local)
        now = time.now(local)
        assert told <= now <= AHEAD + local
        told = now
