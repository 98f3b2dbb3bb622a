WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(1)
), led AS (
    UPDATE items SET leader = $2, minimum = $3 + increment FROM turn
    WHERE id = $1 AND unit = 1 AND leader <> $2 AND minimum <= $3
    RETURNING id, unit
), kept AS (
    INSERT INTO bids (item, unit, bidder, amount, id) SELECT id, unit, $2, $3, $4 FROM led
    RETURNING seq, item, unit, bidder, amount
)
SELECT seq, pg_notify('bids', format(
    '{"type":"bid_accepted","seq":%s,"item":"%s","unit":%s,"bidder":"%s","amount":%s}', seq, item, unit, bidder, amount
)) FROM kept
