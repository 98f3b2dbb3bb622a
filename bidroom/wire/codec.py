"""Bytes <-> messages, for one message at a time. `decode` meets hostile bytes; `decode_outbound` is for clients."""

from typing import TypeVar

import msgspec
from msgspec import Struct

from bidroom.wire.control import AnyControl
from bidroom.wire.messages import MAX_MESSAGE_BYTES, BidderMessage, Entry, Outbound, Ping

Inbound = Entry | BidderMessage | AnyControl | Ping

_encode = msgspec.json.Encoder().encode
_inbound = msgspec.json.Decoder(Inbound)
_outbound = msgspec.json.Decoder(Outbound)

Message = TypeVar("Message")


_LONGEST_DETAIL = 200


class Malformed(ValueError):
    """Bytes that are no message; the text says what is wrong with them."""


def encode(message: Struct) -> bytes:
    """One message as UTF-8 JSON without a line end."""
    return _encode(message)


def decode(data: bytes | str) -> Inbound:
    """The message in these bytes. Raises Malformed."""
    if isinstance(data, str):
        data = _utf8(data)
    if len(data) > MAX_MESSAGE_BYTES:
        raise Malformed(f"A message has at most {MAX_MESSAGE_BYTES} bytes.")
    return _decode(_inbound, data)


def decode_as(kind: type[Message], data: bytes) -> Message:
    """The message of one type in these bytes, whose `type` may be left out. Raises Malformed."""
    return _decode(msgspec.json.Decoder(kind), data)


def decode_outbound(data: bytes | str) -> Outbound:
    """The server's message in these bytes. Raises Malformed."""
    return _decode(_outbound, data)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Malformed(f"Not JSON in UTF-8: {_brief(error)}.") from None


def _brief(error: Exception) -> str:
    # What is wrong may quote what was sent; a peer doesn't get to have 64 KiB of its own sent back, or several lines.
    text = " ".join(str(error).split())
    return text if len(text) <= _LONGEST_DETAIL else text[:_LONGEST_DETAIL] + "..."


def _decode(decoder: msgspec.json.Decoder[Message], data: bytes | str) -> Message:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Malformed(f"Not a message of this protocol: {_brief(error)}.") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Malformed(f"Not JSON in UTF-8: {_brief(error)}.") from None
    except RecursionError:
        raise Malformed("Nested too deeply.") from None
