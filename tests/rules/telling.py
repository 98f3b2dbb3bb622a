"""What the naive model tells: one line of a room's story, and how items and bidders stand by it."""

from typing import NamedTuple

PRIVATE = {
    "reserve_set",
    "bidder_registered",
    "budget_set",
    "token_replaced",
    "maximum_set",
    "maximum_cancelled",
    "bid_came_late",
    "purchases_paid",
    "purchases_handed_over",
}


class Happening:
    """One line of the story: what kind of thing happened, and what is to be said of it. What is not said is None."""

    __slots__ = ("fields", "item", "kind")

    def __init__(self, kind: str, **fields) -> None:
        self.kind = kind
        self.fields = {name: value for name, value in fields.items() if value not in (None, "")}
        self.item: str | None = self.fields.get("item")

    def __getattr__(self, name: str):
        return self.fields.get(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Happening) and (self.kind, self.fields) == (other.kind, other.fields)

    def __hash__(self) -> int:
        return hash((self.kind, *self.fields.items()))

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(f'{name}={value!r}' for name, value in self.fields.items())})"


class Look(NamedTuple):
    """How an item stands."""

    phase: str
    unit: int
    left: int
    next_unit: int
    price: int | None
    leader: str | None
    minimum: int
    due: int | None
    hard_end: int | None
    stopped: int | None
    bids: tuple[tuple[int, int, str, int], ...]
    maximums: tuple[tuple, ...]


class Purse(NamedTuple):
    """How a bidder stands."""

    budget: int | None
    last_id: int
    removed: bool
    won: int
    paid: int
    leading: int
    leads: int
    units: dict[str, int]
    maximums: list[str]


class Left(NamedTuple):
    """A maximum as it was left: `since` is the place (seq, sub) at which it was."""

    bidder: str
    item: str
    amount: int
    units: int
    since: tuple[int, int]
