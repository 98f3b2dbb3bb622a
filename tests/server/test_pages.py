"""The page as browsers get it: what may be kept and for how long, what it may do, and that nothing else is served."""

import gzip
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from multidict import CIMultiDictProxy

from bidroom.rules.item import LiveClosing, RoomTerms
from bidroom.server.desks import Desk
from bidroom.server.hosts import asked_address, policy_host
from bidroom.server.pages import PAGES, SHELL, WEB, Pages, content_policy
from bidroom.server.pictures import MAX_ORIGINS, picture_origins
from bidroom.wire.control import AddItem, NewItem
from bidroom.wire.messages import Accepted
from bidroom.wire.views import CatalogueEntry
from tests.server.house import House, house, room

TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
FILES = sorted(path for path in WEB.rglob("*") if path.suffix in TYPES)
NAMES = [path.relative_to(WEB).as_posix() for path in FILES]

Answer = tuple[int, CIMultiDictProxy[str], bytes]


async def ask(hall: House, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
    """Status, headers and the body as it came, still compressed."""
    async with (
        aiohttp.ClientSession(
            "http://{}:{}".format(*hall.address), auto_decompress=False, skip_auto_headers=("Accept-Encoding",)
        ) as session,
        session.request(method, path, headers=headers) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def raw(hall: House, request: bytes) -> bytes:
    """The whole answer to bytes that no HTTP client would send."""
    peer = await hall.peer()
    peer.raw(request)
    answer = await peer.reader.read()
    await peer.close()
    return answer


def directives(policy: str) -> dict[str, list[str]]:
    parts = (part.split() for part in policy.split(";"))
    return {name: sources for name, *sources in parts}


# HTML


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_html_that_may_do_little(path: str):
    async with house() as hall:
        status, headers, body = await ask(hall, path)
        assert status == 200
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["Cache-Control"] == "no-cache"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        host = "{}:{}".format(*hall.address)
        assert directives(headers["Content-Security-Policy"]) == {
            "default-src": ["'self'"],
            "img-src": ["'self'", "data:"],
            "connect-src": ["'self'", f"ws://{host}", f"wss://{host}"],
            "object-src": ["'none'"],
            "base-uri": ["'none'"],
            "form-action": ["'self'"],
            "frame-ancestors": ["'none'"],
            "require-trusted-types-for": ["'script'"],
        }
        assert b"{{" not in body
        assert b"/static/" in body


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_names_every_module_that_it_needs_at_once(path: str):
    """Or browsers find them one behind the other: the longest chain of imports is a round trip for each link."""
    async with house() as hall:
        _, _, body = await ask(hall, path)
        preloaded = re.findall(rb'modulepreload" href="/static/[0-9a-f]+/([^"]+)"', body)
        main = re.search(rb'script type="module" src="/static/[0-9a-f]+/([^"]+)"', body)
        assert main
        loaded = {name.decode() for name in (main[1], *preloaded)}
        assert len(loaded) == len(preloaded) + 1
        for name in loaded:
            text = (WEB / name).read_text(encoding="utf-8")
            for target in re.findall(r"""^import [^'"]*['"]([^'"]+)""", text, re.MULTILINE):
                assert ((WEB / name).parent / target).resolve().relative_to(WEB).as_posix() in loaded, (name, target)


@pytest.mark.parametrize("path", PAGES)
async def test_who_has_the_page_gets_no_other_copy(path: str):
    async with house() as hall:
        _, headers, body = await ask(hall, path)
        known = {"If-None-Match": f'"other", {headers["ETag"]}'}
        status, again, nothing = await ask(hall, path, known)
        assert (status, nothing) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary", "Content-Security-Policy"):
            assert again[name] == headers[name]
        assert (await ask(hall, path, {"If-None-Match": "*"}))[0] == 304
        assert (await ask(hall, path, {"If-None-Match": f"W/{headers['ETag']}"}))[0] == 304
        assert (await ask(hall, path, {"If-None-Match": '"other"'}))[::2] == (200, body)
        assert (await ask(hall, path, {"If-None-Match": "no etag at all"}))[::2] == (200, body)
        # What is compressed is another representation, and must not be taken for this one.
        assert (await ask(hall, path, {"Accept-Encoding": "gzip", **known}))[0] == 200


@pytest.mark.parametrize("path", PAGES)
async def test_head_tells_what_get_would(path: str):
    async with house() as hall:
        status, headers, body = await ask(hall, path, method="HEAD")
        _, full, content = await ask(hall, path)
        assert (status, body) == (200, b"")
        assert headers["Content-Length"] == str(len(content))
        assert headers["ETag"] == full["ETag"]
        assert (await ask(hall, path, method="POST"))[0] == 405


async def test_another_policy_is_another_version_of_the_page():
    """Browsers keep the policy that they first got with a page for as long as they are told that it is unchanged."""
    async with house() as hall:
        port = hall.address[1]
        _, headers, _ = await ask(hall, "/")
        status, other, _ = await ask(hall, "/", {"Host": f"localhost:{port}", "If-None-Match": headers["ETag"]})
        assert status == 200
        assert f"ws://localhost:{port}" in other["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("offer", "zipped"),
    [
        ("gzip", True),
        ("br, GZIP ; q=0.5", True),
        ("*", True),
        ("deflate, *;q=0.1", True),
        ("gzip;q=1", True),
        ("", False),
        ("identity", False),
        ("br", False),
        ("xgzip", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        (";;,=,,", False),
    ],
)
async def test_compressed_where_that_is_taken(offer: str, zipped: bool):
    async with house() as hall:
        _, plain_headers, plain = await ask(hall, "/")
        _, headers, body = await ask(hall, "/", {"Accept-Encoding": offer})
        assert "Accept-Encoding" in headers["Vary"]
        assert "Accept-Encoding" in plain_headers["Vary"]
        assert "Content-Encoding" not in plain_headers
        assert headers.get("Content-Encoding") == ("gzip" if zipped else None)
        assert (gzip.decompress(body) if zipped else body) == plain
        assert (headers["ETag"] != plain_headers["ETag"]) == zipped


async def test_pages_may_show_pictures_from_where_catalogues_say():
    hall = pictured("hall", "https://cdn.example:8443/a.jpg", "lots/lamp.jpg")
    yard = pictured("yard", "http://93.184.216.34/b.png", "https://cdn.example:8443/c.jpg")
    async with house(hall, yard) as both:
        policy = directives((await ask(both, "/"))[1]["Content-Security-Policy"])
        assert policy["img-src"] == ["'self'", "data:", "http://93.184.216.34", "https://cdn.example:8443"]


async def test_a_page_may_show_the_picture_of_an_item_that_was_added():
    async with house() as hall:
        _, before, _ = await ask(hall, "/")
        vase = NewItem(id="vase", name="Vase", starting_price=9, increment=5, picture="https://new.example/vase.jpg")
        answer = await hall.server.rooms["hall"].ask(AddItem(item=vase), Desk("auctioneer", "Zoe"))
        assert isinstance(answer, Accepted)
        status, after, _ = await ask(hall, "/", {"If-None-Match": before["ETag"]})
        assert status == 200
        assert "https://new.example" in directives(after["Content-Security-Policy"])["img-src"]


def pictured(id: str, *pictures: str) -> RoomTerms:
    """A room whose first items have these pictures."""
    terms = room(id)
    items = (replace(item, picture=picture) for item, picture in zip(terms.items, pictures, strict=True))
    return replace(terms, items=tuple(items))


def catalogue(*pictures: str) -> bytes:
    """A catalogue of items with these pictures."""
    entries = [CatalogueEntry(str(at), "", LiveClosing(1000), picture=each) for at, each in enumerate(pictures)]
    return msgspec.json.encode(entries)


def test_only_what_a_policy_can_name_is_named():
    strange = (
        "",
        "/pictures/lamp.jpg",
        "https://[::1]:8000/a.jpg",
        "https://*/a.jpg",
        "https://x:99999/a.jpg",
        "https://x%3by/a.jpg",
        "https://x;script-src/a.jpg",
        "https:///a.jpg",
        "ftp://files.example/a.jpg",
        "//cdn.example/a.jpg",
        "javascript:alert(1)",
    )
    assert picture_origins(catalogue(*strange)) == set()
    plain = ("HTTPS://CDN.example/a;b.jpg", "https://münchen.example/ä.jpg", "http://a.example:80/x y.jpg")
    assert picture_origins(catalogue(*plain)) == {
        "https://cdn.example",
        "https://xn--mnchen-3ya.example",
        "http://a.example",
    }


def test_too_many_places_are_named_by_their_scheme():
    many = [f"https://{at}.example/a.jpg" for at in range(MAX_ORIGINS)]
    assert len(picture_origins(catalogue(*many))) == MAX_ORIGINS
    assert picture_origins(catalogue(*many, "http://more.example/")) == {"https:", "http:"}


HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="localhost127.:;@/?#\\[]%*' \t,\"-"),
    st.from_regex(r"[;, '*a-z]{0,5}@?localhost[:;, /?#'*0-9a-z]{0,8}", fullmatch=True),
)


@settings(deadline=None)  # a busy machine is no fault
@given(HOSTILE)
def test_no_picture_changes_what_a_page_may_do(text: str):
    for address in (f"https://{text}/lamp.jpg", f"https:{text}", text):
        origins = picture_origins(catalogue(address))
        policy = content_policy("", origins)
        assert directives(policy) | {"img-src": []} == directives(content_policy("", ())) | {"img-src": []}
        assert all(re.fullmatch(r"https?://[0-9A-Za-z.-]+(:[0-9]+)?", origin) for origin in origins)
        policy.encode("ascii")


@settings(deadline=None)  # a busy machine is no fault
@given(HOSTILE)
def test_no_host_changes_what_a_page_may_do(host: str):
    address = asked_address(make_mocked_request("GET", "/", {"Host": host}))
    assert address is None or address == address.origin()
    policy = content_policy("" if address is None else policy_host(address), ())
    sources = directives(policy)
    assert len(sources) == 8
    assert sources["connect-src"][0] == "'self'"
    assert len(sources["connect-src"]) in (1, 3)
    assert all(re.fullmatch(r"wss?://[0-9A-Za-z.-]+(:[0-9]+)?", source) for source in sources["connect-src"][1:])


@pytest.mark.parametrize(
    "host",
    [
        b"a;script-src *@localhost:1",
        b"localhost:1/; script-src *",
        b"localhost#; script-src *",
        b"[::1]:1",
        b"LocalHost:0080",
    ],
)
async def test_nothing_of_a_strange_host_comes_back(host: bytes):
    async with house() as hall:
        answer = await raw(hall, b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
        assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))
        assert b"script-src" not in answer
        named = {b"localhost", b"localhost:1"} if host.startswith((b"a", b"l")) else {b"localhost:80", b"localhost"}
        sources = re.findall(rb"wss?://([^ ;]+)", answer.partition(b"\r\n\r\n")[0])
        assert set(sources) <= named


async def test_a_page_is_not_for_other_hosts():
    async with house() as hall:
        for path in (*PAGES, "/static/x/y.js"):
            assert (await ask(hall, path, {"Host": "elsewhere.example"}))[0] == 403


# Static files


async def version_of(hall: House) -> str:
    found = re.search(rb"/static/([0-9a-f]{16})/", (await ask(hall, "/"))[2])
    assert found, "the page names its files by version"
    return found[1].decode()


async def test_every_file_is_served_for_good_under_its_version():
    async with house() as hall:
        version = await version_of(hall)
        for name, path in zip(NAMES, FILES, strict=True):
            if name.endswith(".html"):
                assert (await ask(hall, f"/static/{version}/{name}"))[0] == 404, "only with its policy"
                continue
            status, headers, body = await ask(hall, f"/static/{version}/{name}")
            assert (status, body) == (200, path.read_bytes())
            assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Type"] == f"{TYPES[path.suffix]}; charset=utf-8"
            _, headers, zipped = await ask(hall, f"/static/{version}/{name}", {"Accept-Encoding": "gzip"})
            assert headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(zipped) == body
            assert (await ask(hall, f"/static/{version[::-1]}/{name}"))[0] == 404, "another server's version"


async def test_all_that_the_page_loads_is_there():
    async with house() as hall:
        version = await version_of(hall)
        wanted = [found for path in PAGES for found in re.findall(rb'/static/[^"\' >]+', (await ask(hall, path))[2])]
        assert wanted
        for path in wanted:
            assert (await ask(hall, path.decode()))[0] == 200, path
        for name, path in zip(NAMES, FILES, strict=True):
            imports = re.findall(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""", path.read_text(encoding="utf-8"))
            for relative in imports if name.endswith(".js") else ():
                target = (path.parent / relative).resolve().relative_to(WEB).as_posix()
                assert (await ask(hall, f"/static/{version}/{target}"))[0] == 200, (name, relative)


def test_the_page_keeps_to_its_policy():
    text = (WEB / SHELL).read_text(encoding="utf-8")
    assert not re.search(r"<style|\son[a-z]+\s*=|\sstyle\s*=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("name", ["jsconfig.json", "types.d.ts", "base.css~", "page.html.bak", ".DS_Store"])
def test_what_only_its_makers_need_is_not_served(name: str, tmp_path: Path):
    (tmp_path / name).write_text("x")
    pages = Pages({}, tmp_path)
    assert pages.find(name, pages.version) is None


PIECES = st.sampled_from(
    ["..", ".", "", "%2e%2e", "%2f", "%5c", "..%2f", "\\", "static", "pages.py", "server", "etc", "%00", "a.js"]
)


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(PIECES, min_size=1, max_size=8).map("/".join) | st.text())
def test_only_known_paths_lead_anywhere(path: str):
    known = {name for name in NAMES if not name.endswith(".html")}
    pages = Pages({})
    assert pages.find(path, pages.version) is None or path in known
    assert pages.find(path, "0" * 16) is None


@pytest.mark.parametrize(
    "path",
    [
        "/static/{}/../server/pages.py",
        "/static/{}/%2e%2e/server/pages.py",
        "/static/{}/..%2fserver%2fpages.py",
        "/static/{}//etc/passwd",
        "/static/{}/%00",
        "/static/{}/",
        "/static/{}",
        "/static/",
        "/page.html",
        "/index.html",
        "/auctioneer/",
        "/%2e%2e/server/pages.py",
    ],
)
async def test_nothing_else_is_served(path: str):
    async with house() as hall:
        target = path.format(await version_of(hall)).encode()
        answer = await raw(hall, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 404")


def test_the_version_names_names_and_content(tmp_path: Path):
    def version(**files: str) -> str:
        for path in tmp_path.iterdir():
            path.unlink()
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text)
        return Pages({}, tmp_path).version

    first = version(a_js="1", b_js="2")
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert version(b_js="2", a_js="1") == first
    assert len({first, version(a_js="2", b_js="1"), version(a_js="1"), version(a_js="1", c_js="2"), version()}) == 5
    assert version(a_js="1", b_js="2", notes_txt="not served") == first


def test_the_wheel_has_the_page():
    """Hatchling takes all that is in the package, except what Git is told to leave out."""
    settings = tomllib.loads((WEB.parent.parent / "pyproject.toml").read_text())
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["bidroom"]}
    assert (WEB / SHELL).is_file()
