"""The catalogues that come with Bidroom: the commented sample for a new sale, and the example that opens by default."""

from pathlib import Path

EXAMPLE_PATH = Path(__file__).parent.parent / "example.toml"
"""The built-in example catalogue."""

SAMPLE = """\
# A Bidroom catalogue. Look at it with:  bidroom check catalogue.toml
# and open it with:                      bidroom serve catalogue.toml
# Prices are in the room's currency; times are in seconds.

[room]
name = "Office surplus"
currency = "EUR"            # an ISO 4217 code
# id = "office-surplus"     # what programs call the room; made from the name where left out
increment = 5.00            # the least step from one bid to the next; an item may have its own. It may also be "5%"
                            # of the price, "ebay", "trademe", or a ladder: [[0, 1.00], [100.00, 5.00]]

# order = "one-by-one"      # one item after another; left out, or "together": all at once
# next_item = "by-hand"     # the auctioneer calls the next one; left out, or "by-itself": it just comes
# opens = "by-hand"         # the auctioneer opens the bidding; left out, or "at-once": nobody has to
# opens_at = 2030-05-24T19:00:00+02:00    # bidding opens at this moment; by hand, at the latest then
# registration = "invite"   # only who is invited may join; left out, or "open": anybody
# bidders = "paddles"       # bidders see each other's paddle numbers; left out, or "names": names
# units_each = 10           # how many units of the whole sale one bidder may buy; left out: any number

closing = "live"            # "live": a round closes `window` seconds after its last bid
window = 10
# opening = 60              # a live round without a bid for this long passes unsold; left out: it waits
pause = 2                   # between two units of an item

# closing = "timed"         # or "timed": a round closes at a set time, and a bid in the last `window`
# duration = 600            # seconds moves the close. Each round lasts so long ...
# closes_at = 2030-05-24T20:00:00+02:00   # ... or the first one closes at this moment
# hard_end = 2030-05-24T20:30:00+02:00    # and no bid moves the close beyond this one

[limits]                    # every one has a sane default
connections_per_address = 1000
messages_per_second = 50    # for each participant

[[items]]
name = "ThinkPad T14"
description = "14 inch, 16 GB, with charger."
starting_price = 120.00
# picture = "t14.jpg"       # a file in the folder pictures beside this one, or an address: "https://..."
units = 5                   # identical ones, sold one after another; 1 where left out
# units_each = 2            # how many of them one bidder may buy
# category = "Computers"
# seller = "Ana"            # who sells it, and may not bid for it
# reserve = 150.00          # a unit isn't sold below this; nobody sees the amount
# buy_now = 300.00          # the price at which a unit is gone at once, as long as nobody has bid for it

[[items]]
id = "lamp"                 # what programs call the item; made from the name where left out
name = "Desk lamp"
starting_price = 8.00
increment = 1.00
window = 5                  # everything about closing may differ for an item
"""
