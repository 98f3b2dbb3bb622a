"""What every test shares."""

import asyncio

# Asked for a loop where none was ever set, asyncio makes one; pytest-asyncio does ask, and leaves that one unclosed.
asyncio.set_event_loop(None)
