"""How a message is wrapped for a socket: a line, or the frame of a WebSocket text message.

Frames are made here rather than by the HTTP library because one frame goes to everyone: it is made once a batch.
"""

from collections.abc import Callable
from typing import NamedTuple


class Framing(NamedTuple):
    """`wrap` makes a message's bytes ready to be written; `goodbye` is written last, before a close."""

    wrap: Callable[[bytes], bytes]
    goodbye: bytes


def _line(payload: bytes) -> bytes:
    return payload + b"\n"


def _text_frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


LINES = Framing(_line, b"")
"""JSON lines."""

WEBSOCKET = Framing(_text_frame, b"\x88\x02\x03\xe8")
"""Unmasked, final text frames, and a close frame with the code 1000 (RFC 6455, sections 5.2 and 5.5.1)."""
