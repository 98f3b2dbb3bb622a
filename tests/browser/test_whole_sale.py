"""A whole sale, as it goes: two bidders, an auctioneer and the hall, from opening by hand to the checkout.

In the middle the server is killed. What every page shows in the end agrees with the record to the cent, and the record
with the file that it is kept in, read as anybody could.
"""

import asyncio
import json
import re
import sqlite3
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from playwright.async_api import Page, expect

from tests.browser import desk
from tests.browser.bidder_page import badge, bid, button, card, give_name, is_calm, look, open_details, panel, said, you
from tests.browser.conftest import OpenVenue
from tests.browser.desk import dialog, figure, go_to, press, row, sit_down
from tests.browser.venue import Message, Venue
from tests.browser.visitor import Visitor

SALE = """
[room]
id = "night"
name = "Club night"
currency = "EUR"
window = 9
pause = 1
increment = 1.00
opens = "by-hand"
bidders = "paddles"

[[items]]
id = "lamp"
name = "Lamp"
starting_price = 10.00
units = 2

[[items]]
id = "desk"
name = "Desk"
starting_price = 100.00
increment = 5.00

[[items]]
id = "chair"
name = "Chair"
starting_price = 20.00
"""

PATIENCE_MS = 60_000

DORA, ANA, BEN = "Paddle 30", "Paddle 31", "Paddle 32"


class People(NamedTuple):
    """Everybody's page: Ana's phone, Ben's computer, the auctioneer's, and the hall's screen."""

    ana: Page
    ben: Page
    zoe: Page
    hall: Page


def acknowledgements(visitor: Visitor) -> list[Message]:
    """What this visitor's pages will be told that it counts."""
    accepted: list[Message] = []

    def on_frame(frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "accepted":
            accepted.append(message)

    visitor.context.on("page", lambda page: page.on("websocket", lambda socket: socket.on("framereceived", on_frame)))
    return accepted


async def everybody_sees(people: People, item: str, price: str, leader: str) -> None:
    """All four show this price, and who leads."""
    for page in (people.ana, people.ben):
        await expect(card(page, item).locator(".price")).to_contain_text(re.compile(rf"now\s*{re.escape(price)}"))
        await expect(card(page, item).locator(".who")).to_have_text(f"by {leader}")
    await go_to(people.zoe, "Sale")
    await expect(row(people.zoe, item)).to_contain_text(price)
    await expect(row(people.zoe, item)).to_contain_text(leader)
    await expect(people.hall.get_by_role("region", name=item)).to_contain_text(f"{price}{leader}")


async def arrive(venue: Venue, phone: Visitor, desktop: Visitor, auctioneer: Visitor, projector: Visitor) -> People:
    """All come before anything is open; Dora, who has no phone, gets paddle 30."""
    hall = await projector.visit(f"{venue.url}/hall")
    await expect(hall.get_by_text("We begin soon")).to_be_visible()
    zoe = await sit_down(auctioneer, venue)
    await go_to(zoe, "Bidders")
    await zoe.get_by_text("Invite", exact=True).first.click()
    await zoe.get_by_label("Who").fill("Dora; 30")
    await press(zoe, "Invite").click()
    await expect(dialog(zoe)).to_contain_text("Paddle 30 · Dora")
    await press(zoe, "Close").click()
    pages: list[Page] = []
    for visitor, name, paddle in ((phone, "Ana", ANA), (desktop, "Ben", BEN)):
        pages.append(await look(visitor, venue))
        await give_name(pages[-1], name)
        await expect(you(pages[-1])).to_have_text(paddle)
        await expect(card(pages[-1], "Lamp")).to_contain_text("opens later")
    await go_to(zoe, "Sale")
    await expect(figure(zoe, "Bidders here")).to_have_text("2")
    return People(*pages, zoe, hall)


async def begin_with_the_chair(people: People) -> None:
    """The auctioneer opens the bidding. Dora bids from the floor for the chair, which then gets more time."""
    ana, ben, zoe, hall = people
    await press(zoe, "Open the bidding").click()
    await expect(hall.get_by_role("region", name="Chair")).to_contain_text("€20.00Who bids first?")
    await bid(ben, "Chair")
    await bid_from_the_floor(zoe, "30", "Chair", "25")
    await everybody_sees(people, "Chair", "€25.00", DORA)
    await press(zoe, "+30 s: Chair").click()
    for clock in (card(ana, "Chair").locator(".clock"), row(zoe, "Chair")):
        await expect(clock).to_contain_text(re.compile(r"(31|30|2\d) s"))


async def bid_from_the_floor(zoe: Page, paddle: str, item: str, amount: str) -> None:
    await go_to(zoe, "Floor")
    await zoe.keyboard.type(paddle)
    await zoe.get_by_label("Item").select_option(item)
    await zoe.get_by_label("Amount in EUR").fill(amount)
    await zoe.keyboard.press("Enter")
    await expect(desk.said(zoe)).to_have_text(f"{paddle}: €{amount}.00 for {item} counts.")


async def bid_for_the_lamp(people: People) -> None:
    """Bids, outbid, a maximum that answers by itself, and a bid from the floor that it answers as well."""
    ana, ben, zoe, hall = people
    await bid(ana, "Lamp")
    await everybody_sees(people, "Lamp", "€10.00", ANA)
    await bid(ben, "Lamp")
    await expect(said(ana, "Lamp")).to_have_text("Outbid on Lamp: €11.00 now.")
    await open_details(ana, "Lamp")
    form = panel(ana, "Leave a maximum")
    await form.get_by_label("Amount in EUR").fill("19")
    await form.get_by_label("For how many more units").fill("2")
    await form.get_by_role("button", name="Set maximum €19.00").click()
    await expect(said(ben, "Lamp")).to_have_text("Outbid on Lamp: €12.00 now.")
    await ana.keyboard.press("Escape")
    await expect(said(ana, "Lamp")).to_have_text("Your maximum of €19.00 is kept. Nobody else sees it.")
    await bid_from_the_floor(zoe, "30", "Lamp", "15")
    await everybody_sees(people, "Lamp", "€16.00", ANA)
    for page in (ben, zoe, hall):
        assert "19.00" not in await page.content()


async def take_a_slip_back(people: People) -> None:
    """Ana types a nought too many; the auctioneer sees what voiding it would do, and does it."""
    ana, ben, zoe, _ = people
    await bid(ben, "Desk")
    await bid(ana, "Desk")
    await bid(ben, "Desk")
    await open_details(ana, "Desk")
    await panel(ana, "Another amount").get_by_label("Amount in EUR").fill("1150")
    await panel(ana, "Another amount").get_by_role("button", name="Bid €1,150.00").click()
    await ana.keyboard.press("Escape")
    await everybody_sees(people, "Desk", "€1,150.00", ANA)
    await press(zoe, "Void the bid: Desk").click()
    await expect(dialog(zoe).locator(".would li")).to_contain_text(f"the bid of {ANA} is voided by Zoe")
    await expect(dialog(zoe).locator(".would li")).to_contain_text(f"{BEN} leads at €110.00.")
    await dialog(zoe).get_by_label("Reason").fill("a nought too many")
    await press(zoe, "Do it").click()
    await everybody_sees(people, "Desk", "€110.00", BEN)
    await expect(said(ana, "Desk")).to_have_text("A bid for Desk was taken back.")


async def pause_and_announce(people: People) -> None:
    ana, ben, zoe, _ = people
    await press(zoe, "Pause the sale").click()
    for page in people:
        await expect(page.get_by_text("The sale is paused. No clock runs.")).to_be_visible()
    for page in (ana, ben):
        await expect(card(page, "Chair").locator("button.bid")).to_be_hidden()
    await press(zoe, "Go on with the sale").click()
    await zoe.get_by_label("To everyone").fill("Soup is ready")
    await press(zoe, "Announce").click()
    for page in people:
        await expect(page.get_by_text("Soup is ready")).to_be_visible()
        await expect(page.get_by_text("The sale is paused. No clock runs.")).to_be_hidden()


async def add_a_radio(people: People) -> None:
    ana, ben, zoe, hall = people
    await press(zoe, "Add an item").click()
    await dialog(zoe).get_by_label("Name").fill("Radio")
    await dialog(zoe).get_by_label("Starting price").fill("5")
    await press(zoe, "Add").click()
    await expect(card(ben, "Radio")).to_contain_text("starts at")
    await bid(ana, "Radio")
    await expect(card(ben, "Radio").locator(".who")).to_have_text(f"by {ANA}")
    await expect(hall.get_by_role("region", name="Radio")).to_contain_text(f"€5.00{ANA}")


async def cut_the_power(people: People, venue: Venue, visitors: list[Visitor]) -> None:
    """The server stands still, Ben bids, and it never answers: it is killed, and started again on what it has kept."""
    before = await venue.events()
    await is_calm(people.ben)
    async with AsyncExitStack() as stack:
        for visitor in visitors:
            await stack.enter_async_context(visitor.expect_offline())
        venue.freeze()
        await button(people.ben, "Radio").click()
        await expect(said(people.ben, "Radio")).to_have_text("€6.00 on its way …")
        await venue.kill()
        for page in people:
            await expect(page.locator("#link")).to_contain_text("Offline")
        await venue.start()
        for page in people:
            await expect(page.locator("#link")).to_have_text("Live")
    await expect(said(people.ben, "Radio")).to_have_text("Your bid of €6.00 counts.")
    assert (await venue.events())[: len(before)] == before


async def offer_the_desk(people: People) -> None:
    """Ben can't pay for his desk; Ana, who bid last before him, is asked, and takes it."""
    ana, ben, zoe, _ = people
    await go_to(zoe, "Results")
    await expect(said(ben, "Desk")).to_have_text("Desk is yours for €110.00.", timeout=PATIENCE_MS)
    await press(zoe, "Cancel: Desk").click()
    await dialog(zoe).get_by_label("Then the unit").select_option("is offered to the runner-up")
    await expect(dialog(zoe).locator(".would li")).to_have_count(2)
    await dialog(zoe).get_by_label("Reason").fill("no card")
    await press(zoe, "Do it").click()
    await expect(zoe.get_by_text(f"Offered to runners-up: Desk, {ANA}, €105.00")).to_be_visible()
    await expect(said(ben, "Desk")).to_have_text("Your purchase of Desk was cancelled.")
    await expect(ana.get_by_text("Desk is yours for €105.00, your own last bid, if you take it.")).to_be_visible()
    await ana.get_by_role("button", name="Take it").click()
    await expect(zoe.get_by_text("Offered to runners-up")).to_have_count(0)


async def settle(people: People) -> None:
    """When the last hammer has fallen, all pay, and take their things home."""
    ana, ben, zoe, hall = people
    for page in (ana, ben, zoe):
        await expect(page.get_by_text("The sale is finished.")).to_be_visible(timeout=PATIENCE_MS)
    await expect(hall.get_by_text("Thank you. The sale is finished.")).to_be_visible()
    await go_to(zoe, "Checkout")
    for paddle, owes in ((30, "25.00"), (31, "131.00"), (32, "6.00")):
        await zoe.get_by_label("Find a paddle or a name").fill(str(paddle))
        await press(zoe, f"Mark €{owes} paid").click()
        await expect(zoe.get_by_text("Everything is paid.")).to_be_visible()
        await press(zoe, "Hand over all").click()
        await expect(press(zoe, "Hand over all")).to_have_count(0)


PURCHASES = [
    ("chair", 1, DORA, 2500),
    ("desk", 1, ANA, 10_500),
    ("lamp", 1, ANA, 1600),
    ("lamp", 2, ANA, 1000),
    ("radio", 1, BEN, 600),
]


async def pages_agree(people: People) -> None:
    """Every page shows what was bought as it was bought."""
    ana, ben, zoe, hall = people
    for page, paddle, number, total in ((ana, ANA, 3, "€131.00"), (ben, BEN, 1, "€6.00")):
        await page.get_by_role("button", name=f"My purchases: {number} · {total}").click()
        lines = [re.sub(r"\s+", " ", line) for line in await dialog(page).locator("tbody tr").all_inner_texts()]
        bought = [re.sub(r"^(\w+) (\d) .* €([\d.]+)$", r"\1 \2 \3", line) for line in lines]
        mine = [purchase for purchase in PURCHASES if purchase[2] == paddle]
        assert sorted(bought) == [f"{item.title()} {unit} {amount / 100:.2f}" for item, unit, _, amount in mine]
        await expect(dialog(page).locator("dd").first).to_have_text(total)
        await page.keyboard.press("Escape")
    await expect(badge(ana, "Lamp")).to_have_text("2 are yours")
    await expect(badge(ben, "Desk")).to_have_text("")
    await expect(hall.get_by_text("Sold so far: €162.00 · 5 of 5 units sold")).to_be_visible()
    await go_to(zoe, "Sale")
    await expect(figure(zoe, "Turnover")).to_have_text("€162.00")
    await expect(figure(zoe, "Units sold")).to_have_text("5")
    await expect(figure(zoe, "Units unsold")).to_have_text("0")
    await go_to(zoe, "Results")
    await expect(zoe.get_by_text("Sold for €162.00 altogether.")).to_be_visible()
    table = zoe.get_by_role("region", name="Sales").locator("tbody tr")
    await expect(table).to_have_count(len(PURCHASES))
    cells = [await line.locator("th, td").all_inner_texts() for line in await table.all()]
    sold = sorted((item, bidder.partition(" · ")[0], price, state) for item, bidder, price, _, state, _ in cells)
    handed = "Paid · handed over (Zoe)"
    assert sold == sorted(
        (item.title(), bidder, f"€{amount / 100:.2f}", handed) for item, _, bidder, amount in PURCHASES
    )
    await press(zoe, "Print the statements").click()
    statements = dialog(zoe).locator(".statement")
    await expect(statements).to_have_count(3)
    await expect(statements.filter(has_text="Everything is paid.")).to_have_count(3)
    await zoe.keyboard.press("Escape")


async def the_log_is_whole(zoe: Page, events: list[Message]) -> None:
    await go_to(zoe, "Log")
    await expect(zoe.locator(".log li")).to_have_count(len(events))
    await expect(zoe.locator(".log li").last).to_contain_text("The room is there.")


def rows(venue: Venue, query: str) -> list[tuple[Any, ...]]:
    """What the journal's file says to whoever reads it with SQLite, once the server has let go of it."""
    with sqlite3.connect(f"file:{venue.journal}?mode=ro", uri=True) as file:
        return file.execute(query).fetchall()


def the_journal_agrees(venue: Venue, events: list[Message], acknowledged: dict[str, list[Message]]) -> None:
    """What was told is what is kept; what was acknowledged is in there, once."""
    kept = [json.loads(body) for (body,) in rows(venue, "SELECT body FROM events WHERE sub = 0 ORDER BY seq")]
    assert [event["seq"] for event in events] == list(range(1, len(kept) + 1))
    for told, entry in zip(events[1:], kept[1:], strict=True):
        assert told == {name: value for name, value in entry.items() if name in told}
    hashes = {hash.hex() for (hash,) in rows(venue, "SELECT hash FROM events")}
    commands = [
        (json.loads(body)["bidder"], json.loads(body)["command"]["id"])
        for (body,) in rows(venue, "SELECT body FROM events WHERE body LIKE '%\"command\":%'")
    ]
    assert len(commands) == len(set(commands)), "a command counted twice"
    for bidder, messages in acknowledged.items():
        assert {message["head"] for message in messages} <= hashes
        assert {message["id"] for message in messages} == {id for name, id in commands if name == bidder}
    bought = rows(venue, "SELECT item, unit, bidder, amount FROM purchases ORDER BY item, unit")
    assert bought == PURCHASES
    assert rows(venue, "SELECT paid, handed_over FROM purchases") == [("cash", "Zoe")] * len(PURCHASES)
    assert rows(venue, "SELECT * FROM owed") == []


async def test_a_whole_sale(
    open_venue: OpenVenue, phone: Visitor, desktop: Visitor, clerk: Visitor, projector: Visitor
):
    venue = await open_venue(SALE)
    acknowledged = {ANA: acknowledgements(phone), BEN: acknowledgements(desktop)}
    people = await arrive(venue, phone, desktop, clerk, projector)
    await begin_with_the_chair(people)
    await bid_for_the_lamp(people)
    await take_a_slip_back(people)
    await pause_and_announce(people)
    await add_a_radio(people)
    await cut_the_power(people, venue, [phone, desktop, clerk, projector])
    await offer_the_desk(people)
    await settle(people)
    await pages_agree(people)
    events = await venue.events()
    await the_log_is_whole(people.zoe, events)
    for page in people:
        await page.close()
    await venue.stop()
    await asyncio.to_thread(the_journal_agrees, venue, events, acknowledged)
