"""How a server runs: one frozen object, made by the command line or by a test, read by everyone."""

from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from ssl import SSLContext
from typing import Literal

from msgspec import Struct

from bidroom.limits import Limits

Role = Literal["auctioneer", "clerk"]


def token_hash(token: str) -> str:
    """What is kept of a token, of whatever kind; a header may bring one that is no UTF-8, and nobody's."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


class Tokens(Struct, frozen=True):
    """The hashes of the tokens (sha256, hexadecimal) that let somebody control the rooms; empty: nobody can."""

    auctioneer: str = ""
    clerk: str = ""

    def role_of(self, token: str) -> Role | None:
        """What a token makes of who has it."""
        hash = token_hash(token)
        if compare_digest(hash, self.auctioneer):
            return "auctioneer"
        return "clerk" if compare_digest(hash, self.clerk) else None


class ServerSettings(Struct, frozen=True, kw_only=True):
    """Where to listen (port 0: any free one), which further host names browsers may use, the limits for peers, who may
    control the rooms, the folder with the items' pictures, and how to speak TLS (None: plain, on all three ways in)."""

    host: str = "localhost"
    port: int = 12345
    allow_hosts: tuple[str, ...] = ()
    limits: Limits = Limits()
    tokens: Tokens = Tokens()
    pictures: Path | None = None
    tls: SSLContext | None = None


FIRST_MESSAGE_S = 30
"""How long a connection may stay without a first message."""

TLS_S = 10
"""How long the handshake, before which nobody counts as a connection, and the goodbye may take."""

FULL_BUFFER = 256 * 1024
"""Bytes waiting for one participant above which they get no more updates (latest) or are closed (all)."""

EMPTY_BUFFER = 16 * 1024
"""Bytes waiting for a participant below which they have caught up and hear updates again."""

MAX_BUFFER = 1024 * 1024
"""Bytes waiting above which anyone is closed."""

MAX_BEHIND_MS = 30_000
"""How long a participant may stay behind before they are closed."""

PULSE_S = 0.25
"""How often the server looks after those who are behind, and whether it was asleep itself."""

LEAST_TOLERANCE_MS = 20
"""How long the house may be away in any case before deadlines are moved: any machine is so long, now and then."""

STOP_S = 3
"""How long a stopping server waits for its last messages to leave."""

RING_EVENTS = 4096
"""How many recent public events a room answers from memory."""

MAX_NAMES = 100_000
"""How many bidders a room has seats for."""
