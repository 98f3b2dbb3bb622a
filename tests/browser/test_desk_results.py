"""The desk after the hammer: sales that are cancelled, statements and files, the checkout."""

import asyncio
from pathlib import Path

from aiohttp import ClientSession
from playwright.async_api import Page, expect

from bidroom.rules.events import UnitSold
from tests.browser import catalogues
from tests.browser.conftest import OpenVenue
from tests.browser.desk import dialog, go_to, parts, press, refusals, row, said, sit_down
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor
from tests.front_door import PATIENCE_S


async def after_a_sale(open_venue: OpenVenue) -> Venue:
    """Ana has bought a lamp for 10.00 and the desk for 105.00, which Ben wanted for 100.00; a lamp is left."""
    venue = await open_venue(catalogues.live(window=1))
    ana, ben = await venue.bidder("Ana"), await venue.bidder("Ben")
    events = ana.events()
    await ben.bid("desk", 10_000)
    await ana.bid("desk", 10_500)
    await ana.bid("lamp", 1000)
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(2):
            while not isinstance(await anext(events), UnitSold):
                pass
    return venue


async def purchases(venue: Venue) -> list[tuple[str, str, int]]:
    """Who has bought what for how much, as the record has it."""
    async with ClientSession(venue.url) as session, session.get(f"/api/rooms/{venue.id}/purchases") as answer:
        return [(each["item"], each["bidder"], each["amount"]) for each in (await answer.json())["purchases"]]


async def books(venue: Venue, what: str, format: str) -> bytes:
    """What the books say."""
    path = f"/api/rooms/{venue.id}/results?what={what}&format={format}"
    headers = {"Authorization": f"Bearer {venue.auctioneer_token}"}
    async with ClientSession(venue.url, headers=headers) as session, session.get(path) as answer:
        return await answer.read()


def content(file: Path) -> bytes:
    return file.read_bytes()


# Results


async def test_results_are_printed_and_taken_home(open_venue: OpenVenue, desktop: Visitor):
    venue = await after_a_sale(open_venue)
    page = await sit_down(desktop, venue)
    await go_to(page, "Results")
    await expect(page.get_by_text("Sold for €115.00 altogether.")).to_be_visible()
    await expect(row(page, "Lamp")).to_contain_text("Ana")
    await expect(row(page, "Desk")).to_contain_text("€105.00")
    for button, what, format in (("CSV", "purchases", "csv"), ("HTML", "all", "html"), ("JSON", "all", "json")):
        async with page.expect_download() as coming:
            await press(page, f"Download: {button}").click()
        download = await coming.value
        assert download.suggested_filename == f"hall-{what}.{format}"
        assert content(await download.path()) == await books(venue, what, format)

    await press(page, "Print the statements").click()
    sheet = dialog(page).locator(".statement")
    await expect(sheet).to_have_count(1)
    await expect(sheet).to_contain_text("Paddle 1 · Ana")
    await expect(sheet.get_by_role("row")).to_have_text(["Desk€105.00", "Lamp€10.00"])
    await expect(sheet).to_contain_text("To be paid: €115.00")
    await page.emulate_media(media="print")
    await expect(sheet).to_be_visible()
    await expect(page.locator("main")).to_be_hidden()
    await expect(dialog(page).get_by_role("button")).to_have_count(0)


async def test_a_sale_is_cancelled_as_it_was_shown_before(open_venue: OpenVenue, desktop: Visitor):
    venue = await after_a_sale(open_venue)
    page = await sit_down(desktop, venue)
    await go_to(page, "Results")
    before = await venue.events()
    await press(page, "Cancel: Lamp").click()
    would = dialog(page).locator(".would li")
    await expect(would).to_have_text(["Lamp (1/2): the sale to Ana for €10.00 is cancelled by Zoe (…)."])
    async with refusals(desktop):
        await dialog(page).get_by_label("Then the unit").select_option("is offered to the runner-up")
        problem = dialog(page).get_by_role("alert")
        await expect(problem).to_have_text("Refused: nobody else has bid for the unit.")
        await expect(would).to_have_count(0)
        await dialog(page).get_by_label("Reason").fill("no card")
        await press(page, "Do it").click()
        await expect(said(page)).to_have_text("Refused: nobody else has bid for the unit.")
    assert await venue.events() == before
    await dialog(page).get_by_label("Then the unit").select_option("stays unsold")
    await expect(would).to_have_text(["Lamp (1/2): the sale to Ana for €10.00 is cancelled by Zoe (no card)."])
    await expect(problem).to_have_text("")
    await press(page, "Do it").click()
    await expect(page.get_by_text("Sold for €105.00 altogether.")).to_be_visible()
    await expect(row(page, "Lamp")).to_have_count(0)

    await press(page, "Cancel: Desk").click()
    await dialog(page).get_by_label("Then the unit").select_option("is offered to the runner-up")
    await expect(would.last).to_have_text("Desk is offered to Ben for €100.00.")
    await dialog(page).get_by_label("Reason").fill("no card")
    await press(page, "Do it").click()
    await expect(page.get_by_text("Offered to runners-up: Desk, Ben, €100.00")).to_be_visible()
    await press(page, "declines").click()
    await expect(page.get_by_text("Offered to runners-up")).to_have_count(0)
    await expect(page.get_by_text("Sold for €0.00 altogether.")).to_be_visible()
    assert [event["type"] for event in (await venue.events())[-2:]] == ["offer_made", "offer_declined"]


async def test_a_cancelled_sale_comes_up_again_and_an_offer_is_taken(open_venue: OpenVenue, desktop: Visitor):
    venue = await after_a_sale(open_venue)
    page = await sit_down(desktop, venue)
    await go_to(page, "Results")
    await press(page, "Cancel: Desk").click()
    await dialog(page).get_by_label("Reason").fill("no card")
    await dialog(page).get_by_label("Then the unit").select_option("is offered to the runner-up")
    await expect(dialog(page).locator(".would li")).to_have_count(2)
    await press(page, "Do it").click()
    await press(page, "takes it").click()
    await expect(row(page, "Desk")).to_contain_text("Ben")
    await expect(page.get_by_text("Sold for €110.00 altogether.")).to_be_visible()
    await press(page, "Cancel: Desk").click()
    await dialog(page).get_by_label("Reason").fill("no card either")
    await dialog(page).get_by_label("Then the unit").select_option("is sold again")
    await expect(dialog(page).locator(".would li").nth(1)).to_have_text("Desk is offered again (1).")
    await press(page, "Do it").click()
    await expect(row(page, "Desk")).to_have_count(0)
    assert (await venue.item("desk"))["state"] == "open"
    assert await purchases(venue) == [("lamp", "Ana", 1000)]


# Checkout


PURCHASES = """async (number) => {
    const report = await (await fetch("/api/rooms/hall/purchases")).json();
    return report.purchases.length === number;
}"""


async def find(page: Page, words: str) -> None:
    await page.get_by_label("Find a paddle or a name").fill(words)


async def test_a_clerk_settles(open_venue: OpenVenue, clerk: Visitor):
    venue = await after_a_sale(open_venue)
    page = await sit_down(clerk, venue, venue.clerk_token, name="Kim")
    await expect(parts(page).get_by_role("button")).to_have_text(["Floor", "Checkout"])
    await go_to(page, "Checkout")
    await expect(page.get_by_label("Find a paddle or a name")).to_be_focused()
    await expect(page.get_by_role("heading", name="Paddle 1 · Ana")).to_be_visible()  # the only one who owes
    for nobody in ("2", "17", "Zoe"):  # paddle 2 is Ben's, who has bought nothing
        await find(page, nobody)
        await expect(page.get_by_text("Nobody of that paddle or name has bought anything.")).to_be_visible()
    for words in ("1", "an", "ANA"):
        await find(page, words)
        await expect(page.get_by_text("To be paid: €115.00")).to_be_visible()

    line = page.get_by_role("row").filter(has_text="Lamp")
    await line.get_by_role("button", name="Paid", exact=True).click()
    await expect(line).to_contain_text("paid, cash (Kim)")
    await expect(page.get_by_text("To be paid: €105.00")).to_be_visible()
    await line.get_by_role("button", name="Hand over", exact=True).click()
    await expect(line).to_contain_text("handed over (Kim)")
    await page.get_by_label("Paid by").fill("card")
    await press(page, "Mark €105.00 paid").click()
    await expect(page.get_by_text("Everything is paid.")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="Desk")).to_contain_text("paid, card (Kim)")
    await press(page, "Hand over all").click()
    await expect(page.get_by_role("row").filter(has_text="Desk")).to_contain_text("handed over (Kim)")
    await expect(page.get_by_role("button", name="Hand over")).to_have_count(0)

    sale = next(event for event in await venue.events() if event["type"] == "unit_sold" and event["item"] == "desk")
    await venue.order("cancel_sale", sale=sale["seq"], why="it wobbles", then="offer")
    await expect(page.get_by_text("To be paid back: €105.00")).to_be_visible()
    await expect(page.get_by_role("row")).to_have_count(1)
    await find(page, "")
    await expect(page.get_by_role("heading", name="Paddle 1 · Ana")).to_be_visible()
    await venue.order("settle_offer", item="desk", unit=1, accept=True)
    await expect(page.get_by_role("button", name="Paddle 2 · Ben: To be paid: €100.00")).to_be_visible()
    await press(page, "Paddle 1 · Ana: To be paid back: €105.00").click()
    await expect(page.get_by_role("heading", name="Paddle 1 · Ana")).to_be_visible()


async def test_what_is_marked_paid_is_what_is_recorded(open_venue: OpenVenue, clerk: Visitor):
    """Somebody with a credit pays what they buy then in full; the button says so, and what is owed in the end."""
    venue = await after_a_sale(open_venue)
    await venue.order("mark_paid", bidder="Ana", how="cash")
    sale = next(event for event in await venue.events() if event["type"] == "unit_sold" and event["item"] == "lamp")
    await venue.order("cancel_sale", sale=sale["seq"], why="it is broken")
    await venue.order("bid_for", bidder="Ana", item="lamp", amount=2500)
    page = await sit_down(clerk, venue, venue.clerk_token)
    await go_to(page, "Checkout")
    await expect(page.get_by_text("To be paid: €15.00")).to_be_visible()
    await press(page, "Mark €25.00 paid").click()
    await expect(page.get_by_text("To be paid back: €10.00")).to_be_visible()


async def test_a_sale_elsewhere_does_not_disturb_whoever_settles(open_venue: OpenVenue, clerk: Visitor):
    venue = await after_a_sale(open_venue)
    page = await sit_down(clerk, venue, venue.clerk_token)
    await go_to(page, "Checkout")
    await find(page, "1")
    how = page.get_by_label("Paid by")
    await how.fill("card")
    await venue.order("bid_for", bidder="Ben", item="lamp", amount=1000)
    await page.wait_for_function(PURCHASES, arg=3)
    async with page.expect_response("**/results?what=statements"):
        await venue.order("announce", text="Soup is ready")
    await expect(how).to_have_value("card")
    await expect(how).to_be_focused()
