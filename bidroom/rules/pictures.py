"""The picture of an item: an address in the web, or a file in the folder of pictures that the server hands out.

Whoever writes a catalogue or adds an item says it in one text, and everybody's browser is sent to it. So a file must
lie inside the folder and be a picture by its name, and an address must be one that a page may show.
"""

from urllib.parse import quote, urlsplit

from bidroom.rules.names import first_unseen

MAX_PICTURE_LENGTH = 500

PICTURE_ENDINGS = ("jpg", "jpeg", "png", "webp", "gif", "avif", "svg")
"""What the name of a picture's file ends with, in small letters or capitals."""

_FILE_HINT = 'write the name of a file in the folder of pictures, such as "lots/lamp.jpg"'


class BadPicture(ValueError):
    """A picture that can't be used; its text says why and what would do."""


def clean_picture(text: str) -> str:
    """The picture without blanks around it; empty where there is none. Raises BadPicture."""
    picture = text.strip()
    if len(picture) > MAX_PICTURE_LENGTH:
        raise BadPicture(f"has {len(picture)} characters; a picture's name or address has at most {MAX_PICTURE_LENGTH}")
    unseen = first_unseen(picture)
    if unseen is not None:
        raise BadPicture(f"has a control or bidirectional character (U+{ord(unseen):04X}); leave it out")
    if is_address(picture):
        _check_address(picture)
    elif picture:
        _check_file(picture)
    return picture


def is_address(picture: str) -> bool:
    """Whether it is an address in the web, and not the name of a file."""
    return picture.lower().startswith(("http:", "https:"))


def picture_link(picture: str) -> str:
    """Where a page finds a clean picture: an address as it is, a file under /pictures/ of the server's own."""
    return picture if not picture or is_address(picture) else f"/pictures/{quote(picture)}"


def _check_address(picture: str) -> None:
    if any(character.isspace() for character in picture):
        raise BadPicture("is an address with a blank in it; an item has one picture, and a blank is written %20")
    if not _has_host(picture):
        raise BadPicture("is an address without a host; write it like https://example.org/lamp.jpg")
    if "@" in urlsplit(picture).netloc:
        raise BadPicture("has a user's name before the host, which everybody would see; leave it out")


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0  # a port that is none raises ValueError
    except ValueError:
        return False


def _check_file(picture: str) -> None:
    if "://" in picture:
        raise BadPicture("is no address that a page may show; write one with http:// or https://")
    if "\\" in picture or ":" in picture:
        raise BadPicture(f'has a "\\" or ":"; folders are parted by "/": {_FILE_HINT}')
    if picture.startswith("/"):
        raise BadPicture(f'begins with "/", so it isn\'t inside the folder of pictures; {_FILE_HINT}')
    parts = picture.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise BadPicture(f'has a part that is empty, "." or ".."; {_FILE_HINT}')
    if any(part.startswith(".") for part in parts):
        raise BadPicture(f'has a hidden part, one that begins with "."; {_FILE_HINT}')
    _, dot, ending = picture.rpartition(".")
    if not dot or ending.lower() not in PICTURE_ENDINGS:
        raise BadPicture(f"doesn't end like a picture; the endings are {', '.join(PICTURE_ENDINGS)}")
