"""REST: fresh addresses of attachments.

Source: discord-api-docs, reference, "Signed Attachment CDN URLs"; the route itself is undocumented,
but the official clients' own.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from matebot.sandbox.discord import limits, schema
from matebot.sandbox.discord.asked import Asked, Route
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.world import World

_PATH = re.compile(r"/attachments/(\d+)/(\d+)/([^/]+)$")


class Attachments:
    """The route ``/attachments/refresh-urls``."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> Iterable[Route]:
        """The table."""
        yield Route("attachments.refresh", "POST", "/attachments/refresh-urls", self.refresh)

    def refresh(self, asked: Asked) -> Json:
        """New addresses for old ones; one that is no attachment's is left out."""
        fields = {"attachment_urls": schema.items(schema.url(2048), limits.REFRESHED_URLS, low=1)}
        body = schema.checked(asked.form, fields, required=("attachment_urls",))
        fresh = ((url, self._fresh(url)) for url in body["attachment_urls"])
        told = [{"original": url, "refreshed": new} for url, new in fresh if new is not None]
        return {"refreshed_urls": told}

    def _fresh(self, url: str) -> str | None:
        found = _PATH.search(urlsplit(url).path)
        if found is None or int(found[2]) not in self.world.files:
            return None
        return self.world.attachment_url(int(found[1]), int(found[2]), found[3])
