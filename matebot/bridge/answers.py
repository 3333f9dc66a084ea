"""How MateBot's own answers travel: returned on Discord, stored as deliveries on Telegram."""

import asyncio
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from matebot.core.errors import DeliveryError
from matebot.core.ids import Platform, Room
from matebot.core.linking import LinkingStore, Say, Stamp
from matebot.core.message import Author
from matebot.core.notice import Notice
from matebot.core.ports import Rooms
from matebot.core.richtext import RichText
from matebot.core.words import Words

TITLE_TIMEOUT_S = 3.0  # an answer does not wait longer for a name; the room's id stands in
LONGEST_NAME = 60  # code points; keeps an answer about many rooms within one message
MOST_NAMES = 12
_TURNING = ("Cc", "Cf", "Cs")  # control, format (direction marks), halves of surrogate pairs


class Scene(NamedTuple):
    """Who is answered, and where.

    Attributes:
        room: Where.
        caller: Who.
        language: In which language.
        stamp: When, and the update that asks for the answer.
        reply_to: The id of the message that is answered, if there is one.
    """

    room: Room
    caller: Author
    language: str
    stamp: Stamp
    reply_to: int | None = None


class Known(NamedTuple):
    """What is known of some rooms: how people call them, and what to speak there."""

    titles: Mapping[Room, str]
    languages: Mapping[Room, str]
    default_language: str

    def title(self, room: Room) -> str:
        """What people call the room; its bare name if that is unknown."""
        return self.titles.get(room, str(room))

    def listed(self, rooms: Iterable[Room]) -> str:
        """The rooms' titles in one line; of very many the first alone."""
        titles = [self.title(room) for room in rooms]
        more = ["…"] if len(titles) > MOST_NAMES else []
        return ", ".join(titles[:MOST_NAMES] + more)

    def language(self, room: Room) -> str:
        """What MateBot speaks in the room."""
        return self.languages.get(room, self.default_language)


class Answers:
    """Finds words for answers and sends them on their way.

    Args:
        store: Where Telegram's answers rest.
        words: The catalogue.
        rooms: What each platform knows of its rooms.
        wake: Tells the lanes of these rooms that something waits.
        default_language: For rooms whose language was never set.
    """

    def __init__(
        self,
        store: LinkingStore,
        words: Words,
        rooms: Mapping[Platform, Rooms],
        wake: Callable[[Iterable[Room]], None],
        default_language: str,
    ) -> None:
        self._store = store
        self._words = words
        self._rooms = rooms
        self._wake = wake
        self._default_language = default_language

    def text(self, language: str, message_id: str, /, **args: str | float) -> RichText:
        """A message of the catalogue, plain."""
        return RichText(self._words(language, message_id, **args))

    async def know(self, rooms: Iterable[Room]) -> Known:
        """Look up the rooms' titles and languages."""
        unique = tuple(dict.fromkeys(rooms))
        languages = await self._store.languages(unique)
        async with asyncio.TaskGroup() as group:
            titles = [group.create_task(self._title(room)) for room in unique]
        named = {room: task.result() for room, task in zip(unique, titles, strict=True)}
        return Known(named, languages, self._default_language)

    async def _title(self, room: Room) -> str:
        try:
            async with asyncio.timeout(TITLE_TIMEOUT_S):
                title = await self._rooms[room.platform].title(room)
        except (DeliveryError, TimeoutError):
            return str(room)
        return shown(title) or str(room)

    def says(self, scene: Scene, notice: Notice | None, others: Sequence[Say] = ()) -> list[Say]:
        """What is to be stored for an answer, and for what else is said with it."""
        if notice is None or scene.room.platform is Platform.DISCORD:
            return list(others)
        return [Say(scene.room, _addressed(scene, notice)), *others]

    def sent(self, scene: Scene, notice: Notice | None, says: Sequence[Say]) -> Notice | None:
        """What was stored is on its way; returns the answer that is not stored."""
        self._wake({say.room for say in says})
        return notice if scene.room.platform is Platform.DISCORD else None

    async def tell(self, scene: Scene, notice: Notice) -> Notice | None:
        """Answer, and change nothing else."""
        says = self.says(scene, notice)
        fresh = not says or await self._store.say(says, scene.stamp)
        return self.sent(scene, notice, says) if fresh else None

    async def tell_text(
        self, scene: Scene, message_id: str, /, **args: str | float
    ) -> Notice | None:
        """Answer with a message of the catalogue, and change nothing else."""
        return await self.tell(scene, Notice(self.text(scene.language, message_id, **args)))


def _addressed(scene: Scene, notice: Notice) -> Notice:
    """An answer in Telegram: it replies to the command; a private chat needs no whispering."""
    private = scene.room.chat == scene.caller.id > 0
    addressed = msgspec.structs.replace(notice, reply_to=scene.reply_to)
    return msgspec.structs.replace(addressed, only_for=None, or_else=None) if private else addressed


def shown(name: str) -> str:
    """A name that somebody chose, on one line, short, without what turns the text around it."""
    line = " ".join(name.split())
    line = "".join(c for c in line if c == "\u200d" or unicodedata.category(c) not in _TURNING)
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1].rstrip() + "…"
