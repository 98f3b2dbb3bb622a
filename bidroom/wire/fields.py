"""The kinds of field that messages have, with what they may hold. A value beyond that is refused as malformed."""

from typing import Annotated, Literal

from msgspec import Meta

from bidroom.rules.item import MAX_AMOUNT

LONGEST_MS = 366 * 24 * 60 * 60 * 1000
"""The longest span of time that anything may last: a year."""

Events = Literal["latest", "all", "none"]
Text = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(max_length=1000)]
Words = Annotated[str, Meta(min_length=1, max_length=1000)]
Count = Annotated[int, Meta(ge=0, le=MAX_AMOUNT)]
Amount = Annotated[int, Meta(ge=1, le=MAX_AMOUNT)]
Units = Annotated[int, Meta(ge=1, le=100_000)]
Paddle = Annotated[int, Meta(ge=1, le=1_000_000)]
Span = Annotated[int, Meta(ge=1, le=LONGEST_MS)]
Head = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
