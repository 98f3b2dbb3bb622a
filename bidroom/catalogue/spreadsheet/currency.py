"""Which currency a file is in: what somebody says, or what its signs and codes leave no doubt about."""

from collections.abc import Iterable

from msgspec import Struct

from bidroom.catalogue import fields
from bidroom.catalogue.problems import Unfit
from bidroom.catalogue.spreadsheet.signs import currencies_of


class SignSeen(Struct, frozen=True):
    """A sign or code of a currency, and where in the file it is, in words."""

    sign: str
    place: str


def find_currency(said: str | None, signs: Iterable[SignSeen]) -> str:
    """The currency of the file; `said` is what the option says. Raises Unfit."""
    return _deduced(signs) if said is None else _said(said)


def check_sign(sign: str, currency: str) -> None:
    """Raises Unfit for a sign of another currency."""
    if sign and currency not in currencies_of(sign):
        raise Unfit(
            f'has "{sign}", but the currency is {currency}; take the sign out, or say another currency: --currency'
        )


def _said(code: str) -> str:
    try:
        return fields.currency(code.strip().upper())
    except Unfit as error:
        raise Unfit(f"--currency: {error}") from None


def _deduced(signs: Iterable[SignSeen]) -> str:
    possible: frozenset[str] = frozenset()
    places: list[str] = []
    for seen in signs:
        meant = currencies_of(seen.sign)
        both = possible & meant if places else meant
        if not both:
            raise Unfit(f"has several currencies: {places[-1]}, and {seen.place}; a room has one, so make two files")
        if both != possible:
            possible = both
            places.append(seen.place)
    if not places:
        raise Unfit("doesn't say its currency; say it with --currency, such as --currency EUR")
    if len(possible) > 1:
        raise Unfit(f"{places[-1]}, which may be {', '.join(sorted(possible))}; say which one with --currency")
    return next(iter(possible))
