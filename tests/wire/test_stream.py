"""Hostile bytes: whatever comes, in whatever pieces, is messages or a documented error, and the same in any pieces."""

import json
from functools import partial
from itertools import pairwise
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from bidroom.rules.item import MAX_AMOUNT
from bidroom.wire.codec import Malformed, decode, decode_as, encode
from bidroom.wire.control import AnyControl
from bidroom.wire.lines import LineSplitter, LineTooLong
from bidroom.wire.messages import MAX_MESSAGE_BYTES, Bid, Ping
from tests.wire.messages import ANY_MESSAGE, EXAMPLES, KINDS, example, messages, tag
from tests.wire.stream import complaint, meaning

LINES = (
    ANY_MESSAGE.map(encode)
    | st.sampled_from(EXAMPLES)
    | st.binary(max_size=60)
    | st.text(alphabet='{}[]":,truenaisl0123456789.eE+-\\u', max_size=60).map(str.encode)
)


@pytest.mark.parametrize("kind", KINDS, ids=tag)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_there_and_back(kind: type[Struct], data: st.DataObject):
    message = data.draw(messages(kind))
    assert decode(encode(message)) == message
    assert decode(encode(message).decode()) == message


@pytest.mark.parametrize("kind", get_args(AnyControl), ids=tag)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_order_is_the_same_where_the_path_says_what_it_is(kind: type[AnyControl], data: st.DataObject):
    message = data.draw(messages(kind))
    fields = msgspec.json.decode(encode(message))
    assert decode_as(kind, msgspec.json.encode(fields)) == message
    del fields["type"]
    assert decode_as(kind, msgspec.json.encode(fields)) == message


@pytest.mark.parametrize("kind", KINDS, ids=tag)
def test_a_message_has_no_other_field_and_no_other_type_of_value(kind: type[Struct]):
    plain = example(kind)
    assert type(decode(json.dumps(plain))) is kind
    wrong = [plain | {"another": 1}, *(plain | {field: [[]]} for field in plain)]
    wrong += [plain | {"id": value} for value in (1.5, "7", True, -1, MAX_AMOUNT + 1)] if "id" in plain else []
    for message in wrong:
        with pytest.raises(Malformed):
            decode(json.dumps(message))


@settings(deadline=None)
@given(LINES)
def test_what_is_said_of_hostile_bytes_is_one_short_line(line: bytes):
    """It becomes part of a message, a page or a status; and it must not make a peer hear itself."""
    for read in (decode, *(partial(decode_as, kind) for kind in get_args(AnyControl))):
        said = complaint(read, line)
        assert len(said.splitlines()) <= 1
        assert len(said) < 300


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
        ('{"type":"pause","a\\nb":1}', "unknown field `a b`"),
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
