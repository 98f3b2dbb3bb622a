"""Everyone who hears a room, and how a batch reaches them.

`broadcast()` is synchronous: it encodes at most twice a batch (the latest bids, or all of them), frames each once a
kind of socket, and writes the same bytes to everyone; nothing is done for one listener that could be done for all, and
nobody is waited for. The price: a listener whose buffer is full is passed over. A `latest` listener then misses updates
until the buffer has drained, and gets one `state` and the sales they missed instead; an `all` listener is closed and
comes back by `after`.
"""

from collections.abc import Iterable, Iterator

from bidroom.server.connection import Connection
from bidroom.server.framing import Framing
from bidroom.server.settings import EMPTY_BUFFER, FULL_BUFFER, MAX_BEHIND_MS
from bidroom.wire.codec import encode
from bidroom.wire.messages import Events, Update
from bidroom.wire.updates import latest_events


class Audience:
    """The listeners of a room: in groups that get the same bytes, and those who are behind."""

    def __init__(self) -> None:
        self.groups: dict[tuple[Events, Framing], set[Connection]] = {}
        self.behind: set[Connection] = set()

    def __len__(self) -> int:
        return len(self.behind) + sum(map(len, self.groups.values()))

    def __contains__(self, connection: Connection) -> bool:
        return connection in self.behind or connection in self.groups.get((connection.events, connection.framing), ())

    def __iter__(self) -> Iterator[Connection]:
        yield from self.behind
        for group in self.groups.values():
            yield from group

    def add(self, connection: Connection) -> None:
        """From the next update on, the connection hears the room in its own way; not at all for `none`."""
        if connection.events != "none":
            self.groups.setdefault((connection.events, connection.framing), set()).add(connection)

    def remove(self, connection: Connection) -> None:
        """The connection hears no more."""
        self.behind.discard(connection)
        self.groups.get((connection.events, connection.framing), set()).discard(connection)

    def caught_up(self, now: int) -> Iterable[Connection]:
        """Those behind whose buffers have drained, back in their groups; who stays behind too long is closed."""
        for connection in list(self.behind):
            if connection.waiting <= EMPTY_BUFFER:
                self.behind.discard(connection)
                connection.behind_since = None
                self.add(connection)
                yield connection
            elif connection.behind_since is not None and now - connection.behind_since > MAX_BEHIND_MS:
                connection.close_slow()

    def fall_behind(self, connection: Connection, update: Update) -> None:
        """The connection doesn't get this update; nor, until it has caught up, those after it."""
        self.remove(connection)
        if connection.events == "all":
            connection.close_slow()
        else:
            self.behind.add(connection)
            connection.behind_since = update.now
            connection.heard = update.first - 1


Replies = dict[Connection, list[bytes]]
"""What a batch answers to single connections: framed messages, in order."""


def broadcast(audience: Audience, update: Update | None, replies: Replies) -> int:
    """Write a batch's update to everyone and its replies to whom they are for, joined into one write a connection.

    Gives the number of bytes handed over.
    """
    written = 0 if update is None else _write_update(audience, update, replies)
    for connection, frames in replies.items():
        connection.write(frames[0] if len(frames) == 1 else b"".join(frames))
    return written


def _write_update(audience: Audience, update: Update, replies: Replies) -> int:
    """Write the update, with the replies of whoever hears it; these are taken out of `replies`."""
    written = 0
    payloads: dict[Events, bytes] = {}
    for (events, framing), group in audience.groups.items():
        if not group:
            continue
        if events not in payloads:
            payloads[events] = _payload(update, events)
        framed = framing.wrap(payloads[events])
        written += len(framed) * len(group)
        for connection in list(group):
            if connection.direct is None and connection.waiting > FULL_BUFFER:
                audience.fall_behind(connection, update)
            elif connection in replies:
                connection.write(b"".join((*replies.pop(connection), framed)))
            else:
                connection.write(framed)
    return written


def _payload(update: Update, events: Events) -> bytes:
    if events == "all":
        return encode(update)
    return encode(Update(update.first, update.seq, update.head, update.now, latest_events(update.events)))
