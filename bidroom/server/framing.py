"""How a message is wrapped for a socket: a line, or a WebSocket text message. What goes to everyone is wrapped once."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from bidroom.wire.frames import NORMAL, TEXT, close_frame, frame


class Framing(NamedTuple):
    """`wrap` makes a message's bytes ready to be written; `goodbye` is written last, before a close."""

    wrap: Callable[[bytes], bytes]
    goodbye: bytes


def _line(payload: bytes) -> bytes:
    return payload + b"\n"


LINES = Framing(_line, b"")
"""JSON lines."""

WEBSOCKET = Framing(partial(frame, TEXT), close_frame(NORMAL))
"""WebSocket text messages."""
