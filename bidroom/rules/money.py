"""Money at the edges: decimals in and out. Inside it is an integer in minor units. No float ever touches a price."""

from decimal import Decimal, Inexact, InvalidOperation, localcontext

from iso4217 import Currency

from bidroom.rules.item import MAX_AMOUNT


class BadMoney(ValueError):
    """An amount or a currency that can't be used; its text says why and what would do."""


def exponent(currency: str) -> int:
    """How many decimals the currency (ISO 4217 code) has. Raises BadMoney for an unknown one."""
    try:
        return Currency(currency).exponent or 0
    except ValueError:
        raise BadMoney(f"{currency!r} is not a currency; use an ISO 4217 code such as EUR, USD or SGD") from None


def parse_money(text: str, currency: str) -> int:
    """Minor units for a decimal amount such as "120.50": exact, from 1 to MAX_AMOUNT. Raises BadMoney."""
    places = exponent(currency)
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise BadMoney(f"{text[:40]!r} is not an amount; write it like {_example(places)}") from None
    if not amount.is_finite() or amount <= 0 or amount.adjusted() > 16:
        raise BadMoney(
            f"{text[:40]} is out of range; an amount is above 0 and at most {format_plain(MAX_AMOUNT, currency)}"
        )
    # An amount with more digits than a price can have must not be rounded into one.
    with localcontext(prec=60) as context:
        context.traps[Inexact] = True
        try:
            minor = amount.scaleb(places).to_integral_exact()
        except Inexact:
            raise BadMoney(
                f"{text[:40]} has too many decimals; {currency} has {places}, write it like {_example(places)}"
            ) from None
    if minor > MAX_AMOUNT:
        raise BadMoney(f"{text[:40]} is too much; the most is {format_plain(MAX_AMOUNT, currency)}")
    return int(minor)


def format_plain(minor: int, currency: str) -> str:
    """12050 -> "120.50" for a currency of two decimals; what `parse_money` reads back."""
    return str(Decimal(minor).scaleb(-exponent(currency)))


def format_money(minor: int, currency: str) -> str:
    """12050 -> "120.50 EUR", with a comma between thousands: for people to read."""
    return f"{Decimal(minor).scaleb(-exponent(currency)):,} {currency}"


def _example(places: int) -> str:
    return "120" if places == 0 else f"120.{'0' * (places - 1)}5"
