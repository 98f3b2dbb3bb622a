"""A longer search for bytes that the wire can't take: `make fuzz SECONDS=600`.

Valid messages are cut, doubled, flipped and spliced, then fed whole, byte by byte and in random pieces. Whatever comes
out must be messages or documented errors, the same in all three ways; anything else stops the run with the seed. The
messages are made from their types, so a new one is searched with as soon as there is one.
"""

import argparse
import random
import sys
import time
from functools import partial
from typing import get_args

from bidroom.wire.codec import decode_as
from bidroom.wire.control import AnyControl
from tests.wire.messages import EXAMPLES
from tests.wire.stream import complaint, meaning

SEEDS = [
    *EXAMPLES,
    b'{"type":"bid","item":"lamp","amount":12500,"id":17,"unit":1}',
    b'{"id":3,"bidder":"Paddle 7","item":"lamp","amount":100}',
    b'{"a":[[[[{"b":1e5}]]]],"c":"\\ud83d\\ude00\\u0000"}',
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"\xff\xfe\x00\x01\r\n\r\n",
]


def mutate(rng: random.Random, data: bytearray) -> None:
    """Change the bytes in one small way."""
    at = rng.randrange(len(data) + 1)
    match rng.randrange(6):
        case 0:
            data[at : at + 1] = bytes([rng.randrange(256)])
        case 1:
            del data[at : at + rng.randrange(1, 9)]
        case 2:
            data[at:at] = data[: rng.randrange(20)]
        case 3:
            data[at:at] = rng.choice(SEEDS)
        case 4:
            data[at:at] = rng.choice([b"{", b"[", b'"', b"\\", b"\n", b"9", b"-", b".", b"e"]) * rng.randrange(1, 300)
        case _:
            data[at:at] = b"\n"


def hostile(rng: random.Random, start: bytes = b"") -> bytes:
    """A message (this one, or any) that was changed up to a dozen times."""
    data = bytearray(start or rng.choice(SEEDS))
    for _ in range(rng.randrange(12)):
        mutate(rng, data)
    return bytes(data)


def check_order(rng: random.Random, data: bytes) -> None:
    """The bytes are an order, or one line says why not."""
    read = partial(decode_as, rng.choice(get_args(AnyControl)))
    assert len(complaint(read, data).splitlines()) <= 1


def check(rng: random.Random) -> None:
    """One input, three ways; and as what is posted for an order."""
    data = hostile(rng)
    check_order(rng, data)
    stream = data + b"\n"
    pieces: list[bytes] = []
    rest = stream
    while rest:
        size = rng.randrange(1, 40)
        pieces.append(rest[:size])
        rest = rest[size:]
    whole = meaning([stream])
    assert meaning(pieces) == whole
    assert meaning(bytes([byte]) for byte in stream) == whole


def main() -> None:
    """Search for as long as asked; the seed of a failing input is printed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    started = shown = time.monotonic()
    seed = options.seed
    while time.monotonic() - started < options.seconds:
        try:
            check(random.Random(seed))
        except BaseException:
            print(f"\nseed {seed} failed; run it alone with --seed {seed}", file=sys.stderr)
            raise
        seed += 1
        if time.monotonic() - shown > 1:
            shown = time.monotonic()
            print(f"\r{seed - options.seed:,} inputs, nothing found", end="", flush=True)
    print(f"\r{seed - options.seed:,} inputs, nothing found")


if __name__ == "__main__":
    main()
