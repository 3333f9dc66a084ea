-- Polls that MateBot asks in every room of a bridge: the open ones, and when each ends (unix seconds).
CREATE TABLE own_polls (
    original INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    closes_at REAL NOT NULL
) STRICT;

-- Where such a poll is asked, and how people vote there. `poll_id` is Telegram's, once it is known;
-- `figures` (a JSON list) is what the service itself counts, where it tells.
CREATE TABLE poll_twins (
    original INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    bridge TEXT NOT NULL,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    poll_id TEXT NOT NULL DEFAULT '',
    figures TEXT,
    PRIMARY KEY (original, platform, chat)
) STRICT, WITHOUT ROWID;
CREATE INDEX poll_twins_by_id ON poll_twins (poll_id) WHERE poll_id <> '';

-- Who chose which answer, where the service tells of people and not of figures.
CREATE TABLE poll_votes (
    original INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    person INTEGER NOT NULL,
    option INTEGER NOT NULL,
    PRIMARY KEY (original, platform, chat, person, option)
) STRICT, WITHOUT ROWID;
