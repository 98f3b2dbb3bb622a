"""What the benchmark of the page makes of a trace."""

import pytest

from benchmarks.page import Opening, Sample, Work, table, what_was_done

PAGE, SPARE = 10, 11


def event(name: str, ts_ms: float, dur_ms: float = 0, ph: str = "X", pid: int = PAGE, tid: int = 1) -> dict:
    return {"name": name, "ts": ts_ms * 1000, "dur": dur_ms * 1000, "ph": ph, "pid": pid, "tid": tid}


def main_thread(pid: int) -> dict:
    return event("thread_name", 0, ph="M", pid=pid) | {"args": {"name": "CrRendererMain"}}


def task(ts_ms: float, dur_ms: float, pid: int = PAGE, tid: int = 1) -> dict:
    return event("ThreadControllerImpl::RunTask", ts_ms, dur_ms, pid=pid, tid=tid)


def test_a_trace_tells_the_work_of_the_page():
    trace = [
        main_thread(PAGE),
        main_thread(SPARE),
        event("begun", 0),
        task(100, 60),
        task(110, 20),  # a loop inside the task before
        task(300, 10),
        task(350, 500, tid=2),  # another thread
        task(400, 5, pid=SPARE),
        *(event("WebSocketReceive", at, ph="I") for at in (100, 300, 301)),
        *(event("AnimationFrame", at, ph=ph) for at, ph in ((100, "b"), (105, "e"), (300, "b"), (305, "e"))),
        event("ended", 500),
    ]
    assert what_was_done(trace) == Work(updates=6, frames=4, long_tasks=1, longest_ms=60, busy=pytest.approx(0.14))


def test_a_table_has_medians():
    samples = [Sample(Opening(300 + n, 900, 60_000, 20), Work(190, 60, n, 10, 0.2), 200) for n in (0, 1, 5)]
    lines = table({1: samples, 4: samples})
    assert lines[0] == "|  | as it is | processor / 4 |"
    assert "| first contentful paint on 4G, ms | 301 (300 to 305) | 301 (300 to 305) |" in lines
    assert "| tasks over 50 ms | 1 (0 to 5) | 1 (0 to 5) |" in lines
