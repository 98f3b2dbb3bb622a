"""The desk and the hall for everybody: light and dark, by keyboard alone, with a screen reader, on a narrow screen."""

from collections.abc import AsyncIterator

from playwright.async_api import Page, expect

from tests.browser import catalogues
from tests.browser.conftest import Axe, LetIn, OpenVenue
from tests.browser.desk import dialog, go_to, parts, press, row, said, sit_down
from tests.browser.keyboard import Stop, focused, tab_order
from tests.browser.layout import no_sideways_scroll
from tests.browser.venue import Venue
from tests.browser.visitor import DESKTOP, PHONE, PROJECTOR, Visitor

PARTS = ("Sale", "Floor", "Checkout", "Bidders", "Results", "Log")


async def busy_gala(open_venue: OpenVenue) -> Venue:
    """A sale in full swing: something is sold, led, paused, announced, offered, and somebody was removed."""
    gala = await open_venue(catalogues.INVITED)
    for paddle, name in ((7, "Ana Alt"), (8, "Ben Berg"), (9, "Cem")):
        await gala.order("invite", name=name, paddle=paddle, budget=100_000, email=f"paddle{paddle}@example.org")
    await gala.order("open_bidding")
    for price in (1000, 2000, 3500):
        await gala.order("bid_for", bidder=7 if price == 2000 else 9, item="lamp", amount=price)
    ana = await gala.bidder("", (await gala.order("new_token", bidder=7))["code"])
    await ana.buy_now("chair", 1)
    await gala.order("mark_paid", bidder=7, how="card")
    desk = {"id": "desk", "name": "Desk", "starting_price": 10_000, "description": "Oak."}
    await gala.order("add_item", item=desk)
    await gala.order("bid_for", bidder=9, item="desk", amount=12_000)
    await gala.order("pause", item="desk")
    await gala.order("announce", text="Soup is ready in the garden, coffee follows")
    await gala.order("remove_bidder", bidder=8, why="disturbs others")
    return gala


async def everything(page: Page) -> AsyncIterator[str]:
    """Go through all that the desk shows."""
    for part in PARTS:
        await go_to(page, part)
        await page.wait_for_load_state("networkidle")
        yield part
    for part, opener in (
        ("Sale", "Add an item"),
        ("Sale", "Void the bid: Lamp"),
        ("Bidders", "Budget: Ana Alt"),
        ("Results", "Cancel: Chair"),
        ("Results", "Print the statements"),
        ("Checkout", "Settings"),
    ):
        await go_to(page, part)
        await press(page, opener).click()
        await expect(dialog(page).get_by_role("heading").first).to_be_visible()
        await page.wait_for_load_state("networkidle")
        yield opener
        await page.keyboard.press("Escape")
        await expect(dialog(page)).to_have_count(0)
    await go_to(page, "Bidders")
    await page.get_by_text("Invite", exact=True).first.click()
    await page.get_by_label("Who").fill("Dora\nEmil")
    await press(page, "Invite").click()
    await expect(dialog(page).locator(".invitation img")).to_have_count(2)
    yield "the sheet"
    await press(page, "Close").click()
    await page.get_by_label("Who").fill("Dora")
    yield "a list"


async def test_nothing_on_the_desk_keeps_anybody_out(open_venue: OpenVenue, desktop: Visitor, axe: Axe):
    gala = await busy_gala(open_venue)
    page = await desktop.visit(f"{gala.url}/auctioneer")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await page.get_by_label("Token").fill("nothing like it")
        await press(page, "Come in").click()
        await expect(page.get_by_role("alert")).to_contain_text("neither")
        assert not await axe(page)
    page = await sit_down(desktop, gala)
    async for where in everything(page):
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert not await axe(page), where


async def test_the_desk_fits_narrow_and_wide_screens(open_venue: OpenVenue, let_in: LetIn):
    gala = await busy_gala(open_venue)
    narrow = {**DESKTOP, "viewport": {"width": 320, "height": 800}}
    page = await sit_down(await let_in(narrow), gala)
    async for where in everything(page):
        assert not await no_sideways_scroll(page), where
        inside = "box => box.scrollWidth <= box.clientWidth"
        assert await page.locator("dialog[open]").evaluate_all(f"all => all.every({inside})"), where
    await page.evaluate("localStorage.clear()")
    await page.reload()
    await expect(page.get_by_label("Token")).to_be_visible()
    assert not await no_sideways_scroll(page)


CALLS = """() => {
    for (const call of ["soon", "once", "twice", "fallen"]) {
        const copy = document.querySelector(".lot").cloneNode(true);
        copy.dataset.call = call;
        copy.ariaLabel = call;
        document.body.append(copy);
    }
}"""
"""The colours of all calls at once, on copies of what is on the stage."""


async def test_nothing_in_the_hall_keeps_anybody_out(open_venue: OpenVenue, let_in: LetIn, axe: Axe):
    gala = await busy_gala(open_venue)
    page = await (await let_in(PROJECTOR)).visit(f"{gala.url}/hall")
    await expect(page.locator(".lot")).to_have_count(2)
    await expect(page.locator(".join img")).to_be_visible()
    assert not await no_sideways_scroll(page)
    await page.evaluate(CALLS)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert not await axe(page)
    small = await (await let_in(PHONE)).visit(f"{gala.url}/hall")
    await expect(small.locator(".lot")).to_have_count(2)
    assert not await no_sideways_scroll(small)


async def tab_to(page: Page, stop: Stop) -> None:
    """Press Tab until it is reached."""
    for _ in range(60):
        if await focused(page) == stop:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {stop}")


async def test_a_sale_is_run_by_keyboard_alone(open_venue: OpenVenue, desktop: Visitor):
    gala = await busy_gala(open_venue)
    page = await desktop.visit(f"{gala.url}/auctioneer")
    await expect(page.get_by_label("Token")).to_be_focused()
    await page.keyboard.type(gala.auctioneer_token)
    await page.keyboard.press("Tab")
    await page.keyboard.type("Zoe")
    await page.keyboard.press("Enter")
    await expect(parts(page)).to_be_visible()

    stops = await tab_order(page)
    assert not [stop for stop in stops if not stop.name]
    buttons = [name for role, name in stops if role == "button"]
    wanted = [*PARTS, "Pause the sale", "End the sale", "Announce", "+30 s: Lamp", "Withdraw: Lamp", "Add an item"]
    assert [name for name in buttons if name in wanted] == wanted

    await tab_to(page, Stop("button", "Pause: Lamp"))
    await page.keyboard.press("Enter")
    await expect(row(page, "Lamp")).to_contain_text("paused")
    assert await focused(page) == Stop("button", "Go on: Lamp")  # nobody has to look for it again
    await page.keyboard.press("Space")
    await expect(press(page, "Pause: Lamp")).to_be_focused()
    await tab_to(page, Stop("button", "Void the bid: Lamp"))
    await page.keyboard.press("Enter")
    await expect(dialog(page)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog(page)).to_have_count(0)
    await expect(press(page, "Void the bid: Lamp")).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to(page, Stop("textbox", "Reason (everyone reads it)"))
    await page.keyboard.type("a slip")
    await page.keyboard.press("Enter")
    await expect(row(page, "Lamp")).to_contain_text("Paddle 7")
    await expect(said(page)).to_have_text("Done.")

    await tab_to(page, Stop("button", "Pause the sale"))
    await page.keyboard.press("Enter")
    await expect(press(page, "Go on with the sale")).to_be_focused()
    await tab_to(page, Stop("textbox", "To everyone"))
    await page.keyboard.type("Good night")
    await page.keyboard.press("Enter")
    await expect(page.locator(".announced")).to_contain_text("Good night")

    for part in ("Bidders", "Results"):  # what somebody is at stays there while the sale goes on
        await go_to(page, part)
        button = press(page, "Budget: Ana Alt" if part == "Bidders" else "Cancel: Chair")
        await button.focus()
        async with page.expect_response(lambda answer: "/bidders" in answer.url or "/results" in answer.url):
            await gala.order("announce", text="Coffee as well")
        async with page.expect_response(lambda answer: "/bidders" in answer.url or "/results" in answer.url):
            await gala.order("announce", text="And tea")
        await expect(button).to_be_focused()
