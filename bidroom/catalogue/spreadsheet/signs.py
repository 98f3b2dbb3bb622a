"""Currency signs and codes beside amounts and in headings: which currencies one may stand for."""

import re
from functools import cache

from bidroom.rules.money import BadMoney, exponent

_DOLLARS = frozenset(
    {
        *("USD", "AUD", "BBD", "BMD", "BND", "BSD", "BZD", "CAD", "FJD", "GYD", "HKD", "JMD", "KYD", "LRD"),
        *("NAD", "NZD", "SBD", "SGD", "SRD", "TTD", "TWD", "XCD"),
        *("ARS", "CLP", "COP", "CUP", "DOP", "MXN", "UYU"),
    }
)
_SIGNS: dict[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "$": _DOLLARS,
    "us$": frozenset({"USD"}),
    "a$": frozenset({"AUD"}),
    "au$": frozenset({"AUD"}),
    "c$": frozenset({"CAD"}),
    "ca$": frozenset({"CAD"}),
    "hk$": frozenset({"HKD"}),
    "nz$": frozenset({"NZD"}),
    "nt$": frozenset({"TWD"}),
    "mx$": frozenset({"MXN"}),
    "s$": frozenset({"SGD"}),
    "r$": frozenset({"BRL"}),
    "¥": frozenset({"JPY", "CNY"}),
    "￥": frozenset({"JPY", "CNY"}),
    "円": frozenset({"JPY"}),
    "元": frozenset({"CNY"}),
    "₹": frozenset({"INR"}),
    "rs": frozenset({"INR", "PKR", "LKR", "NPR", "MUR"}),
    "fr": frozenset({"CHF"}),
    "sfr": frozenset({"CHF"}),
    "kr": frozenset({"DKK", "ISK", "NOK", "SEK"}),
    "zł": frozenset({"PLN"}),
    "kč": frozenset({"CZK"}),
    "ft": frozenset({"HUF"}),
    "₺": frozenset({"TRY"}),
    "₽": frozenset({"RUB"}),
    "₴": frozenset({"UAH"}),
    "₪": frozenset({"ILS"}),
    "₩": frozenset({"KRW"}),
    "฿": frozenset({"THB"}),
    "₫": frozenset({"VND"}),
    "₱": frozenset({"PHP"}),
    "rm": frozenset({"MYR"}),
    "rp": frozenset({"IDR"}),
}
_LAST_WORD = re.compile(r"(?<![A-Za-z])(?P<sign>[A-Z]{3}|[A-Z]{0,2}[$€£¥₹₺₽₴₪₩฿₫₱])[\s_)\]]*$")
_IN = re.compile(r"(?<![A-Za-z])(in|en)$")
_BETWEEN = " _([:,\t"


@cache
def currencies_of(sign: str) -> frozenset[str]:
    """The currencies that a sign or code may stand for; none where it is neither."""
    folded = sign.strip().rstrip(".").casefold()
    if folded in _SIGNS:
        return _SIGNS[folded]
    code = folded.upper()
    try:
        exponent(code)
    except BadMoney:
        return frozenset()
    return frozenset({code})


def split_heading(heading: str) -> tuple[str, str]:
    """A heading such as "Price (EUR)" as "Price" and "EUR"; without a sign or code at its end, itself and nothing."""
    found = _LAST_WORD.search(heading)
    if found is None or not currencies_of(found["sign"]):
        return heading, ""
    rest = heading[: found.start()].rstrip(_BETWEEN)
    rest = _IN.sub("", rest).rstrip(_BETWEEN)
    return (rest, found["sign"]) if rest else (heading, "")
