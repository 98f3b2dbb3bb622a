"""A bid whose answer was lost is sent again under its number, counts at most once, and its end is told."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.bidder_page import (
    badge,
    bid,
    bids,
    button,
    is_offline,
    is_online,
    is_there,
    join,
    restart,
    said,
    tap,
    you,
)
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor
from tests.browser.wire import Wire, wire_of

WAY = re.compile("^€100.00 on its way …$|^Not answered yet")
COUNTS = "Your bid of €100.00 counts."
FASTER = "Not counted: somebody was faster. Bid at least €105.00."
LOST = "Not counted: it got lost. Bid again if you still want to."


LOSSES = {
    "a bid of somebody known is lost": (True, {"sent": True}),
    "a bid of somebody new is lost": (False, {"sent": True}),
    "the answer is lost": (False, {"heard": True}),
    "who knows": (False, {}),
}
"""Whether the bidder has bid before, and what the wire holds up when the server is killed."""


@pytest.mark.parametrize(("known", "loss"), LOSSES.values(), ids=LOSSES)
async def test_a_bid_survives_the_server(known: bool, loss: dict[str, bool], venue: Venue, phone: Visitor):
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    if known:
        await bid(page, "Lamp")
    wire.hold(**loss)
    async with phone.expect_offline():
        await tap(page, "Desk")
        if "heard" in loss:
            await reached(venue)
        await venue.kill()
        await is_offline(page)
        if loss:
            await expect(said(page, "Desk")).to_have_text(WAY)
            await expect(button(page, "Desk")).to_have_text("On its way …")
        wire.lose()
        await restart(venue, page)
    await expect(said(page, "Desk")).to_have_text(COUNTS)
    await expect(badge(page, "Desk")).to_have_text("You lead")
    await expect(you(page)).to_have_text("Ana")
    assert_resent(wire, again=bool(loss))
    assert (await bids(venue))[-1] == ("Ana", "desk", 10_000)
    assert len(await bids(venue)) == 1 + known


async def reached(venue: Venue) -> None:
    """Wait until the bid for the desk is on record."""
    while (await venue.item("desk"))["leader"] is None:
        pass


def assert_resent(wire: Wire, again: bool) -> None:
    """The bid for the desk has gone out as one and the same message, each time."""
    sent = [command for command in wire.commands() if command["item"] == "desk"]
    assert len(sent) in ((2,) if again else (1, 2))
    assert all(command == sent[0] for command in sent)


async def test_a_bid_that_is_outdone_meanwhile_is_refused(venue: Venue, phone: Visitor):
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    wire.hold(sent=True)
    async with phone.expect_offline():
        await tap(page, "Desk")
        await venue.kill()
        await is_offline(page)
        wire.lose()
        wire.hold(sent=True)  # so that it can't come back before Ben
        await venue.start()
        ben = await venue.bidder("Ben")
        await ben.bid("desk", 10_000)
        wire.release()
        await is_online(page)
    await expect(said(page, "Desk")).to_have_text(FASTER)
    await expect(button(page, "Desk")).to_have_text("Bid €105.00")
    assert await bids(venue) == [("Ana", "lamp", 1000), ("Ben", "desk", 10_000)]


async def test_a_bid_survives_the_page(venue: Venue, phone: Visitor):
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    await bid(page, "Lamp")
    for ben_is_faster, told in {False: COUNTS, True: FASTER}.items():
        await unanswered(page, wire)
        if ben_is_faster:
            await (await venue.bidder("Ben")).bid("desk", 10_000)
        wire.lose()
        await page.reload()
        await is_there(page)
        await expect(said(page, "Desk")).to_have_text(told)
        if not ben_is_faster:
            await expect(badge(page, "Desk")).to_have_text("You lead")
            await venue.order("void_bid", item="desk", bid=(await venue.item("desk"))["bid"], why="again")
    first, *others = [command for command in wire.commands() if command["item"] == "desk"]
    assert [command["id"] for command in others] == [first["id"], 3, 3]
    assert await bids(venue) == [("Ana", "lamp", 1000), ("Ana", "desk", 10_000), ("Ben", "desk", 10_000)]


async def unanswered(page: Page, wire: Wire) -> None:
    """A tap for the desk that gets stuck."""
    wire.hold(sent=True)
    await tap(page, "Desk")
    await expect(said(page, "Desk")).to_have_text(WAY)


async def test_a_bid_that_cannot_be_sent_again_is_said_to_be_lost(venue: Venue, phone: Visitor):
    """The page is loaded anew, and the server, too, has never heard of its bidder: is it the same sale at all?"""
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    async with phone.expect_offline():
        await unanswered(page, wire)
        await venue.kill()
        await is_offline(page)
        wire.lose()
        await venue.start()
        await page.reload()
        await is_there(page)
    await expect(said(page, "Desk")).to_have_text(LOST)
    await expect(you(page)).to_have_text("Ana")
    assert await bids(venue) == []
    await bid(page, "Desk")


async def test_nothing_is_sent_for_somebody_else(venue: Venue, phone: Visitor):
    """Another bidder takes the name while the server is away, so what was on its way is nobody's."""
    wire = await wire_of(phone)
    page = await join(phone, venue, "Ana")
    wire.hold(sent=True)
    async with phone.expect_offline():
        await tap(page, "Desk")
        await venue.kill()
        await is_offline(page)
        wire.lose()
        wire.hold(sent=True)
        await venue.start()
        ana = await venue.bidder("Ana")
        await ana.bid("lamp", 1000)
        wire.release()
        await is_online(page)
    await expect(page.locator(".entrance [role=alert]")).to_have_text(
        "Somebody has this name already. Choose another one."
    )
    await expect(said(page, "Desk")).to_have_text(LOST)
    await page.get_by_label("Your name").fill("Ann")
    await page.get_by_role("button", name="Join").click()
    await expect(you(page)).to_have_text("Ann")
    await bid(page, "Desk")
    assert await bids(venue) == [("Ana", "lamp", 1000), ("Ann", "desk", 10_000)]
