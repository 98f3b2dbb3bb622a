"""Who controls a room: the auctioneer and the clerks, by the server's tokens."""

from msgspec import Struct

from bidroom.rules.names import BadName, clean_name
from bidroom.server.settings import Role, Tokens
from bidroom.wire.messages import Error, ErrorReason


class Desk(Struct, frozen=True):
    """Who controls: in which role, and what the record calls them."""

    role: Role
    name: str


def find_desk(tokens: Tokens, token: str, name: str) -> Desk | Error:
    """The desk that a token gives; without a name, the role names who sits there."""
    role = tokens.role_of(token)
    if role is None:
        return _BAD_TOKEN
    try:
        return Desk(role, clean_name(name) if name else role)
    except BadName as error:
        return Error(ErrorReason.BAD_NAME, str(error))


_BAD_TOKEN = Error(
    ErrorReason.BAD_TOKEN, "This is not the auctioneer's token, nor a clerk's; it was printed when the server started."
)
