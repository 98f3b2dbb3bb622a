"""What only the owner of a journal may ask the server that has it: with the auctioneer's token, kept beside it."""

from collections.abc import Iterator
from pathlib import Path

from bidroom.errors import BidroomError
from bidroom.terminal.journals import ServerNote
from bidroom.terminal.request import PATIENCE_S, NotDone, request
from bidroom.terminal.tokens import read_tokens, token_path


def ask_as_owner(
    server: ServerNote, journal: Path, path: str, method: str = "GET", patience_s: float = PATIENCE_S
) -> Iterator[bytes]:
    """The server's answer to the owner of the journal, block by block. Raises BidroomError where it breaks off too."""
    token = read_tokens(journal).auctioneer
    try:
        yield from request(
            server.url, path, method=method, token=token, patience_s=patience_s, certificate=server.certificate
        )
    except NotDone as refusal:
        if refusal.status not in (401, 403):
            raise
        where = token_path(journal)
        raise BidroomError(
            f"The server at {server.url} doesn't take the token in {where}; is it another server's?"
        ) from None
