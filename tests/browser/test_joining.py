"""Coming in as a bidder, and coming back as the same one, whatever happened to the page or the server meanwhile."""

import re

from playwright.async_api import Page, Request, expect

from tests.browser.bidder_page import (
    badge,
    bid,
    bids,
    give_name,
    is_offline,
    is_online,
    is_there,
    join,
    look,
    restart,
    said,
    tap,
    you,
)
from tests.browser.catalogues import INVITED
from tests.browser.conftest import OpenVenue
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor


async def test_a_name_makes_a_bidder(venue: Venue, phone: Visitor):
    page = await look(phone, venue)
    await expect(you(page)).to_have_text("looking on")
    await tap(page, "Lamp")
    await expect(said(page, "Lamp")).to_have_text("Join first: say who you are.")
    await expect(page.get_by_label("Your name")).to_be_focused()
    await page.keyboard.type("Ana")
    await page.keyboard.press("Enter")
    await expect(you(page)).to_have_text("Ana")
    await expect(page.locator(".entrance")).to_be_hidden()
    assert await bids(venue) == []
    await bid(page, "Lamp")
    assert await bids(venue) == [("Ana", "lamp", 1000)]


async def test_a_name_that_cannot_be_is_refused_with_its_reason(venue: Venue, phone: Visitor):
    await venue.bidder("Ana")
    page = await look(phone, venue)
    reason = page.locator(".entrance [role=alert]")
    await give_name(page, "ANA")
    await expect(reason).to_have_text("Somebody has this name already. Choose another one.")
    await give_name(page, "\u202eanA")
    await expect(reason).to_have_text("A name has 1 to 40 visible characters. Choose another one.")
    await give_name(page, " ")
    await expect(you(page)).to_have_text("looking on")
    await give_name(page, "Ann")
    await expect(you(page)).to_have_text("Ann")
    await expect(page.locator(".entrance")).to_be_hidden()


async def test_an_invitation_by_link_is_no_part_of_any_request(open_venue: OpenVenue, phone: Visitor):
    gala = await open_venue(INVITED)
    code = (await gala.order("invite", name="Ana", paddle=7))["code"]
    asked: list[Request] = []
    sockets: list[str] = []
    phone.context.on("request", lambda request: asked.append(request))
    phone.context.on("page", lambda page: page.on("websocket", lambda socket: sockets.append(socket.url)))
    page = await look(phone, gala, f"#code={code}")
    assert page.url == f"{gala.url}/"
    await expect(you(page)).to_have_text("Paddle 7")
    # What stands behind # stays in the browser, but Playwright tells it of the page itself.
    sent = [request.url.partition("#")[0] for request in asked] + sockets
    sent += [str(await request.all_headers()) for request in asked]
    assert len(sent) > 20
    for part in code.split("-"):
        assert part.lower() not in "".join(sent).lower()
        assert part not in await page.content()
    await page.reload()
    await expect(you(page)).to_have_text("Paddle 7")


async def test_an_invitation_by_typing_its_code(open_venue: OpenVenue, desktop: Visitor, phone: Visitor):
    gala = await open_venue(INVITED)
    code = (await gala.order("invite", name="Ana", paddle=7))["code"]
    wrong = await look(desktop, gala, "#code=WRNG-WRNG-WRNG")
    reason = wrong.locator(".entrance [role=alert]")
    assert wrong.url == f"{gala.url}/"
    await expect(reason).to_have_text("No such code. Look at it again.")
    await type_code(wrong, "nothing")
    await expect(reason).to_have_text("No such code. Look at it again.")
    await expect(you(wrong)).to_have_text("looking on")
    await type_code(wrong, code)
    await expect(you(wrong)).to_have_text("Paddle 7")
    careless = await look(phone, gala)
    await expect(careless.get_by_label("Your name")).to_have_count(0)
    await type_code(careless, f" {code.lower().replace('-', '')} ")
    await expect(you(careless)).to_have_text("Paddle 7")


async def type_code(page: Page, code: str) -> None:
    await page.get_by_label("Code of your invitation").fill(code)
    await page.get_by_role("button", name="Join").click()


async def test_a_bidder_comes_back_as_the_same(venue: Venue, phone: Visitor):
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    await page.reload()
    await is_mine(page)
    await page.close()
    page = await look(phone, venue)
    await is_mine(page)
    async with phone.expect_offline():
        await venue.kill()
        await is_offline(page)
        await venue.start()
        await is_online(page)
    await is_mine(page)
    await bid(page, "Desk")
    assert await bids(venue) == [("Ana", "lamp", 1000), ("Ana", "desk", 10_000)]


async def is_mine(page: Page) -> None:
    """Ana is in, and leads."""
    await expect(you(page)).to_have_text("Ana")
    await expect(badge(page, "Lamp")).to_have_text("You lead")


async def test_who_has_not_bid_yet_joins_again_by_name(venue: Venue, phone: Visitor):
    page = await join(phone, venue, "Ana")
    await page.reload()
    await is_there(page)
    await expect(you(page)).to_have_text("Ana")
    for _ in range(2):
        async with phone.expect_offline():
            await venue.kill()
            await is_offline(page)
            await restart(venue, page)
        await expect(you(page)).to_have_text("Ana")
        await expect(page.locator(".entrance")).to_be_hidden()
    await bid(page, "Lamp")
    assert await bids(venue) == [("Ana", "lamp", 1000)]


async def test_a_device_forgets_its_bidder(venue: Venue, phone: Visitor):
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name="Forget me on this device").click()
    await expect(you(page)).to_have_text("looking on")
    await is_there(page)
    assert "Ana" not in await page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    await page.reload()
    await is_there(page)
    await expect(you(page)).to_have_text("looking on")
    await give_name(page, "Ana")  # what she bid goes on counting, so the name is hers
    await expect(page.locator(".entrance [role=alert]")).to_have_text(re.compile("^Somebody has this name"))


async def test_who_is_taken_out_looks_on_and_is_told(venue: Venue, phone: Visitor):
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    await venue.order("remove_bidder", bidder="Ana", why="rude")
    told = page.get_by_text("The auctioneer has taken you out of the sale. You may look on; speak to them.")
    await expect(told).to_be_visible()
    await expect(you(page)).to_have_text("looking on")
    await venue.order("announce", text="Soup is ready")
    await expect(page.get_by_text("Soup is ready")).to_be_visible()
    await page.reload()
    await is_there(page)
    await expect(you(page)).to_have_text("looking on")
