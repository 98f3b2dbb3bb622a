"""The desk's list of bidders: invitations that a phone can read, new codes, budgets, and who has to go."""

import re

from playwright.async_api import Page, expect

from bidroom.wire.messages import Accepted
from tests.browser import catalogues
from tests.browser.bidder_page import bid
from tests.browser.conftest import OpenVenue
from tests.browser.desk import dialog, go_to, press, refusals, row, said, sit_down
from tests.browser.qr import read_code
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor

GUESTS = """
Ana Alt; 7; 1,500.00; ana@example.org

Ben Berg; 7
Cem
Dora; many
"""


async def with_ana(open_venue: OpenVenue) -> tuple[Venue, str]:
    """A gala to which Ana is invited, with paddle 7; and her code."""
    gala = await open_venue(catalogues.INVITED)
    return gala, (await gala.order("invite", name="Ana Alt", paddle=7, budget=50_000))["code"]


async def come_by(visitor: Visitor, venue: Venue, code: str) -> Page:
    """Open an invitation's link."""
    return await visitor.visit(f"{venue.url}/#code={code}")


async def test_a_list_is_invited_and_comes_in_by_what_is_printed(
    open_venue: OpenVenue, desktop: Visitor, phone: Visitor
):
    gala = await open_venue(catalogues.INVITED)
    page = await sit_down(desktop, gala)
    await go_to(page, "Bidders")
    await page.get_by_text("Invite", exact=True).first.click()
    box = page.get_by_label("Who")
    await box.fill(GUESTS)
    async with refusals(desktop):
        await press(page, "Invite").click()
        cards = dialog(page).locator(".invitation")
        await expect(cards).to_have_count(2)
    await expect(cards.nth(0)).to_contain_text("Paddle 7 · Ana Alt")
    await expect(cards.nth(1)).to_contain_text("Paddle 8 · Cem")
    codes = [await card.locator(".code").inner_text() for card in await cards.all()]
    links = [await read_code(card.get_by_role("presentation")) for card in await cards.all()]
    assert links == [f"{gala.url}/#code={code}" for code in codes]
    await expect(cards.nth(0)).to_contain_text("Gala")
    await expect(cards.nth(0)).to_contain_text(f"{gala.url}/")

    await page.emulate_media(media="print")
    await expect(cards.nth(1)).to_be_visible()
    for hidden in (page.locator("#bar"), page.locator("main"), press(page, "Print the invitations")):
        await expect(hidden).to_be_hidden()
    await page.emulate_media(media="screen")

    await press(page, "Close").click()
    await expect(box).to_have_value("Ben Berg; 7\nDora; many")
    await expect(page.get_by_role("status").filter(has_text="Ben Berg; 7: ")).to_contain_text(
        re.compile("7: .*(taken|already).* Dora; many: Refused: a number, an amount or an id")
    )
    await expect(row(page, "Ana Alt")).to_contain_text("€1,500.00")
    await expect(row(page, "Cem").get_by_role("cell").first).to_have_text("8")
    await expect(row(page, "Ben Berg")).to_have_count(0)

    guest = await phone.visit(links[0])
    await expect(guest.locator(".you")).to_contain_text("Paddle 7")
    assert guest.url == f"{gala.url}/"
    await go_to(page, "Bidders")
    await expect(row(page, "Ana Alt")).to_contain_text("here")
    await expect(row(page, "Cem")).not_to_contain_text("here")


async def test_a_new_code_makes_the_old_one_worthless(open_venue: OpenVenue, desktop: Visitor, phone: Visitor):
    gala, lost = await with_ana(open_venue)
    page = await sit_down(desktop, gala)
    await go_to(page, "Bidders")
    await press(page, "New code: Ana Alt").click()
    await expect(dialog(page)).to_contain_text("A new code for Ana Alt? The old one is worth nothing then.")
    await expect(dialog(page).locator(".would")).to_have_text("Nothing that everyone would see.")
    assert isinstance(await (await gala.bidder("", lost)).max_bid("lamp", 1000), Accepted)  # nothing has happened yet
    # A double click: there is one code, and it is the one that is shown.
    await page.evaluate(
        "const form = document.querySelector('dialog form'); form.requestSubmit(); form.requestSubmit()"
    )
    card = dialog(page).locator(".invitation")
    await expect(card).to_contain_text("Paddle 7 · Ana Alt")
    code = await card.locator(".code").inner_text()
    assert await read_code(card.get_by_role("presentation")) == f"{gala.url}/#code={code}"
    guest = await come_by(phone, gala, lost)
    await expect(guest.get_by_role("alert")).to_have_text("No such code. Look at it again.")
    await expect(guest.locator(".you")).to_have_text("looking on")
    guest = await come_by(phone, gala, code)
    await expect(guest.locator(".you")).to_contain_text("Paddle 7")


async def test_a_budget(open_venue: OpenVenue, desktop: Visitor):
    gala, _ = await with_ana(open_venue)
    await gala.order("open_bidding")
    page = await sit_down(desktop, gala)
    await go_to(page, "Bidders")
    await expect(row(page, "Ana Alt")).to_contain_text("€500.00")
    await press(page, "Budget: Ana Alt").click()
    amount = dialog(page).get_by_label("Amount in EUR")
    await expect(amount).to_have_value("500.00")
    async with refusals(desktop):
        await amount.fill("a lot")
        await press(page, "Do it").click()
        await expect(dialog(page).get_by_role("alert")).to_contain_text("Refused: a number, an amount or an id here")
        await amount.fill("500")
        await press(page, "Do it").click()
        await expect(dialog(page).get_by_role("alert")).to_have_text("It is so already; nothing was changed.")
    await amount.fill("12,50")
    await press(page, "Do it").click()
    await expect(row(page, "Ana Alt")).to_contain_text("€12.50")
    assert (await gala.order("bid_for", bidder=7, item="chair", amount=2000, status=409))["reason"] == "over_budget"
    await press(page, "Budget: Ana Alt").click()
    await amount.fill("")
    await press(page, "Do it").click()
    await expect(row(page, "Ana Alt")).not_to_contain_text("€12.50")
    await gala.order("bid_for", bidder=7, item="chair", amount=2000)


async def test_somebody_has_to_go(open_venue: OpenVenue, desktop: Visitor, phone: Visitor):
    gala, code = await with_ana(open_venue)
    await gala.order("open_bidding")
    guest = await come_by(phone, gala, code)
    await bid(guest, "Lamp")
    page = await sit_down(desktop, gala)
    await go_to(page, "Bidders")
    await press(page, "Remove: Ana Alt").click()
    would = dialog(page).locator(".would li")
    await dialog(page).get_by_label("Reason").fill("disturbs others")
    await page.keyboard.press("Tab")
    await expect(would).to_have_text([
        "Lamp (1/2): the bid of Paddle 7 is voided by Zoe (disturbs others); none stands.",
        "Paddle 7 is out of the sale (disturbs others).",
    ])  # fmt: skip
    assert (await gala.item("lamp"))["leader"] == "Paddle 7"
    await press(page, "Do it").click()
    await expect(row(page, "Ana Alt")).to_contain_text("removed")
    await expect(press(page, "Remove: Ana Alt")).to_have_count(0)
    await expect(said(page)).to_have_text("Done.")
    await expect(guest.get_by_role("alert")).to_contain_text("The auctioneer has taken you out of the sale.")
    assert (await gala.item("lamp"))["leader"] is None
