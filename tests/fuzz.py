"""A longer search for bytes that the wire can't take: `make fuzz SECONDS=600`.

Valid messages are cut, doubled, flipped and spliced, then fed whole, byte by byte and in random pieces. Whatever comes
out must be messages or documented errors, the same in all three ways; anything else stops the run with the seed.
"""

import argparse
import random
import sys
import time

from tests.wire.stream import meaning

SEEDS = [
    b'{"type":"join","name":"Ana","room":"sale","token":"00ff","after":7,"events":"all"}',
    b'{"type":"watch","head":"' + b"0a" * 32 + b'","after":0}',
    b'{"type":"bid","item":"lamp","amount":12500,"id":17,"unit":1}',
    b'{"type":"ping"}',
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


def check(rng: random.Random) -> None:
    """One input, three ways."""
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randrange(12)):
        mutate(rng, data)
    stream = bytes(data) + b"\n"
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
