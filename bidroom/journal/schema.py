"""The tables of the journal's file, and the views for people: version 1, as it is and stays in the file itself.

`events` is the journal; `rooms` says in which order rooms were opened. `items`, `bids` and `purchases` show the same
events as a person would ask for them. Nothing is ever updated or deleted.
"""

APPLICATION_ID = 0x42696452  # "BidR": tells SQLite tools and `file` what this database is
SCHEMA_VERSION = 1

COLUMNS = 7
"""How many values one event has."""

_ROOMS = """CREATE TABLE rooms (
    opened INTEGER PRIMARY KEY,  -- 1, 2, ...: the order
    room TEXT NOT NULL UNIQUE
)"""

_EVENTS = """CREATE TABLE events (
    room TEXT NOT NULL,
    seq INTEGER NOT NULL,   -- the public number; a private event stands below the public one before it
    sub INTEGER NOT NULL,   -- 0 for public events, 1, 2, ... for private ones
    at INTEGER NOT NULL,    -- room time, milliseconds since 1970 (UTC)
    type TEXT NOT NULL,
    body TEXT NOT NULL,     -- the event as JSON
    hash BLOB NOT NULL,     -- sha256 of the hash before and this body
    PRIMARY KEY (room, seq, sub),
    CHECK ((seq, sub) > (0, 0) AND sub >= 0)
) WITHOUT ROWID"""

_ITEMS = """CREATE VIEW items AS  -- amounts are in minor units (cents) of the room's currency
SELECT o.room AS room,
    json_extract(i.value, '$.id') AS item,
    json_extract(i.value, '$.name') AS name,
    json_extract(o.body, '$.terms.currency') AS currency,
    json_extract(i.value, '$.starting_price') AS starting_price,
    json_extract(i.value, '$.increment') AS increment,
    json_extract(i.value, '$.units') AS units,
    coalesce(s.sold, 0) AS sold,
    coalesce(s.total, 0) AS total,
    CASE WHEN s.finished THEN 'finished' ELSE 'on sale' END AS state
FROM events AS o, json_each(o.body, '$.terms.items') AS i
LEFT JOIN (
    SELECT room, json_extract(body, '$.item') AS item,
        sum(type = 'unit_sold') AS sold,
        sum(json_extract(body, '$.amount')) AS total,
        max(type = 'item_finished') AS finished
    FROM events WHERE type IN ('unit_sold', 'item_finished') GROUP BY 1, 2
) AS s ON s.room = o.room AND s.item = json_extract(i.value, '$.id')
WHERE o.type = 'room_opened'"""

_BIDS = """CREATE VIEW bids AS  -- amounts are in minor units (cents) of the room's currency
SELECT room, seq,
    strftime('%Y-%m-%d %H:%M:%f', at / 1000.0, 'unixepoch') AS time,  -- UTC
    json_extract(body, '$.item') AS item,
    json_extract(body, '$.unit') AS unit,
    json_extract(body, '$.bidder') AS bidder,
    json_extract(body, '$.amount') AS amount
FROM events WHERE type = 'bid_accepted'"""

_PURCHASES = """CREATE VIEW purchases AS  -- amounts are in minor units (cents) of the room's currency
SELECT e.room AS room, e.seq AS seq,
    strftime('%Y-%m-%d %H:%M:%f', e.at / 1000.0, 'unixepoch') AS time,  -- UTC
    json_extract(e.body, '$.item') AS item,
    n.name AS name,
    json_extract(e.body, '$.unit') AS unit,
    json_extract(e.body, '$.bidder') AS bidder,
    json_extract(e.body, '$.amount') AS amount,
    n.currency AS currency
FROM events AS e LEFT JOIN (
    SELECT o.room AS room, json_extract(i.value, '$.id') AS item, json_extract(i.value, '$.name') AS name,
        json_extract(o.body, '$.terms.currency') AS currency
    FROM events AS o, json_each(o.body, '$.terms.items') AS i WHERE o.type = 'room_opened'
) AS n ON n.room = e.room AND n.item = json_extract(e.body, '$.item')
WHERE e.type = 'unit_sold'"""

SCHEMA = {"rooms": _ROOMS, "events": _EVENTS, "items": _ITEMS, "bids": _BIDS, "purchases": _PURCHASES}

INSERT_ROOM = "INSERT INTO rooms (room) VALUES (?)"


def insert_events(count: int) -> str:
    """The statement that writes `count` events at once: COLUMNS values each, the body as bytes of UTF-8."""
    return "INSERT INTO events VALUES " + ", ".join(["(?, ?, ?, ?, ?, CAST(? AS TEXT), ?)"] * count)
