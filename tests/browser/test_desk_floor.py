"""Bids from the hall and the telephone, entered by keyboard alone; and what a clerk may do."""

from typing import Any, get_args

from playwright.async_api import Page, expect

from bidroom.server.orders import CLERKS_MAY
from bidroom.wire.control import AnyControl
from bidroom.wire.messages import Accepted
from tests.browser import catalogues
from tests.browser.conftest import OpenVenue
from tests.browser.desk import go_to, parts, press, refusals, said, sit_down
from tests.browser.keyboard import Stop, focused
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor

PADDLE = Stop("textbox", "Paddle or name")


async def gala_with_guests(open_venue: OpenVenue) -> Venue:
    """An open sale with Ana, who has paddle 7, and Cem, who has paddle 12."""
    gala = await open_venue(catalogues.INVITED)
    await gala.order("invite", name="Ana Alt", paddle=7)
    await gala.order("invite", name="Cem", paddle=12)
    await gala.order("open_bidding")
    return gala


async def type_bid(page: Page, paddle: str, item: str, amount: str) -> None:
    """Enter a bid as at a counter: the paddle first, the fingers never leave the keys."""
    await page.keyboard.type(paddle)
    await page.keyboard.press("Tab")
    await page.keyboard.type(item)
    await page.keyboard.press("Tab")
    await page.keyboard.type(amount)
    await page.keyboard.press("Enter")


async def test_bids_are_entered_by_keyboard_alone(open_venue: OpenVenue, desktop: Visitor):
    gala = await gala_with_guests(open_venue)
    page = await sit_down(desktop, gala, gala.clerk_token, name="Kim")
    assert await focused(page) == PADDLE
    entered = page.locator(".entered li")

    await type_bid(page, "7", "Lamp", "12,50")
    await expect(said(page)).to_have_text("7: €12.50 for Lamp counts.")
    await expect(page.get_by_label("Paddle or name")).to_have_value("")
    assert await focused(page) == PADDLE
    await expect(page.locator("form .price")).to_have_text("€12.50 by Paddle 7")
    await expect(page.get_by_label("Amount in EUR")).to_have_attribute("placeholder", "at least €17.50")

    await type_bid(page, "Paddle 12", "Lamp", "")  # an empty amount is the least
    await expect(said(page)).to_have_text("Paddle 12: €17.50 for Lamp counts.")

    await type_bid(page, "12", "Chair", "25")
    await expect(said(page)).to_have_text("12: €25.00 for Chair counts.")
    await page.keyboard.type("7")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.type("the telephone")
    await page.keyboard.press("Tab")
    assert await focused(page) == Stop("button", "Enter the bid")
    await page.keyboard.press("Space")
    await expect(said(page)).to_have_text("7: €30.00 for Chair counts.")
    assert await focused(page) == PADDLE
    await expect(entered).to_have_text([
        "7: €30.00 for Chair counts.",
        "12: €25.00 for Chair counts.",
        "Paddle 12: €17.50 for Lamp counts.",
        "7: €12.50 for Lamp counts.",
    ])  # fmt: skip
    bids = [event for event in await gala.events() if event["type"] == "bid_accepted"]
    assert [(bid["bidder"], bid["item"], bid["amount"], bid["via"]) for bid in bids] == [
        ("Paddle 7", "lamp", 1250, "floor"),
        ("Paddle 12", "lamp", 1750, "floor"),
        ("Paddle 12", "chair", 2500, "floor"),
        ("Paddle 7", "chair", 3000, "phone"),
    ]


async def test_what_is_refused_on_the_floor(open_venue: OpenVenue, desktop: Visitor):
    gala = await gala_with_guests(open_venue)
    page = await sit_down(desktop, gala, gala.clerk_token)
    paddle, amount = page.get_by_label("Paddle or name"), page.get_by_label("Amount in EUR")
    async with refusals(desktop):
        await type_bid(page, "8", "Lamp", "10")
        await expect(said(page)).to_have_text("Refused: nobody of that paddle or name is registered.")
        await expect(paddle).to_have_value("8")
        await expect(amount).to_be_focused()  # with what was typed marked: it can be written anew
        await page.keyboard.type("9.99")
        await paddle.fill("7")
        await page.keyboard.press("Enter")
        await expect(said(page)).to_have_text("Refused: below the least, €10.00.")
        await expect(paddle).to_have_value("7")
        await amount.fill("ten")
        await page.keyboard.press("Enter")
        await expect(said(page)).to_have_text("Write an amount, for example 12.50.")
        await amount.fill("10")
        await page.keyboard.press("Enter")
        await expect(said(page)).to_have_text("7: €10.00 for Lamp counts.")
        await type_bid(page, "7", "", "20")
        await expect(said(page)).to_have_text("Refused: they lead already.")
    await expect(page.locator(".entered li").first).to_have_text("Refused: they lead already.")
    assert [event["amount"] for event in await gala.events() if event["type"] == "bid_accepted"] == [1000]


async def test_a_bid_never_lands_on_another_item_than_was_meant(open_venue: OpenVenue, desktop: Visitor):
    """What is being entered for an item that closes meanwhile is not entered for the next one in the list."""
    gala = await gala_with_guests(open_venue)
    page = await sit_down(desktop, gala)
    await go_to(page, "Floor")
    item = page.get_by_label("Item")
    await expect(item).to_have_value("lamp")
    await page.get_by_label("Paddle or name").fill("7")
    await gala.order("withdraw", item="lamp", why="it is broken")
    await expect(page.locator("form .price")).not_to_have_text("€10.00")
    async with refusals(desktop):
        await page.keyboard.press("Enter")
        await expect(said(page)).to_have_text("Refused: it is not open.")
    await expect(item).to_have_value("lamp")
    await page.get_by_label("Paddle or name").fill("")
    await gala.order("bid_for", bidder=12, item="chair", amount=2000)
    await expect(item).to_have_value("chair")  # nothing is being entered: what is on is what is offered
    assert [event["item"] for event in await gala.events() if event["type"] == "bid_accepted"] == ["chair"]


async def test_a_bid_never_lands_on_another_unit_than_was_meant(open_venue: OpenVenue, desktop: Visitor):
    venue = await open_venue(catalogues.live(window=1))
    await venue.order("invite", name="Ana")
    await venue.order("invite", name="Ben")
    page = await sit_down(desktop, venue, venue.clerk_token)
    await page.get_by_label("Paddle or name").fill("Ana")
    await page.get_by_label("Amount in EUR").fill("50")
    await venue.order("bid_for", bidder="Ben", item="lamp", amount=1000)
    price = page.locator("form .price")
    await expect(price).to_have_text("€10.00 by Ben")
    await expect(price).to_have_text("€10.00")  # that one is sold: now it is the next
    async with refusals(desktop):
        await page.keyboard.press("Enter")
        await expect(said(page)).to_have_text("Refused: it is not open.")
    lamp = await venue.item("lamp")
    assert (lamp["unit"], lamp["leader"]) == (2, None)
    await page.keyboard.press("Enter")  # now they know
    await expect(said(page)).to_have_text("Ana: €50.00 for Lamp counts.")


# Clerks

ORDER = """async ([kind, token, body]) => {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(`/api/rooms/gala/${kind}`, { method: "POST", headers, body: JSON.stringify(body) });
    return [answer.status, (await answer.json()).reason ?? ""];
}"""

OVER_A_SOCKET = """([token, message]) => new Promise((told) => {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    socket.onopen = () => socket.send(JSON.stringify({ type: "control", token }));
    socket.onmessage = ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.type === "welcome") socket.send(JSON.stringify(message));
        else told([answer.type, answer.reason ?? ""]);
    };
})"""

FORBIDDEN: dict[str, dict[str, Any]] = {
    "open_bidding": {},
    "open_item": {"item": "lamp"},
    "pause": {},
    "resume": {},
    "extend": {"item": "lamp", "span_ms": 60_000},
    "withdraw": {"item": "lamp", "why": "so"},
    "add_item": {"item": {"id": "radio", "name": "Radio", "starting_price": 500}},
    "reopen": {"item": "lamp"},
    "announce": {"text": "Soup is ready"},
    "close_room": {"why": "good night"},
    "void_bid": {"item": "lamp", "bid": 4, "why": "a slip"},
    "cancel_sale": {"sale": 6, "why": "no card"},
    "settle_offer": {"item": "lamp", "unit": 1, "accept": True},
    "remove_bidder": {"bidder": 7, "why": "rude"},
    "invite": {"name": "Dora"},
    "new_token": {"bidder": 7},
    "set_budget": {"bidder": 7, "budget": None},
}
"""What only the auctioneer may order."""


async def test_a_clerk_has_two_parts_and_the_server_refuses_the_rest(open_venue: OpenVenue, clerk: Visitor):
    gala = await gala_with_guests(open_venue)
    page = await sit_down(clerk, gala, gala.clerk_token)
    await expect(parts(page).get_by_role("button")).to_have_text(["Floor", "Checkout"])
    for words in ("Pause the sale", "End the sale", "Announce", "Withdraw: Lamp", "New code: Ana Alt"):
        await expect(press(page, words)).to_have_count(0)
    before = await gala.events()
    async with refusals(clerk):
        for kind, body in FORBIDDEN.items():
            assert await page.evaluate(ORDER, [kind, gala.clerk_token, body]) == [403, "not_allowed"], kind
            order = {"type": kind, **body}
            assert await page.evaluate(OVER_A_SOCKET, [gala.clerk_token, order]) == ["refused", "not_allowed"], kind
    assert await gala.events() == before
    ana = await gala.bidder("", (await gala.order("new_token", bidder=7))["code"])
    assert isinstance(await ana.bid("lamp", 1000), Accepted)  # she was not removed


def test_no_order_is_forgotten():
    allowed = {kind.__struct_config__.tag for kind in get_args(CLERKS_MAY)}
    assert FORBIDDEN.keys() == {kind.__struct_config__.tag for kind in get_args(AnyControl)} - allowed
