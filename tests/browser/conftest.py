"""Fixtures for the page in a real browser: venues to visit, and visitors.

One Chromium serves all tests, each visitor with a context of their own; so all tests here share one event loop.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import Violation, violations
from tests.browser.catalogues import LIVE
from tests.browser.chromium import chromium, find_chromium
from tests.browser.venue import Venue
from tests.browser.visitor import DESKTOP, PHONE, PROJECTOR, TABLET, TIMEOUT_MS, Profile, Visitor
from tests.needed import needed
from tests.npm import from_npm

HERE = Path(__file__).parent
FAILED = pytest.StashKey[bool]()

OpenVenue = Callable[..., Awaitable[Venue]]
LetIn = Callable[..., Awaitable[Visitor]]
Axe = Callable[[Page], Awaitable[list[Violation]]]

expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests here one event loop, and let them come last: the browser is there only while it is needed."""
    items.sort(key=_is_here)
    for item in filter(_is_here, items):
        if pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def _is_here(item: pytest.Item) -> bool:
    return item.path.is_relative_to(HERE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Remember what failed, for the fixtures that then keep what there is to see."""
    report: pytest.TestReport = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was missing for tests here: pytest itself only counts what is skipped."""
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if "tests/browser/" in report.nodeid]
    for why, tests in Counter(report.longrepr[2] for report in skipped).items():
        terminalreporter.write_line(f"{tests} tests of the page: {why}", yellow=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(find_chromium() or needed("Chromium")) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def open_venue(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[OpenVenue]:
    """Starts servers, each for a catalogue; when the test fails, tells where is what they printed. None may fail."""
    venues: list[Venue] = []

    async def open_venue(catalogue: str = LIVE, pictures: Mapping[str, str] | None = None) -> Venue:
        venues.append(Venue(tmp_path / f"venue{len(venues) + 1}", catalogue, pictures))
        await venues[-1].start()
        return venues[-1]

    yield open_venue
    for venue in venues:
        await venue.close()
        if request.node.stash.get(FAILED, False):
            print(f"The server's output is in {venue.output}")
        assert "Traceback" not in venue.output.read_text(), venue.output.read_text()


@pytest_asyncio.fixture(loop_scope="session")
async def venue(open_venue: OpenVenue) -> Venue:
    """A server for the room of a lamp and a desk."""
    return await open_venue()


@pytest_asyncio.fixture(loop_scope="session")
async def let_in(
    browser: Browser,
    open_venue: OpenVenue,  # noqa: ARG001  so that visitors leave before any server stops
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[LetIn]:
    """Brings visitors, each with a screen and with further options of a Playwright context (`locale="de-DE"`).

    The test fails for what went wrong in their browsers.
    """
    visitors: list[Visitor] = []

    async def let_in(profile: Profile = DESKTOP, name: str | None = None, **options: Any) -> Visitor:
        context = await browser.new_context(**profile, **options)
        visitors.append(Visitor(name or f"visitor{len(visitors) + 1}", context))
        return visitors[-1]

    yield let_in
    faults = [f"{visitor.name}: {fault}" for visitor in visitors for fault in await visitor.take_faults()]
    if faults:
        request.node.stash[FAILED] = True
    for visitor in visitors:
        if request.node.stash.get(FAILED, False):
            for picture in await visitor.keep_pictures(tmp_path):
                print(f"What {visitor.name} saw is in {picture}")
        await visitor.context.close()
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest_asyncio.fixture(loop_scope="session")
async def phone(let_in: LetIn) -> Visitor:
    return await let_in(PHONE, "phone")


@pytest_asyncio.fixture(loop_scope="session")
async def desktop(let_in: LetIn) -> Visitor:
    return await let_in(DESKTOP, "desktop")


@pytest_asyncio.fixture(loop_scope="session")
async def projector(let_in: LetIn) -> Visitor:
    return await let_in(PROJECTOR, "projector")


@pytest_asyncio.fixture(loop_scope="session")
async def clerk(let_in: LetIn) -> Visitor:
    return await let_in(TABLET, "clerk")


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Finds what is serious or critical for accessibility: `assert not await axe(page)`."""
    source = from_npm("axe-core/axe.min.js").read_text("utf-8")

    async def axe(page: Page) -> list[Violation]:
        return await violations(page, source)

    return axe
