"""What people write is read, never run; and what the page itself would never do, its policy forbids."""

from playwright.async_api import Page, expect

from tests.browser.bidder_page import card, dialog, is_there, look, you
from tests.browser.catalogues import HOSTILE, HOSTILE_BIDDERS, HOSTILE_TEXTS
from tests.browser.conftest import OpenVenue
from tests.browser.venue import Venue
from tests.browser.visitor import Visitor

OURS = {"HEADER", "H1", "H2", "H3", "P", "MAIN", "DIV", "FORM", "LABEL", "SPAN", "INPUT", "SMALL", "BUTTON", "SECTION"}
OURS |= {"ITEM-CARD", "DIALOG", "FIGURE", "SVG", "PATH", "CIRCLE", "TITLE", "TEXT", "OL", "LI", "NOSCRIPT"}


async def elements(page: Page) -> set[str]:
    """The kinds of elements there are, all of them."""
    return set(await page.evaluate("[...document.body.querySelectorAll('*')].map((one) => one.tagName.toUpperCase())"))


async def test_what_people_write_is_only_read(open_venue: OpenVenue, phone: Visitor):
    venue = await open_venue(HOSTILE)
    asked: list[str] = []
    phone.context.on("request", lambda request: asked.append(request.url.removeprefix(venue.url)))
    for step, name in enumerate(HOSTILE_BIDDERS):
        await (await venue.bidder(name)).bid("h1", 1000 + 100 * step)
    page = await look(phone, venue)
    await expect(page.locator("#room-name")).to_have_text(HOSTILE_TEXTS[0])
    assert await page.title() == f"{HOSTILE_TEXTS[0]} · Bidroom"
    await page.get_by_label("Your name").fill("<b>Ana</b>")
    await page.keyboard.press("Enter")
    await expect(you(page)).to_have_text("<b>Ana</b>")
    assert await page.locator("item-card .name").all_text_contents() == list(HOSTILE_TEXTS)
    await venue.order("announce", text=HOSTILE_TEXTS[1], by=HOSTILE_BIDDERS[0])
    await expect(page.locator(".announced")).to_contain_text(HOSTILE_TEXTS[1])
    for number in (1, 5, 6):
        text = HOSTILE_TEXTS[number]
        await card(page, text).locator(".name").click()
        await expect(dialog(page).get_by_role("heading", name=text, exact=True).first).to_be_visible()
        await expect(dialog(page).locator(".description")).to_have_text(text)
        await expect(dialog(page).locator(".about").first).to_have_text(f"Kind: {text} · Seller: {text}")
        if number == 1:
            await expect(dialog(page).locator(".latest li").last).to_have_text(f"€10.00 by {HOSTILE_BIDDERS[0]}")
            assert await dialog(page).locator("circle title").all_text_contents() == list(HOSTILE_BIDDERS)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await venue.order("bid_for", bidder=HOSTILE_BIDDERS[1], item="h2", amount=1000)
    await expect(card(page, HOSTILE_TEXTS[2]).locator(".who")).to_have_text(f"by {HOSTILE_BIDDERS[1]}")
    assert await elements(page) <= OURS
    # The server's paths, and nothing that anybody's text names.
    assert [path for path in asked if not path.startswith(("/static/", "/api/rooms")) and path != "/"] == []


ELSEWHERE = "s.src = 'http://localhost:1/'; document.head.append(s);"
INJECT = {
    "an inline script": "const s = document.createElement('script'); s.text = 'pwned = 1'; document.head.append(s);",
    "markup": "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"pwned = 1\">');",
    "an attribute": "document.body.setAttribute('onclick', 'pwned = 1'); document.body.click();",
    "a text as code": "setTimeout('pwned = 1');",
    "a script from elsewhere": f"const s = document.createElement('script'); {ELSEWHERE}",
    "a picture from elsewhere": "new Image().src = 'http://localhost:1/';",
    "a frame": "const f = document.createElement('iframe'); f.src = 'data:text/html,1'; document.body.append(f);",
}


async def test_the_policy_forbids_what_the_page_never_does(venue: Venue, phone: Visitor):
    page = await look(phone, venue)
    for what, script in INJECT.items():
        await page.evaluate(f"() => {{ try {{ {script} }} catch {{ }} }}")
        faults = await phone.take_faults()
        assert any("violates" in fault or "requires 'Trusted" in fault for fault in faults), (what, faults)
    assert await page.evaluate("typeof pwned") == "undefined"
    answer = await page.reload()
    assert answer is not None
    headers = await answer.all_headers()
    assert headers["content-security-policy"].startswith(
        "default-src 'self'; img-src 'self' data:; connect-src 'self' "
    )
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    await is_there(page)
