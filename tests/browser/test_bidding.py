"""Bidding with one tap: it bids exactly what the button said, once, and says what became of it."""

import pytest
from playwright.async_api import expect

from tests.browser.bidder_page import (
    badge,
    bid,
    bids,
    button,
    card,
    is_calm,
    join,
    look,
    open_details,
    panel,
    said,
    tap,
    you,
)
from tests.browser.catalogues import INVITED
from tests.browser.conftest import OpenVenue
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor
from tests.browser.wire import wire_of

FOUR = """
[room]
id = "four"
name = "Four things"
currency = "EUR"
window = 3600
increment = 1.00
""" + "".join(
    f'[[items]]\nid = "{name.lower()}"\nname = "{name}"\nstarting_price = 10.00\n'
    for name in ("Lamp", "Desk", "Chair", "Vase")
)


KEEP = """(node) => {
    window.kept = [];
    new MutationObserver(() => kept.push(node.textContent)).observe(node, {childList: true});
}"""
"""All that an element says from now on."""


async def test_a_tap_is_on_its_way_and_then_counts(venue: Venue, phone: Visitor):
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    await expect(button(page, "Lamp")).to_have_accessible_name("Bid €10.00 for Lamp")
    await expect(button(page, "Lamp")).to_have_text("Bid €10.00")
    await said(page, "Lamp").evaluate(KEEP)
    wire.hold(heard=True)
    await tap(page, "Lamp")
    await expect(button(page, "Lamp")).to_have_text("On its way …")
    await expect(button(page, "Lamp")).to_be_disabled()
    await expect(said(page, "Lamp")).to_have_text(
        "Not answered yet. It is sent again with the same number and counts at most once."
    )
    assert await page.evaluate("kept[0]") == "€10.00 on its way …"
    wire.release()
    await expect(said(page, "Lamp")).to_have_text("Your bid of €10.00 counts.")
    await expect(badge(page, "Lamp")).to_have_text("You lead")
    await expect(button(page, "Lamp")).to_have_text("You lead")
    await expect(button(page, "Lamp")).to_be_disabled()
    await expect(card(page, "Lamp").locator(".price")).to_have_text("now €10.00 by Ana")
    assert await bids(venue) == [("Ana", "lamp", 1000)]


TWICE = "(button) => { button.click(); button.click(); }"


async def test_two_taps_are_one_bid(open_venue: OpenVenue, phone: Visitor):
    venue = await open_venue(FOUR)
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    await is_calm(page)
    await button(page, "Lamp").evaluate(TWICE)
    await expect(badge(page, "Lamp")).to_have_text("You lead")
    await is_calm(page)
    await button(page, "Desk").dblclick()
    await expect(badge(page, "Desk")).to_have_text("You lead")
    wire.hold(sent=True)
    await is_calm(page)
    await button(page, "Chair").evaluate(TWICE)
    await button(page, "Chair").click(force=True)
    await button(page, "Vase").scroll_into_view_if_needed()
    await is_calm(page)
    spot = await button(page, "Vase").bounding_box()
    assert spot is not None
    for _ in range(2):
        await page.touchscreen.tap(spot["x"] + 9, spot["y"] + 9)
    wire.release()
    for item in ("Chair", "Vase"):
        await expect(said(page, item)).to_have_text("Your bid of €10.00 counts.")
    assert [command["id"] for command in wire.commands()] == [1, 2, 3, 4]
    assert await bids(venue) == [("Ana", item, 1000) for item in ("lamp", "desk", "chair", "vase")]


async def test_each_refusal_says_why_and_what_to_do(open_venue: OpenVenue, phone: Visitor):
    """What happens while the bid is on its way to the server is why it does not count."""
    venue = await open_venue(FOUR)
    wire = await wire_of(phone)
    code = (await venue.order("invite", name="Ana"))["code"]
    page = await look(phone, venue, f"#code={code}")
    ben = await venue.bidder("Ben")
    wire.hold(sent=True)
    await open_details(page, "Lamp")
    await panel(page, "Another amount").get_by_role("textbox").fill("12.50")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(button(page, "Lamp")).to_have_text("On its way …")
    for item in ("Desk", "Chair", "Vase"):
        await tap(page, item)
        await expect(button(page, item)).to_have_text("On its way …")
    await ben.bid("lamp", 1500)
    await venue.order("bid_for", bidder="Ana", item="desk", amount=1000)
    await venue.order("withdraw", item="chair", why="broken")
    await venue.order("pause", item="vase")
    await ben.bid("desk", 1100)
    await venue.order("bid_for", bidder="Ana", item="desk", amount=1200)
    wire.release()
    await expect(said(page, "Lamp")).to_have_text("Not counted: somebody was faster. Bid at least €16.00.")
    await expect(button(page, "Lamp")).to_have_text("Bid €16.00")
    await expect(said(page, "Desk")).to_have_text(
        "Not counted: you lead already. Wait until you are outbid, or leave a maximum."
    )
    await expect(said(page, "Chair")).to_have_text(
        "Not counted: that unit has closed, or is not open yet. Look at the item."
    )
    await expect(said(page, "Vase")).to_have_text("Not counted: the bidding is paused. Bid again when it goes on.")
    for item in ("Chair", "Vase"):
        await expect(button(page, item)).to_be_hidden()
    assert {answer["reason"] for answer in wire.heard if answer["type"] == "refused"} == {
        "too_low", "leading", "closed", "paused"
    }  # fmt: skip
    await venue.order("resume", item="vase")
    await bid(page, "Vase")
    await bid(page, "Lamp")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "Ana",
            "Not counted: with what you have won and lead at, it is above your budget. Ask the auctioneer.",
        ),
        ("Ben Berg", "Not counted: you are the seller of this item."),
    ],
)
async def test_budget_and_own_items_are_refused(name: str, why: str, open_venue: OpenVenue, phone: Visitor):
    gala = await open_venue(INVITED)
    code = (await gala.order("invite", name=name, paddle=7, budget=1500))["code"]
    await gala.order("open_bidding")
    page = await look(phone, gala, f"#code={code}")
    await expect(you(page)).to_have_text("Paddle 7 · Left: €15.00")
    await tap(page, "Chair")
    await expect(said(page, "Chair")).to_have_text(why)
    await expect(card(page, "Chair")).to_have_attribute("data-standing", "none")
    await bid(page, "Lamp")
    await expect(you(page)).to_have_text("Paddle 7 · Left: €5.00")
    assert await bids(gala) == [("Paddle 7", "lamp", 1000)]


async def test_a_price_that_moves_under_the_finger_is_not_bid(venue: Venue, desktop: Visitor):
    page = await join(desktop, venue, "Ana")
    ben = await venue.bidder("Ben")
    await is_calm(page)
    await button(page, "Lamp").hover()
    await page.mouse.down()
    await ben.bid("lamp", 1000)
    await expect(button(page, "Lamp")).to_have_text("Bid €11.00")
    await is_calm(page)
    await page.mouse.up()
    await expect(said(page, "Lamp")).to_have_text("The price has just moved: nothing was bid. It is €11.00 now.")
    assert await bids(venue) == [("Ben", "lamp", 1000)]
    await bid(page, "Lamp")
    assert await bids(venue) == [("Ben", "lamp", 1000), ("Ana", "lamp", 1100)]


TAP_AT_ONCE = """(button) => {
    const tap = () => {
        button.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true}));
        button.click();
    };
    new MutationObserver((_, observer) => { observer.disconnect(); tap(); })
        .observe(button, {characterData: true, childList: true, subtree: true});
}"""
"""A finger that comes down in the moment in which the button changes."""

TAP_WHEN_IT_MOVES = """(button) => {
    const top = button.getBoundingClientRect().top;
    const look = () => {
        if (button.getBoundingClientRect().top === top) return requestAnimationFrame(look);
        button.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true}));
        return button.click();
    };
    look();
}"""
"""A finger that comes down one picture after the button has moved away from where it was, or another came there."""


async def test_what_has_just_changed_is_not_bid(venue: Venue, desktop: Visitor):
    page = await join(desktop, venue, "Ana")
    ben = await venue.bidder("Ben")
    await is_calm(page)
    await button(page, "Lamp").evaluate(TAP_AT_ONCE)
    await ben.bid("lamp", 1000)
    await expect(said(page, "Lamp")).to_have_text("The price has just moved: nothing was bid. It is €11.00 now.")
    await is_calm(page)
    await button(page, "Desk").evaluate(TAP_WHEN_IT_MOVES)
    await venue.order("announce", text="Soup is ready. " * 9)
    await expect(said(page, "Desk")).to_have_text(
        "The page has just moved under your finger: nothing was bid. Tap again."
    )
    assert await bids(venue) == [("Ben", "lamp", 1000)]
    await bid(page, "Lamp")
    await bid(page, "Desk")


async def test_a_price_that_was_not_shown_yet_is_not_bid(venue: Venue, desktop: Visitor):
    """A busy browser has heard of the new price, but the button still has the old one."""
    wire = await wire_of(desktop)
    page = await join(desktop, venue, "Ana")
    ben = await venue.bidder("Ben")
    await is_calm(page)
    await page.evaluate("window.requestAnimationFrame = () => 0")
    await ben.bid("lamp", 1000)
    while not any(message["type"] == "update" for message in wire.heard):
        await page.evaluate("0")
    assert await button(page, "Lamp").inner_text() == "Bid €10.00"
    await button(page, "Lamp").evaluate("(button) => button.click()")
    await expect(said(page, "Lamp")).to_have_text("The price has just moved: nothing was bid. It is €11.00 now.")
    assert await bids(venue) == [("Ben", "lamp", 1000)]


async def test_two_tabs_of_a_bidder_share_their_numbers(venue: Venue, phone: Visitor):
    wire = await wire_of(phone)
    one = await join(phone, venue, "Ana")
    other = await look(phone, venue)
    await expect(you(other)).to_have_text("Ana")
    wire.hold(sent=True)
    await tap(one, "Lamp")
    await tap(other, "Desk")
    await wire.carries(2)
    wire.release_last()
    await expect(said(other, "Desk")).to_have_text("Your bid of €100.00 counts.")
    wire.release()  # so the lower number comes too late, and another one is taken for the same bid
    await expect(said(one, "Lamp")).to_have_text("Your bid of €10.00 counts.")
    assert [(command["item"], command["id"]) for command in wire.commands()] == [("lamp", 1), ("desk", 2), ("lamp", 3)]
    for page in (one, other):
        for item in ("Lamp", "Desk"):
            await expect(badge(page, item)).to_have_text("You lead")
    assert await bids(venue) == [("Ana", "desk", 10_000), ("Ana", "lamp", 1000)]
