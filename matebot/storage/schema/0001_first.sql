-- Rooms are (platform, chat, topic) with topic 0 for "none": NULLs are never equal in a key.

-- Telegram's updates that have been stored: the identity that makes a repeated one change nothing.
CREATE TABLE updates (
    update_id INTEGER PRIMARY KEY,
    at REAL NOT NULL
) STRICT;

-- Authenticated updates that this version cannot read, kept as they came.
CREATE TABLE raw_updates (
    update_id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- What people said. `body` (the message, msgpack) is emptied once no copy may need it again.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    body BLOB,
    at REAL NOT NULL,
    answers INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    pinned INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL DEFAULT 0, -- its copies bear the time at which it was said
    UNIQUE (platform, chat, message_id)
) STRICT;
CREATE INDEX messages_answering ON messages (answers) WHERE answers IS NOT NULL;
CREATE INDEX messages_by_age ON messages (at) WHERE body IS NOT NULL;
CREATE INDEX messages_by_whole_age ON messages (at);

-- The message map: many to many. A long original has several copies (`position` counts them); a copy
-- that merges several originals stands here once for each.
CREATE TABLE copies (
    original INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (platform, chat, message_id, original)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_of ON copies (original, platform, chat);

-- Who reacts with what to an original or one of its copies, by the chat in which they do.
CREATE TABLE reactions (
    original INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    person INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    custom_id TEXT NOT NULL,
    PRIMARY KEY (original, platform, chat, person, emoji, custom_id)
) STRICT, WITHOUT ROWID;

-- What MateBot itself reacts with, there.
CREATE TABLE own_reactions (
    original INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    custom_id TEXT NOT NULL,
    PRIMARY KEY (original, platform, chat, emoji, custom_id)
) STRICT, WITHOUT ROWID;

-- Deliveries on their way; a row is removed when it has arrived. A lane is the rows of one chat.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('post', 'edit', 'delete', 'notice', 'react', 'pin')),
    bridge TEXT NOT NULL,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    original INTEGER REFERENCES messages (id) ON DELETE CASCADE,
    body BLOB,
    created_at REAL NOT NULL,
    not_before REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    batch INTEGER, -- the first of the posts that went out as one message, where they did
    attempted_at REAL,
    last_known INTEGER,
    reason TEXT
) STRICT;
CREATE INDEX deliveries_by_lane ON deliveries (platform, chat, id);
CREATE INDEX deliveries_by_topic ON deliveries (platform, chat, topic, id);
CREATE INDEX deliveries_attempted ON deliveries (platform, chat, id)
    WHERE attempted_at IS NOT NULL;
CREATE INDEX deliveries_notices ON deliveries (platform, chat, id) WHERE kind = 'notice';
CREATE INDEX deliveries_by_batch ON deliveries (batch) WHERE batch IS NOT NULL;
CREATE INDEX deliveries_of ON deliveries (original) WHERE original IS NOT NULL;

-- Deliveries that were given up, with the reason; no content.
CREATE TABLE failures (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    bridge TEXT NOT NULL,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    original INTEGER,
    created_at REAL NOT NULL,
    failed_at REAL NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- Bridges made by chat; those of the configuration live in the configuration.
CREATE TABLE bridges (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at REAL NOT NULL
) STRICT;
CREATE TABLE bridge_rooms (
    bridge INTEGER NOT NULL REFERENCES bridges (id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    reads INTEGER NOT NULL,
    writes INTEGER NOT NULL,
    PRIMARY KEY (bridge, platform, chat, topic)
) STRICT, WITHOUT ROWID;

-- What a bridge's people chose, where it is not the default; `bridge` is its name in logs.
CREATE TABLE choices (
    bridge TEXT PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What is known of a room: its language, how far it has been read (Discord), the last notice's id.
CREATE TABLE rooms (
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    language TEXT,
    cursor INTEGER,
    last_notice INTEGER,
    PRIMARY KEY (platform, chat, topic)
) STRICT, WITHOUT ROWID;
-- Troubles of a room that another room was told of, so that each is told once.
CREATE TABLE troubles (
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    told TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (platform, chat, topic, told)
) STRICT, WITHOUT ROWID;

-- Telegram groups that became supergroups: the configuration may go on naming the old id.
CREATE TABLE moved (
    platform TEXT NOT NULL,
    old_chat INTEGER NOT NULL,
    new_chat INTEGER NOT NULL,
    PRIMARY KEY (platform, old_chat)
) STRICT, WITHOUT ROWID;

-- Ids of the webhooks that MateBot made: what they post is never relayed.
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL
) STRICT;

-- Codes by which two rooms find each other, kept as a hash. `other_…` stand once the code was used,
-- while the first administrator has not yet confirmed.
CREATE TABLE pairings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code_hash BLOB NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    admin INTEGER NOT NULL,
    admin_name TEXT NOT NULL,
    expires_at REAL NOT NULL,
    other_platform TEXT,
    other_chat INTEGER,
    other_topic INTEGER,
    other_admin_name TEXT
) STRICT;

-- Wrong codes of the last minutes: few tries, restarts included.
CREATE TABLE wrong_codes (
    platform TEXT NOT NULL,
    chat INTEGER NOT NULL,
    caller INTEGER NOT NULL,
    at REAL NOT NULL
) STRICT;

-- Small facts: the webhook secret's hash, the commands that were registered…
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
