"""A page by its keyboard alone: where Tab leads, and what somebody who doesn't see the page is told there."""

from typing import NamedTuple

from playwright.async_api import CDPSession, Page

MOST_STOPS = 500


class Stop(NamedTuple):
    """Something that has the focus, as the browser tells it to screen readers."""

    role: str
    name: str


async def tab_order(page: Page, key: str = "Tab") -> list[Stop]:
    """Press Tab to the end of the page, or until the focus comes round, as in a dialog; where it stopped, in order.

    It begins where the focus is: on a page that was just opened, at its beginning. `key` may be "Shift+Tab".
    """
    stops: list[Stop] = []
    seen: set[int] = set()
    browser = await page.context.new_cdp_session(page)
    try:
        while len(stops) < MOST_STOPS:
            await page.keyboard.press(key)
            element, stop = await _focused(browser)
            if stop is None or element in seen:
                return stops
            seen.add(element)
            stops.append(stop)
    finally:
        await browser.detach()
    raise AssertionError(f"Tab leads to no end: {stops[:20]} ...")


async def focused(page: Page) -> Stop | None:
    """What has the focus now; None: nothing in particular."""
    browser = await page.context.new_cdp_session(page)
    try:
        return (await _focused(browser))[1]
    finally:
        await browser.detach()


async def _focused(browser: CDPSession) -> tuple[int, Stop | None]:
    """The browser's number for the element that has the focus, and what is told of it."""
    asked = "document.activeElement === document.body ? null : document.activeElement"
    element = (await browser.send("Runtime.evaluate", {"expression": asked}))["result"]
    if "objectId" not in element:
        return 0, None
    about = {"objectId": element["objectId"], "fetchRelatives": False}
    (node,) = (await browser.send("Accessibility.getPartialAXTree", about))["nodes"]
    role, name = (" ".join(node.get(part, {}).get("value", "").split()) for part in ("role", "name"))
    return node["backendDOMNodeId"], Stop(role, name)
