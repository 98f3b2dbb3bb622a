"""What the small Python servers have in common: the words in which a bid is told and answered, and the event loop.

Nothing is decided, kept or limited: they are as fast as their library lets them be.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable

WELCOME = '{"type":"welcome"}'


class Words:
    """Says updates after the example of one, with other amounts."""

    def __init__(self, update: str) -> None:
        self._before, _, rest = update.partition('"amount":')
        self._after = rest.lstrip("0123456789")

    def update(self, amount: int) -> str:
        """The update for a bid."""
        return f'{self._before}"amount":{amount}{self._after}'


def accepted(id: int) -> str:
    """The answer to a bid."""
    return f'{{"type":"accepted","id":{id},"seq":42,"head":"{"6" * 64}"}}'


def read(message: str) -> dict[str, object]:
    """What a client says."""
    return json.loads(message)


def run(serve: Callable[[Callable[[int], None]], Awaitable[None]]) -> None:
    """Run a server until it is ended; it is given what to call with its port. On uvloop where Bidroom is, too."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        new_event_loop = None

    async def main() -> None:
        await serve(lambda port: print(port, flush=True))

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
