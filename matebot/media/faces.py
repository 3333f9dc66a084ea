"""The faces of Telegram people in Discord: pictures under MateBot's own public address.

Discord fetches an avatar from a public URL. Telegram's own file URLs hold the bot's token, so the
picture is kept in a folder that MateBot serves, under a name nobody can guess; the name changes
when the picture does. Who has no picture, or where nothing of ours can be fetched, gets one of
Discord's own, always the same for the same person.
"""

import asyncio
import hmac
import logging
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, NamedTuple, Protocol

from matebot.core.errors import DeliveryError
from matebot.core.message import Author

log = logging.getLogger(__name__)

FRESH_S: Final = 1800.0
"""How long it is not asked again whether a picture is still the same."""
LOOK_S: Final = 4.0
"""How long a message may wait for its author's picture."""
MOST_PEOPLE: Final = 4096
MOST_FILES: Final = 5000
DISCORD_FACES: Final = 6
SERVED: Final = frozenset({".jpg", ".png", ".webp"})


class Picture(Protocol):
    """A picture's bytes, with the name that the service gives to them and their file suffix."""

    @property
    def unique_id(self) -> str:
        """The same as long as the picture is the same."""
        ...

    @property
    def content(self) -> bytes:
        """The bytes."""
        ...

    @property
    def suffix(self) -> str:
        """What they are: ``.jpg``, ``.png``, ``.webp`` or another."""
        ...


class PictureSource(Protocol):
    """Where people's pictures come from."""

    async def unique(self, user_or_chat_id: int) -> str | None:
        """The name of the current picture's bytes."""
        ...

    async def fetch(self, user_or_chat_id: int) -> Picture | None:
        """The current picture."""
        ...


class _Known(NamedTuple):
    url: str
    at: float


class Faces:
    """Finds a URL for a person's face.

    Args:
        source: Where pictures come from.
        folder: Where they are kept and served from.
        key: Makes the names unguessable; a secret.
        public_url: Under which the folder's files are served; None where Discord cannot fetch them.
        default_url: Under which Discord serves its own faces, ``…/embed/avatars``.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        source: PictureSource,
        folder: Path,
        key: bytes,
        *,
        public_url: str | None,
        default_url: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._folder = folder
        self._key = key
        self._public_url = public_url
        self._default_url = default_url
        self._clock = clock
        self._known: OrderedDict[int, _Known] = OrderedDict()

    async def url(self, author: Author) -> str:
        """The address of a person's face; never fails, and never takes long."""
        known = self._known.get(author.id)
        if known is not None and self._clock() - known.at < FRESH_S:
            return known.url
        url = known.url if known is not None else self._default(author)
        if self._public_url is not None and author.id:
            try:
                async with asyncio.timeout(LOOK_S):
                    url = await self._current(author) or self._default(author)
            except (DeliveryError, OSError, TimeoutError) as error:
                log.info("a face could not be fetched: %s", type(error).__name__)
        self._remember(author.id, url)
        return url

    def _default(self, author: Author) -> str:
        return f"{self._default_url}/{abs(author.id) % DISCORD_FACES}.png"

    def _remember(self, author_id: int, url: str) -> None:
        self._known[author_id] = _Known(url, self._clock())
        self._known.move_to_end(author_id)
        while len(self._known) > MOST_PEOPLE:
            self._known.popitem(last=False)

    async def _current(self, author: Author) -> str | None:
        unique_id = await self._source.unique(author.id)
        if unique_id is None:
            return None
        name = await asyncio.to_thread(self._kept, author.id, unique_id)
        if name is None:
            picture = await self._source.fetch(author.id)
            if picture is None or picture.suffix not in SERVED:
                return None
            name = await asyncio.to_thread(self._keep, author.id, picture)
        return f"{self._public_url}/{name}"

    def _stem(self, author_id: int, unique_id: str) -> str:
        digest = hmac.digest(self._key, f"{author_id}:{unique_id}".encode(), "sha256")
        return urlsafe_b64encode(digest[:24]).decode()

    def _kept(self, author_id: int, unique_id: str) -> str | None:
        """The file of a picture, if it is there; it counts as used now."""
        for path in self._folder.glob(f"{self._stem(author_id, unique_id)}.*"):
            path.touch()
            return path.name
        return None

    def _keep(self, author_id: int, picture: Picture) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{self._stem(author_id, picture.unique_id)}{picture.suffix}"
        with NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as draft:
            draft.write(picture.content)
        Path(draft.name).replace(self._folder / name)
        self._drop_oldest()
        return name

    def _drop_oldest(self) -> None:
        files = [path for path in self._folder.iterdir() if not path.name.startswith(".")]
        if len(files) > MOST_FILES:
            files.sort(key=lambda path: path.stat().st_mtime)
            for path in files[: len(files) - MOST_FILES]:
                path.unlink(missing_ok=True)
