"""The connection: it is always seen, comes back by itself behind what was heard, and never hides a rewritten past."""

from pathlib import Path

from playwright.async_api import Page, Route, expect

from tests.browser.bidder_page import (
    badge,
    bid,
    bids,
    button,
    card,
    dialog,
    is_offline,
    is_online,
    is_still,
    is_there,
    join,
    look,
    open_details,
    said,
    tap,
    you,
)
from tests.browser.catalogues import LIVE
from tests.browser.conftest import Axe, OpenVenue
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor
from tests.browser.wire import wire_of


async def test_offline_and_back(venue: Venue, phone: Visitor):
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    ben = await venue.bidder("Ben")
    await bid(page, "Lamp")
    await expect(page.locator("#link")).to_have_text("Live")
    await open_details(page, "Desk")
    known = await venue.state()
    asked = len(wire.commands())
    async with phone.offline():
        await is_offline(page)
        await expect(dialog(page)).to_contain_text("You are offline. Nothing was bid.")
        await expect(dialog(page).get_by_role("textbox")).to_have_count(0)
        await page.keyboard.press("Escape")
        await expect(button(page, "Desk")).to_be_disabled()
        await button(page, "Desk").click(force=True)
        await button(page, "Desk").evaluate("(button) => button.click()")
        await ben.bid("lamp", 1100)
        await ben.bid("desk", 10_000)
        await venue.order("announce", text="Soup is ready")
        assert [message for message in wire.heard if message.get("first", 0) > known["seq"]] == []
    await is_online(page)
    await expect(page.locator("#link")).to_have_text("Live")
    await expect(page.get_by_text("The connection is lost")).to_be_hidden()
    await expect(page.get_by_text("Soup is ready")).to_be_visible()
    await expect(said(page, "Lamp")).to_have_text("Outbid on Lamp: €11.00 now.")
    await expect(button(page, "Desk")).to_have_text("Bid €105.00")
    await expect(page.locator("item-card")).to_have_count(2)
    _, again = wire.joins()
    assert (again["after"], again["head"]) == (known["seq"], known["head"])
    assert again["token"]
    welcome = [message for message in wire.heard if message["type"] == "welcome"][-1]
    assert "room" not in welcome
    assert len(wire.commands()) == asked
    assert await bids(venue) == [("Ana", "lamp", 1000), ("Ben", "lamp", 1100), ("Ben", "desk", 10_000)]
    await bid(page, "Desk")


async def test_a_server_that_stops_and_starts(venue: Venue, phone: Visitor):
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    async with phone.expect_offline():
        await venue.stop()
        await is_offline(page)
        await expect(button(page, "Desk")).to_be_disabled()
        await venue.start()
        await is_online(page)
    assert "bye" in [message["type"] for message in wire.heard]
    await expect(page.locator("item-card")).to_have_count(2)
    await expect(badge(page, "Lamp")).to_have_text("You lead")
    assert wire.joins()[-1]["after"] > 1
    await bid(page, "Desk")


async def test_a_page_may_be_opened_before_its_server_answers(venue: Venue, phone: Visitor):
    """It tries until it is there. What is asked first is which rooms there are."""
    refused = 0

    async def refuse(route: Route) -> None:
        nonlocal refused
        refused += 1
        await (route.abort("connectionrefused") if refused < 3 else route.continue_())

    await phone.context.route("**/api/rooms", refuse)
    async with phone.expect_offline():
        page = await look(phone, venue)
    assert refused == 3
    await expect(card(page, "Lamp")).to_be_visible()


WAKE = "document.dispatchEvent(new Event('visibilitychange'))"


async def test_a_phone_that_slept_notices_a_dead_connection(venue: Venue, phone: Visitor):
    """Nothing closes a connection whose network has gone; who looks at the page again finds out within seconds."""
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    wire.cut()
    await (await venue.bidder("Ben")).bid("lamp", 1100)
    await page.evaluate(WAKE)
    await expect(said(page, "Lamp")).to_have_text("Outbid on Lamp: €11.00 now.")
    await is_online(page)
    assert len(wire.joins()) == 2


async def test_who_cannot_keep_up_is_shown_the_room_anew(venue: Venue, phone: Visitor):
    """Then nothing tells what has happened meanwhile; it follows from the room as it is."""
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    ben = await venue.bidder("Ben")
    wire.hold(heard=True)
    await ben.bid("lamp", 1100)
    sofa = {"id": "sofa", "name": "Sofa", "starting_price": 500, "increment": 100, "description": "Soft."}
    await venue.order("add_item", item=sofa)
    await ben.bid("sofa", 500)
    known = await venue.state()
    while wire.heard[-1].get("seq") != known["seq"]:
        await page.evaluate("0")
    wire.lose()
    wire.tell(known)
    await expect(button(page, "Lamp")).to_have_text("Bid €12.00")
    await expect(badge(page, "Lamp")).to_have_text("Outbid")
    await expect(card(page, "Sofa").locator(".price")).to_have_text("now €5.00 by Ben")
    await ben.bid("desk", 10_000)
    await expect(button(page, "Desk")).to_have_text("Bid €105.00")
    await expect(page.locator("item-card")).to_have_count(3)
    await expect(await open_details(page, "Sofa")).to_contain_text("Soft.")
    assert len(wire.joins()) == 1


async def test_a_rewritten_record_is_told_aloud(open_venue: OpenVenue, venue: Venue, phone: Visitor, axe: Axe):
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    other = await open_venue(LIVE)
    await (await other.bidder("Ben")).bid("desk", 20_000)
    await other.stop()
    async with phone.expect_offline():
        wire.hold(sent=True)
        await tap(page, "Desk")
        await venue.kill()
        await is_offline(page)
        wire.lose()
        put_in_place(other.journal, venue.journal)
        await venue.start()
        await is_forked(page)
    await is_still(page)
    assert not await axe(page)
    await expect(page.locator("#link")).to_have_attribute("data-online", "false")
    for item in ("Lamp", "Desk"):
        await expect(button(page, item)).to_be_disabled()
    await page.get_by_role("button", name="Load the sale as it is now").click()
    await is_there(page)
    await expect(page.get_by_role("alert").filter(visible=True)).to_have_text([])
    await expect(you(page)).to_have_text("Ana")
    await expect(button(page, "Desk")).to_have_text("Bid €205.00")
    await expect(button(page, "Lamp")).to_have_text("Bid €10.00")
    assert await bids(venue) == [("Ben", "desk", 20_000)]  # nothing that was meant for the other one
    await bid(page, "Desk")


async def is_forked(page: Page) -> None:
    alert = page.get_by_role("alert").filter(has_text="This is not the sale that you saw before")
    await expect(alert).to_be_visible()
    await expect(alert).to_contain_text("its record was cut or rewritten. Keep your receipts, tell the auctioneer")


def put_in_place(journal: Path, place: Path) -> None:
    """Another journal, whole, where there was one."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{place}{suffix}").unlink(missing_ok=True)
    journal.rename(place)
