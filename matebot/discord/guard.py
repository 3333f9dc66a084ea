"""Names from Telegram that could be taken for somebody's in Discord.

They are marked, nobody is kept out. Whose names count: MateBot's own, those of people who spoke of
late, and those of members whom a search by the begin of the name finds. Where Discord does not
tell, a name stays unmarked.
"""

import asyncio
import logging
import time
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, Final, TypeVar

import discord
from discord.http import Route

from matebot.core.errors import DeliveryError
from matebot.core.events import Edited, Event, Posted
from matebot.core.ports import Intake, Mark
from matebot.discord.client import DiscordClient
from matebot.discord.names import OWN

log = logging.getLogger(__name__)

K = TypeVar("K")
V = TypeVar("V")

_TOLD_S: Final = 600.0
"""How long an answer holds."""
_KEPT: Final = 2048
"""Verdicts and speakers that are remembered."""
_SEARCH_S: Final = 3.0
"""How long a copy waits for a search."""
_SEARCHES: Final = 8
_SEARCHES_S: Final = 10.0
"""As many searches in so many seconds: docs/resources/guild#search-guild-members has ten."""
_FOUND: Final = 100
_BEGIN: Final = 3
"""Letters that a search begins with; how the rest is written tells the comparison."""

#: Letters with the Latin one that they look like, once case and compatibility were folded away:
#: https://www.unicode.org/Public/security/latest/confusables.txt, the common ones (2026-11-24).
_PAIRS: Final = (
    "аa вb сc ԁd еe һh іi јj кk мm нh оo рp ԛq гr ѕs тt уy хx ԝw ѵv ӏl ьb "
    "αa βb εe ηn ιi κk νv οo ρp τt υu χx ϲc ϳj ωw ıi łl øo đd ħh ŧt ɑa ɡg ɩi օo սu հh ոn ցg "
    "ᴀa ʙb ᴄc ᴅd ᴇe ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"
)
_LOOKS: Final = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
#: Letters by name that show nothing: the fillers of Hangul.
_UNSEEN: Final = frozenset("\u115f\u1160\u3164\uffa0")
#: Letters that look alike among themselves.
_ALIKE: Final = str.maketrans("i1|0", "lllo")
_TWINS: Final = {"i": "il", "l": "li"}


def folded(name: str) -> str:
    """A name in small Latin letters as far as it looks so; letters and digits alone."""
    text = unicodedata.normalize("NFKC", name).casefold()
    bare = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    kept = "".join(bare).translate(_LOOKS)
    return "".join(c for c in kept if (c.isalnum() and c not in _UNSEEN) or c == "|")


@lru_cache(maxsize=_KEPT)
def skeleton(name: str) -> str:
    """What two names have in common that look alike; a name of signs alone is its own."""
    text = folded(name).translate(_ALIKE).replace("rn", "m").replace("vv", "w")
    return text or "".join(name.split())


def begins(name: str) -> list[str]:
    """How a name that looks like this one may begin, as a search takes it; at most four."""
    typed = "".join(c for c in name if c.isprintable() and unicodedata.category(c) != "Cf")
    # A search does not regard case.
    forms = [typed.strip()[:_BEGIN].rstrip().casefold(), *_spelt(folded(name)[:_BEGIN])]
    return list(dict.fromkeys(form for form in forms if form))[:4]


def _spelt(begin: str) -> Iterator[str]:
    """All ways to spell it with letters that look the same."""
    for letters in product(*(_TWINS.get(letter, letter) for letter in begin)):
        yield "".join(letters)


class Guard:
    """Knows whose names a name from Telegram could be taken for.

    Args:
        client: Makes the calls, and knows MateBot's own names.
        clock: Seconds that only grow.
    """

    def __init__(self, client: DiscordClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._speakers: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._verdicts: OrderedDict[tuple[int, str], tuple[float, bool]] = OrderedDict()
        self._searched: deque[float] = deque(maxlen=_SEARCHES)

    def saw(self, guild_id: int, name: str) -> None:
        """A person of this name spoke in that server."""
        _keep(self._speakers, (guild_id, skeleton(name)), None)

    async def looks_alike(self, guild_id: int, name: str) -> bool:
        """Whether a name could be taken for MateBot's or a member's; False where nobody knows."""
        key = (guild_id, skeleton(name))
        if key in self._speakers or key[1] in self._own(guild_id):
            return True
        told_at, verdict = self._verdicts.get(key, (None, False))
        if told_at is not None and self._clock() - told_at < _TOLD_S:
            return verdict
        queries = begins(name)
        if not self._may_search(len(queries)):
            return False
        verdict = key[1] in await self._members(guild_id, queries)
        _keep(self._verdicts, key, (self._clock(), verdict))
        return verdict

    def _own(self, guild_id: int) -> set[str]:
        """How MateBot's own names look."""
        names = [OWN]
        if self._client.user is not None:
            names.append(self._client.user.display_name)
            guild = self._client.get_guild(guild_id)
            if guild is not None and (me := guild.get_member(self._client.user.id)) is not None:
                names.append(me.display_name)
        return {skeleton(name) for name in names}

    def _may_search(self, times: int) -> bool:
        """Whether so many searches keep within the rate; they are counted."""
        now = self._clock()
        while self._searched and now - self._searched[0] >= _SEARCHES_S:
            self._searched.popleft()
        if len(self._searched) + times > _SEARCHES:
            return False
        self._searched.extend([now] * times)
        return True

    async def _members(self, guild_id: int, queries: Iterable[str]) -> set[str]:
        """How the names of members look that begin so; nobody where Discord does not tell."""
        found: set[str] = set()
        try:
            async with asyncio.timeout(_SEARCH_S):
                for query in queries:
                    found |= {skeleton(shown(each)) for each in await self._search(guild_id, query)}
        except (DeliveryError, TimeoutError) as error:
            log.info("members were not searched: %s", type(error).__name__)
        return found

    async def _search(self, guild_id: int, query: str) -> list[Any]:
        route = Route("GET", "/guilds/{guild_id}/members/search", guild_id=guild_id)
        with self._client.calling():
            members: list[Any] = await self._client.http.request(
                route, params={"query": query, "limit": _FOUND}
            )
        return members


def shown(member: Any) -> str:
    """The name of one of the API's members as people see it."""
    user = member["user"]
    return str(member.get("nick") or user.get("global_name") or user["username"])


class Overheard:
    """An intake that tells a guard who speaks (`matebot.core.ports.Intake`).

    Args:
        intake: What everything goes on to.
        guard: Told.
        client: Tells a channel's server.
    """

    def __init__(self, intake: Intake, guard: Guard, client: DiscordClient) -> None:
        self._intake = intake
        self._guard = guard
        self._client = client

    def take(self, events: Sequence[Event], mark: Mark) -> Awaitable[None]:
        """See `Intake.take`."""
        for event in events:
            if isinstance(event, Posted | Edited) and not event.message.author.is_bot:
                channel = self._client.get_channel(event.message.ref.room.chat)
                if isinstance(channel, discord.abc.GuildChannel | discord.Thread):
                    self._guard.saw(channel.guild.id, event.message.author.name)
        return self._intake.take(events, mark)


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep a value, and not more than 2048 of them."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _KEPT:
        kept.popitem(last=False)
