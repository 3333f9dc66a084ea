"""The Telegram side: reads updates from the webhook, writes with the Bot API.

aiogram is imported here, by way of `matebot.telegram.lazy_models`, before any module of the
package can import it.
"""

from matebot.telegram.lazy_models import import_aiogram

import_aiogram()
