"""Every limit of the stand-in, with its source.

Sizes are Discord's. The rates with a topic beside them stand in discord-api-docs; the per-route
ones are what the service's ``X-RateLimit-*`` headers were seen to say, and may change there any
day: a client must follow the headers, not this table. Checked 2025-11.
"""

from matebot.sandbox.buckets import Limit

CONTENT = 2000  # code points; resources/message, "content"
NICKNAME = 32
WEBHOOK_NAME = 80  # resources/webhook
AVATAR_URL = 2048
EMBEDS = 10  # resources/message, "embeds"
EMBED_SUM = 6000  # resources/message, "Embed Limits"
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4096
EMBED_FIELDS = 25
EMBED_FIELD_NAME = 256
EMBED_FIELD_VALUE = 1024
EMBED_FOOTER = 2048
EMBED_AUTHOR = 256
FILES = 10
FILE_BYTES = 10 * 1024 * 1024  # reference, "Uploading Files": each file, in any channel
# https://support.discord.com/hc/en-us/articles/25444343291031: by the guild's premium tier
TIER_BYTES = {0: FILE_BYTES, 1: FILE_BYTES, 2: 50 * 1024 * 1024, 3: 100 * 1024 * 1024}
BODY_BYTES = 500 * 1024 * 1024  # what the front of the service lets through at all
FIELD_BYTES = 1024 * 1024  # of a form, what is no file
WAVEFORM_BYTES = 256  # resources/message, "Voice Messages"
REFRESHED_URLS = 50
STICKER_BYTES = 512 * 1024  # resources/sticker
STICKERS = 3
PINS = 250
REACTIONS = 20
WEBHOOKS = 15
COMMANDS = 100
EMOJI_BYTES = 256 * 1024  # resources/emoji
APPLICATION_EMOJIS = 2000
THREAD_NAME = 100
ALLOWED_MENTIONS = 100
COMPONENTS = 40
BULK_DELETE = (2, 100)
BULK_DELETE_AGE_S = 14 * 86_400

INTERACTION_ANSWER_S = 3.0  # interactions/receiving-and-responding
INTERACTION_TOKEN_S = 15 * 60.0
NONCE_S = 300.0  # "past few minutes"
ATTACHMENT_URL_S = 86_400  # reference, "Signed Attachment CDN URLs"

GATEWAY_PAYLOAD_BYTES = 4096  # topics/gateway: over it, close 4002
GATEWAY_SENDS = Limit(120, 60.0)  # topics/gateway: over it, close 4008
GATEWAY_IDENTIFIES = Limit(1, 5.0)  # max_concurrency 1
HEARTBEAT_MS = 41_250
RESUME_EVENTS = 10_000  # how many a session keeps for a resume
RESUME_S = 180.0

INVALID_REQUESTS = 10_000  # topics/rate-limits, "Invalid Request Limit": 401, 403, 429
INVALID_REQUESTS_S = 600.0

GLOBAL = Limit(50, 1.0)  # topics/rate-limits, "Global Rate Limit"
WEBHOOK_CHANNEL = Limit(30, 60.0)  # all webhooks of a channel; not in the headers

DEFAULT_ROUTE = Limit(50, 1.0)
ROUTES: dict[str, Limit] = {
    "message.create": Limit(5, 5.0),
    "message.edit": Limit(5, 5.0),
    "message.delete": Limit(5, 1.0),
    "message.bulk_delete": Limit(1, 1.0),
    "message.get": Limit(30, 5.0),
    "channel.messages": Limit(5, 5.0),
    "reaction.add": Limit(1, 0.25),
    "reaction.remove": Limit(1, 0.25),
    "typing": Limit(5, 5.0),
    "pin.add": Limit(5, 4.0),
    "pin.remove": Limit(5, 4.0),
    "webhook.create": Limit(5, 5.0),
    "webhook.execute": Limit(5, 2.0),  # documented in support articles as 5 in 2 s
    "webhook.message.edit": Limit(5, 2.0),
    "webhook.message.delete": Limit(5, 2.0),
    "webhook.message.get": Limit(5, 2.0),
    "interaction.followup": Limit(5, 2.0),
    "guild.members.search": Limit(10, 10.0),
    "user.dm": Limit(10, 10.0),
    "commands.put": Limit(5, 20.0),
}
NO_GLOBAL = frozenset(
    # topics/rate-limits: interaction endpoints are not bound to the global limit
    {"interaction.callback", "interaction.followup", "interaction.get", "interaction.edit"}
    | {"interaction.delete"}
)
