"""Which addresses are Discord's own: nothing else is ever fetched. Pure.

https://discord.com/developers/docs/reference#image-formatting (2026-11-24); ``images-ext`` is
where Discord keeps what it shows of other people's pages.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from discord.asset import Asset

CDN: Final = "https://cdn.discordapp.com"
"""Discord's own, where nothing else is set."""

_HOSTS: Final = re.compile(
    r"(cdn\.discordapp\.com|media\.discordapp\.net|images-ext-[0-9]+\.discordapp\.net)"
)


def is_discords(url: str | None) -> bool:
    """Whether an address is one of Discord's file servers, or of the one that stands for them."""
    return url is not None and (_is_real(url) or url.startswith(Asset.BASE + "/"))


def reachable(url: str) -> str | None:
    """The address to fetch a file from; None for one that is not Discord's.

    Where another server stands for Discord's (a test's, say), it stands for all of them.
    """
    if not is_discords(url):
        return None
    if Asset.BASE == CDN or url.startswith(Asset.BASE + "/"):
        return url
    parts = urlsplit(url)
    return f"{Asset.BASE}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _is_real(url: str) -> bool:
    try:
        parts = urlsplit(url)
        ours = parts.scheme == "https" and parts.port in (None, 443) and "@" not in parts.netloc
    except ValueError:
        return False
    return ours and _HOSTS.fullmatch(parts.hostname or "") is not None
