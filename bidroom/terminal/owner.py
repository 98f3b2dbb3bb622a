"""What only the owner of a journal may ask the server that has it: with the auctioneer's token, kept beside it."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

from bidroom.errors import BidroomError
from bidroom.terminal.journals import ServerNote
from bidroom.terminal.tokens import read_tokens, token_path

_BLOCK = 1 << 20


def ask_as_owner(
    server: ServerNote, journal: Path, path: str, method: str = "GET", patience_s: float = 10
) -> Iterator[bytes]:
    """The server's answer to the owner of the journal, block by block. Raises BidroomError where it breaks off too."""
    headers = {"Authorization": f"Bearer {read_tokens(journal).auctioneer}"}
    request = urllib.request.Request(server.url + path, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=patience_s) as answer:
            while block := answer.read(_BLOCK):
                yield block
    except urllib.error.HTTPError as error:
        raise BidroomError(_why(server, journal, error)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise BidroomError(f"The server at {server.url}, which has the journal, doesn't answer: {error}.") from None


def _why(server: ServerNote, journal: Path, error: urllib.error.HTTPError) -> str:
    if error.code in (401, 403):
        return f"The server at {server.url} doesn't take the token in {token_path(journal)}; is it another server's?"
    try:
        message = json.loads(error.read(10_000))["message"]
    except (OSError, ValueError, KeyError, TypeError):
        message = error.reason
    return f"The server at {server.url} answers {error.code}: {message}"
