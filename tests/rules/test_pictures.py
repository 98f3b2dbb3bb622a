"""Which texts are a picture's name or address, and where a page finds it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.item import ItemTerms
from bidroom.rules.pictures import MAX_PICTURE_LENGTH, PICTURE_ENDINGS, BadPicture, clean_picture, picture_link
from tests.rules.versus import item_terms

FILES = {
    "lamp.jpg": "/pictures/lamp.jpg",
    "LAMP.JPEG": "/pictures/LAMP.JPEG",
    "lots/2030/lamp.svg": "/pictures/lots/2030/lamp.svg",
    "Lamp 1 (blue)#2?.png": "/pictures/Lamp%201%20%28blue%29%232%3F.png",
    "100%.webp": "/pictures/100%25.webp",
    "a.b.avif": "/pictures/a.b.avif",
    "Öl.gif": "/pictures/%C3%96l.gif",
    "v1..2.jpg": "/pictures/v1..2.jpg",
}
ADDRESSES = (
    "https://example.org/lamp.jpg",
    "HTTP://example.org:8080/lamp?id=5&size=[1]#x",
    "https://[2001:db8::1]/a",
    "https://bücher.example/ä.jpg",
    "http://localhost",
)
REFUSED = {
    "a" * (MAX_PICTURE_LENGTH - 3) + ".jpg": "has 501 characters; a picture's name or address has at most 500",
    "la\x00mp.jpg": "control or bidirectional character (U+0000)",
    "https://example.org/\u202egpj.exe": "control or bidirectional character (U+202E)",
    "http://": "an address without a host; write it like https://",
    "https:lamp.jpg": "an address without a host",
    "https:///lamp.jpg": "an address without a host",
    "http://:80/lamp.jpg": "an address without a host",
    "http://[::1/lamp.jpg": "an address without a host",
    "http://example.org:port/lamp.jpg": "an address without a host",
    "https://example.org/a.jpg https://example.org/b.jpg": "an address with a blank in it; an item has one picture",
    "https://ana:secret@example.org/lamp.jpg": "has a user's name before the host, which everybody would see",
    "ftp://example.org/lamp.jpg": "is no address that a page may show",
    "lots\\lamp.jpg": 'has a "\\" or ":"; folders are parted by "/"',
    "C:/lamp.jpg": 'has a "\\" or ":"',
    "javascript:x.jpg": 'has a "\\" or ":"',
    "/etc/lamp.jpg": 'begins with "/", so it isn\'t inside the folder',
    "//example.org/lamp.jpg": 'begins with "/"',
    "../lamp.jpg": 'has a part that is empty, "." or ".."',
    "lots/../../lamp.jpg": 'has a part that is empty, "." or ".."',
    "./lamp.jpg": 'has a part that is empty, "." or ".."',
    "lots//lamp.jpg": 'has a part that is empty, "." or ".."',
    ".git/lamp.jpg": 'has a hidden part, one that begins with "."',
    "lots/.jpg": 'has a hidden part, one that begins with "."',
    "lamp": "doesn't end like a picture; the endings are jpg, jpeg, png, webp, gif, avif, svg",
    "jpg": "doesn't end like a picture",
    "lamp.html": "doesn't end like a picture",
    "lamp.jpg/": 'has a part that is empty, "." or ".."',
}


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_found_below_a_path_of_the_server_s(file: str):
    assert clean_picture(f" {file}\n") == file
    assert picture_link(file) == FILES[file]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_found_where_it_is(address: str):
    assert clean_picture(address) == picture_link(address) == address


def test_no_picture_is_found_nowhere():
    assert clean_picture(" ") == picture_link("") == ""


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_picture_is_said_to_be_none(text: str):
    with pytest.raises(BadPicture) as caught:
        clean_picture(text)
    assert REFUSED[text] in str(caught.value)


def cleaned(text: str) -> str | None:
    try:
        return clean_picture(text)
    except BadPicture:
        return None


@given(st.text() | st.lists(st.sampled_from(["..", ".", "/", "\\", "a", ".jpg", "http:", "@"])).map("".join))
def test_whatever_is_taken_stays_in_the_folder_or_has_a_host(text: str):
    link = picture_link(cleaned(text) or "")
    if link.startswith("/pictures/"):
        assert not set(link.split("/")[2:]) & {"", ".", ".."}
        assert link.lower().endswith(PICTURE_ENDINGS)
    else:
        assert not link or link.lower().startswith(("http://", "https://"))


def test_an_item_without_a_picture_is_written_as_before_there_were_any():
    plain, seen = item_terms(), item_terms(picture="lamp.jpg")
    assert b"picture" not in msgspec.json.encode(plain)
    assert msgspec.json.decode(msgspec.json.encode(seen), type=ItemTerms) == seen
