"""Takes the pictures of the page that stand in README and docs: a little sale on a real server, in a real browser.

`.venv/bin/python -m docs.pictures` plays the sale of examples/office-surplus.toml with four bidders, and writes what
Ana's phone, the auctioneer's desk and the hall's screen show at its best moment. It needs Chromium, as the tests do.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.bidder_page import bid, join
from tests.browser.chromium import chromium, find_chromium
from tests.browser.desk import go_to, row, sit_down
from tests.browser.venue import Venue
from tests.browser.visitor import DESKTOP, PHONE, PROJECTOR, Profile, Visitor

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
PICTURES = HERE / "pictures"

MOST_BYTES = 250_000

HALL: Profile = {**PROJECTOR, "device_scale_factor": 2 / 3}
"""A projector's screen, in a picture that is 1280 pixels wide."""

SLOWLY = {"window = 3\n": "window = 90\n"}
"""Longer rounds than in the example, so that there is time to look."""

SOON = {'id = "chair"\n': 'id = "chair"\nwindow = 1\n', 'id = "monitor"\n': 'id = "monitor"\nwindow = 9\n'}
"""But one chair is sold at once, and a monitor is going when the pictures are taken."""


def catalogue() -> str:
    """The example, with other windows."""
    text = (EXAMPLES / "office-surplus.toml").read_text(encoding="utf-8")
    for old, new in (SLOWLY | SOON).items():
        assert text.count(old) == 1, f"the example has {old!r} once"
        text = text.replace(old, new)
    return text


async def play(venue: Venue, ana: Page) -> None:
    """Ana buys a chair, is outbid on a laptop and leads for a monitor; others bid for the rest."""
    ben, cleo, dan = [await venue.bidder(name) for name in ("Ben", "Cleo", "Dan")]
    await bid(ana, "Office chair")
    await bid(ana, "ThinkPad T14")
    await cleo.bid("t14", 14_000)
    await dan.bid("t14", 16_000)
    await dan.bid("lamp", 800)
    await ben.bid("lamp", 950)
    await ben.bid("desk", 9000)
    await cleo.bid("desk", 10_500)
    await ben.max_bid("desk", 15_000)
    await dan.bid("coffee", 6000)
    await expect(ana.get_by_role("button", name="My purchases: 1")).to_be_visible()
    await cleo.bid("chair", 2500)
    await cleo.bid("monitor", 4000)
    await bid(ana, "24-inch monitor")


async def take(browser: Browser, venue: Venue) -> None:
    """Play the sale before these three, and take their pictures while the monitor is going once."""

    async def visitor(name: str, profile: Profile) -> Visitor:
        return Visitor(name, await browser.new_context(**profile, locale="en-GB"))

    hall = await (await visitor("hall", HALL)).visit(f"{venue.url}/hall")
    desk = await sit_down(await visitor("desk", DESKTOP), venue)
    phone = await join(await visitor("phone", PHONE), venue, "Ana")
    await play(venue, phone)
    await go_to(desk, "Sale")
    await expect(row(desk, "24-inch monitor")).to_contain_text("Ana")
    await expect(desk.locator(".figures")).to_contain_text("€25.00")
    await phone.evaluate("scrollTo(0, 0)")
    await expect(hall.locator('[data-call="once"]')).to_be_visible()
    for page, name in ((hall, "hall"), (phone, "bidder"), (desk, "auctioneer")):
        picture = await page.screenshot(path=PICTURES / f"{name}.png")
        assert len(picture) < MOST_BYTES, f"{name}.png has {len(picture)} bytes"


async def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    pictures = {path.name: path.read_text(encoding="utf-8") for path in (EXAMPLES / "pictures").glob("*.svg")}
    with tempfile.TemporaryDirectory() as home:
        venue = Venue(Path(home) / "sale", catalogue(), pictures)
        await venue.start()
        try:
            async with chromium(find_chromium() or sys.exit("There is no Chromium here")) as browser:
                await take(browser, venue)
        finally:
            await venue.close()


if __name__ == "__main__":
    asyncio.run(main())
