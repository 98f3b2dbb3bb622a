"""The pictures of what is sold: only images, only from their folder, and nothing in them may run."""

import os
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDictProxy

from bidroom.rules.pictures import PICTURE_ENDINGS
from bidroom.server.pictures import TYPES, find_picture
from tests.server.house import House, house

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

Answer = tuple[int, CIMultiDictProxy[str], bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of pictures, with much around and in it that is none."""
    folder = tmp_path / "pictures"
    (folder / "lots").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in ("lamp.jpg", "lots/Big Lämp.PNG", "vase.svg", "not.txt", "noext", ".hidden.jpg", ".git/a.jpg"):
        (folder / name).write_bytes(SVG if name.endswith("svg") else name.encode() * 100)
    (folder / "folder.jpg").mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"for nobody")
    (tmp_path / "pictures-too").mkdir()
    (tmp_path / "pictures-too" / "secret.jpg").write_bytes(b"for nobody")
    (folder / "inside.jpg").symlink_to("lots/Big Lämp.PNG")
    (folder / "outside.jpg").symlink_to("../secret.jpg")
    (folder / "beside.jpg").symlink_to("../pictures-too/secret.jpg")
    (folder / "outside").symlink_to("..")
    (folder / "text.jpg").symlink_to("not.txt")
    (folder / "loop.jpg").symlink_to("loop.jpg")
    (folder / "nowhere.jpg").symlink_to("gone.jpg")
    os.mkfifo(folder / "pipe.jpg")
    return folder


async def ask(hall: House, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
    async with (
        aiohttp.ClientSession("http://{}:{}".format(*hall.address)) as session,
        session.request(method, path, headers=headers) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def test_a_picture_is_served_and_nothing_in_it_may_run(folder: Path):
    async with house(pictures=folder) as hall:
        for path, name, kind in (
            ("/pictures/lamp.jpg", "lamp.jpg", "image/jpeg"),
            ("/pictures/lots/Big%20L%C3%A4mp.PNG", "lots/Big Lämp.PNG", "image/png"),
            ("/pictures/vase.svg", "vase.svg", "image/svg+xml"),
            ("/pictures/inside.jpg", "inside.jpg", "image/png"),
        ):
            status, headers, body = await ask(hall, path)
            assert (status, body) == (200, (folder / name).read_bytes())
            assert headers["Content-Type"] == kind
            assert headers["Cache-Control"] == "public, max-age=3600"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


async def test_what_is_known_already_is_not_sent_again(folder: Path):
    async with house(pictures=folder) as hall:
        _, headers, body = await ask(hall, "/pictures/lamp.jpg")
        for known in ({"If-None-Match": headers["ETag"]}, {"If-Modified-Since": headers["Last-Modified"]}):
            status, again, nothing = await ask(hall, "/pictures/lamp.jpg", known)
            assert (status, nothing) == (304, b"")
            assert again["Content-Security-Policy"]
        status, part_headers, part = await ask(hall, "/pictures/lamp.jpg", {"Range": "bytes=3-7"})
        assert (status, part, part_headers["Content-Range"]) == (206, body[3:8], f"bytes 3-7/{len(body)}")
        status, head, nothing = await ask(hall, "/pictures/lamp.jpg", method="HEAD")
        assert (status, nothing, head["Content-Length"]) == (200, b"", str(len(body)))
        (folder / "lamp.jpg").write_bytes(b"another lamp")
        assert (await ask(hall, "/pictures/lamp.jpg", {"If-None-Match": headers["ETag"]}))[2] == b"another lamp"


@pytest.mark.parametrize(
    "path",
    [
        "not.txt",
        "noext",
        ".hidden.jpg",
        ".git/a.jpg",
        "folder.jpg",
        "pipe.jpg",
        "outside.jpg",
        "beside.jpg",
        "outside/secret.jpg",
        "text.jpg",
        "loop.jpg",
        "nowhere.jpg",
        "gone.jpg",
        "lamp.jpg/x.jpg",
        "lamp.jpg%00.jpg",
        "..%2fsecret.jpg",
        "%2e%2e%2fsecret.jpg",
        "lots%2f..%2f..%2fsecret.jpg",
        "..%2fpictures-too%2fsecret.jpg",
        "%2fetc%2fpasswd",
        "x" * 5000 + ".jpg",
        "%ff%fe.jpg",
        "",
    ],
)
async def test_nothing_else_is_served(folder: Path, path: str):
    async with house(pictures=folder) as hall:
        peer = await hall.peer()
        host = b"Host: localhost\r\nConnection: close\r\n\r\n"
        peer.raw(b"GET /pictures/" + path.encode() + b" HTTP/1.1\r\n" + host)
        answer = await peer.reader.read()
        assert answer.startswith(b"HTTP/1.1 404 ")
        assert b"for nobody" not in answer


async def test_without_a_folder_there_are_no_pictures():
    async with house() as hall:
        assert (await ask(hall, "/pictures/lamp.jpg"))[0] == 404


async def test_a_folder_that_is_not_there_has_no_pictures(folder: Path):
    async with house(pictures=folder / "gone") as hall:
        assert (await ask(hall, "/pictures/lamp.jpg"))[0] == 404


PIECES = st.sampled_from(
    ["..", ".", "", "lots", "outside", "secret.jpg", "lamp.jpg", "pictures", "pictures-too", "\0", "\\", "/", "~", "C:"]
)


@settings(deadline=None)  # a busy machine is no fault
@given(path=st.lists(PIECES, max_size=8).map("/".join) | st.text())
def test_no_path_leads_out_of_the_folder(path: str, tmp_path_factory: pytest.TempPathFactory):
    place = tmp_path_factory.getbasetemp() / "hostile"
    if not place.exists():
        (place / "pictures" / "lots").mkdir(parents=True)
        (place / "pictures-too").mkdir()
        for name in ("secret.jpg", "pictures-too/secret.jpg", "pictures/lamp.jpg"):
            (place / name).write_bytes(b"x")
        (place / "pictures" / "outside").symlink_to("..")
    assert find_picture(place / "pictures", path) in (None, place / "pictures" / "lamp.jpg")


def test_all_that_a_catalogue_may_name_is_served():
    assert {ending.lstrip(".") for ending in TYPES} == set(PICTURE_ENDINGS)
