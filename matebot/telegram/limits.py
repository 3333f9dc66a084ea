"""Every limit of Telegram's that MateBot heeds, with its source; all checked on 2026-11-24.

The rates are the FAQ's words ("about", "avoid"); short bursts pass, 429 corrects the rest.
"""

from typing import Final

from matebot.core.limits import Rate

# https://core.telegram.org/bots/api#sendmessage: 1-4096 after entity parsing
TEXT_UNITS: Final = 4096
# https://core.telegram.org/bots/api#sendphoto: 0-1024 characters after entity parsing
CAPTION_UNITS: Final = 1024
# https://core.telegram.org/bots/api#inlinekeyboardbutton
CALLBACK_DATA_BYTES: Final = 64
# https://core.telegram.org/bots/api#sendpoll
POLL_OPTIONS: Final = 12
POLL_OPTION: Final = 100
POLL_DESCRIPTION: Final = 1024
POLL_PERIOD_S: Final = (5, 2_628_000)
# https://core.telegram.org/bots/api#getfile
DOWNLOAD_BYTES: Final = 20 * 1024 * 1024
# https://core.telegram.org/bots/api#sending-files: other than photos; of those 10 MB
UPLOAD_BYTES: Final = 50 * 1024 * 1024
# https://core.telegram.org/bots/api#using-a-local-bot-api-server
LOCAL_BYTES: Final = 2000 * 1024 * 1024
# https://core.telegram.org/bots/api#sendmediagroup
ALBUM_LEAST: Final = 2
ALBUM_MOST: Final = 10
# https://core.telegram.org/bots/api#setwebhook
WEBHOOK_CONNECTIONS: Final = 40

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
RATES: Final[tuple[Rate, ...]] = (
    Rate("chat", 3, 3.0),  # one message a second in a chat, "short bursts" pass
    Rate("chat", 20, 60.0),  # 20 messages a minute in a group; edits count, too
    Rate("all", 30, 1.0),  # 30 messages a second in all
)
