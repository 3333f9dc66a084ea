-- Files that were fetched, converted or sent, by a key that tells their bytes and their form: what
-- became of them, and how the service that they were sent to finds them again. `used_at` is exact
-- to a day.
CREATE TABLE files (
    key TEXT PRIMARY KEY,
    outcome BLOB,
    remote TEXT NOT NULL DEFAULT '',
    used_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_use ON files (used_at);
