"""Whether a page fits the screens that it is shown on."""

from collections.abc import Iterable

from playwright.async_api import Page

WIDTHS = (320, 390, 768, 1280, 1920, 3840)
"""From the narrowest that WCAG asks for (a desktop at 400 %) to a wall of a hall."""

TOO_WIDE = """async (width) => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const root = document.scrollingElement;
    const room = Math.min(root.clientWidth, width);
    if (root.scrollWidth <= room) return [];
    const name = (one) => one.tagName.toLowerCase() + (one.id && "#" + one.id)
        + [...one.classList].map((each) => "." + each).join("");
    const outside = (one) => Math.round(one.getBoundingClientRect().right + scrollX - room);
    const wide = [...document.body.querySelectorAll("*")].filter((one) => outside(one) > 0);
    const inmost = wide.filter((one) => !wide.some((other) => other !== one && one.contains(other)));
    return [`scrolls ${root.scrollWidth - room} px sideways`,
        ...inmost.slice(0, 5).map((one) => `${name(one)} is ${outside(one)} px outside`)];
}"""


async def no_sideways_scroll(page: Page, widths: Iterable[int] = WIDTHS) -> list[str]:
    """Show the page on screens of these widths; where it scrolls sideways, and what sticks out. Printed as well."""
    before = page.viewport_size
    assert before is not None, "the page has a size"
    found: list[str] = []
    for width in widths:
        await page.set_viewport_size({"width": width, "height": before["height"]})
        found += [f"at {width}: {what}" for what in await page.evaluate(TOO_WIDE, width)]
    await page.set_viewport_size(before)
    for line in found:
        print(line)
    return found
