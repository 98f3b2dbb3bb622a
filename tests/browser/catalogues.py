"""What is sold in tests of the page. Nothing closes by itself: a round has an hour, which every bid renews."""

import json

HOUR = 3600


def live(window: float = HOUR, pause: float = 0) -> str:
    """A lamp from 10.00 in steps of 1.00, twice, and a desk from 100.00 in steps of 5.00; everybody sees names."""
    return f"""
[room]
id = "hall"
name = "Club night"
currency = "EUR"
window = {window}
pause = {pause}

[[items]]
id = "lamp"
name = "Lamp"
description = "It shines."
starting_price = 10.00
increment = 1.00
units = 2

[[items]]
id = "desk"
name = "Desk"
description = "Oak, 160 x 80 cm."
starting_price = 100.00
increment = 5.00
"""


LIVE = live()

INVITED = f"""
[room]
id = "gala"
name = "Gala"
currency = "EUR"
window = {HOUR}
pause = 0
increment = 5.00
opens = "by-hand"
registration = "invite"
bidders = "paddles"

[[items]]
id = "lamp"
name = "Lamp"
starting_price = 10.00
reserve = 30.00
units = 2

[[items]]
id = "chair"
name = "Chair"
starting_price = 20.00
buy_now = 90.00
seller = "Ben Berg"
"""
"""By invitation, seen by paddles, opened by the auctioneer; a reserve, a fixed price, a seller."""

HOSTILE_TEXTS = (
    "<img src=x onerror=brokenIn()>",
    '"><script>brokenIn()</script>',
    "'-document.write(1)-' {{constructor}} ${7*7} &lt;b&gt; %00",
    "javascript:brokenIn()",
    "Donau" + "dampfschiff" * 17,
    "👩‍👩‍👧‍👦 🇪🇺 é Ǻ ﷽ 陳 שלום مرحبا",
    "</textarea></title></style><svg onload=brokenIn()>",
)
"""Names and descriptions that must only ever be read: there is no such function and no such picture, so where one is
more, the visitor's page has a fault. (What turns the direction of writing no catalogue lets in.)"""

HOSTILE_BIDDERS = ("<img src=y onerror=brokenIn(1)>", '"><script>brokenIn(1)</script>', "W" * 40)
"""Names that bidders may well give themselves; no seller's, so that they may bid for everything."""


def _hostile_item(number: int, text: str) -> str:
    """Everything that people write is this text. JSON's strings are TOML's, too."""
    written = json.dumps(text, ensure_ascii=False)
    return f"""
[[items]]
id = "h{number}"
name = {written}
description = {written}
category = {written}
seller = {written}
starting_price = 10.00
"""


HOSTILE = f"""
[room]
id = "hostile"
name = {json.dumps(HOSTILE_TEXTS[0])}
currency = "EUR"
window = {HOUR}
pause = 0
increment = 1.00
""" + "".join(_hostile_item(number, text) for number, text in enumerate(HOSTILE_TEXTS))


def many(items: int = 500) -> str:
    """So many items, of two units each, that a page must take care; bidders may send as fast as they can."""
    return f"""
[room]
id = "many"
name = "The attic"
currency = "EUR"
window = {HOUR}
pause = 0
increment = 1.00

[limits]
messages_per_second = 100000
""" + "".join(_one_of_many(number) for number in range(1, items + 1))


def _one_of_many(number: int) -> str:
    return f"""
[[items]]
id = "i{number}"
name = "Item {number}"
description = "It has the number {number}."
starting_price = {number}.00
units = 2
"""


MANY = many()
