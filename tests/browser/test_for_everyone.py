"""The page is for everyone: in both schemes and languages, by keyboard alone, for screen readers, on every screen."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.bidder_page import (
    badge,
    bid,
    bids,
    button,
    card,
    dialog,
    is_calm,
    is_offline,
    is_online,
    is_still,
    is_there,
    join,
    look,
    open_details,
    said,
    you,
)
from tests.browser.catalogues import HOSTILE, HOSTILE_BIDDERS, HOSTILE_TEXTS, HOUR
from tests.browser.conftest import Axe, LetIn, OpenVenue
from tests.browser.keyboard import Stop, focused, tab_order
from tests.browser.layout import WIDTHS, no_sideways_scroll
from tests.browser.venue import Venue
from tests.browser.visitor import DESKTOP, PHONE, Visitor

EVERY_STANDING = f"""
[room]
name = "All sorts"
currency = "EUR"
window = {HOUR}
pause = {HOUR}
increment = 1.00
""" + "".join(
    f'[[items]]\nid = "{name.lower()}"\nname = "{name}"\nstarting_price = 10.00\n{more}\n'
    for name, more in {
        "Led": "units = 3\nreserve = 50.00",
        "Outbid": 'description = "Somebody else has bid more."',
        "Untouched": "",
        "Bought": "buy_now = 20.00\nunits = 2",
        "Sold": "buy_now = 20.00",
        "Withdrawn": "",
        "Paused": "",
        "Offered": "buy_now = 20.00",
    }.items()
)


@pytest_asyncio.fixture(loop_scope="session")
async def varied(open_venue: OpenVenue) -> AsyncIterator[tuple[Venue, str]]:
    """A sale in which Ana, whose code is given, stands in every way that a bidder can."""
    venue = await open_venue(EVERY_STANDING)
    code = (await venue.order("invite", name="Ana", budget=100_000))["code"]
    ana, ben = await venue.bidder("", code), await venue.bidder("Ben")
    await ana.max_bid("led", 4000, units=2)
    await ana.buy_now("bought", 1)
    await ben.buy_now("sold", 1)
    await venue.order("withdraw", item="withdrawn", why="broken")
    await venue.order("pause", item="paused")
    await venue.order("announce", text="Soup is ready")
    yield venue, code


async def in_all_lights(page: Page, axe: Axe, where: str) -> None:
    """Axe finds nothing, in light and dark, on this screen and on a very narrow one."""
    before = page.viewport_size
    assert before is not None
    await is_still(page)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert not await axe(page), f"{where}, {scheme}"
    await page.set_viewport_size({"width": 320, "height": before["height"]})
    assert not await axe(page), f"{where}, narrow"
    await page.set_viewport_size(before)


async def test_axe_finds_nothing_however_things_stand(varied: tuple[Venue, str], phone: Visitor, axe: Axe):
    venue, code = varied
    page = await look(phone, venue)
    await in_all_lights(page, axe, "looking on")
    page = await look(phone, venue, f"#code={code}")
    await bid(page, "Outbid")
    await (await venue.bidder("Cleo")).bid("outbid", 1500)
    await expect(said(page, "Outbid")).to_have_text("Outbid on Outbid: €15.00 now.")
    standings = {"Led": "leading", "Outbid": "outbid", "Untouched": "none", "Bought": "won", "Sold": "none"}
    for item, standing in standings.items():
        await expect(card(page, item)).to_have_attribute("data-standing", standing)
    await in_all_lights(page, axe, "taking part")
    await open_details(page, "Led")
    await expect(dialog(page)).to_contain_text("Your maximum is €40.00 each, for 2 more units.")
    await in_all_lights(page, axe, "a maximum")
    await page.keyboard.press("Escape")
    for name in ("My purchases", "Settings"):
        await page.get_by_role("button", name=name).click()
        await in_all_lights(page, axe, name)
        await page.keyboard.press("Escape")
    await open_details(page, "Offered")
    await dialog(page).get_by_role("textbox").first.fill("5")
    await expect(dialog(page).get_by_role("img")).to_have_count(0)
    await in_all_lights(page, axe, "a wrong amount")
    await dialog(page).get_by_role("button", name="Buy now").click()
    await in_all_lights(page, axe, "a question")
    for _ in range(2):
        await page.keyboard.press("Escape")
    async with phone.offline():
        await is_offline(page)
        await in_all_lights(page, axe, "offline")
    await is_online(page)


async def test_everything_by_keyboard(venue: Venue, desktop: Visitor):
    page = await look(desktop, venue)
    stops = await tab_order(page)
    assert stops[:4] == [
        Stop("button", "Settings"),
        Stop("textbox", "Your name"),
        Stop("button", "Join"),
        Stop("searchbox", "Search"),
    ]
    assert [stop.name for stop in stops[4:]] == [
        "On now",
        "All",
        "Mine",
        "Closing soon",
        "Open",
        "Lamp",
        "Bid €10.00 for Lamp",
        "Lamp: more",
        "Desk",
        "Bid €100.00 for Desk",
        "Desk: more",
    ]
    await tab_to(page, "Your name")
    await page.keyboard.type("Ana")
    await page.keyboard.press("Enter")
    await expect(you(page)).to_have_text("Ana")
    await tab_to(page, "Bid €10.00 for Lamp")
    await is_calm(page)
    await page.keyboard.press("Enter")
    await expect(said(page, "Lamp")).to_have_text("Your bid of €10.00 counts.")
    await tab_to(page, "Bid €100.00 for Desk")
    await is_calm(page)
    await page.keyboard.press("Space")
    await expect(said(page, "Desk")).to_have_text("Your bid of €100.00 counts.")
    await tab_to(page, "Desk: more")
    await page.keyboard.press("Enter")
    await expect(dialog(page)).to_be_visible()
    assert await focused(page) == Stop("button", "Close")
    assert {stop.name for stop in await tab_order(page)} == {"Amount in EUR"}  # nor to what can't be pressed
    await tab_to(page, "Amount in EUR")
    await page.keyboard.type("150")
    await page.keyboard.press("Enter")
    await expect(dialog(page)).to_contain_text("Your maximum is €150.00.")
    assert "Cancel the maximum" in {stop.name for stop in await tab_order(page)}
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert await focused(page) == Stop("button", "Desk: more")
    await expect(badge(page, "Desk")).to_have_text("You lead · Your maximum: €150.00")
    assert await bids(venue) == [("Ana", "lamp", 1000), ("Ana", "desk", 10_000)]


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until it leads there; once round the page at most, by way of the browser's own bars."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        stop = await focused(page)
        if stop is not None and stop.name.startswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name}")


OVERFLOWING = """() => [...document.querySelectorAll("dialog, item-card, .panel, button, #bar")]
    .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
    .map((one) => `${one.tagName} ${one.className}: ${one.scrollWidth} > ${one.clientWidth}`)"""


async def test_nothing_is_wider_than_any_screen(open_venue: OpenVenue, phone: Visitor, desktop: Visitor):
    venue = await open_venue(HOSTILE)
    for step, name in enumerate(HOSTILE_BIDDERS):
        await (await venue.bidder(name)).bid("h4", 1000 + 100 * step)
    code = (await venue.order("invite", name="M" * 40, budget=10**15))["code"]
    await venue.order("announce", text=HOSTILE_TEXTS[4], by=HOSTILE_BIDDERS[2])
    assert await no_sideways_scroll(await look(phone, venue)) == []
    for visitor in (phone, desktop):
        page = await look(visitor, venue, f"#code={code}")
        await expect(you(page)).to_contain_text("M" * 40)
        await expect(card(page, HOSTILE_TEXTS[4]).locator(".who")).to_contain_text(HOSTILE_BIDDERS[2])
        assert await no_sideways_scroll(page) == []
        assert await everywhere_within(page) == []
        await card(page, HOSTILE_TEXTS[4]).locator(".name").click()
        await expect(dialog(page).get_by_role("img")).to_be_visible()
        assert await no_sideways_scroll(page) == []
        assert await everywhere_within(page) == []


async def everywhere_within(page: Page) -> list[str]:
    """What is wider than what it is in, by width of the screen."""
    before = page.viewport_size
    assert before is not None
    found: list[str] = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": before["height"]})
        found += [f"at {width}: {what}" for what in await page.evaluate(OVERFLOWING)]
    await page.set_viewport_size(before)
    return found


MOTION = """window.moved = 0;
for (const kind of ["animationstart", "transitionrun"]) addEventListener(kind, () => { moved += 1; }, true);"""


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
async def test_nothing_moves_for_who_does_not_want_it(wish: str, venue: Venue, let_in: LetIn):
    visitor = await let_in(PHONE, reduced_motion=wish)
    await visitor.context.add_init_script(MOTION)
    page = await join(visitor, venue, "Ana")
    await venue.order("announce", text="Soup is ready")
    await expect(page.get_by_text("Soup is ready")).to_be_visible()
    await open_details(page, "Lamp")
    await page.keyboard.press("Escape")
    await bid(page, "Lamp")
    await venue.order("pause")
    await expect(page.get_by_text("The sale is paused.")).to_be_visible()
    assert bool(await page.evaluate("moved")) is (wish == "no-preference")


SHAPES = """async () => {
    const page = document.querySelector("script[type=module]").src;
    const shape = (one) => typeof one === "function" ? `a function of ${one.length}`
        : typeof one === "object" ? Object.fromEntries(Object.keys(one).sort().map((key) => [key, shape(one[key])]))
        : typeof one;
    const texts = async (language) => shape((await import(new URL(`../texts/${language}.js`, page))).default);
    return [await texts("en"), await texts("de")];
}"""

ENGLISH = """async () => {
    const page = document.querySelector("script[type=module]").src;
    const texts = async (language) => (await import(new URL(`../texts/${language}.js`, page))).default;
    const written = (one) => {
        try { return typeof one === "function" ? one("\\u00a7", "\\u00a7", "\\u00a7") : one; } catch { return ""; }
    };
    const english = [];
    const collect = (en, de) => {
        for (const key of Object.keys(en)) {
            if (typeof en[key] === "object") collect(en[key], de[key]);
            else if (written(en[key]) !== written(de[key])) english.push(written(en[key]));
        }
    };
    collect(await texts("en"), await texts("de"));
    const quoted = (text) => text.replace(/[.*+?^${}()|[\\]\\\\]/g, "\\\\$&");
    const patterns = english.filter((text) => /[a-z]{2}/i.test(text))
        .map((text) => new RegExp(`^${text.split("\\u00a7").map(quoted).join(".+")}$`));
    const shown = [...document.body.querySelectorAll("*")].flatMap((one) => [
        ...[...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data),
        one.getAttribute("aria-label"), one.getAttribute("placeholder"), one.getAttribute("title")]);
    return shown.map((text) => text?.trim()).filter((text) => text && patterns.some((english) => english.test(text)));
}"""
"""What is shown, in words or to screen readers, that is what the page would say in English."""


async def test_both_languages_say_the_same_things(venue: Venue, phone: Visitor):
    page = await look(phone, venue)
    english, german = await page.evaluate(SHAPES)
    assert english == german


GERMAN = f"""
[room]
name = "Klubabend"
currency = "EUR"
window = {HOUR}
increment = 1.00
[[items]]
name = "Lampe"
description = "Sie leuchtet."
category = "Licht"
seller = "Zoe"
starting_price = 10.00
reserve = 20.00
units = 2
units_each = 1
[[items]]
name = "Tisch"
starting_price = 10.00
buy_now = 50.00
"""


async def test_german_is_german_everywhere(open_venue: OpenVenue, let_in: LetIn):
    venue = await open_venue(GERMAN)
    visitor = await let_in(DESKTOP, locale="de-DE")
    page = await visitor.visit(venue.url)
    await expect(page.locator("#link")).to_have_text("Live")
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await is_german(page)
    await page.get_by_label("Ihr Name").fill("Änne")
    await page.get_by_role("button", name="Mitmachen").click()
    await expect(you(page)).to_have_text("Änne")
    await expect(button(page, "Lampe")).to_have_text("10,00 € bieten")
    await is_calm(page)
    await button(page, "Lampe").click()
    await expect(said(page, "Lampe")).to_have_text("Ihr Gebot von 10,00 € zählt.")
    await expect(card(page, "Lampe").locator(".price")).to_have_text("jetzt 10,00 € von Änne")
    await (await venue.bidder("Ben")).bid("lampe", 123_450)
    await expect(said(page, "Lampe")).to_have_text("Überboten bei Lampe: jetzt 1.234,50 €.")
    await is_german(page)
    await card(page, "Lampe").get_by_role("button", name="Lampe: mehr").click()
    await dialog(page).get_by_label("Betrag in EUR").last.fill("1.300,5")
    await is_german(page)
    await dialog(page).get_by_role("button", name="Höchstgebot 1.300,50 €").click()
    await expect(dialog(page)).to_contain_text("Ihr Höchstgebot ist 1.300,50 €.")
    await is_german(page)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Meine Käufe").click()
    await is_german(page)
    await page.keyboard.press("Escape")
    await venue.order("pause")
    await expect(page.get_by_text("Die Auktion hat Pause. Keine Uhr läuft.")).to_be_visible()
    await is_german(page)
    async with visitor.offline():
        await expect(page.get_by_text("Die Verbindung ist weg")).to_be_visible()
        await is_german(page)
    await page.get_by_role("button", name="Einstellungen").click()
    await is_german(page)
    await dialog(page).get_by_label("Sprache").select_option("English")
    await is_there(page)
    await expect(page.get_by_role("button", name="My purchases")).to_be_visible()
    assert await page.evaluate(ENGLISH) != []


async def is_german(page: Page) -> None:
    assert await page.evaluate(ENGLISH) == []


async def test_amounts_are_written_as_the_reader_does(venue: Venue, let_in: LetIn):
    for locale, price in {"en-GB": "€10.00", "de-AT": "€ 10,00", "fr-FR": "€10.00"}.items():
        page = await look(await let_in(PHONE, locale=locale), venue)
        await expect(card(page, "Lamp").locator(".amount")).to_have_text(re.compile(price.replace(" ", r"\s")))
