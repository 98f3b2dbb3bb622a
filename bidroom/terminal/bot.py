"""`bidroom bot` and Tclient.py: bidders that bid by themselves, and say what happens to them.

Each bidder's maximum prices are fixed before the first bid, from the seed where one is given; the same seed makes the
same decisions about the same room. One bidder tells everything that it hears; several in one process tell only what
they themselves do and get.
"""

import asyncio
from functools import partial
from random import Random

from bidroom.client.client import Client
from bidroom.client.connection import ClientError
from bidroom.client.strategies import Offer, RandomBidder, StrategyFactory, draw_limits, load_strategy
from bidroom.terminal.bidder_options import BidderOptions
from bidroom.terminal.given_limits import GivenLimits, read_limits
from bidroom.terminal.loop import unless_stopped
from bidroom.terminal.names import pleasant_name
from bidroom.terminal.show import say, start, tell, tell_connection, view_of
from bidroom.terminal.story import Story, clock_time, visible
from bidroom.wire.messages import Accepted, Refused


async def send_bots(address: str, count: int, options: BidderOptions, stop: asyncio.Event) -> int:
    """Bid with `count` bidders until the room is finished or `stop`; exit status 0. Raises BidroomError."""
    given = read_limits(options.limits, options.max or ())
    make = load_strategy(options.strategy) if options.strategy else partial(RandomBidder, chance=options.chance)
    numbers = range(1, count + 1) if count > 1 else (None,)
    bots = [Bot(address, number, options, given, make) for number in numbers]
    try:
        await unless_stopped(stop, _run_all(bots))
    finally:
        await asyncio.gather(*(bot.client.close() for bot in bots))
        for bot in bots:
            bot.tell_purchases()
    return 0


async def _run_all(bots: list["Bot"]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for bot in bots:
                group.create_task(bot.run())
    except* ClientError as errors:
        raise errors.exceptions[0] from None


class Bot:
    """One bidder; the `number`th of several, or the only one (None)."""

    def __init__(
        self, address: str, number: int | None, options: BidderOptions, given: GivenLimits, make: StrategyFactory
    ) -> None:
        if options.code is not None:
            self.name = options.name or ""  # the invitation knows it
        elif options.name is None:
            self.name = pleasant_name()
        else:
            self.name = options.name if number is None else f"{options.name} {number}"
        self.client = Client(address, self.name, room=options.room, code=options.code)
        self._options = options
        self._given = given
        self._make = make
        self._alone = number is None
        self._rng = Random() if options.seed is None else Random(f"{options.seed}/{number or 1}")

    async def run(self) -> None:
        """Join, and bid until the room is finished. Raises ClientError."""
        view = await start(self.client)
        limits = draw_limits(view, self._rng, self._given.for_room(view))
        self._say(f"joined {visible(view.name)} as {visible(view.me or self.name)}.")
        if self._alone:
            story = Story(view)
            for item, limit in limits.items():
                say(f"    at most {story.money(limit):>16}  for {story.item(item)}")
        telling = asyncio.create_task(tell(self.client) if self._alone else tell_connection(self.client))
        try:
            await self.client.start_bidding(self._make(limits), self._rng, self._options.pace, self._tell_answer)
            if self._alone:
                await telling  # to the last event
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    def tell_purchases(self) -> None:
        """Say what was bought, if the bidder was ever in."""
        view = self.client.view
        if view is None:
            return
        story = Story(view)
        bought = view.my_purchases
        if not bought:
            self._say("bought nothing.")
            return
        total = story.money(sum(sale.amount for sale in bought))
        self._say(f"bought {len(bought)} {'unit' if len(bought) == 1 else 'units'} for {total}:")
        for sale in bought:
            say(f"    {story.money(sale.amount):>16}  {story.unit_name(sale.item, sale.unit)}")

    def _tell_answer(self, offer: Offer, answer: Accepted | Refused) -> None:
        story = Story(view_of(self.client))
        bid = "bid" if self._alone else "bids"
        what = f"{bid} {story.money(offer.amount)} for {story.unit_name(offer.item, offer.unit)}"
        if isinstance(answer, Accepted):
            self._say(f"{what}: accepted as event {answer.seq}")
        else:
            least = "" if answer.minimum is None else f", at least {story.money(answer.minimum)}"
            self._say(f"{what}: refused, {answer.reason.value}{least}")

    def _say(self, what: str) -> None:
        say(f"{clock_time(self.client.now())}  {'You' if self._alone else visible(self.name)} {what}")
