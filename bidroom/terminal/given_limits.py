"""Maximum prices as a person gives them: `--max "ITEM=PRICE"`, or a file of such lines; by item id or by name.

They are texts until the room is known, because the room says which items there are and what its currency is. A file is
TOML with an item and its price a line: `t14 = 250.00`, `"ThinkPad T14" = 250.00`; `--max` goes before the file.
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from bidroom.client.view import View
from bidroom.errors import BidroomError
from bidroom.rules.money import BadMoney, parse_money


class GivenLimits(Struct, frozen=True):
    """Prices by item, both as they were written, with where each was written."""

    prices: tuple[tuple[str, str, str], ...]

    def for_room(self, view: View) -> dict[str, int]:
        """The limits in minor units by item id. Raises BidroomError for an unknown item or a bad price."""
        ids = {item.name.casefold(): item.id for item in view.items.values()} | {id: id for id in view.items}
        limits: dict[str, int] = {}
        for source, item, price in self.prices:
            id = ids.get(item) or ids.get(item.casefold())
            if id is None:
                known = ", ".join(list(view.items)[:20])
                raise BidroomError(f"{source}: the room has no item {item!r}; its items are {known}")
            try:
                limits[id] = parse_money(price, view.currency)
            except BadMoney as error:
                raise BidroomError(f"{source}: {item}: {error}") from None
        return limits


def read_limits(path: Path | None, maxima: Sequence[str]) -> GivenLimits:
    """What the file and the options say. Raises BidroomError."""
    from_file = [] if path is None else [(str(path), item, price) for item, price in _read_file(path)]
    return GivenLimits((*from_file, *(("--max", *_split(text)) for text in maxima)))


def _split(text: str) -> tuple[str, str]:
    item, equals, price = text.rpartition("=")
    if not equals or not item.strip() or not price.strip():
        raise BidroomError(f'--max {text!r}: write it as "ITEM=PRICE", for example --max "ThinkPad T14=250.00"')
    return item.strip(), price.strip()


def _read_file(path: Path) -> list[tuple[str, str]]:
    try:
        table = tomllib.loads(path.read_text("utf-8"), parse_float=str)  # no float ever touches a price
    except OSError as error:
        raise BidroomError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BidroomError(f"{path}: not TOML: {error}") from None
    for item, price in table.items():
        if isinstance(price, bool) or not isinstance(price, int | str):
            raise BidroomError(f"{path}: {item}: write a price, as in {item!r} = 250.00")
    return [(item, str(price)) for item, price in table.items()]
