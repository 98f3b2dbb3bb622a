"""What one may say about a bidder at the command line, for `bidroom bot` and Tclient.py alike."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class BidderOptions:
    name: str | None = None
    "What the bidder is called; several get numbers. Without it a name is made up."

    code: str | None = None
    "The code of an invitation; it says who the bidder is, so it is for one bidder only."

    room: str | None = None
    "The room's id, where the server has several."

    strategy: str | None = None
    "How to bid, as module:Class; the class gets the maximum prices. Without it: at random, as the next option says."

    chance: Annotated[float, Parameter(validator=Number(gte=0, lte=1))] = 0.7
    "The probability to bid at an opportunity, from 0 to 1."

    seed: int | None = None
    "The same seed makes the same decisions."

    pace: Annotated[float, Parameter(validator=Number(gt=0))] = 1.0
    "Seconds between two opportunities to bid, on average."

    max: Annotated[list[str] | None, Parameter(name="--max", negative=(), n_tokens=1)] = None
    'The most to bid, as "ITEM=PRICE" by id or name; may be repeated. Others: 0.8 to 3 times the starting price.'

    limits: Path | None = None
    'A TOML file of such maximum prices: "ITEM" = PRICE, one a line.'
