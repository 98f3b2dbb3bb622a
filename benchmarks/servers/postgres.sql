-- The item and its record. The increment stands with the item; a bidder's id counts once.
DROP TABLE IF EXISTS bids, items;
CREATE TABLE items (
    id text PRIMARY KEY,
    unit integer NOT NULL,
    leader text NOT NULL,
    minimum bigint NOT NULL,
    increment bigint NOT NULL
) WITH (fillfactor = 10);  -- room for updates in place (HOT): the row moves within its page
CREATE TABLE bids (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    item text NOT NULL,
    unit integer NOT NULL,
    bidder text NOT NULL,
    amount bigint NOT NULL,
    id bigint NOT NULL,
    UNIQUE (bidder, id)
);
INSERT INTO items VALUES ('lamp', 1, '', 1, 1);
