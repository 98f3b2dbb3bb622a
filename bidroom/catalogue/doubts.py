"""What in a catalogue is possible but odd, so that somebody looks at it before the night: names above all.

Text that was once read with the wrong encoding shows in two ways. UTF-8 read as Windows-1252 leaves sequences that turn
back into letters, or `Â` before a space. Windows-1252 read as Mac Roman leaves accented letters and daggers where
apostrophes, quotes and spaces were: `O'Neill` becomes `OíNeill`. Such a letter is proof only in an impossible place,
such as before a capital; but once a file has one, the same letter is suspect everywhere in it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from bidroom.rules.item import ItemTerms, RoomTerms
from bidroom.rules.pictures import is_address

SHOWN = 10

_TWICE_ENCODED = re.compile(r"[ÂÃâð][^\x00-\x7f]{1,3}")
_NEVER_IN_NAMES = re.compile("[\u2020\u2021\ufffd]")
_MAC_LETTERS = "ëíìîñóÆÖ\u2020"  # what Mac Roman reads where Windows-1252 has quotes, apostrophe, dashes, (R), space
_OUT_OF_PLACE = re.compile(f"[{_MAC_LETTERS}](?=[A-Z])|(?<=[a-z])[ÆÖ]|(?<![A-Z])Â(?= )")


def doubts(terms: RoomTerms, now_ms: int) -> list[str]:
    """One line for each thing to look at."""
    return [*_broken_texts(terms.items), *_repeated_names(terms.items), *_opening(terms, now_ms)]


def missing_pictures(items: Sequence[ItemTerms], folder: Path) -> list[str]:
    """One line where the pictures of some items are not in their folder; what is in the web is not looked for."""
    files = [item.picture for item in items if item.picture and not is_address(item.picture)]
    missing = [file for file in dict.fromkeys(files) if not _is_file(folder / file)]
    if not missing:
        return []
    return [f"{_count(len(missing), 'picture')} not in the folder {folder}: {_listed(missing)}; put them there in time"]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have here, such as one that is too long
        return False


def _broken_texts(items: Sequence[ItemTerms]) -> Iterable[str]:
    texts = {item.id: "\n".join((item.name, item.description, item.category, item.seller or "")) for item in items}
    foreign = {id: unicodedata.normalize("NFC", text) for id, text in texts.items() if not text.isascii()}
    odd = {character for text in foreign.values() for character in _proofs(text)}
    broken = {id: text for id, text in foreign.items() if not odd.isdisjoint(text) or _turns_back(text)}
    if broken:
        found = "".join(sorted(odd & set("".join(broken.values()))))
        signs = f" ({' '.join(found)})" if found else ""
        yield (
            f"{_count(len(broken), 'item')} with characters that look like a broken encoding{signs}: "
            f"{_listed(broken)}; mend the texts, or leave them as they are"
        )


def _proofs(text: str) -> Iterable[str]:
    yield from _NEVER_IN_NAMES.findall(text)
    yield from _OUT_OF_PLACE.findall(text)


def _turns_back(text: str) -> bool:
    """Whether part of the text is UTF-8 that was read as Windows-1252."""
    for sequence in _TWICE_ENCODED.findall(text):
        for length in range(len(sequence), 1, -1):
            try:
                sequence[:length].encode("cp1252").decode("utf-8")
            except UnicodeError:
                continue
            return True
    return False


def _repeated_names(items: Sequence[ItemTerms]) -> Iterable[str]:
    ids: dict[str, list[str]] = {}
    for item in items:
        ids.setdefault(item.name.casefold(), []).append(item.id)
    repeated = [" = ".join(same[:SHOWN]) for same in ids.values() if len(same) > 1]
    if repeated:
        names = _count(len(repeated), "name")
        yield f"{names} used more than once; bidders tell these items apart by their ids: {_listed(repeated)}"


def _opening(terms: RoomTerms, now_ms: int) -> Iterable[str]:
    if terms.opens_at is not None and terms.opens_at <= now_ms:
        yield "opens_at has passed, so bidding opens at once"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _listed(words: Iterable[str]) -> str:
    every = list(words)
    more = len(every) - SHOWN
    return ", ".join(every[:SHOWN]) + (f" and {more} more" if more > 0 else "")
