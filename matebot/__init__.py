"""MateBot: one conversation for a Telegram group and a Discord channel."""

__version__ = "0.1.0"
