"""The hall's screen: what is on, so large that the last row reads it, and never more than fits."""

import asyncio
from math import isnan

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser import catalogues
from tests.browser.conftest import LetIn, OpenVenue
from tests.browser.qr import read_code
from tests.browser.venue import Venue
from tests.browser.visitor import PROJECTOR, Visitor

PICTURE = "lamp.svg"
PICTURES = {
    PICTURE: '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><rect width="800" height="600"/></svg>'
}


def one_by_one(window: float = catalogues.HOUR, pause: float = 0) -> str:
    """The lamp and the desk in the order of a saleroom, opened by hand; bidders have paddles."""
    saleroom = 'order = "one-by-one"\nnext_item = "by-hand"\nopens = "by-hand"\nbidders = "paddles"\n\n[[items]]'
    return catalogues.live(window, pause).replace("[[items]]", saleroom, 1)


async def enter(visitor: Visitor, venue: Venue) -> Page:
    """Switch the screen on."""
    page = await visitor.visit(f"{venue.url}/hall")
    await expect(page.locator("#link")).to_have_text("Live")
    return page


def lot(page: Page, item: str) -> Locator:
    """An item on the stage."""
    return page.get_by_role("region", name=item)


def news(page: Page) -> Locator:
    return page.locator(".announcement")


FOLLOW_CALLS = """() => {
    const calls = window.calls = [];
    const look = () => {
        const shown = document.querySelector(".lot");
        const now = [shown?.dataset.call ?? "", shown?.querySelector(".clock").textContent ?? ""];
        if (String(calls.at(-1)) !== String(now)) calls.push(now);
    };
    new MutationObserver(look).observe(document.querySelector("main"),
        { subtree: true, childList: true, attributes: true, characterData: true });
}"""
"""Everything that the clock of the first item has said, and how it looked."""


async def test_a_round_from_its_opening_to_the_hammer(open_venue: OpenVenue, projector: Visitor):
    venue = await open_venue(one_by_one(window=3, pause=1))
    page = await enter(projector, venue)
    await expect(page.get_by_text("We begin soon")).to_be_visible()
    await expect(page.get_by_text("Next: Lamp, Desk")).to_be_visible()
    await expect(page.get_by_text("Sold so far: €0.00 · 0 of 3 units sold")).to_be_visible()
    await venue.order("open_item")
    await expect(lot(page, "Lamp")).to_contain_text("Unit 1 of 2, price each€10.00Who bids first?")
    await expect(page.get_by_text("Next: Desk")).to_be_visible()
    await page.evaluate(FOLLOW_CALLS)
    ben = await venue.bidder("Ben")
    await ben.bid("lamp", 1250)
    await expect(lot(page, "Lamp")).to_contain_text("€12.50Paddle 1")
    await expect(lot(page, "Lamp").locator(".clock")).to_have_text("Sold to Paddle 1")
    await expect(lot(page, "Lamp")).to_contain_text("€12.50")
    await expect(page.get_by_text("Sold so far: €12.50 · 1 of 3 units sold")).to_be_visible()
    await expect(lot(page, "Lamp")).to_contain_text("Unit 2 of 2, price each€10.00Who bids first?")
    calls = [tuple(call) for call in await page.evaluate("window.calls")]
    looks = list(dict.fromkeys(look for look, _ in calls))
    assert [look for look in looks if look] == ["soon", "once", "twice", "fallen"]
    # The last third of the window is the second call, the one before it the first.
    assert {words for look, words in calls if look == "once"} <= {"2 s · going once", "1 s · going once"}
    assert {words for look, words in calls if look == "twice"} <= {"1 s · going twice", "0 s · going twice"}

    await venue.order("withdraw", item="lamp", why="it is broken")
    await expect(lot(page, "Lamp").locator(".clock")).to_have_text("Not sold")
    await venue.order("withdraw", item="desk", why="it wobbles")
    await expect(page.get_by_text("Thank you. The sale is finished.")).to_be_visible()
    sale = next(event for event in await venue.events() if event["type"] == "unit_sold")
    await venue.order("cancel_sale", sale=sale["seq"], why="no card")
    await expect(page.get_by_text("Sold so far: €0.00 · 0 of 3 units sold")).to_be_visible()


async def test_what_is_announced(venue: Venue, projector: Visitor, let_in: LetIn):
    page = await enter(projector, venue)
    await expect(news(page)).to_be_hidden()
    await venue.order("announce", text="Soup is ready")
    await expect(news(page)).to_have_text("Soup is ready")
    await venue.order("pause")
    await expect(news(page)).to_have_text("The sale is paused. No clock runs.")
    await expect(lot(page, "Lamp")).to_contain_text("paused")
    await venue.order("resume")
    await expect(news(page)).to_have_text("Soup is ready")
    late = await let_in(PROJECTOR, "late")
    other = await late.context.new_page()
    await other.clock.install()
    await enter(late, venue)
    await other.goto(f"{venue.url}/hall")
    await expect(news(other)).to_have_text("Soup is ready")
    await other.clock.fast_forward("02:00")
    await expect(news(other)).to_be_hidden()
    await venue.order("announce", text="Coffee as well")
    await expect(news(page)).to_have_text("Coffee as well")


async def test_how_to_join_is_read_by_a_phone(venue: Venue, projector: Visitor, phone: Visitor):
    page = await enter(projector, venue)
    await expect(page.locator(".join")).to_contain_text("Bid with your phone")
    await expect(page.locator(".join .address")).to_have_text(venue.url.removeprefix("http://"))
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        address = await read_code(page.locator(".join img"))
        assert address == f"{venue.url}/"
    guest = await phone.visit(address)
    await expect(guest.get_by_label("Your name")).to_be_visible()


async def test_it_comes_back_after_a_power_cut(venue: Venue, projector: Visitor):
    page = await enter(projector, venue)
    ben = await venue.bidder("Ben")
    await ben.bid("lamp", 1500)
    await expect(lot(page, "Lamp")).to_contain_text("€15.00")
    async with projector.expect_offline():
        await venue.kill()
        await expect(page.locator("#link")).to_contain_text("Offline")
        await expect(lot(page, "Lamp")).to_contain_text("€15.00")
        await venue.start()
        await expect(page.locator("#link")).to_have_text("Live")
    await ben.bid("desk", 12_000)
    await expect(lot(page, "Desk")).to_contain_text("€120.00")
    await expect(lot(page, "Lamp")).to_contain_text("€15.00Ben")


async def test_an_added_item_is_shown_like_any_other(open_venue: OpenVenue, projector: Visitor):
    venue = await open_venue(catalogues.live(window=2), PICTURES)
    page = await enter(projector, venue)
    radio = {"id": "radio", "name": "Radio", "starting_price": 500, "increment": 50, "picture": PICTURE}
    await venue.order("add_item", item=radio)
    await expect(lot(page, "Radio").locator("img")).to_have_js_property("naturalWidth", 800)
    await page.evaluate(FOLLOW_CALLS.replace(".lot", "[aria-label=Radio]"))
    ben = await venue.bidder("Ben")
    await ben.bid("radio", 500)
    await expect(lot(page, "Radio").locator(".clock")).to_have_text("Sold to Ben")
    assert {"once", "twice"} <= {look for look, _ in await page.evaluate("window.calls")}


async def test_a_sale_is_counted_once_however_slow_the_network_is(open_venue: OpenVenue, projector: Visitor):
    """The list of purchases comes late, and tells of a sale that was heard of already, or not yet of one that was."""
    venue = await open_venue(catalogues.live(window=1))
    ben = await venue.bidder("Ben")
    page = await enter(projector, venue)
    for before in (True, False):
        asked, answer = asyncio.Event(), asyncio.Event()

        async def slow(route: Route, before=before, asked=asked, answer=answer) -> None:
            response = await route.fetch() if before else None
            asked.set()
            await answer.wait()
            await (route.fulfill(response=response) if response else route.continue_())

        await page.route("**/purchases", slow)
        await page.goto(f"{venue.url}/hall")
        await asked.wait()
        await ben.bid("lamp" if before else "desk", 10_000)
        await expect(page.get_by_text("Sold to Ben")).to_be_visible()
        answer.set()
        sum = "€100.00 · 1 of" if before else "€200.00 · 2 of"
        await expect(page.get_by_text(f"Sold so far: {sum} 3 units sold")).to_be_visible()
        await page.wait_for_load_state("networkidle")
        await expect(page.get_by_text(f"Sold so far: {sum} 3 units sold")).to_be_visible()
        await page.unroute("**/purchases", slow)


# Large, and never too large

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenständer mit Gravur, signiert, um 1910, in gutem Zustand "
SIZES = ((1024, 768), (1280, 720), (1920, 1080), (3840, 2160))


def crowded(items: int, long: bool) -> str:
    """So many items at once, with short texts or with the longest that there may be, and pictures."""
    room = f"""
[room]
id = "hall"
name = "{LONG if long else "Club night"}"
currency = "EUR"
window = 3600
increment = 1.00
"""
    name, price = (LONG[:199], "1234567.89") if long else ("Chair", "120.00")
    return room + "".join(
        f'[[items]]\nid = "i{n}"\nname = "{name}{n}"\nstarting_price = {price}\nunits = 2\nreserve = 9999999.00\n'
        + f'picture = "{PICTURE}"\n' * long
        for n in range(items)
    )


STICKS_OUT = """() => {
    const found = [];
    const check = (one, where, frame) => {
        const { left, top, right, bottom } = one.getBoundingClientRect();
        const out = Math.max(frame.left - left, frame.top - top, right - frame.right, bottom - frame.bottom);
        if (right > left && out > 1) found.push(`${one.className || one.tagName} is ${out} px outside ${where}`);
    };
    const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    for (const one of document.querySelectorAll("body *")) {
        check(one, "the screen", screen);
        const lot = one.closest(".lot");
        if (lot) check(one, "its place", lot.getBoundingClientRect());
    }
    for (const one of document.querySelectorAll(".huge, .about, .clock, .sum, .join p"))
        if (one.scrollWidth > one.clientWidth + 1) found.push(`${one.className} is cut`);
    const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.scrollingElement;
    if (scrollWidth > clientWidth || scrollHeight > clientHeight) found.push("it scrolls");
    return found;
}"""


@pytest.mark.parametrize("items", [1, 2, 3])
@pytest.mark.parametrize("long", [False, True])
async def test_it_fits_every_screen(items: int, long: bool, open_venue: OpenVenue, projector: Visitor):
    venue = await open_venue(crowded(items, long), PICTURES)
    ben = await venue.bidder("W" * 40 if long else "Ben")
    await ben.bid("i0", 123_456_789 if long else 12_000)
    await venue.order("announce", text="Soup is ready in the garden. " * (30 if long else 1))
    page = await enter(projector, venue)
    await expect(page.locator(".lot")).to_have_count(items)
    await expect(page.locator(".join img")).to_be_visible()
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate(STICKS_OUT) == [], (width, height)


async def test_the_price_is_read_from_twenty_metres(open_venue: OpenVenue, projector: Visitor):
    """A letter is read from as many metres as it has thirds of centimetres; the screen is taken to be a metre high."""
    venue = await open_venue(one_by_one(), PICTURES)
    await venue.order("open_item")
    page = await enter(projector, venue)
    price = lot(page, "Lamp").locator(".huge")
    await expect(price).to_be_visible()
    assert await font_height(price) >= 1080 / 8
    await venue.order("announce", text="Soup is ready")
    await expect(news(page)).to_be_visible()
    assert await font_height(price) >= 1080 / 8
    await venue.order("withdraw", item="lamp", why="enough")
    chair = {"id": "chair", "name": "Chair", "starting_price": 12_000, "increment": 100, "picture": PICTURE}
    await venue.order("add_item", item=chair)
    await venue.order("open_item", item="chair")
    price = lot(page, "Chair").locator(".huge")
    await expect(lot(page, "Chair").locator("img")).to_have_js_property("naturalWidth", 800)
    await expect(page.locator(".lot")).to_have_count(1)
    assert await font_height(price) >= 1080 / 8


async def font_height(one: Locator) -> float:
    """In pixels. What has just been taken off the screen has none: then of what has come in its place."""
    while isnan(height := await one.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")):
        pass
    return height
