"""Runs a command in an event loop: uvloop where it is installed, asyncio's own elsewhere. Nothing else knows which.

Ctrl-C and SIGTERM are a wish, not an exception: they set the `stop` event that every command gets, and the command ends
in its own order. A second Ctrl-C ends it where it stands.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

Command = Callable[[asyncio.Event], Coroutine[Any, Any, int]]


def run(command: Command) -> int:
    """The exit status of the command, run to its end."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_with_signals(command))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, Any]) -> bool:
    """Whether the work came to its end; it is cancelled where `stop` comes first. Raises what the work raises."""
    task = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            return False
        await task
        return True
    finally:
        for unfinished in (task, stopping):
            unfinished.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)


async def _with_signals(command: Command) -> int:
    stop = asyncio.Event()
    task = asyncio.current_task()
    assert task is not None, "a loop runs its coroutine in a task"

    def wished() -> None:
        if stop.is_set():
            task.cancel()
        stop.set()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with suppress(NotImplementedError, AttributeError):  # Windows has no such handlers; Ctrl-C interrupts there
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), wished)
    return await command(stop)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
