"""MateBot: one conversation for a Telegram group and a Discord channel."""
