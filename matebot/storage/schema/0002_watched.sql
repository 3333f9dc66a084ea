-- Telegram's originals that are looked at now and then, since nobody tells when one is deleted.
CREATE TABLE watched (
    original INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    due REAL NOT NULL,
    looks INTEGER NOT NULL DEFAULT 0,
    missed_at REAL
) STRICT;
CREATE INDEX watched_by_due ON watched (due);
