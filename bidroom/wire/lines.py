"""JSON lines: a byte stream cut into lines, one message each. Holds at most one unfinished line."""

from bidroom.wire.messages import MAX_MESSAGE_BYTES


class LineTooLong(ValueError):
    """A line is longer than a message may be; the stream can't be trusted any further."""


class LineSplitter:
    """Feed it bytes as they come; it gives back the lines that are complete, without their ends (LF or CR LF)."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, blank ones left out. Raises LineTooLong once an unfinished line is."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_MESSAGE_BYTES + 1:
            raise LineTooLong(f"A line has at most {MAX_MESSAGE_BYTES} bytes.")
        return [line for line in lines if line and not line.isspace()]
