"""The tables of the journal's file, and the views for people: version 1, as it is and stays in the file itself.

`events` is the journal; `rooms` says in which order rooms were opened. `items`, `bids`, `purchases` and `owed` show the
same events as a person would ask for them: a purchase stands unless its sale was cancelled, while `bids` keeps those
that were taken back. Nothing is ever updated or deleted.
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
SELECT t.room AS room,
    json_extract(t.terms, '$.id') AS item,
    json_extract(t.terms, '$.name') AS name,
    t.currency AS currency,
    json_extract(t.terms, '$.seller') AS seller,
    json_extract(t.terms, '$.starting_price') AS starting_price,
    json_extract(t.terms, '$.increment') AS increment,
    json_extract(t.terms, '$.units') AS units,
    coalesce(s.sold, 0) - coalesce(s.cancelled, 0) AS sold,
    coalesce(s.total, 0) AS total,  -- of the sales that stand
    CASE WHEN s.finished > s.reopened THEN 'finished' ELSE 'on sale' END AS state
FROM (
    SELECT o.room AS room, o.seq AS seq, i.key AS place, i.value AS terms,
        json_extract(o.body, '$.terms.currency') AS currency
    FROM events AS o, json_each(o.body, '$.terms.items') AS i WHERE o.type = 'room_opened'
    UNION ALL
    SELECT a.room, a.seq, 0, json_extract(a.body, '$.terms'), json_extract(o.body, '$.terms.currency')
    FROM events AS a JOIN events AS o ON o.room = a.room AND o.type = 'room_opened' AND o.seq = 1 AND o.sub = 0
    WHERE a.type = 'item_added'
) AS t LEFT JOIN (
    SELECT room, json_extract(body, '$.item') AS item,
        sum(type = 'unit_sold') AS sold,
        sum(type = 'sale_cancelled') AS cancelled,
        sum(CASE type WHEN 'unit_sold' THEN 1 WHEN 'sale_cancelled' THEN -1 ELSE 0 END
            * coalesce(json_extract(body, '$.amount'), 0)) AS total,
        max(CASE type WHEN 'item_finished' THEN seq ELSE 0 END) AS finished,
        max(CASE type WHEN 'item_reopened' THEN seq ELSE 0 END) AS reopened
    FROM events WHERE type IN ('unit_sold', 'sale_cancelled', 'item_finished', 'item_reopened') GROUP BY 1, 2
) AS s ON s.room = t.room AND s.item = json_extract(t.terms, '$.id')
ORDER BY t.room, t.seq, t.place"""

_BIDS = """CREATE VIEW bids AS  -- amounts are in minor units (cents) of the room's currency
SELECT b.room AS room, b.seq AS seq,
    strftime('%Y-%m-%d %H:%M:%f', b.at / 1000.0, 'unixepoch') AS time,  -- UTC
    json_extract(b.body, '$.item') AS item,
    json_extract(b.body, '$.unit') AS unit,
    json_extract(b.body, '$.bidder') AS bidder,
    json_extract(b.body, '$.amount') AS amount,
    coalesce(json_extract(b.body, '$.via'),  -- 'floor' and 'phone' were entered for a paddle
        CASE WHEN json_extract(b.body, '$.command') IS NULL THEN 'maximum' ELSE 'hand' END) AS via,
    v.bid IS NOT NULL AS voided
FROM events AS b LEFT JOIN (
    SELECT room, json_extract(body, '$.bid') AS bid FROM events WHERE type = 'bid_voided'
) AS v ON v.room = b.room AND v.bid = b.seq
WHERE b.type = 'bid_accepted'"""

_PURCHASES = """CREATE VIEW purchases AS  -- those that stand; amounts are in minor units (cents) of the room's currency
SELECT e.room AS room, e.seq AS seq,
    strftime('%Y-%m-%d %H:%M:%f', e.at / 1000.0, 'unixepoch') AS time,  -- UTC
    json_extract(e.body, '$.item') AS item,
    n.name AS name,
    json_extract(e.body, '$.unit') AS unit,
    json_extract(e.body, '$.bidder') AS bidder,
    json_extract(e.body, '$.amount') AS amount,
    n.currency AS currency,
    coalesce(json_extract(e.body, '$.how'), 'hammer') AS how,
    p.how AS paid,             -- how it was paid; NULL: not yet
    h.by AS handed_over        -- by whom; NULL: not yet
FROM events AS e LEFT JOIN items AS n ON n.room = e.room AND n.item = json_extract(e.body, '$.item')
LEFT JOIN (
    SELECT d.room AS room, s.value AS sale, json_extract(d.body, '$.how') AS how
    FROM events AS d, json_each(d.body, '$.sales') AS s WHERE d.type = 'purchases_paid'
) AS p ON p.room = e.room AND p.sale = e.seq
LEFT JOIN (
    SELECT d.room AS room, s.value AS sale, json_extract(d.body, '$.by') AS by
    FROM events AS d, json_each(d.body, '$.sales') AS s WHERE d.type = 'purchases_handed_over'
) AS h ON h.room = e.room AND h.sale = e.seq
LEFT JOIN (
    SELECT room, json_extract(body, '$.sale') AS sale FROM events WHERE type = 'sale_cancelled'
) AS c ON c.room = e.room AND c.sale = e.seq
WHERE e.type = 'unit_sold' AND c.sale IS NULL"""

_OWED = """CREATE VIEW owed AS  -- who has to pay, or below zero: gets back; amounts are in minor units (cents)
SELECT r.room AS room, json_extract(r.body, '$.bidder') AS bidder,
    json_extract(r.body, '$.name') AS name,
    json_extract(r.body, '$.paddle') AS paddle,
    m.total AS total, m.paid AS paid, m.total - m.paid AS owed
FROM events AS r JOIN (
    SELECT room, json_extract(body, '$.bidder') AS bidder,
        sum(CASE type WHEN 'unit_sold' THEN 1 WHEN 'sale_cancelled' THEN -1 ELSE 0 END
            * json_extract(body, '$.amount')) AS total,
        sum((type = 'purchases_paid') * json_extract(body, '$.amount')) AS paid
    FROM events WHERE type IN ('unit_sold', 'sale_cancelled', 'purchases_paid') GROUP BY 1, 2
) AS m ON m.room = r.room AND m.bidder = json_extract(r.body, '$.bidder')
WHERE r.type = 'bidder_registered' AND m.total <> m.paid"""

SCHEMA = {"rooms": _ROOMS, "events": _EVENTS, "items": _ITEMS, "bids": _BIDS, "purchases": _PURCHASES, "owed": _OWED}

INSERT_ROOM = "INSERT INTO rooms (room) VALUES (?)"


def insert_events(count: int) -> str:
    """The statement that writes `count` events at once: COLUMNS values each, the body as bytes of UTF-8."""
    return "INSERT INTO events VALUES " + ", ".join(["(?, ?, ?, ?, ?, CAST(? AS TEXT), ?)"] * count)
