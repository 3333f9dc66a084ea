"""Makes and changes the posts that copies are made of, through whoever may."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from matebot.core.errors import FileTooLarge, MessageGone, NoAccess, OtherKind, PermanentError
from matebot.core.ids import MessageRef, Room
from matebot.core.media import Media, Takes
from matebot.discord.calls import Calls
from matebot.discord.errors import (
    FilesRefused,
    Foreign,
    IdentityRefused,
    MissingPermission,
    NoOpenPoll,
    ThreadArchived,
    WebhookGone,
)
from matebot.discord.names import FALLBACK
from matebot.discord.parts import DiscordPart, bot_payload, edit_payload, webhook_payload
from matebot.discord.places import Places
from matebot.discord.polls import Ballot
from matebot.discord.render_media import lesser
from matebot.discord.uploads import Sending, change, opened
from matebot.discord.webhooks import Hook, Webhooks

log = logging.getLogger(__name__)

T = TypeVar("T")

_ABOUT_FILES: Final = (FilesRefused, FileTooLarge, MissingPermission)


class Posting:
    """Posts parts and changes what was posted.

    Args:
        calls: Makes the calls.
        webhooks: Finds the webhook to post through.
        places: Tells where a room lies.
        media: Has the files.
    """

    def __init__(self, calls: Calls, webhooks: Webhooks, places: Places, media: Media) -> None:
        self._calls = calls
        self._webhooks = webhooks
        self._places = places
        self._media = media

    async def post(self, room: Room, part: DiscordPart, key: str, takes: Takes) -> MessageRef:
        """Post one message, with fewer of its files where Discord does not take them all.

        Raises:
            DeliveryError: See `matebot.core.errors`.
        """
        if part.ballot is not None:
            return await self._ask(room, part, part.ballot, key)

        async def post(form: DiscordPart) -> MessageRef:
            async with opened(self._media, form.uploads, takes) as files:
                return await self._post(room, form, key, files)

        return await _best_of(part, post)

    async def _post(
        self, room: Room, part: DiscordPart, key: str, files: Sequence[Sending]
    ) -> MessageRef:
        """Post one message; a webhook that was deleted meanwhile is made anew."""
        hook = None if part.as_bot else await self._webhooks.get(room)
        posted: Any = None
        if hook is not None:
            try:
                posted = await self._execute(hook, room, part, files)
            except WebhookGone:
                # Nothing was posted. Another that vanishes at once is left to the lane's retry.
                self._webhooks.forget(hook)
                hook = await self._webhooks.get(room)
                posted = None if hook is None else await self._execute(hook, room, part, files)
        if posted is None:
            posted = await self._calls.post(room.chat, bot_payload(part), key, files)
        return MessageRef(room, int(posted["id"]))

    async def _execute(
        self, hook: Hook, room: Room, part: DiscordPart, files: Sequence[Sending]
    ) -> Any:
        """Post through a webhook; under its own name where Discord refuses the author's."""
        thread = (await self._places.get(room.chat)).thread_id
        try:
            return await self._calls.execute(hook, thread, webhook_payload(part), files)
        except IdentityRefused:
            # A rule for names that nobody wrote down: what was said still arrives, and who said it.
            plain = replace(part, username=FALLBACK, avatar_url=None, may_be_voice=False)
            payload = webhook_payload(plain)
            with suppress(NoAccess):  # no space for the name beside a full text
                payload["content"] = plain.content(as_bot=True)
            return await self._calls.execute(hook, thread, payload, files)

    async def _ask(self, room: Room, part: DiscordPart, ballot: Ballot, key: str) -> MessageRef:
        """Post a poll as the bot; in words where it may post none."""
        asked = replace(part, text=ballot.text)
        payload = {**bot_payload(asked), "poll": ballot.payload}
        try:
            posted = await self._calls.post(room.chat, payload, key)
        except MissingPermission:
            posted = await self._calls.post(room.chat, bot_payload(part), key)
        ref = MessageRef(room, int(posted["id"]))
        if ballot.closed:
            await self._end_poll(ref)
        return ref

    async def _end_poll(self, ref: MessageRef) -> None:
        with suppress(NoOpenPoll):
            await self._calls.end_poll(ref)

    async def edit(self, ref: MessageRef, part: DiscordPart, takes: Takes, *, files: bool) -> None:
        """Change a message; an archived thread is opened for it; see `Messenger.edit`."""
        if part.ballot is not None:
            if part.ballot.closed:  # until then a poll stays as it was asked
                await self._end_poll(ref)
            return

        try:
            await self._change(ref, part, takes, files=files)
        except ThreadArchived:
            await self._calls.reopen(ref.room.chat)
            await self._change(ref, part, takes, files=files)

    async def _change(
        self, ref: MessageRef, part: DiscordPart, takes: Takes, *, files: bool
    ) -> None:
        if files:
            await _best_of(part, lambda form: self._edit_files(ref, form, takes))
        elif not part.is_voice(as_bot=False):  # nothing of a voice message could change
            await self._edit(ref, part, edit_payload, ())

    async def _edit_files(self, ref: MessageRef, part: DiscordPart, takes: Takes) -> None:
        """Change a message and its files: what stands there stays, what is new is uploaded.

        Raises:
            OtherKind: It is a voice message, or is to become one.
        """
        standing = await self._calls.message(ref)
        changed = change(standing, part.uploads)
        is_voice = part.is_voice(as_bot=False)
        if (changed.is_voice or is_voice) and changed.uploads:
            raise OtherKind("a voice message stays what it is")
        if changed.is_voice and not is_voice:
            raise OtherKind("a voice message stays what it is")
        if changed.is_voice:
            return

        def payload(form: DiscordPart, *, as_bot: bool) -> dict[str, Any]:
            return {**edit_payload(form, as_bot=as_bot), "attachments": list(changed.attachments)}

        async with opened(self._media, changed.uploads, takes) as sending:
            await self._edit(ref, part, payload, sending)

    async def _edit(
        self,
        ref: MessageRef,
        part: DiscordPart,
        payload: Callable[..., dict[str, Any]],
        files: Sequence[Sending],
    ) -> None:
        """Change a message through whoever posted it."""
        hook = None if part.as_bot else await self._webhooks.get(ref.room)
        try:
            await self._edit_by(hook, ref, payload(part, as_bot=hook is None), files)
        except (Foreign, MessageGone, WebhookGone) as error:
            if isinstance(error, WebhookGone) and hook is not None:
                self._webhooks.forget(hook)
            hook = await self._poster(ref)
            await self._edit_by(hook, ref, payload(part, as_bot=hook is None), files)

    async def _edit_by(
        self, hook: Hook | None, ref: MessageRef, payload: dict[str, Any], files: Sequence[Sending]
    ) -> None:
        if hook is None:
            await self._calls.edit(ref, payload, files)
            return
        thread = (await self._places.get(ref.room.chat)).thread_id
        await self._calls.edit_by_webhook(hook, thread, ref.message_id, payload, files)

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


async def _best_of(part: DiscordPart, make: Callable[[DiscordPart], Awaitable[T]]) -> T:
    """Make the best form of a part that Discord takes; a refusal made nothing.

    Raises:
        DeliveryError: As the last form failed.
    """
    while True:
        try:
            return await make(part)
        except PermanentError as error:
            about_files = isinstance(error, _ABOUT_FILES) or type(error) is PermanentError
            form = lesser(part, error) if about_files else None
            if form is None:
                raise
            log.warning("posted with less, as Discord refused: %s", error)
            part = form
