"""The tokens that control a server's rooms: made once for each journal, and kept in a file beside it.

Who can read that file controls the sale, so only its owner can. The server itself keeps hashes.
"""

import os
import secrets
import tomllib
from pathlib import Path

from msgspec import Struct

from bidroom.errors import BidroomError
from bidroom.server.settings import Tokens, token_hash


class TokenFile(Struct, frozen=True):
    """The tokens in clear. `is_new`: they were made just now."""

    path: Path
    auctioneer: str
    clerk: str
    is_new: bool = False

    @property
    def hashes(self) -> Tokens:
        """What the server keeps of them."""
        return Tokens(token_hash(self.auctioneer), token_hash(self.clerk))


def token_path(journal: Path) -> Path:
    """Where the tokens of a journal's server are."""
    return journal.with_name(journal.name + ".tokens")


def read_tokens(journal: Path) -> TokenFile:
    """The tokens of a journal's server. Raises BidroomError where they can't be read."""
    path = token_path(journal)
    try:
        tokens = tomllib.loads(path.read_text(encoding="utf-8"))
        return TokenFile(path, str(tokens["auctioneer"]), str(tokens["clerk"]))
    except FileNotFoundError:
        raise BidroomError(f"{path}: there is no such file; `bidroom serve` makes it beside the journal") from None
    except OSError as error:
        raise BidroomError(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeError, KeyError):
        raise BidroomError(f"{path}: not a file of tokens; remove it, and `bidroom serve` makes a new one") from None


def make_tokens(journal: Path) -> TokenFile:
    """The tokens of a journal's server, made now where there are none. Raises BidroomError."""
    path = token_path(journal)
    made = TokenFile(path, secrets.token_hex(16), secrets.token_hex(16), is_new=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return read_tokens(journal)
    except OSError as error:
        raise BidroomError(f"{path}: {error.strerror or error}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f'auctioneer = "{made.auctioneer}"\nclerk = "{made.clerk}"\n')
    return made
