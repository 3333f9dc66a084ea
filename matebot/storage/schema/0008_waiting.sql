-- When something of a lane is due that waits, while its head waits for longer.
CREATE INDEX deliveries_waiting ON deliveries (platform, chat, not_before) WHERE not_before > 0;
