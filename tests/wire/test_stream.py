"""Hostile bytes: whatever comes, in whatever pieces, is messages or a documented error, and the same in any pieces."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.item import MAX_AMOUNT
from bidroom.wire.codec import Malformed, decode, encode
from bidroom.wire.lines import LineSplitter, LineTooLong
from bidroom.wire.messages import MAX_MESSAGE_BYTES, Bid, Join, Ping, Watch
from tests.wire.stream import meaning

EVENTS = st.sampled_from(["latest", "all", "none"])
COUNTS = st.none() | st.integers(0, MAX_AMOUNT)
HEADS = st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex)
TEXTS = st.text(max_size=40)
MESSAGES = (
    st.builds(Bid, item=TEXTS, amount=st.integers(1, MAX_AMOUNT), id=st.integers(1, MAX_AMOUNT), unit=st.just(3))
    | st.builds(Join, name=TEXTS, room=st.none() | TEXTS, token=TEXTS, after=COUNTS, head=HEADS, events=EVENTS)
    | st.builds(Watch, room=st.none() | TEXTS, after=COUNTS, head=HEADS, events=EVENTS)
    | st.just(Ping())
)
LINES = (
    MESSAGES.map(encode)
    | st.binary(max_size=60)
    | st.text(alphabet='{}[]":,truenaisl0123456789.eE+-\\u', max_size=60).map(str.encode)
)


@given(MESSAGES)
def test_there_and_back(message: Join | Watch | Bid | Ping):
    assert decode(encode(message)) == message
    assert decode(encode(message).decode()) == message


@given(data=st.data(), lines=st.lists(LINES, max_size=8))
def test_the_pieces_do_not_matter(data: st.DataObject, lines: list[bytes]):
    stream = b"\n".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])]
    whole = meaning([stream + b"\n"])
    assert meaning([*pieces, b"\n"]) == whole
    assert meaning(bytes([byte]) for byte in stream + b"\n") == whole


BID = '{"type":"bid","item":"lamp","id":1,"amount":%s}'


@pytest.mark.parametrize(
    "amount",
    [
        "1.5",
        "1.0",
        "1e3",
        '"100"',
        "true",
        "null",
        "-1",
        "0",
        str(MAX_AMOUNT + 1),
        "NaN",
        "Infinity",
        "9" * 5000,
        "[1]",
        "{}",
        "01",
        "+1",
        "0x10",
    ],
    ids=lambda text: text[:12],
)
def test_an_amount_is_a_whole_number_in_range(amount: str):
    with pytest.raises(Malformed):
        decode((BID % amount).encode())
    assert decode((BID % str(MAX_AMOUNT)).encode()) == Bid(item="lamp", id=1, amount=MAX_AMOUNT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "JSON"),
        ("hello", "JSON"),
        ("[]", "Expected `object`"),
        ("null", "Expected `object`"),
        ("{}", "missing required field `type`"),
        ('{"type":"buy"}', "Invalid value 'buy'"),
        ('{"type":7}', "Expected `str`"),
        ('{"type":"bid","item":"lamp","id":1}', "missing required field `amount`"),
        ('{"type":"join","name":"Ana","nmae":1}', "unknown field `nmae`"),
        ('{"type":"join","name":7}', "Expected `str`, got `int` - at `$.name`"),
        ('{"type":"join","name":"Ana","events":"some"}', "Invalid enum value"),
        ('{"type":"watch","head":"xyz"}', "matching regex"),
        ('{"type":"watch","after":-1}', ">= 0"),
        ('{"type":"ping"} {"type":"ping"}', "trailing characters"),
        ('{"type":"join","name":"\\ud800"}', "truncated"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str):
    with pytest.raises(Malformed, match=said.replace("$", r"\$").replace("[", r"\[")):
        decode(text.encode())


def test_deep_nesting_and_invalid_text():
    for hostile in (
        b"[" * 60_000,
        b'{"x":' * 10_000,
        b'{"type":' + b"[" * 60_000,
        b'{"type":"join","name":"\xff"}',
        bytes(range(256)),
    ):
        with pytest.raises(Malformed):
            decode(hostile)


def test_a_line_of_the_greatest_length_and_one_more():
    name = "a" * (MAX_MESSAGE_BYTES - len('{"type":"join","name":""}'))
    longest = json.dumps({"type": "join", "name": name}, separators=(",", ":")).encode()
    assert len(longest) == MAX_MESSAGE_BYTES
    assert meaning([longest + b"\n"]) == ["malformed"]  # a name has at most 1,000 characters: but it was read
    padded = b'{"type":"ping"}'.ljust(MAX_MESSAGE_BYTES)
    assert meaning([padded + b"\n" + padded + b"\r\n"]) == [Ping(), Ping()]
    assert meaning([padded, b" \n"]) == meaning([padded + b" \n"]) == ["too long"]


def test_a_splitter_keeps_no_more_than_a_line():
    lines = LineSplitter()
    for _ in range(MAX_MESSAGE_BYTES // 64):
        assert not list(lines.feed(b"x" * 64))
    with pytest.raises(LineTooLong):
        list(lines.feed(b"xx"))


def test_line_ends_and_blank_lines():
    assert [line.rstrip() for line in LineSplitter().feed(b"\n\r\n  \na\r\nb\n")] == [b"a", b"b"]
