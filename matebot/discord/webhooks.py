"""One webhook per channel, MateBot's own: found again, made when absent, made anew when deleted."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from matebot.core.errors import NoAccess
from matebot.core.ids import Room
from matebot.discord.client import DiscordClient
from matebot.discord.errors import MissingPermission
from matebot.discord.names import OWN
from matebot.discord.places import Places

log = logging.getLogger(__name__)

K = TypeVar("K")
V = TypeVar("V")

_KEPT: Final = 4096
_REFUSED_S: Final = 600.0
"""How long a channel that gives no webhook is not asked again."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook to post through.

    Attributes:
        id: Its id.
        token: What lets one post through it; a secret.
        channel_id: The channel that it belongs to.
    """

    id: int
    token: str = field(repr=False)
    channel_id: int


class Webhooks:
    """Knows the webhook of each channel.

    Args:
        client: Makes the calls.
        places: Tells a thread's parent.
        known: Ids of webhooks that MateBot made before.
        on_made: Told the id and the channel of each new one.
        on_missing_permission: Told a room in which MateBot may not manage webhooks, each time that
            it was found so.
    """

    def __init__(
        self,
        client: DiscordClient,
        places: Places,
        *,
        known: Iterable[int] = (),
        on_made: Callable[[int, int], Awaitable[None]],
        on_missing_permission: Callable[[Room], Awaitable[None]],
    ) -> None:
        self._client = client
        self._places = places
        self._on_made = on_made
        self._on_missing_permission = on_missing_permission
        self._hooks: OrderedDict[int, Hook] = OrderedDict()
        self._own: OrderedDict[int, None] = OrderedDict.fromkeys(known)
        self._refused: OrderedDict[int, float] = OrderedDict()
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @property
    def own_ids(self) -> Collection[int]:
        """The ids that are known to be MateBot's; ``in`` is quick."""
        return self._own

    async def get(self, room: Room) -> Hook | None:
        """The webhook that posts into a room; None where MateBot gets none and the bot must post.

        Raises:
            RoomGone: There is no such channel.
            DeliveryError: Discord did not tell.
        """
        channel = (await self._places.get(room.chat)).webhook_channel_id
        lock = self._locks.setdefault(channel, asyncio.Lock())
        async with lock:
            hook = self._hooks.get(channel)
            if hook is not None or self._is_refused(channel):
                return hook
            try:
                hook = await self._find(channel) or await self._make(channel)
            except NoAccess as error:
                await self._note_refusal(room, channel, error)
                return None
            _remember(self._hooks, channel, hook)
            return hook

    async def posted_by(self, room: Room, webhook_id: int) -> Hook | None:
        """That very webhook, if it is MateBot's and still there.

        Raises:
            DeliveryError: Discord did not tell.
        """
        channel = (await self._places.get(room.chat)).webhook_channel_id
        return next((hook for hook in await self._all(channel) if hook.id == webhook_id), None)

    def forget(self, hook: Hook) -> None:
        """It was deleted, or its token changed."""
        if self._hooks.get(hook.channel_id) == hook:
            del self._hooks[hook.channel_id]

    def forget_refusals(self) -> None:
        """Permissions have changed: ask again."""
        self._refused.clear()

    def _is_refused(self, channel: int) -> bool:
        return time.monotonic() < self._refused.get(channel, 0.0)

    async def _note_refusal(self, room: Room, channel: int, error: NoAccess) -> None:
        log.warning("%s: posting without a webhook: %s", room, error)
        _remember(self._refused, channel, time.monotonic() + _REFUSED_S)
        if isinstance(error, MissingPermission):
            await self._on_missing_permission(room)

    async def _all(self, channel: int) -> list[Hook]:
        """MateBot's webhooks of a channel, the oldest first."""
        async with self._client.asking():
            found: list[Any] = list(await self._client.http.channel_webhooks(channel))
        mine = str(self._client.application_id)
        hooks = [
            Hook(int(each["id"]), each["token"], channel)
            for each in found
            if each.get("application_id") == mine and each.get("token")
        ]
        for hook in hooks:
            _remember(self._own, hook.id, None)
        return sorted(hooks, key=lambda hook: hook.id)

    async def _find(self, channel: int) -> Hook | None:
        return next(iter(await self._all(channel)), None)

    async def _make(self, channel: int) -> Hook:
        async with self._client.asking():
            made: Any = await self._client.http.create_webhook(channel, name=OWN)
        hook = Hook(int(made["id"]), made["token"], channel)
        _remember(self._own, hook.id, None)
        log.info("discord:%s: made webhook %s", channel, hook.id)
        await self._on_made(hook.id, channel)
        return hook


def _remember(kept: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep a value, and not more than 4096 of them."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _KEPT:
        kept.popitem(last=False)
