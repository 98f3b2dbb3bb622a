"""The page on a phone while a large sale is at its busiest. `python -m benchmarks.page --help`.

A real server with many live items; bots in a process of their own that bid at an even rate, on one item after another;
and Chromium with the screen of a phone that looks on at `/`, first with the processor as it is, then slowed down four
times, which is about an inexpensive phone. The page is opened over an emulated 4G line, with nothing kept from before.
Then the browser's own tracing says what the page's main thread did. Prints a table; writes nothing.
"""

import argparse
import asyncio
import json
import multiprocessing
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from msgspec import Struct
from playwright.async_api import Browser, CDPSession, Page

from benchmarks.compare import spread
from bidroom.client import Client
from tests.browser.catalogues import many
from tests.browser.chromium import chromium, find_chromium
from tests.browser.venue import Venue
from tests.browser.visitor import PHONE

LINE = {"offline": False, "downloadThroughput": 9e6 / 8, "uploadThroughput": 1.5e6 / 8, "latency": 85}
"""What is called 4G: 9 Mbit/s down, 1.5 Mbit/s up, 85 ms until an answer begins."""

SLOWDOWNS = (1, 4)
SETTLED_S = 5
"""How long after its opening a page has drawn whatever it draws first."""

LONG_TASK_MS = 50
"""From here on people notice that a page doesn't answer (the W3C's Long Tasks)."""

CATEGORIES = ["toplevel", "devtools.timeline", "loading"]

FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
LARGEST_PAINT = """new Promise((found) => new PerformanceObserver((list) => found(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true}))"""

Event = dict[str, Any]


class Work(Struct, frozen=True):
    """What the page did, by the browser's tracing, a second; `busy` is a share of the time."""

    updates: float
    frames: float
    long_tasks: int
    longest_ms: float
    busy: float


class Opening(Struct, frozen=True):
    """What it took to open the page: `bytes` came over the line for `files` of them, as they were compressed."""

    first_paint_ms: float
    largest_paint_ms: float
    bytes: int
    files: int


class Sample(Struct, frozen=True):
    """One repetition; `bids` were accepted a second."""

    opening: Opening
    work: Work
    bids: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long each trace takes (%(default)s)")
    parser.add_argument("--items", type=int, default=200, help="items on sale (%(default)s)")
    parser.add_argument("--rate", type=float, default=200, help="bids a second (%(default)s)")
    parser.add_argument("--repetitions", type=int, default=5, help="how often all of it is done (%(default)s)")
    options = parser.parse_args()
    executable = find_chromium()
    if executable is None:
        parser.exit(2, "This needs Chromium (apt install chromium), or $CHROMIUM to say where it is.\n")
    samples = asyncio.run(measure(executable, options.items, options.rate, options.seconds, options.repetitions))
    print(f"{options.items} items, {options.rate:g} bids a second, {options.seconds:g} s of each trace.", end=" ")
    print("Medians of", options.repetitions, "repetitions, with the least and the greatest.\n")
    print("\n".join(table(samples)))
    return 0


async def measure(
    executable: str, items: int, rate: float, seconds: float, repetitions: int
) -> dict[int, list[Sample]]:
    """The samples for each slowdown, in turns."""
    samples: dict[int, list[Sample]] = {slowdown: [] for slowdown in SLOWDOWNS}
    with tempfile.TemporaryDirectory(prefix="bidroom-page-") as folder:
        async with busy_venue(Path(folder) / "venue", items, rate) as venue, chromium(executable) as browser:
            for repetition in range(1, repetitions + 1):
                for slowdown, taken in samples.items():
                    say(f"{repetition} of {repetitions}, processor / {slowdown} ...")
                    taken.append(await look_on(browser, venue, slowdown, seconds))
    return samples


@asynccontextmanager
async def busy_venue(home: Path, items: int, rate: float) -> AsyncIterator[Venue]:
    """A sale, and a process that bids in it; both end with the block."""
    venue = Venue(home, many(items))
    await venue.start()
    bots = multiprocessing.get_context("spawn").Process(target=bid_on, args=(venue.port, rate), daemon=True)
    bots.start()
    try:
        yield venue
    finally:
        bots.terminate()
        bots.join()
        await venue.close()


def bid_on(port: int, rate: float) -> None:
    """What the bots' process runs."""
    asyncio.run(bid_evenly(f"127.0.0.1:{port}", rate))


async def bid_evenly(address: str, rate: float) -> None:
    """Bid on one item after another at this rate, round and round; in turns, since who leads may not bid."""
    async with Client(address, "Ana") as ana, Client(address, "Ben") as ben:
        assert ana.view is not None, "she has been welcomed"
        ids = list(ana.view.items)
        loop = asyncio.get_running_loop()
        started, bids = loop.time(), set[asyncio.Task[Any]]()
        for turn in count():
            await asyncio.sleep(started + turn / rate - loop.time())
            item = ids[turn % len(ids)]
            bidder = (ana, ben)[turn // len(ids) % 2]
            bid = asyncio.create_task(bidder.bid(item, ana.view.items[item].minimum))
            bids.add(bid)
            bid.add_done_callback(bids.discard)


async def look_on(browser: Browser, venue: Venue, slowdown: int, seconds: float) -> Sample:
    """Open the page as somebody who was never here, and watch it work."""
    context = await browser.new_context(**PHONE)
    try:
        page = await context.new_page()
        tools = await context.new_cdp_session(page)
        await tools.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        opening = await open_page(page, tools, venue.url)
        await browser.start_tracing(page=page, categories=CATEGORIES)
        before = await venue.state()
        await asyncio.sleep(seconds)
        after = await venue.state()
        trace = await browser.stop_tracing()
    finally:
        await context.close()
    bids = (after["seq"] - before["seq"]) * 1000 / (after["now"] - before["now"])
    return Sample(opening, what_was_done(json.loads(trace)["traceEvents"]), bids)


async def open_page(page: Page, tools: CDPSession, url: str) -> Opening:
    """Open it over the slow line, and wait until there is nothing more to come but updates."""
    sizes: list[int] = []
    tools.on("Network.loadingFinished", lambda loaded: sizes.append(loaded["encodedDataLength"]))
    await tools.send("Network.enable")
    await tools.send("Network.emulateNetworkConditions", LINE)
    await page.goto(url)
    await asyncio.sleep(SETTLED_S)
    first, largest = await page.evaluate(FIRST_PAINT), await page.evaluate(LARGEST_PAINT)
    return Opening(first, largest, round(sum(sizes)), len(sizes))


def what_was_done(trace: Sequence[Event]) -> Work:
    """The page's part in a trace. Of several renderers, the page's is the one that did most."""
    mains = {_thread(event) for event in trace if _names_a_main_thread(event)}
    by_thread: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in trace:
        if _thread(event) in mains and event["ph"] != "M":
            by_thread[_thread(event)].append(event)
    done = max(by_thread.values(), key=lambda events: sum(_tasks_ms(events)))
    tasks = list(_tasks_ms(done))
    times = [event["ts"] for event in done]
    span_s = (max(times) - min(times)) / 1e6
    return Work(
        updates=sum(event["name"] == "WebSocketReceive" for event in done) / span_s,
        frames=sum(event["name"] == "AnimationFrame" and event["ph"] == "b" for event in done) / span_s,
        long_tasks=sum(task > LONG_TASK_MS for task in tasks),
        longest_ms=max(tasks),
        busy=sum(tasks) / 1000 / span_s,
    )


def _names_a_main_thread(event: Event) -> bool:
    return event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"


def _thread(event: Event) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _tasks_ms(events: Iterable[Event]) -> Iterable[float]:
    """How long each task of a thread took. A task inside another one (a nested loop) is part of that."""
    tasks = [event for event in events if event["name"] == "ThreadControllerImpl::RunTask" and event["ph"] == "X"]
    ended = 0
    for task in sorted(tasks, key=lambda task: task["ts"]):
        if task["ts"] >= ended:
            ended = task["ts"] + task["dur"]
            yield task["dur"] / 1000


FIGURES: list[tuple[str, int, Callable[[Sample], float]]] = [
    ("accepted bids a second", 0, lambda one: one.bids),
    ("updates received a second", 0, lambda one: one.work.updates),
    ("frames a second", 0, lambda one: one.work.frames),
    ("main thread busy, %", 1, lambda one: one.work.busy * 100),
    (f"tasks over {LONG_TASK_MS} ms", 0, lambda one: one.work.long_tasks),
    ("longest task, ms", 1, lambda one: one.work.longest_ms),
    ("first contentful paint on 4G, ms", 0, lambda one: one.opening.first_paint_ms),
    ("largest contentful paint on 4G, ms", 0, lambda one: one.opening.largest_paint_ms),
    ("bytes to open the page, as compressed, with headers", 0, lambda one: one.opening.bytes),
    ("files to open the page", 0, lambda one: one.opening.files),
]
"""The rows of the table: what it is, with how many decimals, and how it is found."""


def table(samples: Mapping[int, Sequence[Sample]]) -> list[str]:
    """The lines of a table in Markdown, with a column for each slowdown."""
    heads = ("as it is" if slowdown == 1 else f"processor / {slowdown}" for slowdown in samples)
    lines = [_line("", heads), "|---|" + "---:|" * len(samples)]
    for name, digits, figure in FIGURES:
        lines.append(_line(name, (spread(map(figure, taken)).show(digits) for taken in samples.values())))
    return lines


def _line(name: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join((name, *cells))} |"


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
