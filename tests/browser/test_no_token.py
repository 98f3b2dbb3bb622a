"""The desk for those who have no business there: nothing but the question for the token, whatever they try.

And for those who have: the token is in their browser's memory, and nowhere on the way.
"""

import asyncio
import json
import re
from typing import Any
from urllib.parse import urldefrag, urlsplit

from aiohttp import ClientSession
from playwright.async_api import Page, Request, Route, expect

from tests.browser import catalogues
from tests.browser.conftest import OpenVenue
from tests.browser.desk import figure, parts, press, sit_down
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor

BAD_TOKEN = re.compile("^That is neither the auctioneer.s token nor the clerks")
SECRETS = ("Ana Alt", "ana@example.org", "1,234.56", "123456", "777.77", "77777", "a slip of mine")
"""What nobody but the desk may know of the gala below: a name, an address, a budget, a maximum, how it was paid."""


async def gala_with_secrets(open_venue: OpenVenue) -> tuple[Venue, dict[str, str]]:
    """A sale that has something to hide, and what somebody might try in place of the token."""
    gala = await open_venue(catalogues.INVITED)
    invited = {"name": "Ana Alt", "paddle": 7, "email": "ana@example.org", "budget": 123_456}
    code = (await gala.order("invite", **invited))["code"]
    await gala.order("open_bidding")
    ana = await gala.bidder("", code)
    await ana.max_bid("lamp", 77_777)
    await ana.buy_now("chair", 1)
    await gala.order("mark_paid", bidder=7, how="a slip of mine")
    unused = (await gala.order("invite", name="Ben Berg"))["code"]
    return gala, {"wrong": "0" * 32, "a bidder's": ana.token or "", "an invitation's": unused, "cut": code[:4]}


async def expect_nothing_but_the_question(page: Page, problem: str | re.Pattern[str] = "") -> None:
    await expect(page.get_by_role("heading", name="For the auctioneer and the clerks")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_text(problem)
    await expect(page.locator("main > *")).to_have_count(1)
    await expect(parts(page)).to_have_count(0)
    await expect(page.get_by_role("table")).to_have_count(0)
    html = await page.content()
    assert not [secret for secret in SECRETS if secret in html]


async def test_without_a_token_there_is_only_the_question(open_venue: OpenVenue, desktop: Visitor):
    gala, others = await gala_with_secrets(open_venue)
    heard: list[str] = []
    asked: set[str] = set()

    def listen(page: Page) -> None:
        page.on("request", lambda request: asked.add(urlsplit(request.url).path))
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))

    desktop.context.on("page", listen)
    page = await desktop.visit(f"{gala.url}/auctioneer")
    await expect_nothing_but_the_question(page)
    await press(page, "Come in").click()
    await expect(page.get_by_label("Token")).to_be_focused()
    assert heard == []
    for what, token in others.items():
        page = await desktop.visit(f"{gala.url}/auctioneer#token={token}")
        await expect_nothing_but_the_question(page, BAD_TOKEN)
        assert page.url == f"{gala.url}/auctioneer", what
        assert token not in await page.evaluate("JSON.stringify({ ...localStorage })"), what
    await page.reload()
    await expect_nothing_but_the_question(page)
    await page.get_by_label("Token").fill("let me in")
    await press(page, "Come in").click()
    await expect_nothing_but_the_question(page, BAD_TOKEN)
    assert {path for path in asked if path.startswith("/api/")} == {
        "/api/rooms"
    }  # which tells only what they are called
    assert {json.loads(text)["reason"] for text in heard} == {"bad_token"}


async def desk_apis(session: ClientSession, gala: Venue) -> list[tuple[str, str]]:
    """Everything that the API says needs a token."""
    async with session.get("/openapi.json") as answer:
        paths: dict[str, dict[str, Any]] = (await answer.json())["paths"]
    found = [
        (method.upper(), path.replace("{room}", gala.id))
        for path, methods in paths.items()
        for method, about in methods.items()
        if about.get("security")
    ]
    assert len(found) > 20
    return found


FETCH = """async ([method, path, token]) => {
    const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    const answer = await fetch(path, { method, headers, body: method === "GET" ? undefined : "{}" });
    return [answer.status, Object.keys(await answer.json())];
}"""


async def test_everything_for_the_desk_answers_401(open_venue: OpenVenue, desktop: Visitor):
    gala, others = await gala_with_secrets(open_venue)
    page = await desktop.visit(f"{gala.url}/auctioneer")
    before = await gala.events()
    async with ClientSession(gala.url) as session:
        apis = await desk_apis(session, gala)
        for method, path in apis:
            assert await page.evaluate(FETCH, [method, path, None]) == [401, ["message"]], path
            for what, token in others.items():
                async with session.request(method, path, headers={"Authorization": f"Bearer {token}"}) as answer:
                    assert (answer.status, list(await answer.json())) == (401, ["message"]), (path, what)
    assert await gala.events() == before
    assert len(await desktop.take_faults()) == len(apis)  # the browser writes each 401 into its console


KNOCK = """(token) => new Promise((told) => {
    const heard = [];
    const socket = new WebSocket(`ws://${location.host}/ws`);
    socket.onopen = () => {
        socket.send(JSON.stringify({ type: "control", token }));
        socket.send('{"type":"pause"}');
        socket.send('{"type":"ping"}');
    };
    socket.onmessage = ({ data }) => {
        const { type, reason = "" } = JSON.parse(data);
        heard.push(`${type} ${reason}`.trim());
        if (heard.length === 3) told(heard);
    };
})"""


async def test_a_socket_without_the_token_gets_an_error(open_venue: OpenVenue, desktop: Visitor):
    gala, others = await gala_with_secrets(open_venue)
    page = await desktop.visit(f"{gala.url}/auctioneer")
    for what, token in others.items():
        heard = await page.evaluate(KNOCK, token)
        assert sorted(heard) == ["error bad_token", "pong", "refused not_allowed"], what
    assert not (await gala.room()).get("paused")


async def test_the_token_is_nowhere_on_the_way(venue: Venue, desktop: Visitor):
    token = venue.auctioneer_token
    requests: list[Request] = []
    desktop.context.on("request", lambda request: requests.append(request))
    sockets: list[str] = []
    desktop.context.on("page", lambda page: page.on("websocket", lambda socket: sockets.append(socket.url)))
    page = await desktop.visit(f"{venue.url}/auctioneer#token={token}")
    await expect(parts(page)).to_be_visible()
    await expect(figure(page, "Turnover")).to_have_text("€0.00")
    assert page.url == f"{venue.url}/auctioneer"
    assert await page.evaluate("history.length") == 2  # about:blank, and the desk without the token
    await page.reload()
    await expect(parts(page)).to_be_visible()
    for link in ("hall.s screen", "bidders. page"):
        async with page.expect_popup() as opening:
            await page.get_by_role("link", name=re.compile(link)).click()
        opened = await opening.value
        await expect(opened.locator("#link")).to_have_text("Live")
        assert await opened.evaluate("document.referrer") == ""
        assert token not in opened.url
    first = [request for request in requests if urldefrag(request.url).fragment]
    assert len(first) <= 1, "what stands behind # is sent to nobody; it is in the address that was opened"
    assert not [request.url for request in requests if token in urldefrag(request.url).url]
    headers = [await request.all_headers() for request in requests]
    assert not [each["referer"] for each in headers if each.get("referer")]
    shown = {name for each in headers for name, value in each.items() if token in value}
    assert shown == {"authorization"}
    assert len(sockets) >= 4
    assert not [url for url in sockets if token in url]


async def test_the_token_leaves_the_address_before_anything_is_asked(venue: Venue, desktop: Visitor):
    """Also on a slow network nobody reads it over a shoulder."""
    answer = asyncio.Event()

    async def slow(route: Route) -> None:
        await answer.wait()
        await route.continue_()

    page = await desktop.visit(f"{venue.url}/hall")
    await page.route("**/api/rooms", slow)
    await page.goto(f"{venue.url}/auctioneer#token={venue.auctioneer_token}", wait_until="commit")
    await expect(page).to_have_url(f"{venue.url}/auctioneer")
    await expect(parts(page)).to_have_count(0)
    answer.set()
    await expect(parts(page)).to_be_visible()


async def test_the_token_is_remembered_until_it_is_forgotten(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue, name="Zoe")
    await page.reload()
    await expect(parts(page)).to_be_visible()
    other = await desktop.visit(f"{venue.url}/auctioneer")
    await expect(parts(other)).to_be_visible()
    await other.close()
    await page.get_by_label("To everyone").fill("Still here")
    await press(page, "Announce").click()
    await expect(page.locator(".announced")).to_contain_text("Zoe")
    await press(page, "Settings").click()
    await press(page, "Forget the token on this device").click()
    await expect(page.get_by_role("heading", name="For the auctioneer and the clerks")).to_be_visible()
    kept = await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert venue.auctioneer_token not in kept
    await page.reload()
    await expect_nothing_but_the_question(page)
