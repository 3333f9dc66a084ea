-- Votes in a poll of MateBot's own of which it is not yet known that it stands there: the answer to
-- its posting is awaited, or was lost and is looked for. The latest of each person and answer counts.
CREATE TABLE parked_votes (
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    person INTEGER NOT NULL,
    option INTEGER NOT NULL,
    chosen INTEGER NOT NULL,
    PRIMARY KEY (platform, chat, message_id, person, option)
) STRICT, WITHOUT ROWID;
