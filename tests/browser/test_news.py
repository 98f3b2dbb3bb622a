"""What happens to a bidder is seen, heard, felt, and told to screen readers at a bearable pace."""

import asyncio
from itertools import pairwise
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.bidder_page import badge, card, dialog, is_there, join, look, said, tap, you
from tests.browser.catalogues import live, many
from tests.browser.conftest import OpenVenue
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor

SENSES = """
const senses = window.senses = {tones: 0, buzzes: 0, spoken: []};
window.OscillatorNode = class extends OscillatorNode {
    start(...when) { senses.tones += 1; super.start(...when); }
};
const vibrate = Navigator.prototype.vibrate;
Navigator.prototype.vibrate = function (pattern) { senses.buzzes += 1; return vibrate.call(this, pattern); };
const activation = {hasBeenActive: false};
Object.defineProperty(navigator, "userActivation", {value: activation});
addEventListener("pointerdown", () => { activation.hasBeenActive = true; }, {capture: true});
addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
        for (const {target} of changes) {
            if (target instanceof Element && target.matches(".unseen[aria-live]")) {
                senses.spoken.push({at: performance.now(), text: target.textContent});
            }
        }
    }).observe(document.body, {childList: true, subtree: true});
});
"""
"""What the page asks of loudspeaker, motor and screen reader. Only taps are counted as taps: to this browser whatever a
test evaluates is one, too."""


async def senses(page: Page) -> tuple[int, int]:
    """How many tones there were, and how often it buzzed."""
    return await page.evaluate("[senses.tones, senses.buzzes]")


async def spoken(page: Page) -> list[Any]:
    return await page.evaluate("senses.spoken")


async def outbid(venue: Venue, page: Page) -> str:
    """Ana bids for the lamp from the floor, and Ben more; gives what the page says."""
    await venue.order("bid_for", bidder="Ana", item="lamp", amount=(await venue.item("lamp"))["minimum"])
    await expect(badge(page, "Lamp")).to_have_text("You lead")
    price = (await venue.item("lamp"))["minimum"]
    await venue.order("bid_for", bidder="Ben", item="lamp", amount=price)
    text = f"Outbid on Lamp: €{price // 100}.00 now."
    await expect(said(page, "Lamp")).to_have_text(text)
    await expect(badge(page, "Lamp")).to_have_text("Outbid")
    await expect(card(page, "Lamp")).to_have_attribute("data-standing", "outbid")
    return text


async def is_said_aloud(page: Page, text: str) -> None:
    await expect(page.locator(".unseen[aria-live=polite]")).to_contain_text(text)


async def turn(page: Page, setting: str, on: bool) -> None:
    """Through the settings, as they were before."""
    await page.get_by_role("button", name="Settings").tap()
    box = dialog(page).get_by_label(setting)
    await expect(box).to_be_checked(checked=not on)
    await box.set_checked(on)
    await dialog(page).get_by_role("button", name="Close").tap()


async def test_outbid_is_seen_heard_and_felt(venue: Venue, phone: Visitor):
    await phone.context.add_init_script(SENSES)
    await venue.order("invite", name="Ben")
    code = (await venue.order("invite", name="Ana"))["code"]
    page = await look(phone, venue, f"#code={code}")
    await expect(you(page)).to_have_text("Ana")
    await is_said_aloud(page, await outbid(venue, page))
    assert await senses(page) == [0, 0]  # nobody has touched the page yet
    await page.get_by_role("heading", name="Club night").tap()
    await is_said_aloud(page, await outbid(venue, page))
    tones, buzzes = await senses(page)
    assert tones > 0
    assert buzzes == 1
    await turn(page, "Sound", False)
    await outbid(venue, page)
    assert await senses(page) == [tones, buzzes + 1]
    await turn(page, "Vibration", False)
    await page.reload()
    await is_there(page)
    await turn(page, "Sound", True)
    await outbid(venue, page)
    heard, felt = await senses(page)
    assert heard > 0
    assert felt == 0
    await page.reload()
    await is_there(page)
    await turn(page, "Vibration", True)  # it was off


COUNTDOWN = """([name]) => {
    const cards = [...document.querySelectorAll("item-card")];
    const card = cards.find((each) => each.querySelector(".name").textContent === name);
    const clock = card.querySelector(".clock");
    const shown = window.shown = [clock.textContent];
    new MutationObserver(() => shown.push(clock.textContent)).observe(clock, {childList: true, subtree: true});
}"""


async def test_closing_and_won_are_seen_heard_and_felt(open_venue: OpenVenue, phone: Visitor):
    venue = await open_venue(live(window=3))
    await phone.context.add_init_script(SENSES)
    page = await join(phone, venue, "Ana")
    await page.evaluate(COUNTDOWN, ["Desk"])
    await tap(page, "Desk")
    await tap(page, "Lamp")
    await expect(said(page, "Desk")).to_have_text("Desk is yours for €100.00.")
    await expect(badge(page, "Desk")).to_have_text("Yours")
    await expect(card(page, "Desk").locator(".price")).to_have_text("sold for €100.00 by Ana")
    await expect(badge(page, "Lamp")).to_have_text("Yours")
    await expect(card(page, "Lamp").locator(".about")).to_have_text("Unit 2 of 2, price each")
    await expect(card(page, "Lamp").locator(".price")).to_have_text("starts at €10.00")
    await expect(page.locator(".purchases")).to_have_text("My purchases: 2 · €110.00")
    assert await page.evaluate("shown") == [
        "waits for the first bid",
        "3 s · closing",
        "2 s · going once",
        "1 s · going twice",
        "finished",
    ]
    await is_said_aloud(page, "Lamp is yours for €10.00.")
    texts = " ".join(each["text"] for each in await spoken(page))
    for text in ("Desk is closing.", "Lamp is closing.", "Desk is yours for €100.00.", "Lamp is yours for €10.00."):
        assert texts.count(text) == 1
    tones, buzzes = await senses(page)
    assert buzzes == 4
    assert tones > 4


ITEMS = 20


async def test_a_burst_of_news_is_told_at_a_bearable_pace(open_venue: OpenVenue, phone: Visitor):
    venue = await open_venue(many(ITEMS))
    await phone.context.add_init_script(SENSES)
    code = (await venue.order("invite", name="Ana"))["code"]
    page = await look(phone, venue, f"#code={code}")
    await expect(you(page)).to_have_text("Ana")
    ana, ben = await venue.bidder("", code), await venue.bidder("Ben")
    step = 0
    while len(await spoken(page)) < 2:
        for bidder in (ana, ben):
            await asyncio.gather(*(bidder.bid(f"i{item}", 100 * (item + step)) for item in range(1, ITEMS + 1)))
            step += 1
    last = [f"Outbid on Item {item}: €{item + step - 1}.00 now." for item in range(1, ITEMS + 1)]
    await page.wait_for_function(
        "(last) => last.every((text) => senses.spoken.some((each) => each.text.includes(text)))", arg=last
    )
    changes = await spoken(page)
    assert step >= 4
    assert len(changes) <= 3
    assert all(after["at"] - before["at"] > 1_900 for before, after in pairwise(changes))
    for item in range(1, ITEMS + 1):  # and of each matter only the latest
        assert all(each["text"].count(f"Outbid on Item {item}:") <= 1 for each in changes)
