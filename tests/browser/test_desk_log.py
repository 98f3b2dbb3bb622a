"""The desk's log: everything that happened, in sentences, back to the beginning."""

import re
from collections.abc import Callable

from playwright.async_api import Locator, Page, expect

from tests.browser import catalogues
from tests.browser.conftest import OpenVenue
from tests.browser.desk import go_to, press, sit_down
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor


def lines(page: Page) -> Locator:
    return page.locator(".log li")


async def expect_log(page: Page, *sentences: str) -> None:
    """The log has exactly these sentences, the newest first, each behind its time."""
    written = [re.compile(rf"^\d?\d:\d\d:\d\d\s?[AP]M {re.escape(sentence)}$") for sentence in sentences]
    await expect(lines(page)).to_have_text(written)


async def eventful(venue: Venue) -> None:
    """A bit of everything."""
    ana, ben = await venue.bidder("Ana"), await venue.bidder("Ben")
    await ana.bid("lamp", 1000)
    slip = await ben.bid("lamp", 9000)
    await venue.order("void_bid", item="lamp", bid=slip.seq, why="a slip")
    await venue.order("pause")
    await venue.order("resume")
    await venue.order("pause", item="desk")
    await venue.order("announce", text="Soup is ready")
    await venue.order("resume", item="desk")
    radio = {"id": "radio", "name": "Radio", "starting_price": 500, "increment": 50, "buy_now": 900}
    await venue.order("add_item", item=radio)
    await ben.buy_now("radio", 1)
    await venue.order("bid_for", bidder="Ben", item="lamp", amount=1100, via="phone")
    sale = next(event for event in await venue.events() if event["type"] == "unit_sold")
    await venue.order("cancel_sale", sale=sale["seq"], why="no card")
    await venue.order("withdraw", item="desk", why="it wobbles")
    await venue.order("reopen", item="desk")
    await venue.order("remove_bidder", bidder="Ben", why="rude")
    await venue.order("close_room", why="good night")


SENTENCES = [
    "The room is there.",
    "Lamp (1/2) opens at €10.00.",
    "Desk opens at €100.00.",
    "Lamp (1/2): Ana bids €10.00.",
    "Lamp (1/2): Ben bids €90.00.",
    "Lamp (1/2): the bid of Ben is voided by Zoe (a slip); Ana leads at €10.00.",
    "The sale is paused by Zoe.",
    "The sale goes on.",
    "Desk is paused by Zoe.",
    "Zoe: Soup is ready",
    "Desk goes on.",
    "Radio is added, from €5.00.",
    "Radio opens at €5.00.",
    "Radio: Ben bids €9.00.",
    "Radio is sold to Ben for €9.00.",
    "Radio is finished.",
    "Lamp (1/2): Ben bids €11.00 (phone).",
    "Radio: the sale to Ben for €9.00 is cancelled by Zoe (no card).",
    "Desk is withdrawn by Zoe (it wobbles).",
    "Desk is offered again (1).",
    "Desk opens at €100.00.",
    "Lamp (1/2): the bid of Ben is voided by Zoe (rude); Ana leads at €10.00.",
    "Ben is out of the sale (rude).",
    "Zoe ends the sale (good night).",
    "Desk ends with the sale.",
]

FILTERS: dict[str, Callable[[str], bool]] = {
    "Bids": lambda text: " bids " in text or "the bid of" in text,
    "Sales": lambda text: re.search("sold|the sale to|finished|withdrawn|ends with", text) is not None,
    "Control": lambda text: (
        re.search("room is|Zoe|goes on|added|offered again|out of the sale|ends with", text) is not None
        and " bids " not in text
    ),
}
"""What each filter lets through of these sentences. What was done at the desk is control, whatever it is about."""


async def test_everything_is_told_in_sentences_and_can_be_filtered(venue: Venue, desktop: Visitor):
    await eventful(venue)
    page = await sit_down(desktop, venue)
    await go_to(page, "Log")
    told = SENTENCES[::-1]
    await expect_log(page, *told)
    assert len(told) == len(await venue.events())
    for name, fits in FILTERS.items():
        await page.get_by_label("Show").select_option(name)
        await expect_log(page, *filter(fits, told))
    await page.get_by_label("Show").select_option("Everything")
    await page.get_by_label("Filter").fill("RADIO")
    await expect_log(page, *(sentence for sentence in told if "Radio" in sentence))
    await page.get_by_label("Show").select_option("Sales")
    await expect_log(page, *(sentence for sentence in told if "Radio" in sentence and FILTERS["Sales"](sentence)))
    await page.get_by_label("Filter").fill("nothing like it")
    await expect(lines(page)).to_have_count(0)


async def test_it_follows_what_happens(venue: Venue, desktop: Visitor):
    page = await sit_down(desktop, venue)
    await venue.order("announce", text="before the log was looked at")
    await go_to(page, "Log")
    ana = await venue.bidder("Ana")
    await ana.bid("desk", 10_000)
    beginning = ["Zoe: before the log was looked at", "Desk opens at €100.00.", "Lamp (1/2) opens at €10.00."]
    await expect_log(page, "Desk: Ana bids €100.00.", *beginning, "The room is there.")
    await page.get_by_label("Filter").fill("lamp")
    await ana.bid("lamp", 1000)
    await expect_log(page, "Lamp (1/2): Ana bids €10.00.", "Lamp (1/2) opens at €10.00.")


async def test_back_to_the_beginning_without_a_gap_or_a_repeat(open_venue: OpenVenue, desktop: Visitor):
    attic = await open_venue(catalogues.MANY)
    page = await sit_down(desktop, attic)
    for number in range(8):
        await attic.order("announce", text=f"Number {number}")
    await go_to(page, "Log")
    earlier = press(page, "Earlier")
    await expect(lines(page).first).to_contain_text("Number 7")
    # Somebody who can't wait: what is fetched twice is told once.
    await page.evaluate("() => { for (const tab of document.querySelectorAll('.tabs button')) tab.click() }")
    await attic.order("announce", text="Number 8")
    await earlier.evaluate("""button => {
        const press = () => button.hidden ? clearInterval(pressing) : (button.click(), button.click())
        const pressing = setInterval(press, 50)
    }""")
    opened = [f"Item {number} (1/2) opens at €{number}.00." for number in range(500, 0, -1)]
    happened = [*(f"Zoe: Number {number}" for number in range(8, -1, -1)), *opened, "The room is there."]
    await expect(lines(page)).to_have_count(len(happened))
    await expect(earlier).to_be_hidden()
    told = [re.sub("^.*?M ", "", line) for line in await lines(page).all_inner_texts()]
    assert told == happened
