"""A moment as text that every reader sees in their own time zone. Pure."""

from datetime import UTC, datetime

from matebot.core.richtext import DateTime, RichText, styled

_SHORT = "f"  # date and time, as Discord names that form; Telegram's is mapped from it


def moment(unix_s: float) -> RichText:
    """When something was said: date and time, in UTC where it cannot be shown otherwise.

    Args:
        unix_s: Unix seconds.
    """
    text = f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%d %H:%M} UTC"
    return styled(text, DateTime(int(unix_s), _SHORT))
