-- Polls that people asked and that have not ended: Telegram tells of an end by the poll's id alone.
-- What such a poll asks is kept for as long as it stands here. `poll_id` is empty on Discord.
CREATE TABLE polls (
    original INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    poll_id TEXT NOT NULL
) STRICT;
CREATE INDEX polls_by_id ON polls (poll_id) WHERE poll_id <> '';
