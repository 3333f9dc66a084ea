"""What open pages are told: the difference between what they have and what is."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from matebot.sandbox.page_views import Views

Json = dict[str, Any]
PAUSE_S = 0.03  # between two looks: what changes together is told together
MOMENTS_KEPT = 100
SIDES = ("telegram", "discord")


@dataclass(slots=True)
class Feed:
    """Wakes the open pages.

    Attributes:
        moments: What is told once and leaves nothing behind (someone types), numbered.
    """

    views: Views
    daemon: Json = field(default_factory=lambda: {"running": False, "ready": False})
    moments: deque[tuple[int, Json]] = field(
        default_factory=lambda: deque(maxlen=MOMENTS_KEPT), init=False
    )
    _told: int = field(default=0, init=False)
    _event: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def wake(self) -> None:
        """Something may have changed."""
        self._event.set()
        self._event = asyncio.Event()

    def moment(self, what: Json) -> None:
        """Tell this once."""
        self._told += 1
        self.moments.append((self._told, what))
        self.wake()

    def _bar(self) -> Json:
        discord, telegram = self.views.stage.discord, self.views.stage.telegram
        return {
            "kind": "bar",
            "daemon": self.daemon,
            "outage": {"telegram": telegram.faults.outage, "discord": discord.faults.outage},
            "outside": {
                "telegram": [
                    place.key
                    for place in self.views.stage.left.places
                    if telegram.state.world.bot_status(telegram.state.world.chats[int(place.id)])
                    in ("kicked", "left")
                ],
                "discord": not discord.world.in_guild,
            },
        }

    async def follow(self) -> AsyncIterator[Json]:
        """What one page is to be told, from nothing to now, and then on and on."""
        sent = _Sent(last_moment=self._told)
        while True:
            event = self._event  # taken before the look: a change during it is not missed
            for news in self._news(sent):
                yield news
            await asyncio.sleep(PAUSE_S)
            await event.wait()

    def _news(self, sent: "_Sent") -> list[Json]:
        whole = ({"kind": "hello"} | self.views.hello(), self._bar())
        news = [one for one in whole if sent.is_new(one)]
        changes = (sent.difference(side, self.views.entries(side)) for side in SIDES)
        news += [one for one in changes if one is not None]
        for number, moment in self.moments:
            if number > sent.last_moment:
                sent.last_moment = number
                news.append(moment)
        return news


@dataclass(slots=True)
class _Sent:
    """What one page has."""

    last_moment: int
    _whole: dict[str, str] = field(default_factory=dict)
    _entries: dict[str, dict[str, str]] = field(
        default_factory=lambda: {side: {} for side in SIDES}
    )

    def is_new(self, one: Json) -> bool:
        text = json.dumps(one)
        if self._whole.get(one["kind"]) == text:
            return False
        self._whole[one["kind"]] = text
        return True

    def difference(self, side: str, entries: list[Json]) -> Json | None:
        had = self._entries[side]
        has = {entry["key"]: json.dumps(entry) for entry in entries}
        put = [entry for entry in entries if had.get(entry["key"]) != has[entry["key"]]]
        gone = [key for key in had if key not in has]
        first = not had
        self._entries[side] = has
        if not put and not gone:
            return None
        return {"kind": "changes", "side": side, "put": put, "gone": gone, "first": first}
