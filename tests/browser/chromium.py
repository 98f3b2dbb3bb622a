"""Debian's own Chromium, driven by Playwright; kept from every other machine, which it would greet when it starts.

Names are resolved for this machine only. So a page that asks for anything elsewhere gets nothing, here as in CI.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

HERE_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
QUIET = ("--disable-quic", "--disable-component-update", "--disable-sync")


def find_chromium() -> str | None:
    """Where it is: where $CHROMIUM says, or else on the path. None: this machine has none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@asynccontextmanager
async def chromium(executable: str) -> AsyncIterator[Browser]:
    """A browser without a window, for as long as the block lasts."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable,
            chromium_sandbox=os.geteuid() != 0,  # it has none for root
            args=[HERE_ONLY, *QUIET],
        )
        try:
            yield browser
        finally:
            await browser.close()
