"""What a bidder may be called: a name that looks to everyone like what it is, and like nobody else's."""

import unicodedata

MAX_NAME_LENGTH = 40

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that a name may not hold: controls, bidi and zero-width characters, surrogates, unassigned."""

_BLANK = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),  # combining grapheme joiner
        (0x115F, 0x1160),  # Hangul fillers
        (0x17B4, 0x17B5),  # Khmer inherent vowels
        (0x180B, 0x180F),  # Mongolian variation selectors
        (0x2800, 0x2800),  # braille blank
        (0x3164, 0x3164),  # Hangul filler
        (0xFE00, 0xFE0F),  # variation selectors
        (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
        (0xE0100, 0xE01EF),  # more variation selectors
    )
    for code in range(first, last + 1)
)
"""What shows as nothing although its category says letter, mark or symbol: two names must not differ by it alone."""


_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def first_unseen(line: str) -> str | None:
    """The first control or bidirectional character of a line that people will read; None where it has none."""
    if line.isprintable():  # the quick way: none of what is looked for below is printable
        return None
    for character in line:
        if unicodedata.category(character) in _UNSEEN or character in _BIDI:
            return character
    return None


class BadName(ValueError):
    """A name that can't be used; its text says why and what would do."""


def clean_name(name: str) -> str:
    """The name as the room writes it: NFC, spaces folded, 1 to 40 visible characters. Raises BadName."""
    # No name of 40 characters needs more than a few code points each; this bounds the work done on a hostile one.
    if len(name) > 10 * MAX_NAME_LENGTH:
        raise BadName(f"A name has at most {MAX_NAME_LENGTH} characters.")
    if any(character in _BLANK or unicodedata.category(character) in _INVISIBLE for character in name):
        raise BadName("A name has no control, bidirectional, zero-width or unassigned characters.")
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if all(unicodedata.category(character)[0] in "MZ" for character in cleaned):  # only marks and spaces, or nothing
        raise BadName("A name has at least one visible character.")
    if len(cleaned) > MAX_NAME_LENGTH:
        raise BadName(f"A name has at most {MAX_NAME_LENGTH} characters; this one has {len(cleaned)}.")
    return cleaned


def name_key(name: str) -> str:
    """Equal for names that count as the same: compatibility forms and case folded away."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
