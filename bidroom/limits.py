"""What a server lets its peers do: set in a catalogue, kept by the server."""

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Connections one address may hold (the machine's own excepted), and messages a participant may send a second."""

    connections_per_address: int = 1000
    messages_per_second: int = 50
