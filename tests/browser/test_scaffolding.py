"""The means by which the page is tested, tested themselves: on small pages that are as bad as a page can be.

What looks for faults is worth something only if it finds them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, expect

from bidroom.catalogue import read_catalogue
from bidroom.wire.messages import Accepted
from tests.browser import catalogues
from tests.browser.conftest import Axe, LetIn, OpenVenue
from tests.browser.keyboard import Stop, focused, tab_order
from tests.browser.layout import no_sideways_scroll
from tests.browser.venue import Venue
from tests.browser.visitor import PHONE, Visitor
from tests.needed import needed

PageOf = Callable[..., Awaitable[str]]

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@pytest_asyncio.fixture(loop_scope="session")
async def page_of() -> AsyncIterator[PageOf]:
    """Serves a page of this HTML and this script, under a content policy; gives its address."""
    runners: list[web.AppRunner] = []

    async def page_of(body: str, script: str = "", policy: str = STRICT, style: str = "") -> str:
        html = (
            '<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="/icon.svg">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/a.css">'
            f"</head><body>{body}<script src=/a.js></script></body></html>"
        )

        async def answer(request: web.Request) -> web.Response:
            guarded = {"Content-Security-Policy": policy}
            match request.path:
                case "/":
                    return web.Response(text=html, content_type="text/html", headers=guarded)
                case "/a.js":
                    return web.Response(text=script, content_type="text/javascript")
                case "/a.css":
                    return web.Response(text=style, content_type="text/css")
                case "/icon.svg":
                    return web.Response(text='<svg xmlns="http://www.w3.org/2000/svg"/>', content_type="image/svg+xml")
                case "/broken":
                    return web.Response(status=500)
                case _:
                    raise web.HTTPNotFound

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runners.append(web.AppRunner(app))
        await runners[-1].setup()
        site = web.TCPSite(runners[-1], "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runners[-1].addresses[0][1]}/"

    yield page_of
    for runner in runners:
        await runner.cleanup()


async def test_a_venue_is_killed_and_goes_on_where_it_was(venue: Venue):
    ben = await venue.bidder("Ben")
    assert isinstance(await ben.bid("lamp", 1000), Accepted)
    token, events = venue.auctioneer_token, await venue.events()
    assert (await venue.item("lamp"))["leader"] == "Ben"
    await venue.kill()
    await venue.start()
    assert venue.auctioneer_token == token != venue.clerk_token
    assert (await venue.events())[: len(events)] == events
    assert isinstance(await ben.bid("desk", 10_000), Accepted)  # he has come back by himself
    await venue.stop()
    assert "The server has stopped." in venue.output.read_text()
    await venue.start()
    assert [item["leader"] for item in (await venue.room())["items"]] == ["Ben", "Ben"]


async def test_orders_at_the_desk(venue: Venue):
    await venue.order("announce", text="Soup is ready")
    assert (await venue.events())[-1] | {"text": "Soup is ready", "by": "Zoe"} == (await venue.events())[-1]
    await venue.order("pause", item="lamp")
    assert (await venue.item("lamp"))["paused"]
    assert (await venue.order("pause", item="lamp", status=409))["reason"] == "already"
    await venue.order("pause", token=venue.clerk_token, status=403)


async def test_who_is_invited_comes_in_with_a_code(open_venue: OpenVenue):
    gala = await open_venue(catalogues.INVITED)
    invited = await gala.order("invite", name="Ana", paddle=7)
    await gala.order("open_bidding")
    ana = await gala.bidder("", invited["code"])
    assert isinstance(await ana.bid("lamp", 1000), Accepted)
    assert (await gala.item("lamp"))["leader"] == "Paddle 7"


@pytest.mark.parametrize("name", ["LIVE", "INVITED", "HOSTILE", "MANY"])
def test_every_catalogue_is_one(name: str, tmp_path: Path):
    (tmp_path / "sale.toml").write_text(getattr(catalogues, name), encoding="utf-8")
    terms = read_catalogue(tmp_path / "sale.toml", 0).terms
    assert len(terms.items) == {"LIVE": 2, "INVITED": 2, "HOSTILE": len(catalogues.HOSTILE_TEXTS), "MANY": 500}[name]
    if name == "HOSTILE":
        assert tuple(item.name for item in terms.items) == catalogues.HOSTILE_TEXTS


FAULTS = {
    "console.error('oh')": "error: oh (",
    "console.warn('hm')": "warning: hm (",
    "console.assert(false, 'no')": "assert: no (",
    "throw new Error('bad')": "uncaught: Error: bad",
    "Promise.reject(new Error('late'))": "uncaught: Error: late",
    "document.body.innerHTML = '<p>'": "error: This document requires 'TrustedHTML' assignment",
    "try { eval('1') } catch {}": "error: This document requires 'TrustedScript' assignment",
    "document.body.setAttribute('style', 'color: red')": "error: Applying inline style violates",
    "fetch('/broken')": "500 for GET http://127.0.0.1:",
    "fetch('/nothing')": "404",
    "fetch('http://localhost:1/')": "error: Connecting to 'http://localhost:1/' violates",
}
"""Scripts, and the fault that each must be."""


@pytest.mark.parametrize("script", FAULTS)
async def test_what_goes_wrong_in_a_page_is_found(script: str, phone: Visitor, page_of: PageOf):
    page = await phone.visit(await page_of("<h1>Bad</h1>", script))
    await page.wait_for_load_state("networkidle")
    found = await phone.take_faults()
    assert any(FAULTS[script] in fault for fault in found), found


@pytest.mark.parametrize("script", ["fetch('http://elsewhere.example/')", "new WebSocket('ws://elsewhere.example/')"])
async def test_a_request_elsewhere_is_found(script: str, desktop: Visitor, page_of: PageOf):
    page = await desktop.visit(await page_of("<h1>Bad</h1>", script, policy=""))
    await page.wait_for_load_state("networkidle")
    found = await desktop.take_faults()
    assert any(fault.startswith("a request elsewhere: ") for fault in found), found


SOCKET = """
const said = document.querySelector("h1");
function connect() {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    socket.onopen = () => { said.textContent = "connected"; socket.send('{"type":"watch"}'); };
    socket.onclose = () => { said.textContent = "lost"; setTimeout(connect, 100); };
}
connect();
"""
"""What a page does that keeps its connection."""


async def connected_page(visitor: Visitor, venue: Venue) -> Page:
    """A page of the venue's origin with a connection to it, made here in place of its own."""
    await visitor.context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page = await visitor.visit(f"{venue.url}/healthz")
    await page.evaluate("() => { document.body.replaceChildren(document.createElement('h1')) }")
    await page.evaluate(f"() => {{ {SOCKET} }}")
    await expect(page.locator("h1")).to_have_text("connected")
    return page


FETCH = "() => fetch('/healthz').then(() => 'there', () => 'gone')"


async def test_a_killed_server_is_a_fault_unless_it_is_expected(venue: Venue, phone: Visitor):
    page = await connected_page(phone, venue)
    async with phone.expect_offline():
        await venue.kill()
        await expect(page.locator("h1")).to_have_text("lost")
        assert await page.evaluate(FETCH) == "gone"
        await venue.start()
        await expect(page.locator("h1")).to_have_text("connected")
    assert phone.faults == []
    await venue.kill()
    assert await page.evaluate(FETCH) == "gone"
    assert "net::ERR_CONNECTION_REFUSED" in "".join(await phone.take_faults())
    await page.close()


async def test_other_faults_are_faults_also_without_a_server(venue: Venue, phone: Visitor):
    page = await connected_page(phone, venue)
    async with phone.expect_offline():
        await page.evaluate("() => console.error('something else')")
    assert len(await phone.take_faults()) == 1


async def test_being_offline(venue: Venue, phone: Visitor):
    page = await connected_page(phone, venue)
    async with phone.offline():
        assert not await page.evaluate("navigator.onLine")
        assert await page.evaluate(FETCH) == "gone"
    assert await page.evaluate(FETCH) == "there"
    await expect(page.locator("h1")).to_have_text("connected")


async def test_visitors_have_their_own_screens_and_memories(
    phone: Visitor, desktop: Visitor, projector: Visitor, clerk: Visitor, page_of: PageOf
):
    url = await page_of("<h1>Here</h1>")
    seen = {}
    for visitor in (phone, desktop, projector, clerk):
        page = await visitor.visit(url)
        assert await page.evaluate("localStorage.length") == 0
        await page.evaluate("localStorage.setItem('been', 'here')")
        seen[visitor.name] = await page.evaluate("[innerWidth, innerHeight, matchMedia('(pointer: coarse)').matches]")
    assert seen == {
        "phone": [390, 844, True],
        "desktop": [1280, 800, False],
        "projector": [1920, 1080, False],
        "clerk": [1024, 768, True],
    }


async def test_axe_finds_what_is_wrong_and_nothing_else(phone: Visitor, page_of: PageOf, axe: Axe):
    good = await phone.visit(await page_of("<main><h1>Fine</h1><button>Bid</button></main>"))
    assert not await axe(good)
    bad = await phone.visit(
        await page_of("<main><h1>Bad</h1><button></button><p>Pale</p></main>", style="p { color: #ccc }")
    )
    found = await axe(bad)
    assert sorted(one.rule for one in found) == ["button-name", "color-contrast"]
    assert "at button: <button></button>" in str(found[0])


async def test_the_way_of_the_tab_key(desktop: Visitor, page_of: PageOf):
    body = """
    <a href="#main">Skip to the items</a>
    <main id="main"><h1>Items</h1><label>Your name <input></label><button disabled>No</button>
    <button aria-label="Bid 10.00 EUR on Lamp">Bid</button><div tabindex="0">Bare</div></main>
    <dialog><button>Yes</button><button>Cancel</button></dialog>
    """
    page = await desktop.visit(await page_of(body))
    assert await focused(page) is None
    stops = [
        Stop("link", "Skip to the items"),
        Stop("textbox", "Your name"),
        Stop("button", "Bid 10.00 EUR on Lamp"),
        Stop("generic", "Bare"),
    ]
    assert await tab_order(page) == stops
    assert await tab_order(page, "Shift+Tab") == stops[::-1]
    await page.evaluate("() => document.querySelector('dialog').showModal()")
    assert await focused(page) == Stop("button", "Yes")
    assert set(await tab_order(page)) <= {Stop("button", "Yes"), Stop("button", "Cancel")}


async def test_what_scrolls_sideways_is_found(let_in: LetIn, page_of: PageOf):
    style = "main { overflow-wrap: anywhere } .wide { min-width: 700px }"
    for visitor in (await let_in(PHONE), await let_in()):
        narrow = await visitor.visit(await page_of(f"<main><p>{'long' * 500}</p></main>", style=style))
        assert await no_sideways_scroll(narrow) == []
        wide = await visitor.visit(await page_of('<main><p class="wide" id="p">Wide</p></main>', style=style))
        found = await no_sideways_scroll(wide)
        assert [line.partition(": ")[0] for line in found] == ["at 320"] * 2 + ["at 390"] * 2
        assert "p#p.wide is" in found[1]


def test_what_is_missing_is_said_aloud(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="this machine does not have a screen"):
        needed("a screen")
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="CI must have a screen"):
        needed("a screen")
