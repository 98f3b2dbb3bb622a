"""How a sale is going, in figures for the auctioneer's page, which asks for them every other second.

Everything is read from what the room holds in memory anyway; nothing is counted along with the bids.
"""

from msgspec import Struct

from bidroom.rules.events import BidAccepted
from bidroom.rules.item import ItemPhase
from bidroom.server.room import Room

MINUTE_MS = 60_000


class Figures(Struct, frozen=True):
    """`bidders` are registered; `connected` are those who are here now, also with nothing registered yet.

    `watchers` are connections that hear the room and are neither a bidder's nor a desk. Of a room so busy that a minute
    has more events than are kept in memory, `bids_last_minute` are at least so many. `turnover` is what all standing
    purchases cost, in minor units. `unsold` units found no buyer and are not on sale any more.
    """

    bidders: int
    connected: int
    watchers: int
    bids_last_minute: int
    turnover: int
    sold: int
    unsold: int
    units: int


def figures(room: Room) -> Figures:
    """The figures of a room between two batches."""
    state, items = room.state, room.state.items.values()
    recent = room.ring.later_than(room.clock.now() - MINUTE_MS)
    return Figures(
        bidders=len(state.bidders),
        connected=sum(bool(seat.connections) for seat in room.seats),
        watchers=sum(listener.seat is None and listener.desk is None for listener in room.audience),
        bids_last_minute=sum(isinstance(event, BidAccepted) for event in recent),
        turnover=sum(bidder.won for bidder in state.bidders.values()),
        sold=len(state.sales),
        unsold=sum(item.units_left for item in items if item.phase is ItemPhase.FINISHED),
        units=sum(item.terms.units for item in items),
    )
