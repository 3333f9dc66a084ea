"""Writes into Discord's channels: the calls, one attempt each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import discord
from discord.http import MultipartParameters

from matebot.core.errors import DeliveryError, MessageGone, NoAccess, PermanentError
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.message import Author, Button, Copy, Notice
from matebot.core.richtext import RichText
from matebot.core.words import Words
from matebot.discord import markup
from matebot.discord.adapter import OneAttempt
from matebot.discord.client import DiscordClient
from matebot.discord.errors import Foreign, IdentityRefused, ThreadArchived, WebhookGone
from matebot.discord.limits import BUTTON_LABEL, BUTTONS, NONCE, PAGE
from matebot.discord.names import FALLBACK
from matebot.discord.places import Places
from matebot.discord.render import ALLOWED_MENTIONS, DiscordPart, render
from matebot.discord.webhooks import Hook, Webhooks

_CALL_S: Final = 30.0


class Calls:
    """The calls that write, in Discord's own words; both bot and webhooks.

    Raises, all of them:
        DeliveryError: See `matebot.discord.errors`.
    """

    def __init__(self, client: DiscordClient) -> None:
        self._client = client
        self._adapter = OneAttempt()  # type: ignore[no-untyped-call]  # the library's constructor

    async def execute(self, hook: Hook, thread_id: int | None, payload: dict[str, Any]) -> Any:
        """Post through a webhook."""
        with self._client.calling(posting=True):
            return await self._adapter.execute_webhook(
                hook.id,
                hook.token,
                session=self._client.session,
                payload=payload,
                thread_id=thread_id,
                wait=True,
            )

    async def edit_by_webhook(
        self, hook: Hook, thread_id: int | None, message_id: int, payload: dict[str, Any]
    ) -> None:
        """Change a message that this webhook posted."""
        with self._client.calling():
            await self._adapter.edit_webhook_message(
                hook.id,
                hook.token,
                message_id,
                session=self._client.session,
                payload=payload,
                thread_id=thread_id,
            )

    async def delete_by_webhook(self, hook: Hook, thread_id: int | None, message_id: int) -> None:
        """Delete a message that this webhook posted."""
        with self._client.calling():
            await self._adapter.delete_webhook_message(
                hook.id,
                hook.token,
                message_id,
                session=self._client.session,
                thread_id=thread_id,
            )

    async def post(self, channel_id: int, payload: Mapping[str, Any], key: str) -> Any:
        """Post as the bot. The library may repeat it; the nonce makes that one message."""
        body = {**payload, "nonce": key[:NONCE], "enforce_nonce": True}
        async with self._bounded(posting=True):
            return await self._client.http.send_message(channel_id, params=_json(body))

    async def edit(self, ref: MessageRef, payload: dict[str, Any]) -> None:
        """Change a message of the bot's own."""
        async with self._bounded():
            await self._client.http.edit_message(
                ref.room.chat, ref.message_id, params=_json(payload)
            )

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message, the bot's own or, with Manage Messages, anybody's."""
        async with self._bounded():
            await self._client.http.delete_message(ref.room.chat, ref.message_id)

    async def reopen(self, thread_id: int) -> None:
        """Take a thread out of the archive."""
        async with self._bounded():
            await self._client.http.edit_channel(thread_id, archived=False)

    async def message(self, ref: MessageRef) -> Any:
        """A message as it stands there."""
        async with self._bounded():
            return await self._client.http.get_message(ref.room.chat, ref.message_id)

    async def page(self, room: Room, after: int) -> list[Any]:
        """Up to 100 messages behind one, the oldest first."""
        async with self._bounded():
            found = await self._client.http.logs_from(room.chat, PAGE, after=after)
        return sorted(found, key=lambda message: int(message["id"]))

    async def private_channel(self, user_id: int) -> int:
        """The private chat with a person."""
        async with self._bounded():
            channel = await self._client.http.start_private_message(str(user_id))
        return int(channel["id"])

    @asynccontextmanager
    async def _bounded(self, *, posting: bool = False) -> AsyncIterator[None]:
        """The library waits and repeats by itself, but here no longer than 30 s."""
        with self._client.calling(posting=posting):
            async with asyncio.timeout(_CALL_S):
                yield


class DiscordMessenger:
    """Implements `matebot.core.ports.Messenger` for Discord.

    Args:
        client: The connection.
        webhooks: Finds the webhook to post through.
        places: Tells where a room lies.
        words: The catalogue.
        avatar_url: A public address of an author's picture, or None.
    """

    platform = Platform.DISCORD

    def __init__(
        self,
        client: DiscordClient,
        webhooks: Webhooks,
        places: Places,
        words: Words,
        avatar_url: Callable[[Author], Awaitable[str | None]],
    ) -> None:
        self._client = client
        self._calls = Calls(client)
        self._webhooks = webhooks
        self._places = places
        self._words = words
        self._avatar_url = avatar_url

    async def prepare(self, room: Room, copy: Copy) -> Sequence[DiscordPart]:
        """Render a copy; see `Messenger.prepare`."""
        hook = await self._webhooks.get(room)
        place = await self._places.get(room.chat)
        avatar = None if hook is None else await self._avatar_url(copy.message.author)
        return render(
            copy,
            self._words,
            as_bot=hook is None,
            guild_id=place.guild_id,
            avatar_url=avatar,
        )

    async def send(self, room: Room, part: DiscordPart, key: str) -> MessageRef:
        """Post one message; a webhook that was deleted meanwhile is made anew."""
        hook = None if part.as_bot else await self._webhooks.get(room)
        if hook is None:
            posted = await self._calls.post(room.chat, _bot_payload(part), key)
            return MessageRef(room, int(posted["id"]))
        try:
            posted = await self._execute(hook, room, part)
        except WebhookGone:
            # Nothing was posted. Another that vanishes at once is left to the lane's retry.
            self._webhooks.forget(hook)
            hook = await self._webhooks.get(room)
            if hook is None:
                posted = await self._calls.post(room.chat, _bot_payload(part), key)
            else:
                posted = await self._execute(hook, room, part)
        return MessageRef(room, int(posted["id"]))

    async def _execute(self, hook: Hook, room: Room, part: DiscordPart) -> Any:
        """Post through a webhook; under its own name where Discord refuses the author's."""
        thread = (await self._places.get(room.chat)).thread_id
        payload = _webhook_payload(part)
        try:
            return await self._calls.execute(hook, thread, payload)
        except IdentityRefused:
            # A rule for names that nobody wrote down: what was said still arrives, and who said it.
            payload.pop("avatar_url", None)
            payload["username"] = FALLBACK
            with suppress(NoAccess):  # no space for the name beside a full text
                payload["content"] = part.content(as_bot=True)
            return await self._calls.execute(hook, thread, payload)

    async def edit(self, ref: MessageRef, part: DiscordPart) -> None:
        """Change a message; an archived thread is opened for it; see `Messenger.edit`."""
        try:
            await self._edit(ref, part)
        except ThreadArchived:
            await self._calls.reopen(ref.room.chat)
            await self._edit(ref, part)

    async def _edit(self, ref: MessageRef, part: DiscordPart) -> None:
        """Change a message through whoever posted it."""
        hook = None if part.as_bot else await self._webhooks.get(ref.room)
        try:
            await self._edit_by(hook, ref, part)
        except (Foreign, MessageGone, WebhookGone) as error:
            if isinstance(error, WebhookGone) and hook is not None:
                self._webhooks.forget(hook)
            await self._edit_by(await self._poster(ref), ref, part)

    async def _edit_by(self, hook: Hook | None, ref: MessageRef, part: DiscordPart) -> None:
        payload = {
            "content": part.content(as_bot=hook is None),
            "allowed_mentions": ALLOWED_MENTIONS,
        }
        if hook is None:
            await self._calls.edit(ref, payload)
            return
        thread = (await self._places.get(ref.room.chat)).thread_id
        await self._calls.edit_by_webhook(hook, thread, ref.message_id, payload)

    async def _poster(self, ref: MessageRef) -> Hook | None:
        """The webhook that posted a message; None for the bot itself.

        Raises:
            MessageGone: It does not stand there.
            PermanentError: Its webhook was deleted, or it is somebody else's.
        """
        message = await self._calls.message(ref)
        if message.get("webhook_id") is None:
            return None
        hook = await self._webhooks.posted_by(ref.room, int(message["webhook_id"]))
        if hook is None:
            raise PermanentError("the webhook that posted the message is gone")
        return hook

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

    async def notice(self, room: Room, notice: Notice, key: str) -> MessageRef | None:
        """Say something as the bot; to one person in private; see `Messenger.notice`."""
        if notice.only_for is None:
            return await self._say(room, notice.text, notice, key)
        try:
            channel = await self._calls.private_channel(notice.only_for)
            await self._say(Room.discord(channel), notice.text, notice, key)
        except NoAccess:
            if notice.or_else is None:
                raise
            public = Notice(notice.or_else, reply_to=notice.reply_to)
            return await self._say(room, public.text, public, key)
        return None

    async def _say(self, room: Room, text: RichText, notice: Notice, key: str) -> MessageRef:
        """Post a notice's text, the buttons below its last piece; the first piece is its place."""
        pieces = markup.split(text)
        refs: list[MessageRef] = []
        for number, piece in enumerate(pieces):
            payload: dict[str, Any] = {"content": piece, "allowed_mentions": ALLOWED_MENTIONS}
            if number == 0 and notice.reply_to is not None and notice.only_for is None:
                payload["message_reference"] = {
                    "message_id": str(notice.reply_to),
                    "fail_if_not_exists": False,
                }
            if number == len(pieces) - 1 and notice.buttons:
                payload["components"] = components(notice.buttons)
            piece_key = key if number == 0 else f"{key[: NONCE - 3]}.{number}"
            posted = await self._calls.post(room.chat, payload, piece_key)
            refs.append(MessageRef(room, int(posted["id"])))
        return refs[0]

    async def find(self, room: Room, after: int) -> Sequence[MessageRef]:
        """What MateBot posted behind a message; see `Messenger.find`."""
        refs: list[MessageRef] = []
        while True:
            page = await self._calls.page(room, after)
            refs += [MessageRef(room, int(each["id"])) for each in page if self._is_own(each)]
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


class DiscordRooms:
    """Implements `matebot.core.ports.Rooms` for Discord."""

    def __init__(self, client: DiscordClient, places: Places) -> None:
        self._client = client
        self._places = places

    async def is_admin(self, room: Room, user_id: int) -> bool:
        """Whether a person may manage the server; see `Rooms.is_admin`."""
        place = await self._places.get(room.chat)
        if place.guild_id is None:
            return False
        guild = await self._places.guild(place.guild_id)
        if guild.owner_id == user_id:
            return True
        try:
            with self._client.calling():
                member = await guild.fetch_member(user_id)
        except PermanentError:  # no member
            return False
        return manages(member.guild_permissions)

    async def title(self, room: Room) -> str:
        """``#general (My server)``; see `Rooms.title`."""
        try:
            place = await self._places.get(room.chat)
            if place.guild_id is None:
                return place.name
            guild = await self._places.guild(place.guild_id)
        except DeliveryError:
            return str(room)  # the channel is gone, or Discord does not tell now
        return f"#{place.name} ({guild.name})"


def manages(permissions: discord.Permissions) -> bool:
    """Whether these rights let one decide what happens to a room."""
    return permissions.administrator or permissions.manage_guild


def components(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Buttons in rows of five, as the API takes them; the action comes back as ``custom_id``."""
    each = [
        {"type": 2, "style": 2, "label": b.label[:BUTTON_LABEL], "custom_id": b.action}
        for b in buttons
    ]
    rows = [each[start : start + BUTTONS] for start in range(0, len(each), BUTTONS)]
    return [{"type": 1, "components": row} for row in rows]


def _webhook_payload(part: DiscordPart) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "content": part.content(as_bot=False),
        "username": part.username,
        "allowed_mentions": ALLOWED_MENTIONS,
        "flags": part.flags,
    }
    if part.avatar_url is not None:
        payload["avatar_url"] = part.avatar_url
    return payload


def _bot_payload(part: DiscordPart) -> dict[str, Any]:
    return {
        "content": part.content(as_bot=True),
        "allowed_mentions": ALLOWED_MENTIONS,
        "flags": part.flags,
    }


def _json(payload: dict[str, Any]) -> MultipartParameters:
    return MultipartParameters(payload=payload, multipart=None, files=None)
