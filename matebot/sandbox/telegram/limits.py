"""Every limit that the stand-in holds, with where it is written (all looked up in 2026).

The rates are not documented to the letter ("about"): they are the FAQ's numbers, taken as hard.
"""

import math
import time
from collections.abc import Callable

from matebot.sandbox.buckets import Bucket, Limit

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
CHAT_RATE = Limit(3, 3.0)  # "avoid sending more than one message per second", short bursts pass
GROUP_RATE = Limit(20, 60.0)  # "not more than 20 messages per minute" to the same group
OVERALL_RATE = Limit(30, 1.0)  # "no more than about 30 messages per second"

# https://core.telegram.org/bots/api#sendmessage and its siblings
TEXT_UNITS = 4096  # UTF-16 units: stricter than code points wherever the two differ
CAPTION_UNITS = 1024
ENTITIES = 100  # https://core.telegram.org/method/messages.sendMessage: the rest is ignored
# https://core.telegram.org/bots/api#rich-message-limits
RICH_CHARACTERS = 32_768
RICH_BLOCKS = 500
RICH_LEVELS = 16
CALLBACK_DATA_BYTES = 64  # https://core.telegram.org/bots/api#inlinekeyboardbutton
CALLBACK_ANSWER_CHARACTERS = 200
KEYBOARD_BUTTONS = 100
ALBUM_ITEMS = (2, 10)  # https://core.telegram.org/bots/api#sendmediagroup
DELETE_IDS = 100  # https://core.telegram.org/bots/api#deletemessages
DELETE_AGE_S = 48 * 3600
EPHEMERAL_WINDOW_S = 15  # https://core.telegram.org/bots/api#ephemeral-messages-and-commands

# https://core.telegram.org/bots/api#sending-files and #getfile
DOWNLOAD_BYTES = 20 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES_SUM = 10_000
PHOTO_RATIO = 20
FILE_PATH_S = 3600  # "guaranteed that the link will be valid for at least 1 hour"
# https://core.telegram.org/bots/api#using-a-local-bot-api-server
LOCAL_UPLOAD_BYTES = 2000 * 1024 * 1024
# The whole of one request: https://github.com/tdlib/telegram-bot-api/issues/671 for one's own
# server; the public one is not documented, so that the limit of a file is taken for all of them.
BODY_BYTES = UPLOAD_BYTES + 1024 * 1024
LOCAL_BODY_BYTES = 4000 * 1024 * 1024
VIDEO_NOTE_S = 60  # https://core.telegram.org/bots/api#sendvideonote
VIDEO_NOTE_SIDE = 640
LIVE_PHOTO_BYTES = 10 * 1024 * 1024  # https://core.telegram.org/bots/api#sendlivephoto
LIVE_PHOTO_S = 10
# https://core.telegram.org/stickers
STICKER_SIDE = 512
STICKER_S = 3.0
STATIC_STICKER_BYTES = 512 * 1024
TGS_BYTES = 64 * 1024
TGS_RATES = (30, 60)  # the page says 60; clients play both
WEBM_STICKER_BYTES = 256 * 1024
WEBM_STICKER_FPS = 30.5

# https://core.telegram.org/bots/api#setwebhook
WEBHOOK_PORTS = (443, 80, 88, 8443)
WEBHOOK_CONNECTIONS = (1, 100)
WEBHOOK_DEFAULT_CONNECTIONS = 40
SECRET_CHARACTERS = 256
UPDATE_AGE_S = 24 * 3600

# https://core.telegram.org/bots/api#setmycommands and #botcommand
COMMANDS = 100
COMMAND_CHARACTERS = 32
COMMAND_DESCRIPTION_CHARACTERS = 256


class Rates:
    """What may still be sent, to whom and in all.

    A chat that was told to wait stays closed until that time is over, whatever its bucket holds.

    Args:
        factor: How many times faster than the real service everything refills.
        enabled: False switches the rates off.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        factor: float = 1.0,
        *,
        enabled: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.enabled = enabled
        self._factor = factor
        self._clock = clock
        self._overall = Bucket(OVERALL_RATE.scaled(factor), clock)
        self._chats: dict[int, list[Bucket]] = {}
        self._closed_until: dict[int, float] = {}

    def take(self, chat_id: int, *, group: bool, cost: float = 1.0) -> int:
        """Count a message (an album costs its parts).

        Returns:
            0 where it may go, else the whole seconds to wait, at least 1.
        """
        if not self.enabled:
            return 0
        still_s = self._closed_until.get(chat_id, 0.0) - self._clock()
        if still_s > 0:
            return _whole(still_s)
        for bucket in (*self._buckets(chat_id, group=group), self._overall):
            wait_s = bucket.take(min(cost, bucket.limit.amount))
            if wait_s > 0:
                return self._close(chat_id, wait_s)
        return 0

    def _buckets(self, chat_id: int, *, group: bool) -> list[Bucket]:
        found = self._chats.get(chat_id)
        if found is None:
            limits = (CHAT_RATE, GROUP_RATE) if group else (CHAT_RATE,)
            found = [Bucket(limit.scaled(self._factor), self._clock) for limit in limits]
            self._chats[chat_id] = found
        return found

    def _close(self, chat_id: int, wait_s: float) -> int:
        """Shut a chat for whole seconds of the service's own time."""
        closed_s = _whole(wait_s * self._factor) / self._factor
        self._closed_until[chat_id] = self._clock() + closed_s
        return _whole(closed_s)


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds - 1e-6))
