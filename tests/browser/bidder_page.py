"""The bidder's page as its visitors use it: where they look, what they tap, and what is then on record."""

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.venue import Message, Venue
from tests.browser.visitor import Visitor

CALM = """() => new Promise((calm) => {
    let timer;
    const again = () => { clearTimeout(timer); timer = setTimeout(end, 450); };
    const moved = new ResizeObserver(again);
    const changed = new MutationObserver(again);
    const end = () => { moved.disconnect(); changed.disconnect(); calm(); };
    moved.observe(document.getElementById("main"));
    for (const button of document.querySelectorAll("button.bid")) {
        changed.observe(button, {attributes: true, childList: true, characterData: true});
    }
    again();
})"""
"""Until nothing has moved or changed for as long as the page wants it to stand still before it takes a tap."""


async def look(visitor: Visitor, venue: Venue, fragment: str = "") -> Page:
    """Open the page, and wait until it shows the items."""
    page = await visitor.visit(f"{venue.url}/{fragment}")
    await is_there(page)
    return page


async def is_there(page: Page) -> None:
    """Wait until the page is connected and shows items."""
    await is_online(page)
    await expect(page.locator("item-card").first).to_be_attached()


async def is_online(page: Page) -> None:
    await expect(page.locator("#link")).to_have_attribute("data-online", "true")


async def is_offline(page: Page) -> None:
    await expect(page.locator("#link")).to_have_text("Offline")
    await expect(
        page.get_by_text("The connection is lost: nothing can be bid. It comes back by itself.")
    ).to_be_visible()


async def restart(venue: Venue, page: Page) -> None:
    """Start the server again, and look at the page, which then does not wait for the time of its next try."""
    await venue.start()
    await page.evaluate("dispatchEvent(new Event('pageshow'))")
    await is_online(page)


async def join(visitor: Visitor, venue: Venue, name: str) -> Page:
    """Open the page and join by a name."""
    page = await look(visitor, venue)
    await give_name(page, name)
    await expect(you(page)).to_have_text(name)
    return page


async def give_name(page: Page, name: str) -> None:
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Join").click()


def you(page: Page) -> Locator:
    """Who the page takes its visitor for."""
    return page.locator(".you")


def card(page: Page, item: str) -> Locator:
    """The card of an item, by its name."""
    return page.locator("item-card").filter(has=page.get_by_role("heading", name=item, exact=True))


def button(page: Page, item: str) -> Locator:
    """What bids for an item with one tap."""
    return card(page, item).locator("button.bid")


def said(page: Page, item: str) -> Locator:
    """What the page says about the visitor's last action on an item, or about what happened to them there."""
    return card(page, item).locator(".said")


def badge(page: Page, item: str) -> Locator:
    """How the visitor stands with an item."""
    return card(page, item).locator(".badge")


def dialog(page: Page) -> Locator:
    """The dialog on top."""
    return page.get_by_role("dialog").last


async def is_calm(page: Page) -> None:
    """Wait until a tap is taken as it is meant."""
    await page.evaluate(CALM)


async def is_still(page: Page) -> None:
    """Wait until nothing fades in any more, whose colours are on their way."""
    await page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")


async def tap(page: Page, item: str) -> None:
    """One tap on what bids for an item, once nothing moves under the finger."""
    await is_calm(page)
    await button(page, item).click()


async def bid(page: Page, item: str) -> None:
    """One tap, and the answer that it counts."""
    await tap(page, item)
    await expect(said(page, item)).to_have_text(re.compile(r"^Your bid of \S+ counts\.$"))


async def open_details(page: Page, item: str) -> Locator:
    """The dialog with all about an item."""
    await card(page, item).get_by_role("button", name=f"{item}: more").click()
    await expect(dialog(page).get_by_role("heading", name=item, exact=True)).to_be_visible()
    return dialog(page)


def panel(page: Page, title: str) -> Locator:
    """One form of the dialog on top."""
    return dialog(page).locator(".panel").filter(has=page.get_by_role("heading", name=title, exact=True))


async def bids(venue: Venue) -> list[tuple[str, str, int]]:
    """The accepted bids on record: bidder, item, amount."""
    events = [event for event in await venue.events() if event["type"] == "bid_accepted"]
    return [(event["bidder"], event["item"], event["amount"]) for event in events]


async def last_event(venue: Venue, kind: str) -> Message:
    return next(event for event in reversed(await venue.events()) if event["type"] == kind)
