"""What a stream of bytes means, whole or in pieces: messages and complaints in order, until a line is too long."""

from collections.abc import Callable, Iterable

from bidroom.wire.codec import Inbound, Malformed, decode
from bidroom.wire.lines import LineSplitter, LineTooLong


def complaint(read: Callable[[bytes], object], data: bytes) -> str:
    """What is said against bytes that are read so; nothing where they are a message."""
    try:
        read(data)
    except Malformed as error:
        return str(error)
    return ""


def meaning(chunks: Iterable[bytes]) -> list[Inbound | str]:
    """Every message in the stream, or what was said of a line. Anything else that is raised is a bug."""
    lines = LineSplitter()
    said: list[Inbound | str] = []
    try:
        for chunk in chunks:
            for line in lines.feed(chunk):
                try:
                    said.append(decode(line))
                except Malformed:
                    said.append("malformed")
    except LineTooLong:
        said.append("too long")
    return said
