"""What takes more than one tap: another amount, a maximum, a fixed price, an offer; and the units of an item."""

import re

from playwright.async_api import Page, expect

from tests.browser.bidder_page import (
    badge,
    bid,
    bids,
    button,
    card,
    dialog,
    is_calm,
    is_still,
    is_there,
    join,
    last_event,
    look,
    open_details,
    panel,
    said,
    tap,
    you,
)
from tests.browser.catalogues import INVITED, live
from tests.browser.conftest import Axe, OpenVenue
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor
from tests.browser.wire import wire_of

READ = {
    "12,5": "€12.50",
    "1 234": "€1,234.00",
    "€ 1.234,50": "€1,234.50",
    "12,34,567.5 EUR": "€1,234,567.50",
    "1.234": "€1,234.00",
    "12.50": "€12.50",
}
"""What may be typed, and how it is read; the last stays."""


async def test_another_amount_says_what_it_means(venue: Venue, phone: Visitor):
    page = await join(phone, venue, "Ana")
    ben = await venue.bidder("Ben")
    details = await open_details(page, "Lamp")
    await expect(details).to_contain_text("It shines.")
    form = panel(page, "Another amount")
    amount = form.get_by_label("Amount in EUR")
    meaning, send = form.locator(".meaning"), form.get_by_role("button")
    await expect(amount).to_have_attribute("placeholder", "at least €10.00")
    wrong = "Write an amount, for example 12.50."
    for typed, means in {
        "": "",
        "ten": wrong,
        "-12": wrong,
        "1.2.3,4": wrong,
        "12.50.": wrong,
        "12.5055": wrong,
        "0": wrong,
        "9.99": "At least €10.00.",
    }.items():
        await amount.fill(typed)
        await expect(meaning).to_have_text(means)
        await expect(send).to_be_disabled()
        await amount.press("Enter")
    for typed, read in READ.items():
        await amount.fill(typed)
        await expect(meaning).to_have_text(f"You bid {read} at once, and pay that if nobody bids more.")
        await expect(send).to_have_text(f"Bid {read}")
    await ben.bid("lamp", 1200)  # nobody loses what they are typing by somebody else's bid
    await expect(meaning).to_have_text("At least €13.00.")
    await expect(amount).to_have_value("12.50")
    await amount.fill("14")
    await amount.press("Enter")
    await expect(details).to_contain_text("now €14.00 · by Ana · You lead")
    await expect(form).to_have_count(0)
    await expect(details).to_contain_text("You can bid again when somebody outbids you, or leave a maximum.")
    await details.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(said(page, "Lamp")).to_have_text("Your bid of €14.00 counts.")
    assert await bids(venue) == [("Ben", "lamp", 1200), ("Ana", "lamp", 1400)]


async def test_a_slip_beside_a_field_does_not_close_the_dialog(venue: Venue, desktop: Visitor):
    page = await join(desktop, venue, "Ana")
    details = await open_details(page, "Lamp")
    await panel(page, "Another amount").get_by_label("Amount in EUR").fill("12")
    spot, form = await details.bounding_box(), await panel(page, "Another amount").bounding_box()
    assert spot is not None
    assert form is not None
    await page.mouse.click(form["x"] - 5, form["y"] + 5)
    await page.mouse.click(form["x"] + 5, form["y"] + form["height"] + 4)
    await expect(details).to_be_visible()
    await page.mouse.click(spot["x"] - 50, spot["y"] + 50)
    await expect(page.get_by_role("dialog")).to_have_count(0)


HIDDEN = re.compile(r"77\W?777\W?77|88\W?888\W?88")


async def test_a_maximum_is_mine_alone(venue: Venue, phone: Visitor, desktop: Visitor):
    """Nothing that comes to anybody else has the amount in it, in whatever way it is written."""
    wire = await wire_of(desktop)
    other = await join(desktop, venue, "Ben")
    page = await join(phone, venue, "Ana")
    await leave_maximum(page, "77,777.77", units=2)
    await expect(said(page, "Lamp")).to_have_text("Your maximum of €77,777.77 is kept. Nobody else sees it.")
    await expect(badge(page, "Lamp")).to_have_text("You lead · Your maximum: €77,777.77")
    await expect(button(other, "Lamp")).to_have_text("Bid €11.00")
    await tap(other, "Lamp")
    await expect(said(other, "Lamp")).to_have_text("Outbid on Lamp: €12.00 now.")
    await expect(badge(other, "Lamp")).to_have_text("Outbid")
    await expect(card(other, "Lamp").locator(".price")).to_have_text("now €12.00 by Ana")
    await expect(badge(page, "Lamp")).to_have_text("You lead · Your maximum: €77,777.77")
    await leave_maximum(page, "88888.88")
    await expect(badge(page, "Lamp")).to_have_text("You lead · Your maximum: €88,888.88")
    await page.reload()
    await is_there(page)
    await expect(badge(page, "Lamp")).to_have_text("You lead · Your maximum: €88,888.88")
    details = await open_details(page, "Lamp")
    await expect(panel(page, "Leave a maximum")).to_contain_text("Your maximum is €88,888.88 each, for 2 more units.")
    await open_details(other, "Lamp")
    await expect(dialog(other).locator("svg")).to_be_visible()
    assert HIDDEN.search(await page.content())
    assert not HIDDEN.search(await other.content())
    await details.get_by_role("button", name="Cancel the maximum").dblclick()
    await expect(badge(page, "Lamp")).to_have_text("You lead")
    await expect(said(page, "Lamp")).to_have_text("Your maximum is cancelled.")
    await dialog(other).get_by_role("button", name="Close").click()
    await bid(other, "Lamp")
    await expect(badge(other, "Lamp")).to_have_text("You lead")
    assert [amount for _, _, amount in await bids(venue)] == [1000, 1100, 1200, 1300]
    for seen in (await other.content(), str(wire.heard), str(await venue.events())):
        assert not HIDDEN.search(seen)


async def leave_maximum(page: Page, amount: str, units: int | None = None) -> None:
    """Through the dialog of the lamp, which then closes."""
    details = await open_details(page, "Lamp")
    form = panel(page, "Leave a maximum")
    await form.get_by_label("Amount in EUR").fill(amount)
    if units is not None:
        await form.get_by_label("For how many more units").fill(str(units))
        await expect(form.locator(".meaning")).to_have_text(
            "The room bids for you, just enough to lead, up to €77,777.77. Nobody else sees it. "
            "Of two equal maximums the earlier leads. It goes on until 2 more are yours."
        )
    await form.get_by_role("button", name="Set maximum").click()
    await details.get_by_role("button", name="Close").click()


async def test_buying_now_asks_first(open_venue: OpenVenue, phone: Visitor):
    gala = await open_venue(INVITED)
    code = (await gala.order("invite", name="Ana", paddle=7, budget=10_000))["code"]
    await gala.order("open_bidding")
    page = await look(phone, gala, f"#code={code}")
    details = await open_details(page, "Chair")
    await expect(details).to_contain_text("Yours at once at that price, as long as nobody has bid.")
    for answer in ("Cancel", "Buy now for €90.00"):
        assert await bids(gala) == []
        await details.get_by_role("button", name="Buy now for €90.00").click()
        question = page.get_by_role("dialog", name="Buy now for €90.00")
        await expect(question).to_contain_text("Buy Chair for €90.00? That can't be taken back.")
        await question.get_by_role("button", name=answer).click()
        await expect(question).to_have_count(0)
    await expect(details).to_contain_text("Yours")
    await details.get_by_role("button", name="Close").click()
    await expect(said(page, "Chair")).to_have_text("Chair is yours for €90.00.")
    await expect(badge(page, "Chair")).to_have_text("Yours")
    await expect(card(page, "Chair").locator(".price")).to_have_text("sold for €90.00 by Paddle 7")
    await expect(page.locator(".purchases")).to_have_text("My purchases: 1 · €90.00")
    await expect(you(page)).to_have_text("Paddle 7 · Left: €10.00")
    assert (await last_event(gala, "unit_sold"))["how"] == "buy_now"


async def test_an_offer_is_taken_or_declined_and_units_are_counted(open_venue: OpenVenue, phone: Visitor, axe: Axe):
    venue = await open_venue(live(window=1))
    code = (await venue.order("invite", name="Ana"))["code"]
    ben = await venue.bidder("Ben")
    page = await look(phone, venue, f"#code={code}")
    about, offer = card(page, "Lamp").locator(".about"), page.locator(".offers")
    asked = "A sale was cancelled: Lamp is yours for €10.00, your own last bid, if you take it."
    await expect(about).to_have_text("Unit 1 of 2, price each")
    for unit, (answer, told) in enumerate(
        {"Take it": "Lamp is yours for €10.00.", "Decline": "Done; it counts."}.items(), 1
    ):
        await venue.order("bid_for", bidder="Ana", item="lamp", amount=1000)
        await ben.bid("lamp", 1100)
        await expect(about).to_have_text("Unit 2 of 2, price each" if unit == 1 else "2 units, price each")
        sale = (await last_event(venue, "unit_sold"))["seq"]
        await venue.order("cancel_sale", sale=sale, why="no card", then="offer")
        await expect(offer).to_contain_text(asked)
        await is_still(page)
        assert not await axe(page)
        await page.reload()
        await is_there(page)
        await expect(offer).to_contain_text(asked)
        await is_calm(page)
        await offer.get_by_role("button", name=answer).dblclick()
        await expect(offer).to_have_text("")
        await expect(said(page, "Lamp")).to_have_text(told)
        await expect(page.locator(".purchases")).to_have_text("My purchases: 1 · €10.00")
    sold = [event for event in await venue.events() if event["type"] == "unit_sold"]
    assert [(sale["bidder"], sale.get("how")) for sale in sold] == [("Ben", None), ("Ana", "offer"), ("Ben", None)]
    assert (await last_event(venue, "offer_declined"))["unit"] == 2
    await expect(badge(page, "Lamp")).to_have_text("Yours")
