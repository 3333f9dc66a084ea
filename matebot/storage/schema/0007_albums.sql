-- Pictures that were sent together as messages of their own go out together; `album` tells them from
-- others while they wait.
ALTER TABLE deliveries ADD COLUMN album TEXT;
CREATE INDEX deliveries_by_album ON deliveries (album, platform, chat) WHERE album IS NOT NULL;

-- How many messages the attempt under way posts with its one call.
ALTER TABLE deliveries ADD COLUMN posts INTEGER NOT NULL DEFAULT 1;

-- Whether its author was told of files that stayed behind.
ALTER TABLE messages ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
