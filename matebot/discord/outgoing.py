"""Writes into Discord's channels: copies, notices, reactions and pins."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Final

from matebot.core.errors import MessageGone, NoAccess, PermanentError
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import Media, Outcome, Takes, has_files
from matebot.core.message import Author, Copy, Emoji, Message, Tally
from matebot.core.notice import Notice
from matebot.core.words import Words
from matebot.discord import merging
from matebot.discord.calls import Calls
from matebot.discord.client import DiscordClient
from matebot.discord.errors import MissingPermission, ThreadArchived, WebhookGone
from matebot.discord.guard import Guard
from matebot.discord.limits import FILE_BYTES, PAGE
from matebot.discord.notices import say
from matebot.discord.parts import DiscordPart
from matebot.discord.places import Places
from matebot.discord.posting import Posting
from matebot.discord.reactions import known_emoji, set_reactions
from matebot.discord.render import Place, render
from matebot.discord.webhooks import Webhooks

#: A default message, a reply and a command's answer: what somebody says; all else is the service's.
_SAID: Final = frozenset({0, 19, 20})


class DiscordMessenger:
    """Implements `matebot.core.ports.Messenger` for Discord.

    Args:
        client: The connection.
        webhooks: Finds the webhook to post through.
        places: Tells where a room lies.
        words: The catalogue.
        avatar_url: A public address of an author's picture, or None.
        guard: Tells which names could be taken for somebody's here.
        media: Has the files that come with messages.
    """

    platform = Platform.DISCORD

    def __init__(
        self,
        client: DiscordClient,
        webhooks: Webhooks,
        places: Places,
        words: Words,
        avatar_url: Callable[[Author], Awaitable[str | None]],
        *,
        guard: Guard,
        media: Media,
    ) -> None:
        self._client = client
        self._guard = guard
        self._calls = Calls(client)
        self._webhooks = webhooks
        self._places = places
        self._words = words
        self._avatar_url = avatar_url
        self._media = media
        self._posting = Posting(self._calls, webhooks, places, media)

    def foresee(self, room: Room, message: Message) -> None:
        """Begin to bring a message's files; see `Messenger.foresee`."""
        self._media.foresee(message, self._takes(room))

    async def prepare(self, room: Room, copy: Copy) -> Sequence[DiscordPart]:
        """Render a copy, its files ready; see `Messenger.prepare`."""
        place = await self._place(room, copy.message)
        return render(copy, self._words, place, await self._outcomes(room, copy))

    async def prepare_together(self, room: Room, copies: Sequence[Copy]) -> Sequence[DiscordPart]:
        """The posts that several copies become; see `Messenger.prepare_together`."""
        place = await self._place(room, copies[0].message)
        return merging.together(await self._brought(room, copies), self._words, place)

    async def most_together(self, room: Room, copies: Sequence[Copy]) -> int:
        """See `Messenger.most_together`."""
        place = await self._place(room, copies[0].message)
        brought = await self._brought(room, merging.candidates(copies))
        return merging.most_together(brought, self._words, place)

    async def _brought(self, room: Room, copies: Sequence[Copy]) -> Sequence[merging.Brought]:
        return [merging.Brought(copy, await self._outcomes(room, copy)) for copy in copies]

    async def _outcomes(self, room: Room, copy: Copy) -> Sequence[Outcome]:
        """What becomes of a copy's files; none is fetched for one that stands or is to go."""
        message = copy.message
        if copy.deleted or not has_files(message):
            return ()
        return await self._media.outcomes(message, self._takes(room), fetch=not copy.stands)

    def _takes(self, room: Room) -> Takes:
        """What files a room takes: its server's boosts tell how large."""
        guild_id = self._places.guild_id(room.chat)
        guild = None if guild_id is None else self._client.get_guild(guild_id)
        return Takes(self.platform, FILE_BYTES if guild is None else guild.filesize_limit)

    async def _place(self, room: Room, message: Message) -> Place:
        """Where and as whom what an author said is posted."""
        hook = await self._webhooks.get(room)
        place = await self._places.get(room.chat)
        avatar = None if hook is None else await self._avatar_url(message.author)
        alike = await self._looks_alike(message, place.guild_id)
        return Place(hook is None, place.guild_id, avatar, alike)

    async def _looks_alike(self, message: Message, guild_id: int | None) -> bool:
        """Whether the author's name could be taken for that of somebody in the server."""
        foreign = message.ref.room.platform is not self.platform and message.happening is None
        if guild_id is None or not foreign:
            return False
        return await self._guard.looks_alike(guild_id, message.author.name)

    async def send(
        self, room: Room, parts: Sequence[DiscordPart], key: str
    ) -> Sequence[MessageRef]:
        """Post one message; see `Messenger.send`."""
        (part,) = parts
        return (await self._posting.post(room, part, key, self._takes(room)),)

    async def edit(self, ref: MessageRef, part: DiscordPart, *, files: bool = False) -> None:
        """Change a message; an archived thread is opened for it; see `Messenger.edit`."""
        await self._posting.edit(ref, part, self._takes(ref.room), files=files)

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message; see `Messenger.delete`."""
        hook = await self._webhooks.get(ref.room)
        if hook is not None:
            thread = (await self._places.get(ref.room.chat)).thread_id
            try:
                await self._calls.delete_by_webhook(hook, thread, ref.message_id)
            except WebhookGone:
                self._webhooks.forget(hook)
            except MessageGone:
                pass  # or another webhook's, or the bot's: the bot tells
            else:
                return
        try:
            await self._calls.delete(ref)
        except MessageGone:
            return
        except NoAccess as error:
            # It stands and is not ours to delete; that says nothing of the room.
            raise PermanentError(str(error)) from None

    async def react(
        self,
        ref: MessageRef,
        tally: Sequence[Tally],
        own: Sequence[Emoji],  # noqa: ARG002  (the protocol's; Discord's own answer is surer)
    ) -> Sequence[Emoji]:
        """React like the people elsewhere, emoji by emoji; see `Messenger.react`.

        What MateBot reacts with now is asked of Discord: an attempt that broke off noted nothing.
        """
        place = await self._places.get(ref.room.chat)
        guild = None if place.guild_id is None else self._client.get_guild(place.guild_id)
        emoji = known_emoji(self._client.guilds, guild)
        try:
            return await set_reactions(self._calls, ref, tally, emoji)
        except ThreadArchived:
            await self._calls.reopen(ref.room.chat)
            return await set_reactions(self._calls, ref, tally, emoji)
        except MissingPermission as error:
            # The room can be written to all the same.
            raise PermanentError(str(error)) from None

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin a message or unpin it; see `Messenger.pin`."""
        try:
            await self._calls.pin(ref, pinned=pinned)
        except ThreadArchived:
            await self._calls.reopen(ref.room.chat)
            await self._calls.pin(ref, pinned=pinned)
        except MissingPermission as error:
            raise PermanentError(str(error)) from None

    async def typing(self, room: Room) -> None:
        """Does nothing: Telegram never tells that somebody types; see `Messenger.typing`."""

    async def notice(self, room: Room, notice: Notice, key: str) -> MessageRef | None:
        """Say something as the bot; to one person in private; see `Messenger.notice`."""
        return await say(self._calls, room, notice, key)

    async def find(
        self,
        room: Room,
        after: int,
        known: Collection[int],
        *,
        notice: Notice | None = None,  # noqa: ARG002  (the protocol's)
    ) -> Sequence[MessageRef]:
        """What MateBot posted behind a message; see `Messenger.find`."""
        refs: list[MessageRef] = []
        while True:
            page = await self._calls.page(room, after)
            own = (int(each["id"]) for each in page if each["type"] in _SAID and self._is_own(each))
            refs += [MessageRef(room, each) for each in own if each not in known]
            if len(page) < PAGE:
                return refs
            after = int(page[-1]["id"])

    def _is_own(self, message: Any) -> bool:
        webhook = message.get("webhook_id")
        if webhook is None:
            user = self._client.user
            return user is not None and message["author"]["id"] == str(user.id)
        application = message.get("application_id")
        mine = application == str(self._client.application_id)
        return mine or int(webhook) in self._webhooks.own_ids
