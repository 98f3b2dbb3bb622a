"""The desk's first part: what is done with the sale and its items, what is shown before that, and what is refused."""

import re

from playwright.async_api import Page, expect

from bidroom.wire.messages import Accepted
from tests.browser import catalogues
from tests.browser.conftest import OpenVenue
from tests.browser.desk import dialog, figure, press, refusals, row, said, sit_down
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor


async def kinds(venue: Venue) -> list[str]:
    """What has happened, by type."""
    return [event["type"] for event in await venue.events()]


async def expect_event(venue: Venue, **wanted: object) -> None:
    """The last thing that happened is this."""
    last = (await venue.events())[-1]
    assert last | wanted == last


# The room


async def test_it_opens_by_hand(open_venue: OpenVenue, desktop: Visitor):
    gala = await open_venue(catalogues.INVITED)
    page = await sit_down(desktop, gala)
    await expect(row(page, "Lamp")).to_contain_text("opens later")
    await press(page, "Pause the sale").click()
    await expect(page.get_by_text("The sale is paused. No clock runs.")).to_be_visible()
    async with refusals(desktop):
        await press(page, "Open the bidding").click()
        await expect(said(page)).to_have_text("Refused: it is paused.")
    await press(page, "Go on with the sale").click()
    await expect(said(page)).to_have_text("Done.")
    await press(page, "Open the bidding").click()
    await expect(row(page, "Lamp")).to_contain_text("Open 0/2")
    await expect(row(page, "Lamp")).to_contain_text("reserve not met")
    await expect(row(page, "Chair")).to_contain_text("waits for the first bid")
    await expect(press(page, "Open the bidding")).to_have_count(0)
    await expect(press(page, "Open the next item")).to_have_count(0)
    assert (await kinds(gala))[1:] == ["paused", "resumed", "round_opened", "round_opened"]
    assert {event.get("by") for event in (await gala.events())[1:]} == {"Zoe"}


async def test_the_next_item_is_opened_by_hand_and_only_that_one(open_venue: OpenVenue, desktop: Visitor):
    venue = await open_venue(catalogues.INVITED.replace('opens = "by-hand"', 'order = "one-by-one"\nopens = "by-hand"'))
    page = await sit_down(desktop, venue)
    await press(page, "Open the next item").dblclick()
    await expect(row(page, "Lamp")).to_contain_text("Open")
    await expect(said(page)).to_have_text("Done.")
    await press(page, "Open: Chair").click()
    await expect(row(page, "Chair")).to_contain_text("Open")
    assert await kinds(venue) == ["room_opened", "round_opened", "round_opened"]


async def test_the_sale_ends(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue)
    await press(page, "End the sale").click()
    await press(page, "Do it").click()
    await expect(dialog(page)).to_be_visible()  # a reason is needed
    await dialog(page).get_by_label("Reason").fill("good night")
    await press(page, "Do it").click()
    await expect(page.get_by_text("The sale is finished.")).to_be_visible()
    await expect(press(page, "End the sale")).to_have_count(0)
    await expect(press(page, "Pause the sale")).to_have_count(0)
    await expect(row(page, "Lamp")).to_contain_text("finished")
    assert [event["why"] for event in await venue.events() if event["type"] == "room_closing"] == ["good night"]


async def test_who_thinks_better_of_it_changes_nothing(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue)
    before = await venue.events()
    await press(page, "End the sale").click()
    await dialog(page).get_by_label("Reason").fill("good night")
    await press(page, "Cancel").click()
    await expect(dialog(page)).to_have_count(0)
    await press(page, "Withdraw: Lamp").click()
    await page.keyboard.press("Escape")
    await expect(dialog(page)).to_have_count(0)
    assert await venue.events() == before


async def test_an_announcement(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue)
    await press(page, "Announce").click()  # nothing is said yet
    assert await kinds(venue) == ["room_opened", "round_opened", "round_opened"]
    await page.get_by_label("To everyone").fill("Soup is ready")
    await press(page, "Announce").click()
    await expect(page.get_by_label("To everyone")).to_have_value("")
    await expect(page.locator(".announced")).to_contain_text("Soup is ready")
    await expect(page.locator(".announced")).to_contain_text("Zoe")
    await expect_event(venue, type="announced", text="Soup is ready", by="Zoe")
    await press(page, "Dismiss").click()
    await expect(page.locator(".announced")).to_be_hidden()


# An item


async def test_an_item_is_paused_and_goes_on(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue)
    await press(page, "Pause: Lamp").click()
    await expect(row(page, "Lamp")).to_contain_text("paused")
    async with refusals(desktop):
        await press(page, "+30 s: Lamp").click()
        await expect(said(page)).to_have_text("Refused: it is paused.")
    assert not (await venue.item("desk")).get("paused")
    await press(page, "Go on: Lamp").click()
    await expect(row(page, "Lamp")).to_contain_text("waits for the first bid")
    await expect(press(page, "Pause: Lamp")).to_be_visible()


async def test_a_round_gets_more_time(open_venue: OpenVenue, desktop: Visitor):
    venue = await open_venue(catalogues.live(window=20))
    page = await sit_down(desktop, venue)
    async with refusals(desktop):
        await press(page, "+30 s: Lamp").click()
        await expect(said(page)).to_have_text("It is so already; nothing was changed.")
    ben = await venue.bidder("Ben")
    await ben.bid("lamp", 1000)
    before = (await venue.item("lamp"))["ends_at"]
    await expect(row(page, "Lamp").get_by_role("cell", name=re.compile("^(1.|20|21) s$"))).to_be_visible()
    await press(page, "+30 s: Lamp").click()
    await expect(row(page, "Lamp").get_by_role("cell", name=re.compile("^(2[2-9]|30|31) s$"))).to_be_visible()
    assert 5_000 < (await venue.item("lamp"))["ends_at"] - before <= 30_000
    await expect_event(venue, type="deadlines_moved", by="Zoe")


async def test_an_item_is_withdrawn_and_offered_again(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue)
    await press(page, "Withdraw: Lamp").click()
    await expect(dialog(page)).to_contain_text("Withdraw: Lamp")
    await dialog(page).get_by_label("Reason").fill("it is broken")
    await press(page, "Do it").click()
    await expect(row(page, "Lamp")).to_contain_text("finished")
    await expect(dialog(page)).to_have_count(0)
    await expect_event(venue, type="item_finished", item="lamp", because="withdrawn", why="it is broken", unsold=2)
    await press(page, "Offer again: Lamp").click()
    await expect(row(page, "Lamp")).to_contain_text("waits for the first bid")


async def test_a_slip_is_taken_back(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue)
    await expect(press(page, "Void the bid: Desk")).to_have_count(0)
    ben, ana = await venue.bidder("Ben"), await venue.bidder("Ana")
    await ben.bid("desk", 10_000)
    slip = await ana.bid("desk", 90_000)
    assert isinstance(slip, Accepted)
    await expect(row(page, "Desk")).to_contain_text("€900.00")
    await expect(row(page, "Desk")).to_contain_text("Ana")
    before = await venue.events()
    await press(page, "Void the bid: Desk").click()
    would = dialog(page).locator(".would li")
    await expect(would).to_have_text("Desk: the bid of Ana is voided by Zoe (…); Ben leads at €100.00.")
    await dialog(page).get_by_label("Reason").fill("a slip")
    await page.keyboard.press("Tab")
    await expect(would).to_have_text("Desk: the bid of Ana is voided by Zoe (a slip); Ben leads at €100.00.")
    assert await venue.events() == before
    await press(page, "Do it").click()
    await expect(row(page, "Desk")).to_contain_text("€100.00")
    await expect(row(page, "Desk")).to_contain_text("Ben")
    await expect(said(page)).to_have_text("Done.")
    await expect_event(venue, type="bid_voided", bid=slip.seq, bidder="Ana", leader="Ben", why="a slip", by="Zoe")


async def test_a_bid_that_leads_no_more_is_not_voided(venue: Venue, desktop: Visitor):
    """Whoever looks at a preview for too long voids nothing else than what it was about."""
    page = await sit_down(desktop, venue)
    ben, ana = await venue.bidder("Ben"), await venue.bidder("Ana")
    await ben.bid("desk", 10_000)
    await press(page, "Void the bid: Desk").click()
    await expect(dialog(page).locator(".would li")).to_contain_text("none stands")
    await ana.bid("desk", 10_500)
    await expect(row(page, "Desk").get_by_text("Ana")).to_be_attached()
    await dialog(page).get_by_label("Reason").fill("a slip")
    async with refusals(desktop):
        await press(page, "Do it").click()
        await expect(dialog(page).get_by_role("alert")).to_have_text(
            "Refused: that bid does not lead an open round any more."
        )
    await press(page, "Cancel").click()
    assert (await venue.item("desk"))["leader"] == "Ana"


# Adding an item


ALL_FIELDS = {
    "Name": "Old radio",
    "Id": "radio.1",
    "Starting price": "5",
    "Step": "0.50",
    "Units": "3",
    "Reserve (hidden)": "8,50",
    "Buy now": "1,250.00",
    "Description": "With valves.",
    "Picture (file or address)": "radio.jpg",
    "Seller": "Ben Berg",
    "Kind": "Music",
}


MISREAD = "Refused: a number, an amount or an id here"


async def fill(page: Page, fields: dict[str, str]) -> None:
    for label, text in fields.items():
        await dialog(page).get_by_label(label, exact=True).fill(text)


async def test_an_item_is_added_with_all_that_it_can_have(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue)
    await press(page, "Add an item").click()
    await fill(page, ALL_FIELDS)
    await press(page, "Add").click()
    await expect(dialog(page)).to_have_count(0)
    await expect(row(page, "Old radio")).to_contain_text("€5.00")
    await expect(row(page, "Old radio")).to_contain_text("reserve not met")
    terms = next(event for event in await venue.events() if event["type"] == "item_added")["terms"]
    wanted = {
        "id": "radio.1",
        "name": "Old radio",
        "starting_price": 500,
        "units": 3,
        "description": "With valves.",
        "picture": "radio.jpg",
        "seller": "Ben Berg",
        "category": "Music",
        "buy_now": 125_000,
    }
    assert terms | wanted == terms
    assert (await venue.item("radio.1"))["minimum"] == 500
    ana = await venue.bidder("Ana")
    await ana.bid("radio.1", 500)
    added = await venue.item("radio.1")
    assert (added["minimum"], added["reserve"]) == (550, "not_met")
    await ana.close()
    cem = await venue.bidder("Cem")
    await cem.bid("radio.1", 850)
    assert (await venue.item("radio.1"))["reserve"] == "met"


async def test_an_item_needs_little_and_gets_an_id_of_its_own(open_venue: OpenVenue, desktop: Visitor):
    venue = await open_venue(catalogues.INVITED)
    page = await sit_down(desktop, venue)
    for price in ("7.00", "8.00"):
        await press(page, "Add an item").click()
        await fill(page, {"Name": "Lamp", "Starting price": price})
        await press(page, "Add").click()
        await expect(dialog(page)).to_have_count(0)
    added = [event["terms"]["id"] for event in await venue.events() if event["type"] == "item_added"]
    assert added == ["lamp-2", "lamp-3"]
    await expect(row(page, "Lamp")).to_have_count(3)


async def test_what_an_item_cannot_be(venue: Venue, desktop: Visitor):
    """No two in a row are answered with the same words: that would prove nothing."""
    page = await sit_down(desktop, venue)
    await press(page, "Add an item").click()
    problem = dialog(page).get_by_role("alert")
    await fill(page, {"Name": "Radio"})
    await press(page, "Add").click()  # the browser asks for the price
    await expect(dialog(page).get_by_label("Starting price")).to_be_focused()
    await fill(page, {"Starting price": "much"})
    await press(page, "Add").click()
    await expect(problem).to_have_text("Starting price: Write an amount, for example 12.50.")
    async with refusals(desktop):
        for wrong, words in (
            ({}, "no increment for all items"),
            ({"Step": "0"}, "Step: Write an amount"),
            ({"Step": "1.00", "Buy now": "1.2345"}, "Buy now: Write an amount"),
            ({"Buy now": "3.00"}, "The fixed price is not above the starting price"),
            ({"Buy now": "", "Units": "some"}, MISREAD),
            ({"Units": "", "Reserve (hidden)": "3.00"}, "The reserve is below the starting price."),
            ({"Reserve (hidden)": "", "Units": "0"}, MISREAD),
            ({"Units": "", "Picture (file or address)": "../secret.png"}, "The picture has a part that is"),
            ({"Picture (file or address)": "", "Id": "no blanks"}, MISREAD),
            ({"Id": "lamp"}, "It is so already; nothing was changed."),
        ):
            await fill(page, {"Name": "Radio", "Starting price": "5.00", **wrong})
            await press(page, "Add").click()
            await expect(problem).to_contain_text(words)
    assert "item_added" not in await kinds(venue)


# Figures


async def test_the_figures_follow(open_venue: OpenVenue, desktop: Visitor, phone: Visitor):
    """They are asked for every other second, so what can be seen together is looked at together."""
    venue = await open_venue(catalogues.live(window=1))
    page = await sit_down(desktop, venue)
    watching = figure(page, "Looking on")
    await expect(watching).to_have_text(re.compile(r"\d"))
    before = int(await watching.inner_text())
    onlooker = await phone.visit(f"{venue.url}/")
    ana = await venue.bidder("Ana")
    await venue.bidder("Ben")
    await ana.bid("lamp", 1050)
    await expect(figure(page, "Units sold")).to_have_text("1")
    await expect(watching).to_have_text(str(before + 1))
    await expect(figure(page, "Bidders here")).to_have_text("2")
    await expect(figure(page, "Bids in the last minute")).to_have_text("1")
    await expect(figure(page, "Turnover")).to_have_text("€10.50")
    await expect(figure(page, "Units unsold")).to_have_text("0")
    await onlooker.close()
    await ana.close()
    sale = next(event for event in await venue.events() if event["type"] == "unit_sold")
    await venue.order("withdraw", item="lamp", why="enough")
    await venue.order("cancel_sale", sale=sale["seq"], why="no card")
    await expect(figure(page, "Units unsold")).to_have_text("2")
    await expect(figure(page, "Turnover")).to_have_text("€0.00")
    await expect(watching).to_have_text(str(before))
    await expect(figure(page, "Bidders here")).to_have_text("1")
