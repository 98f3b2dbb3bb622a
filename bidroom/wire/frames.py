"""WebSocket frames (RFC 6455, section 5), as a server reads and writes them: a byte stream cut into messages.

No extensions, so no compression. What comes out, and whether it is a fault, depends on the bytes alone and never on how
they were cut into chunks. Holds at most one unfinished message.
"""

from collections.abc import Iterable, Iterator

from bidroom.wire.messages import MAX_MESSAGE_BYTES

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
"""What a frame is: its opcode. From CLOSE on they are about the connection, and may stand between two fragments."""

NORMAL, PROTOCOL_ERROR, NOT_UTF8, TOO_BIG = 1000, 1002, 1007, 1009
"""Why a connection is closed: the code in its last frame (section 7.4.1)."""

Message = tuple[int, bytes]
"""A whole message and what it is: TEXT (which is UTF-8), BINARY, CLOSE, PING or PONG."""

_MAX_CONTROL_BYTES = 125
_FINAL, _RESERVED, _OPCODE = 0x80, 0x70, 0x0F
"""The bits of a frame's first byte."""

_MASKED, _SIZE = 0x80, 0x7F
"""The bits of its second byte."""

_SIZE_IN_2, _SIZE_IN_8 = 126, 127
"""In place of a size: it stands in the next two or eight bytes."""

_MASK_BYTES = 4
_SHORT_HEAD_BYTES = 2 + _MASK_BYTES


class BadFrame(ValueError):
    """The peer sent what no WebSocket may send here; `code` tells the peer why. Nothing that follows can be read."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def frame(opcode: int, payload: bytes) -> bytes:
    """A whole message as a server sends it: one frame, not masked."""
    size = len(payload)
    if size < _SIZE_IN_2:
        return bytes((_FINAL | opcode, size)) + payload
    if size < 1 << 16:
        return bytes((_FINAL | opcode, _SIZE_IN_2)) + size.to_bytes(2, "big") + payload
    return bytes((_FINAL | opcode, _SIZE_IN_8)) + size.to_bytes(8, "big") + payload


def close_frame(code: int) -> bytes:
    """The last frame of a connection, with the reason why it ends."""
    return frame(CLOSE, code.to_bytes(2, "big"))


class FrameReader:
    """Feed it bytes as they come from a client; it gives back the messages that are complete."""

    __slots__ = ("_fragments", "_kind", "_rest")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._fragments = bytearray()
        self._kind = CONTINUATION
        """What the message is whose fragments are coming; CONTINUATION where none is under way."""

    def feed(self, data: bytes) -> Iterable[Message]:
        """The messages that `data` completes. Raises BadFrame, after the messages before it were given."""
        size = len(data) - _SHORT_HEAD_BYTES
        is_short_text = 0 <= size < _SIZE_IN_2 and data[0] == _FINAL | TEXT and data[1] == _MASKED | size
        if is_short_text and not self._rest and not self._kind:  # what almost always comes: one whole short message
            return ((TEXT, _text(_unmask(data[_SHORT_HEAD_BYTES:], data[2:_SHORT_HEAD_BYTES]))),)
        return self._cut(data)

    def _cut(self, data: bytes) -> Iterator[Message]:
        self._rest += data
        while (found := self._take_frame()) is not None:
            message = self._join(*found)
            if message is not None:
                yield message

    def _take_frame(self) -> tuple[bool, int, bytes] | None:
        """The next frame, as whether it is final, its opcode and what it carries; None where it is not complete."""
        rest = self._rest
        if len(rest) < 2:
            return None
        self._check_head(rest[0], rest[1])
        opcode, size, begin = rest[0] & _OPCODE, rest[1] & _SIZE, 2
        if size >= _SIZE_IN_2:
            begin, least = (4, _SIZE_IN_2) if size == _SIZE_IN_2 else (10, 1 << 16)
            if len(rest) < begin:
                return None
            size = int.from_bytes(rest[2:begin], "big")
            if size < least:
                raise BadFrame(PROTOCOL_ERROR, "The size of a frame is written in more bytes than it needs.")
        if opcode < CLOSE and len(self._fragments) + size > MAX_MESSAGE_BYTES:
            raise BadFrame(TOO_BIG, f"A message has at most {MAX_MESSAGE_BYTES} bytes.")
        payload = begin + _MASK_BYTES
        end = payload + size
        if len(rest) < end:
            return None
        found = rest[0] >= _FINAL, opcode, _unmask(bytes(rest[payload:end]), bytes(rest[begin:payload]))
        del rest[:end]
        return found

    def _check_head(self, first: int, second: int) -> None:
        """Raises BadFrame where no frame that begins with these two bytes may come at this place."""
        opcode = first & _OPCODE
        fault = ""
        if first & _RESERVED:
            fault = "A frame has a reserved bit set, but no extension was agreed on."
        elif opcode not in _OPCODES:
            fault = f"There is no frame with the opcode {opcode}."
        elif not second & _MASKED:
            fault = "A client masks its frames, but this one isn't masked."
        elif opcode >= CLOSE and (first < _FINAL or second & _SIZE > _MAX_CONTROL_BYTES):
            fault = f"A close, ping or pong is one frame of at most {_MAX_CONTROL_BYTES} bytes."
        elif opcode == CONTINUATION and not self._kind:
            fault = "A message begins with a continuation."
        elif CONTINUATION < opcode < CLOSE and self._kind:
            fault = "A message begins before the one before it has ended."
        if fault:
            raise BadFrame(PROTOCOL_ERROR, fault)

    def _join(self, is_final: bool, opcode: int, payload: bytes) -> Message | None:
        """The message that a frame completes, if it does. Raises BadFrame."""
        if opcode >= CLOSE:
            if opcode == CLOSE:
                _check_close(payload)
            return opcode, payload
        kind = self._kind or opcode
        self._fragments += payload
        if not is_final:
            self._kind = kind
            return None
        whole = bytes(self._fragments)
        self._fragments.clear()
        self._kind = CONTINUATION
        return kind, _text(whole) if kind == TEXT else whole


_OPCODES = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})


def _unmask(payload: bytes, mask: bytes) -> bytes:
    """What was masked: every byte combined with one of the mask's four, in turn (section 5.3).

    All of it at once, as one large number: byte by byte it takes ten times as long and more.
    """
    size = len(payload)
    repeated = (mask * (size // _MASK_BYTES + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(repeated, "little")).to_bytes(size, "little")


def _text(payload: bytes) -> bytes:
    """The payload, if it is UTF-8. Raises BadFrame."""
    try:
        if not payload.isascii():
            payload.decode()
    except UnicodeDecodeError:
        raise BadFrame(NOT_UTF8, "A text message is not UTF-8.") from None
    return payload


def _check_close(payload: bytes) -> None:
    """Raises BadFrame where a close may not carry this: it has nothing, or a code and perhaps a reason."""
    if not payload:
        return
    code = int.from_bytes(payload[:2], "big")
    is_sent = 1000 <= code <= 1013 and code not in _NEVER_SENT
    if len(payload) == 1 or not (is_sent or 3000 <= code <= 4999):
        raise BadFrame(PROTOCOL_ERROR, "A close carries a code that may not be sent.")
    _text(payload[2:])


_NEVER_SENT = frozenset({1004, 1005, 1006})
"""Codes that programs use among themselves for a close that never came (section 7.4.1)."""
