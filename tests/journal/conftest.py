"""Before any test: no event loop.

looptime asks for the main thread's loop even around a test that has none, and asyncio then makes one that nobody
closes. Its ResourceWarning would fail whichever later test happens to be running when it is collected.
"""

import asyncio

asyncio.set_event_loop(None)
