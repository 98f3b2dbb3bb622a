"""One field of a catalogue: from a TOML value to the value that the room uses. Each function raises Unfit.

Amounts become integers in minor units, times integers in milliseconds; both exactly, and never by way of a float.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bidroom.catalogue.problems import Unfit, shown
from bidroom.rules.money import BadMoney, exponent, parse_money
from bidroom.rules.names import first_unseen
from bidroom.rules.pictures import BadPicture, clean_picture

MAX_NAME_LENGTH = 200
MAX_DESCRIPTION_LENGTH = 10_000
MAX_SECONDS = 366 * 24 * 60 * 60

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def text(value: Any) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise Unfit(f'{shown(value)} is not a text; write it in quotes: "..."')
    return value


def name(value: Any) -> str:
    """What people read as the name of a room or an item: one line, 1 to MAX_NAME_LENGTH characters."""
    cleaned = " ".join(_seen(unicodedata.normalize("NFC", text(value))).split())
    if not cleaned:
        raise Unfit("is empty; a name has at least one visible character")
    if len(cleaned) > MAX_NAME_LENGTH:
        raise Unfit(f"has {len(cleaned)} characters; a name has at most {MAX_NAME_LENGTH} (more fits the description)")
    return cleaned


def description(value: Any) -> str:
    """What people read about an item; may have several lines."""
    lines = text(value).replace("\r\n", "\n").replace("\t", " ").split("\n")
    cleaned = "\n".join(_seen(line) for line in lines).strip()
    if len(cleaned) > MAX_DESCRIPTION_LENGTH:
        raise Unfit(f"has {len(cleaned)} characters; a description has at most {MAX_DESCRIPTION_LENGTH}")
    return cleaned


def picture(value: Any) -> str:
    """An address in the web, or the name of a file in the folder of pictures."""
    try:
        return clean_picture(text(value))
    except BadPicture as error:
        raise Unfit(f"{shown(value)} {error}") from None


def _seen(line: str) -> str:
    unseen = first_unseen(line)
    if unseen is not None:
        raise Unfit(f"has a control or bidirectional character (U+{ord(unseen):04X}); leave it out")
    return line


def identifier(value: Any) -> str:
    """What programs call a room or an item, in messages and addresses."""
    if not _ID.fullmatch(text(value)):
        raise Unfit(
            f'{shown(value)} is not an id; use up to 64 of a-z, A-Z, 0-9, ".", "_" and "-", such as "desk-lamp"'
        )
    return value


def slug(words: str) -> str:
    """An id made from a name: "ThinkPad T14 (2021)" -> "thinkpad-t14-2021". Empty where nothing in it will do."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def currency(value: Any) -> str:
    """An ISO 4217 code."""
    code = text(value)
    _in_money(lambda: exponent(code))
    return code


def money(code: str) -> Callable[[Any], int]:
    """Amounts of this currency, exact to its minor unit, above 0."""

    def amount(value: Any) -> int:
        return _in_money(lambda: parse_money(_number(value), code))

    return amount


def _in_money(read: Callable[[], int]) -> int:
    try:
        return read()
    except BadMoney as error:
        raise Unfit(str(error)) from None


def _number(value: Any) -> str:
    if isinstance(value, str):
        raise Unfit(f"{shown(value)} is a text; write the number without quotes and units, such as 120.00")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unfit(f"{shown(value)} is not a number; write one such as 120.00")
    # Turning a number of many thousand digits into text is an error in Python; none of them is ever fit.
    return "9" * 30 if isinstance(value, int) and value.bit_length() > 200 else str(value)


def seconds(least_ms: int) -> Callable[[Any], int]:
    """Spans of time, given in seconds, from `least_ms` to a year. Comes out in milliseconds."""

    def span(value: Any) -> int:
        number = Decimal(_number(value))
        if not number.is_finite() or number < Decimal(least_ms) / 1000 or number > MAX_SECONDS:
            least = "0" if least_ms == 0 else "above 0"
            raise Unfit(f"{shown(value)} is out of range; it is in seconds, {least} to {MAX_SECONDS} (a year)")
        if number != number.quantize(Decimal("0.001")):
            raise Unfit(f"{shown(value)} is finer than a millisecond; write it like 0.5 or 2.125")
        return int(number * 1000)

    return span


def count(most: int) -> Callable[[Any], int]:
    """Whole numbers from 1 to `most`."""

    def whole(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise Unfit(f"{shown(value)} will not do; write a whole number from 1 to {most}")
        return value

    return whole


def moment(value: Any) -> int:
    """Moments, as milliseconds since the epoch.

    They need an offset: the same file means the same moment on every machine and in every season.
    """
    if not isinstance(value, datetime):
        raise Unfit(f"{shown(value)} is not a moment; write it without quotes like 2030-05-24T20:00:00+02:00")
    if value.tzinfo is None:
        raise Unfit(
            f"{shown(value)} has no time zone; add the offset from UTC: {shown(value)}+02:00, or Z for UTC itself"
        )
    return (value - _EPOCH) // timedelta(milliseconds=1)


def moment_after(now_ms: int) -> Callable[[Any], int]:
    """Moments in the future."""

    def future(value: Any) -> int:
        at = moment(value)
        if at <= now_ms:
            raise Unfit(f"{shown(value)} has passed; write a moment in the future")
        return at

    return future


def choice(*words: str) -> Callable[[Any], Any]:
    """One of these words."""

    def chosen(value: Any) -> Any:
        if value not in words:
            quoted = [f'"{word}"' for word in words]
            raise Unfit(f"{shown(value)} is not known here; write {' or '.join(quoted)}")
        return value

    return chosen
