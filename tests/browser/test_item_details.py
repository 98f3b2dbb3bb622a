"""What the page tells besides prices: reserves, how a price came about, what was bought, what was announced."""

import re

from playwright.async_api import Page, expect

from tests.browser.bidder_page import bid, button, card, dialog, is_online, look, open_details, said, tap, you
from tests.browser.catalogues import INVITED
from tests.browser.conftest import OpenVenue
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor


async def test_a_reserve_is_met_or_not(open_venue: OpenVenue, phone: Visitor):
    gala = await open_venue(INVITED)
    await gala.order("invite", name="Ana", paddle=7)
    page = await look(phone, gala)
    about = card(page, "Lamp").locator(".about")
    await expect(card(page, "Lamp").locator(".clock")).to_have_text("opens later")
    await expect(button(page, "Lamp")).to_be_hidden()
    await expect(about).to_have_text("2 units, price each · reserve not met")
    await gala.order("open_bidding")
    details = await open_details(page, "Lamp")
    status = details.locator(".status")
    for amount, reserve in {2500: "not met", 3000: "met"}.items():
        await gala.order("bid_for", bidder=7, item="lamp", amount=amount)
        await expect(about).to_have_text(f"Unit 1 of 2, price each · reserve {reserve}")
        await expect(status.locator(".price")).to_have_text(f"now €{amount // 100}.00 · by Paddle 7")
        await expect(status.locator(".about")).to_have_text(f"Unit 1 of 2, price each · reserve {reserve}")
        standing = (await gala.item("lamp"))["bid"]
        await gala.order("void_bid", item="lamp", bid=standing, why="again")
        await expect(about).to_have_text("Unit 1 of 2, price each · reserve not met")


MUGS = """
[room]
name = "Mugs"
currency = "EUR"
window = 3600
pause = 0
increment = 1.00
[[items]]
name = "Mug"
starting_price = 5.00
buy_now = 9.00
units = 2
"""


async def test_a_price_that_nobody_paid_is_not_called_sold(open_venue: OpenVenue, phone: Visitor):
    """One mug is sold; for the other somebody bids, and it is withdrawn."""
    venue = await open_venue(MUGS)
    page = await look(phone, venue)
    price = card(page, "Mug").locator(".price")
    ben = await venue.bidder("Ben")
    await ben.buy_now("mug", 1)
    await expect(card(page, "Mug").locator(".about")).to_have_text("Unit 2 of 2, price each")
    await expect(price).to_have_text("starts at €5.00")
    await ben.bid("mug", 600)
    await expect(price).to_have_text("now €6.00 by Ben")
    await venue.order("withdraw", item="mug", why="cracked")
    for _ in range(2):
        await expect(price).to_have_text("not sold €6.00")
        await expect((await open_details(page, "Mug")).locator(".status .price")).to_have_text("not sold €6.00")
        await page.reload()
        await is_online(page)


async def test_the_history_of_a_price_has_a_step_for_each_bid(venue: Venue, desktop: Visitor):
    page = await look(desktop, venue)
    names = ("Ana", "Ben", "Cleo the Third of Zanzibar")
    bidders = [await venue.bidder(name) for name in names]
    for step in range(4):
        await bidders[step % 3].bid("lamp", 1000 + 150 * step)
    await open_details(page, "Lamp")
    await has_steps(page, 4, "4 bids, from €10.00 to €14.50")
    await bidders[1].bid("lamp", 1600)
    await has_steps(page, 5, "5 bids, from €10.00 to €16.00")
    latest = dialog(page).locator(".latest li")
    await expect(latest.first).to_have_text("€16.00 by Ben")
    assert await dialog(page).locator("circle title").all_text_contents() == ["Ana", "Ben", names[2], "Ana", "Ben"]
    await venue.order("void_bid", item="lamp", bid=(await venue.item("lamp"))["bid"], why="a slip")
    await has_steps(page, 4, "4 bids, from €10.00 to €14.50")
    await page.keyboard.press("Escape")
    await open_details(page, "Desk")
    await expect(dialog(page)).to_contain_text("No bids in this round.")
    await bidders[0].bid("desk", 10_000)
    await has_steps(page, 1, "1 bid, from €100.00 to €100.00")


async def has_steps(page: Page, bids: int, words: str) -> None:
    """The line rises once for each bid but the first, and says the same in words."""
    drawing = dialog(page).get_by_role("img", name=words)
    await expect(drawing).to_be_visible()
    await expect(drawing.locator("circle")).to_have_count(bids)
    line = await drawing.locator("path").get_attribute("d") or ""
    assert line.count("M") == 1
    assert line.count("V") == bids - 1
    heights = [float(height) for height in re.findall(r"(?:^M[\d.]+ |V)([\d.]+)", line)]
    assert heights == sorted(heights, reverse=True)


async def test_purchases_and_what_is_left_of_the_budget(open_venue: OpenVenue, phone: Visitor):
    gala = await open_venue(INVITED)
    code = (await gala.order("invite", name="Ana", paddle=7, budget=12_000))["code"]
    await gala.order("open_bidding")
    page = await look(phone, gala, f"#code={code}")
    line = page.get_by_role("button", name="My purchases")
    await line.click()
    await expect(dialog(page)).to_contain_text("Nothing yet.")
    await page.keyboard.press("Escape")
    ana = await gala.bidder("", code)
    await ana.buy_now("chair", 1)
    await bid(page, "Lamp")
    await expect(you(page)).to_have_text("Paddle 7 · Left: €20.00")
    await expect(line).to_have_text("My purchases: 1 · €90.00")
    await shows_purchases(page)
    await page.reload()
    await is_online(page)
    await expect(line).to_have_text("My purchases: 1 · €90.00")
    await shows_purchases(page)


async def shows_purchases(page: Page) -> None:
    await page.get_by_role("button", name="My purchases").click()
    bought = dialog(page)
    await expect(bought.get_by_role("heading")).to_have_text("My purchases")
    assert await bought.locator("thead th").all_text_contents() == ["Item", "Unit", "Time", "Price"]
    chair, unit, time, price = await bought.locator("tbody td").all_text_contents()
    assert (chair, unit, price) == ("Chair", "1", "€90.00")
    assert re.search(r"\d:\d\d:\d\d", time)
    labels = await bought.locator("dt").all_text_contents()
    sums = dict(zip(labels, await bought.locator("dd").all_text_contents(), strict=True))
    assert sums == {"Total": "€90.00", "You lead at": "€10.00", "Your budget": "€120.00", "Left": "€20.00"}
    await bought.get_by_role("button", name="Close").click()


async def test_who_comes_late_sees_the_announcement(venue: Venue, phone: Visitor):
    await venue.order("announce", text="Soup is\n<b>ready</b>")
    page = await look(phone, venue)
    told = page.locator(".announced")
    await expect(told).to_be_visible()
    await expect(told).to_contain_text("Soup is\n<b>ready</b>")
    await expect(told.locator(".hint")).to_have_text(re.compile(r"^Zoe, \d+:\d\d"))
    await told.get_by_role("button", name="Dismiss").click()
    await expect(told).to_be_hidden()
    await venue.order("announce", text="Cake, too")
    await expect(told).to_be_visible()
    await expect(told).to_contain_text("Cake, too")
    await venue.order("pause")
    await expect(page.get_by_text("The sale is paused. No clock runs.")).to_be_visible()
    await expect(card(page, "Lamp").locator(".clock")).to_have_text("paused")
    await venue.order("resume")
    await expect(page.get_by_text("The sale is paused. No clock runs.")).to_be_hidden()
    await tap(page, "Lamp")
    await expect(said(page, "Lamp")).to_have_text("Join first: say who you are.")
