"""Requests to a server as commands make them: the answer block by block, or one clear line about what went wrong."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

from bidroom.errors import BidroomError
from bidroom.terminal.tls import trusting

PATIENCE_S = 10
_BLOCK = 1 << 20


class NotDone(BidroomError):
    """The server answers that it doesn't do it: with which status, and `said`, its JSON (empty where it is none)."""

    def __init__(self, url: str, error: urllib.error.HTTPError) -> None:
        self.status = error.code
        self.said = _read(error)
        super().__init__(f"The server at {url} answers {error.code}: {self.said.get('message', error.reason)}")


def request(
    url: str,
    path: str,
    *,
    method: str = "GET",
    token: str | None = None,
    body: bytes | None = None,
    patience_s: float = PATIENCE_S,
    certificate: str = "",
) -> Iterator[bytes]:
    """The answer, block by block, from whoever has that certificate, or one that this machine trusts.

    Raises NotDone, and BidroomError where there is none or it breaks off.
    """
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    asked = urllib.request.Request(url + path, body, headers, method=method)
    if body is not None:
        asked.add_header("Content-Type", "application/json")
    context = trusting(certificate) if certificate else None
    try:
        with urllib.request.urlopen(asked, timeout=patience_s, context=context) as answer:
            while block := answer.read(_BLOCK):
                yield block
    except urllib.error.HTTPError as error:
        raise NotDone(url, error) from None
    except (OSError, HTTPException, ValueError) as error:
        raise BidroomError(f"The server at {url} doesn't answer: {getattr(error, 'reason', error)}") from None


def _read(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        said = json.loads(error.read(100_000))
    except (OSError, HTTPException, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
