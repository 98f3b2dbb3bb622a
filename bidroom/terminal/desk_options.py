"""What one says at the command line about the server that orders go to, for `bidroom control` and `bidroom invite`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True)
class DeskOptions:
    """Which server and room, and who asks.

    Parameters
    ----------
    journal
        The server's journal, on this machine: it tells where the server is, and its tokens are beside it.
    address
        A server elsewhere: host, host:port or https://host:port; the token is asked for, or taken from BIDROOM_TOKEN.
    room
        The room's id, where the server has several.
    by
        Who asks, as the record will say.
    """

    journal: Path = Path("bidroom.db")
    address: Annotated[str | None, Parameter(show_default=False)] = None
    room: str | None = None
    by: Annotated[str, Parameter(show_default=False)] = ""
