"""What a batch of events looks like to its audience: in full, or only the latest bid on each item."""

from collections.abc import Iterable

from msgspec.structs import replace

from bidroom.rules.events import (
    AnyEvent,
    BidAccepted,
    PublicEvent,
)


def public_events(events: Iterable[AnyEvent]) -> list[PublicEvent]:
    """The events that others may see, as they may see them."""
    return [event.public() for event in events if not event.is_private]  # pyright: ignore[reportReturnType]


def latest_events(events: list[PublicEvent]) -> list[PublicEvent]:
    """Of several accepted bids in one round only the last, with `bids` saying how many; everything else in full.

    Events keep their order. The size is bounded by the items that changed, not by the bids.
    """
    bids: dict[tuple[str, int], int] = {}
    for event in events:
        if type(event) is BidAccepted:
            bids[event.item, event.unit] = bids.get((event.item, event.unit), 0) + event.bids
    if len(bids) == sum(bids.values()):
        return events
    latest: list[PublicEvent] = []
    for event in reversed(events):
        if type(event) is BidAccepted:
            count = bids.pop((event.item, event.unit), 0)
            if count:
                latest.append(event if count == 1 else replace(event, bids=count))
        else:
            latest.append(event)
    latest.reverse()
    return latest
