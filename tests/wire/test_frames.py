"""WebSocket frames against wsproto, which knows nothing of ours: the same messages or complaint, in any pieces."""

import struct
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wsproto.frame_protocol import FrameProtocol, Opcode, ParseFailed

from bidroom.wire import frames
from bidroom.wire.frames import BadFrame, FrameReader, Message
from bidroom.wire.messages import MAX_MESSAGE_BYTES

Heard = tuple[list[Message], int | None]
"""The messages of a stream, up to a close or a fault, and the code of that fault."""

MASK = b"\x01\xfe\x80\x37"


def raw(opcode: int, payload: bytes = b"", first: int = 0x80, mask: bytes = MASK, wide: int = 0) -> bytes:
    """A frame, right or wrong. `first`: the bits above the opcode; `wide`: how many bytes its size is written in."""
    size = len(payload)
    wide = wide or (0 if size < 126 else 2 if size < 65536 else 8)
    head = bytes([126 if wide == 2 else 127]) + size.to_bytes(wide, "big") if wide else bytes([size])
    if not mask:
        return bytes([first | opcode]) + head + payload
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return bytes([first | opcode, head[0] | 0x80]) + head[1:] + mask + masked


def ours(chunks: Iterable[bytes]) -> Heard:
    """What our reader makes of it."""
    reader, heard = FrameReader(), list[Message]()
    try:
        for chunk in chunks:
            for message in reader.feed(chunk):
                heard.append(message)
                if message[0] == frames.CLOSE:
                    return heard, None
    except BadFrame as fault:
        return heard, fault.code
    return heard, None


def theirs(stream: bytes) -> Heard:
    """What wsproto makes of it; it gives a message piece by piece."""
    protocol = FrameProtocol(client=False, extensions=[])
    protocol.receive_bytes(stream)
    heard, pieces = list[Message](), b""
    try:
        for found in protocol.received_frames():
            if found.opcode is Opcode.CLOSE:
                code, reason = found.payload
                carried = b"" if code == 1005 else struct.pack("!H", code) + reason.encode()
                heard.append((frames.CLOSE, carried))
            elif found.opcode.iscontrol():
                heard.append((int(found.opcode), bytes(found.payload)))
            else:
                pieces += found.payload.encode() if isinstance(found.payload, str) else bytes(found.payload)
                if found.message_finished:
                    heard.append((int(found.opcode), pieces))
                    pieces = b""
    except ParseFailed as fault:
        return heard, int(fault.code)
    return heard, None


PAYLOADS = st.text(max_size=130).map(str.encode) | st.binary(max_size=130)
MASKS = st.sampled_from([MASK, bytes(4), b"\xff\x00\xff\x00"])
GOOD = st.builds(raw, st.sampled_from([0, 0, 1, 1, 2, 9, 10]), PAYLOADS, st.sampled_from([0x80, 0x80, 0]), MASKS)
CLOSES = st.builds(
    lambda code, reason: raw(8, struct.pack("!H", code) + reason),
    st.integers(990, 1020) | st.integers(2990, 3010) | st.integers(4990, 5010),
    PAYLOADS,
) | st.builds(raw, st.just(8), st.binary(max_size=3))
BAD = (
    st.builds(raw, st.integers(0, 15), PAYLOADS, st.sampled_from([0x80, 0, 0xC0, 0xA0, 0x90]), MASKS | st.just(b""))
    | st.builds(raw, st.integers(0, 10), PAYLOADS, wide=st.sampled_from([2, 8]))
    | st.binary(max_size=30)
)
STREAMS = st.lists(GOOD | GOOD | GOOD | CLOSES | BAD, max_size=6).map(b"".join)


MORE = bytes(70_000)
"""What follows on a fault: it looks at all of a frame's head, or waits for all of a close, before it complains."""


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    """The stream, cut at these places."""
    places = sorted(cut % (len(stream) + 1) for cut in cuts)
    return [stream[start:end] for start, end in pairwise([0, *places, len(stream)])]


@given(STREAMS, st.lists(st.integers(0, 2000), max_size=8))
@example(raw(1, b'{"type":"ping"}'), [3])
@example(raw(1, "é".encode()[:1], first=0) + raw(9, b"x") + raw(0, "é".encode()[1:]), [1, 2])
@example(raw(8, struct.pack("!H", 1004)), [])
@example(raw(1, b"x" * 126, wide=2) + raw(2, b"\xff"), [2])
def test_it_hears_what_another_implementation_hears(stream: bytes, cuts: list[int]):
    heard, fault = ours([stream])
    assert ours(pieces(stream, cuts)) == (heard, fault)
    assert ours(stream[at : at + 1] for at in range(len(stream))) == (heard, fault)
    known, its_fault = theirs(stream if fault is None else stream + MORE)
    if its_fault == frames.NOT_UTF8 != fault:  # it looks into a message that is not complete yet
        assert heard[: len(known)] == known
        assert all(kind >= frames.CLOSE for kind, _ in heard[len(known) :])
    elif fault != frames.TOO_BIG:  # which it has no limit for
        assert (heard, fault) == (known, its_fault)


@given(st.sampled_from([frames.TEXT, frames.BINARY]), st.sampled_from([0, 1, 125, 126, 127, 65535, 65536, 70_000]))
def test_what_we_send_is_what_another_implementation_reads(opcode: int, size: int):
    protocol = FrameProtocol(client=True, extensions=[])
    protocol.receive_bytes(frames.frame(opcode, b"x" * size) + frames.close_frame(frames.NORMAL))
    *parts, close = protocol.received_frames()
    assert sum(len(part.payload) for part in parts) == size
    assert {int(part.opcode) for part in parts} == {opcode}
    assert parts[-1].message_finished
    assert close.payload == (1000, "")


@pytest.mark.parametrize("pieces_of", [MAX_MESSAGE_BYTES, 1000, 1])
def test_a_message_of_the_greatest_length_and_one_more(pieces_of: int):
    longest = b"x" * MAX_MESSAGE_BYTES
    parts = [longest[at : at + pieces_of] for at in range(0, len(longest), pieces_of)]
    stream = b"".join(raw(0 if at else 1, part, first=0) for at, part in enumerate(parts))
    assert ours([stream + raw(0)]) == ([(frames.TEXT, longest)], None)
    assert ours([stream + raw(0, b"x")]) == ([], frames.TOO_BIG)


def test_a_message_that_is_too_long_is_refused_before_it_has_come():
    assert ours([raw(1, b"x" * 70_000)[:14]]) == ([], frames.TOO_BIG)
    assert ours([b"\x81\xff" + b"\xff" * 8]) == ([], frames.TOO_BIG)
