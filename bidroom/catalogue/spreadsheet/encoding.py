"""Bytes to text, in the encodings that spreadsheets save: UTF-8, UTF-16 with its mark, Windows-1252."""

import codecs
import re

from bidroom.catalogue.problems import Unfit

FALLBACK = "Windows-1252"

_SAVE_AS = 'open it in a spreadsheet program and save it as "CSV UTF-8"'
_MAGIC = {
    b"PK\x03\x04": "a spreadsheet (.xlsx, .ods) or another packed file",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls)",
    b"%PDF": "a PDF",
}


def decode(data: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding. Raises Unfit for what is no text."""
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise Unfit(f"is {what}, not CSV; {_SAVE_AS}")
    text, encoding = _decode(data)
    if "\0" in text:
        raise Unfit(f"is not text, it has NUL characters; {_SAVE_AS}")
    return text, encoding


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError:
            raise Unfit(f"begins like text in UTF-16, but is not; {_SAVE_AS}") from None
    marked = data.startswith(codecs.BOM_UTF8)
    utf_8 = "UTF-8 with a byte order mark" if marked else "UTF-8"
    for codec, encoding in (("utf-8-sig", utf_8), ("cp1252", FALLBACK)):
        try:
            return data.decode(codec), encoding
        except UnicodeDecodeError:
            continue
    raise Unfit(f"is neither text in UTF-8 nor in {FALLBACK}; {_SAVE_AS}")


def first_foreign_word(text: str) -> str:
    """The first word with a letter beyond ASCII, or else the first such sign: where a wrong encoding would show."""
    found = re.search(r"\w{0,20}[^\W\x00-\x7f]\w{0,20}", text) or re.search(r"[^\x00-\x7f]", text)
    return repr(found[0]) if found else ""
