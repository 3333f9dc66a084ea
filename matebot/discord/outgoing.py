"""Writes into Discord's channels: copies, notices, reactions and pins."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Final

from msgspec.structs import replace

from matebot.core.errors import MessageGone, NoAccess, PermanentError
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.message import Author, Copy, Emoji, Message, Tally
from matebot.core.notice import Menu, Notice
from matebot.core.richtext import RichText
from matebot.core.words import Words
from matebot.discord import markup, merging
from matebot.discord.calls import Calls
from matebot.discord.client import DiscordClient
from matebot.discord.errors import (
    Foreign,
    IdentityRefused,
    MissingPermission,
    NoOpenPoll,
    ThreadArchived,
    WebhookGone,
)
from matebot.discord.guard import Guard
from matebot.discord.limits import (
    BUTTON_LABEL,
    BUTTONS,
    NONCE,
    OPTION_TEXT,
    OPTIONS,
    PAGE,
    PLACEHOLDER,
)
from matebot.discord.names import FALLBACK
from matebot.discord.places import Places
from matebot.discord.polls import Ballot
from matebot.discord.reactions import known_emoji, set_reactions
from matebot.discord.render import ALLOWED_MENTIONS, DiscordPart, Place, render
from matebot.discord.webhooks import Hook, Webhooks

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
    ) -> None:
        self._client = client
        self._guard = guard
        self._calls = Calls(client)
        self._webhooks = webhooks
        self._places = places
        self._words = words
        self._avatar_url = avatar_url

    def foresee(self, room: Room, message: Message) -> None:
        """Nothing takes time yet; see `Messenger.foresee`."""

    async def prepare(self, room: Room, copy: Copy) -> Sequence[DiscordPart]:
        """Render a copy; see `Messenger.prepare`."""
        return render(copy, self._words, await self._place(room, copy.message))

    async def prepare_together(self, room: Room, copies: Sequence[Copy]) -> Sequence[DiscordPart]:
        """The posts that several copies become; see `Messenger.prepare_together`."""
        place = await self._place(room, copies[0].message)
        return merging.together(copies, self._words, place)

    async def most_together(self, room: Room, copies: Sequence[Copy]) -> int:
        """See `Messenger.most_together`."""
        place = await self._place(room, copies[0].message)
        return merging.most_together(copies, self._words, place)

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
        return (await self._send(room, part, key),)

    async def _send(self, room: Room, part: DiscordPart, key: str) -> MessageRef:
        """Post one message; a webhook that was deleted meanwhile is made anew."""
        if part.ballot is not None:
            return await self._ask(room, part, part.ballot, key)
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

    async def _ask(self, room: Room, part: DiscordPart, ballot: Ballot, key: str) -> MessageRef:
        """Post a poll as the bot; in words where it may post none."""
        asked = replace(part, text=ballot.text)
        payload = {**_bot_payload(asked), "poll": ballot.payload}
        try:
            posted = await self._calls.post(room.chat, payload, key)
        except MissingPermission:
            posted = await self._calls.post(room.chat, _bot_payload(part), key)
        ref = MessageRef(room, int(posted["id"]))
        if ballot.closed:
            await self._end_poll(ref)
        return ref

    async def _end_poll(self, ref: MessageRef) -> None:
        with suppress(NoOpenPoll):
            await self._calls.end_poll(ref)

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

    async def edit(self, ref: MessageRef, part: DiscordPart, *, files: bool = False) -> None:  # noqa: ARG002
        """Change a message; an archived thread is opened for it; see `Messenger.edit`."""
        if part.ballot is not None:
            if part.ballot.closed:  # until then a poll stays as it was asked
                await self._end_poll(ref)
            return
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
            "allowed_mentions": part.allowed_mentions,
            "flags": part.edit_flags,
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
        ref = MessageRef(room, 0)
        for number, piece in enumerate(pieces):
            payload: dict[str, Any] = {"content": piece, "allowed_mentions": ALLOWED_MENTIONS}
            if number == 0 and notice.reply_to is not None and notice.only_for is None:
                payload["message_reference"] = {
                    "message_id": str(notice.reply_to),
                    "fail_if_not_exists": False,
                }
            if number == len(pieces) - 1 and (notice.buttons or notice.menus):
                payload["components"] = components(notice)
            piece_key = key if number == 0 else f"{key[: NONCE - 3]}.{number}"
            posted = await self._calls.post(room.chat, payload, piece_key)
            ref = MessageRef(room, int(posted["id"]))
        return ref

    async def find(self, room: Room, after: int, known: Collection[int]) -> Sequence[MessageRef]:
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


def components(notice: Notice) -> list[dict[str, Any]]:
    """What stands below a notice, as the API takes it: menus, then buttons in rows of five.

    A button's action comes back as ``custom_id``, an option's as the menu's value.
    """
    each = [
        {"type": 2, "style": 2, "label": b.label[:BUTTON_LABEL], "custom_id": b.action}
        for b in notice.buttons
    ]
    rows = [each[start : start + BUTTONS] for start in range(0, len(each), BUTTONS)]
    menus = [[_select(menu)] for menu in notice.menus]
    return [{"type": 1, "components": row} for row in menus + rows]


def _select(menu: Menu) -> dict[str, Any]:
    options = [
        {
            "label": option.label[:OPTION_TEXT],
            "value": option.action,
            **({"description": option.detail[:OPTION_TEXT]} if option.detail else {}),
            "default": option.chosen,
        }
        for option in menu.options[:OPTIONS]
    ]
    prompt = menu.prompt[:PLACEHOLDER]
    return {"type": 3, "custom_id": menu.name, "placeholder": prompt, "options": options}


def _webhook_payload(part: DiscordPart) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "content": part.content(as_bot=False),
        "username": part.username,
        "allowed_mentions": part.allowed_mentions,
        "flags": part.flags,
    }
    if part.avatar_url is not None:
        payload["avatar_url"] = part.avatar_url
    return payload


def _bot_payload(part: DiscordPart) -> dict[str, Any]:
    return {
        "content": part.content(as_bot=True),
        "allowed_mentions": part.allowed_mentions,
        "flags": part.flags,
    }
