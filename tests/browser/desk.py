"""The auctioneer's page as those who sit at it use it: they come in, go to a part of it, and read what came of it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Locator, Page, expect

from tests.browser.venue import Venue
from tests.browser.visitor import Visitor


async def sit_down(visitor: Visitor, venue: Venue, token: str | None = None, name: str = "Zoe") -> Page:
    """Come to the desk, as the auctioneer unless another token is given; the record calls them `name`."""
    page = await visitor.visit(f"{venue.url}/auctioneer")
    await page.get_by_label("Token").fill(token or venue.auctioneer_token)
    await page.get_by_label("Your name, for the record").fill(name)
    await page.get_by_role("button", name="Come in").click()
    await expect(parts(page).get_by_role("button", name="Floor")).to_be_visible()
    return page


def parts(page: Page) -> Locator:
    """What there is to go to."""
    return page.get_by_role("navigation", name="Desk")


async def go_to(page: Page, part: str) -> None:
    """Go to a part of the desk: "Sale", "Floor", "Checkout", "Bidders", "Results" or "Log"."""
    button = parts(page).get_by_role("button", name=part, exact=True)
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")


def row(page: Page, name: str) -> Locator:
    """The line of an item, a sale or a bidder in the table of the part that is shown."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def press(page: Page, name: str) -> Locator:
    """A button of the part that is shown, or of the dialog that is open, by its whole name."""
    return page.get_by_role("button", name=name, exact=True)


def said(page: Page) -> Locator:
    """What came of the last order."""
    return page.locator("main > .said")


def dialog(page: Page) -> Locator:
    """The dialog that is open."""
    return page.get_by_role("dialog")


def figure(page: Page, name: str) -> Locator:
    """One of the figures of the sale."""
    return page.locator(".figures > div").filter(has_text=name).locator("dd")


@asynccontextmanager
async def refusals(visitor: Visitor) -> AsyncIterator[None]:
    """While the block lasts, the server refuses something: the browser writes that into its console by itself."""
    yield
    faults = await visitor.take_faults()
    others = [fault for fault in faults if not re.search("responded with a status of 4(00|03|09)", fault)]
    visitor.faults += others
    assert len(others) < len(faults), "nothing was refused"
