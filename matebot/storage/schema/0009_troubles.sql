-- What of a room's trouble was told, and to which room: a room has several troubles, each with an end of its own.
CREATE TABLE troubles_of (
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    what TEXT NOT NULL,
    told TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (platform, chat, topic, what, told)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO troubles_of
    SELECT platform, chat, topic,
        CASE
            WHEN told = 'permission' THEN told
            WHEN instr(told, ' ') THEN substr(told, instr(told, ' ') + 1)
            ELSE 'room-unreachable'
        END,
        CASE
            WHEN told = 'permission' THEN ''
            WHEN instr(told, ' ') THEN substr(told, 1, instr(told, ' ') - 1)
            ELSE told
        END,
        at
    FROM troubles;
DROP TABLE troubles;
ALTER TABLE troubles_of RENAME TO troubles;
