"""Watch a room in twenty lines: what everything goes for, as it happens, until all is sold.

Run it with `python examples/watch_prices.py`, or with the address of a server behind it.
"""

import asyncio
import sys

from bidroom.client import Client, ClientError
from bidroom.rules.events import BidAccepted, UnitSold
from bidroom.rules.money import format_money


async def watch(address: str) -> None:
    """Print each price and each sale until the room is finished."""
    async with Client(address) as client:
        view = client.view
        assert view is not None  # it is there once the client has started
        print(f"{view.name}: {len(view.items)} items")
        async for event in client.events():
            match event:
                case BidAccepted():
                    price = format_money(event.amount, view.currency)
                    print(f"{view.items[event.item].name}: {price} by {event.bidder}")
                case UnitSold():
                    price = format_money(event.amount, view.currency)
                    print(f"{view.items[event.item].name}: SOLD to {event.bidder} for {price}")
        print(f"All is sold: {len(view.sales)} units.")


if __name__ == "__main__":
    try:
        asyncio.run(watch(sys.argv[1] if len(sys.argv) > 1 else "localhost"))
    except ClientError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass
