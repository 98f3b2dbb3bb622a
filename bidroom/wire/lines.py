"""JSON lines: a byte stream cut into lines, one message each. Holds at most one unfinished line.

The lines, and whether one of them is too long, depend on the bytes alone and never on how they were cut into chunks.
"""

from collections.abc import Iterable, Iterator

from bidroom.wire.messages import MAX_MESSAGE_BYTES


class LineTooLong(ValueError):
    """A line is longer than a message may be; the stream can't be trusted any further."""


class LineSplitter:
    """Feed it bytes as they come; it gives back the lines that are complete, without their ends (LF or CR LF)."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterable[bytes]:
        """The lines that `data` completes, blank ones left out.

        Raises LineTooLong where a line is, complete or not, after the lines before it were given: those still count.
        """
        end = data.find(b"\n")
        if end == len(data) - 1 <= MAX_MESSAGE_BYTES and data.startswith(b"{") and not self._rest:
            return (data[:end].removesuffix(b"\r"),)  # what almost always comes: one whole message
        return self._cut(data)

    def _cut(self, data: bytes) -> Iterator[bytes]:
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest = bytearray(rest)
        else:
            self._rest += rest  # in place: a line that comes byte by byte is neither copied nor searched again
        for line in lines:
            line = line.removesuffix(b"\r")
            if len(line) > MAX_MESSAGE_BYTES:
                raise _too_long()
            if line and not line.isspace():
                yield line
        if len(self._rest) > MAX_MESSAGE_BYTES + 1:  # one more than a message, for the CR of a CR LF
            raise _too_long()


def _too_long() -> LineTooLong:
    return LineTooLong(f"A line has at most {MAX_MESSAGE_BYTES} bytes.")
