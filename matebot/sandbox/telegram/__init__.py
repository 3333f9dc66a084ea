"""A stand-in of Telegram's Bot API over real HTTP, driven in Python."""

from matebot.sandbox.telegram.standin import TelegramStandIn
from matebot.sandbox.telegram.state import Call
from matebot.sandbox.telegram.webhook import Webhook

__all__ = ["Call", "TelegramStandIn", "Webhook"]
