"""A stand-in of Discord: REST v10, webhooks, gateway and CDN, on loopback.

`DiscordStandIn` is driven by tests and by the sandbox's page; the real daemon talks to it. It is at
least as strict as the service: where that is not documented to the last detail, the stricter
reading is taken.
"""

from matebot.sandbox.discord.attaching import File
from matebot.sandbox.discord.server import Call
from matebot.sandbox.discord.standin import DiscordStandIn, Fetch

__all__ = ["Call", "DiscordStandIn", "Fetch", "File"]
