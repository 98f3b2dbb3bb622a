"""The items: found among hundreds, with pictures, and with a countdown that nobody's wrong clock can lead astray."""

import base64
import re
from itertools import pairwise
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.bidder_page import badge, bid, card, join, look, tap
from tests.browser.catalogues import HOUR, many
from tests.browser.conftest import LetIn, OpenVenue
from tests.browser.venue import Venue
from tests.browser.visitor import PHONE, Visitor
from tests.browser.wire import wire_of

SOON = """
[[items]]
id = "soon"
name = "Kettle"
description = "Whistles when it is done."
category = "Kitchen"
starting_price = 5.00
window = 100
"""


async def names(page: Page) -> list[str]:
    """The items that are shown, in their order."""
    return await page.locator("item-card:not([hidden]) .name").all_text_contents()


async def choose(page: Page, filter: str) -> None:
    chip = page.get_by_role("group", name="Show").get_by_role("button", name=filter, exact=True)
    await chip.click()
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".chips [aria-pressed=true]")).to_have_count(1)


async def test_five_hundred_items_are_found(open_venue: OpenVenue, phone: Visitor):
    venue = await open_venue(many(500) + SOON)
    page = await join(phone, venue, "Ana")
    count, search = page.locator(".count"), page.get_by_role("searchbox", name="Search")
    await expect(count).to_have_text("501 items")
    expected = [f"Item {number}" for number in range(1, 501)] + ["Kettle"]
    assert await names(page) == expected
    for words, found in {
        "iTEM 49": ["Item 49", *expected[489:499]],
        "whistles": ["Kettle"],
        "kitchen": ["Kettle"],
    }.items():
        await search.fill(words)
        await expect(count).to_have_text(f"{len(found)} of 501 items")
        assert await names(page) == found
    await tap(page, "Kettle")
    await expect(badge(page, "Kettle")).to_have_text("You lead")
    await search.fill("nothing like it")
    await expect(page.get_by_text("Nothing here. Try another filter.")).to_be_visible()
    await search.fill("item 77")
    await bid(page, "Item 77")
    await search.fill("")
    ben = await venue.bidder("Ben")
    await ben.buy_now("i3", 1)
    for filter, found in {
        "Mine": ["Item 77", "Kettle"],
        "Closing soon": ["Kettle"],
        "Open": expected,
        "On now": expected,
    }.items():
        await choose(page, filter)
        await expect(count).to_have_text("501 items" if len(found) == 501 else f"{len(found)} of 501 items")
        assert await names(page) == found
    await choose(page, "Mine")
    await search.fill("kettle")
    assert await names(page) == ["Kettle"]


async def test_an_item_that_is_added_is_the_last(open_venue: OpenVenue, phone: Visitor):
    """Also while the page is still laying out the others."""
    venue = await open_venue(many(500))
    wire = await wire_of(phone)
    wire.hold(heard=True)
    page = await phone.visit(venue.url)
    while not wire.heard:
        await page.evaluate("0")
    for number in (501, 502, 503):
        item = {"id": f"i{number}", "name": f"Item {number}", "starting_price": 100, "increment": 100}
        await venue.order("add_item", item=item | {"description": "A late one."})
    wire.release()
    await expect(page.locator(".count")).to_have_text("503 items")
    await expect(card(page, "Item 503")).to_have_count(1)
    assert await names(page) == [f"Item {number}" for number in range(1, 504)]
    await page.get_by_role("searchbox").fill("late one")
    await expect(page.locator(".count")).to_have_text("3 of 503 items")
    await expect(card(page, "Item 503")).to_be_visible()


ONE_BY_ONE = f"""
[room]
name = "In the hall"
currency = "EUR"
order = "one-by-one"
next_item = "by-hand"
window = {HOUR}
increment = 1.00
""" + "".join(f'[[items]]\nname = "Lot {number}"\nstarting_price = 1.00\n' for number in range(1, 13))


async def test_one_after_another_shows_what_is_on(open_venue: OpenVenue, phone: Visitor):
    venue = await open_venue(ONE_BY_ONE)
    page = await look(phone, venue)
    count = page.locator(".count")
    await expect(count).to_have_text("1 of 12 items")
    assert await names(page) == ["Lot 1"]
    await venue.order("open_item", item="lot-4")
    await expect(count).to_have_text("2 of 12 items")  # nobody touches the page, so it follows by itself
    assert await names(page) == ["Lot 1", "Lot 4"]
    for item in ("lot-1", "lot-4"):
        await venue.order("withdraw", item=item, why="broken")
    await expect(card(page, "Lot 2")).to_be_visible()
    assert await names(page) == ["Lot 2"]
    await choose(page, "All")
    await expect(count).to_have_text("12 items")
    await expect(card(page, "Lot 4").locator(".clock")).to_have_text("finished")
    await expect(card(page, "Lot 4").locator(".price")).to_have_text(re.compile("^(not sold|starts at) €1.00"))


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURED = f"""
[room]
name = "Pictures"
currency = "EUR"
window = {HOUR}
increment = 1.00
""" + "".join(
    f'[[items]]\nname = "{name}"\nstarting_price = 1.00\npicture = "{picture}"\n'
    for name, picture in {"Lamp": "lots/lamp 1.png", "Desk": "desk.jpg"}.items()
)


async def test_pictures_are_shown_and_missing_ones_leave_no_trace(open_venue: OpenVenue, phone: Visitor):
    venue = await open_venue(PICTURED)
    folder = venue.journal.parent / "pictures" / "lots"
    folder.mkdir(parents=True)
    (folder / "lamp 1.png").write_bytes(PIXEL)
    await venue.kill()
    await venue.start()
    page = await look(phone, venue)
    shown = card(page, "Lamp").locator("img")
    await expect(shown).to_have_js_property("naturalWidth", 1)
    assert (await shown.evaluate("(image) => image.currentSrc")).endswith("/pictures/lots/lamp%201.png")
    await expect(card(page, "Desk").locator(".picture")).to_have_count(0)
    await shown.click()
    await expect(page.get_by_role("dialog", name="Lamp").locator("img")).to_have_js_property("naturalWidth", 1)
    assert all("404" in fault for fault in await phone.take_faults())


CLOCKS = """
[room]
name = "Clocks"
currency = "EUR"
increment = 1.00
""" + "".join(
    f'[[items]]\nname = "{name}"\nstarting_price = 1.00\nwindow = {window}\n'
    for name, window in {"Days": 100 * HOUR, "Hours": 3 * HOUR, "Minutes": 100, "Seconds": 8}.items()
)

WRONG_CLOCK = """(() => {
    const off = HOURS * 3_600_000, Right = Date;
    window.Date = class extends Right {
        constructor(...args) { super(...(args.length ? args : [Right.now() + off])); }
        static now() { return Right.now() + off; }
    };
})()"""

WATCH = """() => {
    const clocks = [...document.querySelectorAll("item-card .clock")];
    window.seen = clocks.map((clock) => [clock.textContent]);
    clocks.forEach((clock, n) => new MutationObserver(() => seen[n].push(clock.textContent))
        .observe(clock, {childList: true, subtree: true}));
}"""


async def test_the_countdown_goes_by_the_clock_of_the_server(open_venue: OpenVenue, let_in: LetIn):
    venue = await open_venue(CLOCKS)
    pages: list[Page] = []
    for hours in (-7, 26):
        visitor = await let_in(PHONE)
        await visitor.context.add_init_script(WRONG_CLOCK.replace("HOURS", str(hours)))
        pages.append(await look(visitor, venue))
    ben = await venue.bidder("Ben")
    for item in ("days", "hours", "minutes", "seconds"):
        await ben.bid(item, 100)
    for page in pages:
        await expect(card(page, "Days").locator(".clock")).to_have_text("4 d 3 h")
        await expect(card(page, "Hours").locator(".clock")).to_have_text("2 h 59 min")
        await expect(card(page, "Minutes").locator(".clock")).to_have_text("2 min")
        await page.evaluate(WATCH)
        before = await seconds_left(venue)
        shown = await card(page, "Seconds").locator(".clock").inner_text()
        assert await seconds_left(venue) - 0.5 <= int(shown.split(" s")[0]) <= before + 1.5
    for page in pages:
        await page.wait_for_function("() => seen[3].length > 4")
        *calm, fast = await page.evaluate("seen")
        assert calm == [["4 d 3 h"], ["2 h 59 min"], ["2 min"]]
        digits = [int(shown.split(" s")[0]) for shown in fast if shown != "finished"]
        assert all(after in (before, before - 1) for before, after in pairwise(digits)), fast


async def seconds_left(venue: Venue) -> float:
    """How long the last item is still open, by the server's clock."""
    told = await venue.state()
    return (told["room"]["items"][-1]["ends_at"] - told["now"]) / 1000


JITTER = """async () => {
    const script = document.querySelector("script[type=module]").src;
    const { ServerTime } = await import(new URL("../room/time.js", script));
    const time = new ServerTime();
    time.restart(1_000_000);
    const shown = [];
    for (let n = 0; n < 400; n += 1) {
        const trip = (n * 7919) % 900;
        const skew = ((n * 104729) % 2000) - 1000;
        time.pong(1_000_000 + skew, performance.now() - trip);
        shown.push(time.now());
    }
    return shown;
}"""


async def test_the_time_never_runs_backwards(venue: Venue, phone: Visitor):
    page = await look(phone, venue)
    shown: list[Any] = await page.evaluate(JITTER)
    assert all(before <= after for before, after in pairwise(shown))
