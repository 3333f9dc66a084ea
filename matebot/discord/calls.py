"""The calls that write into Discord, in its own words: one attempt each, or as good as one."""

from collections.abc import Mapping, Sequence
from typing import Any

from matebot.core.ids import MessageRef, Room
from matebot.discord.adapter import OneAttempt
from matebot.discord.client import DiscordClient
from matebot.discord.limits import NONCE, PAGE
from matebot.discord.uploads import Sending, form, patience_s
from matebot.discord.webhooks import Hook


class Calls:
    """The calls that write, in Discord's own words; both bot and webhooks.

    Raises, all of them:
        DeliveryError: See `matebot.discord.errors`.
    """

    def __init__(self, client: DiscordClient) -> None:
        self._client = client
        self._adapter = OneAttempt()

    async def execute(
        self,
        hook: Hook,
        thread_id: int | None,
        payload: dict[str, Any],
        files: Sequence[Sending] = (),
    ) -> Any:
        """Post through a webhook."""
        body = form(payload, files)
        with self._client.calling(posting=True):
            return await self._adapter.execute_webhook(
                hook.id,
                hook.token,
                session=self._client.session,
                payload=body.payload,
                multipart=body.multipart,
                files=body.files,
                thread_id=thread_id,
                wait=True,
            )

    async def edit_by_webhook(
        self,
        hook: Hook,
        thread_id: int | None,
        message_id: int,
        payload: dict[str, Any],
        files: Sequence[Sending] = (),
    ) -> None:
        """Change a message that this webhook posted."""
        body = form(payload, files)
        with self._client.calling():
            await self._adapter.edit_webhook_message(
                hook.id,
                hook.token,
                message_id,
                session=self._client.session,
                payload=body.payload,
                multipart=body.multipart,
                files=body.files,
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

    async def post(
        self,
        channel_id: int,
        payload: Mapping[str, Any],
        key: str,
        files: Sequence[Sending] = (),
    ) -> Any:
        """Post as the bot. The library may repeat it; the nonce makes that one message."""
        body = {**payload, "nonce": key[:NONCE], "enforce_nonce": True}
        async with self._client.asking(posting=True, at_most_s=patience_s(files)):
            return await self._client.http.send_message(channel_id, params=form(body, files))

    async def edit(
        self, ref: MessageRef, payload: dict[str, Any], files: Sequence[Sending] = ()
    ) -> None:
        """Change a message of the bot's own."""
        async with self._client.asking(at_most_s=patience_s(files)):
            await self._client.http.edit_message(
                ref.room.chat, ref.message_id, params=form(payload, files)
            )

    async def end_poll(self, ref: MessageRef) -> None:
        """End a poll of the bot's own."""
        async with self._client.asking():
            await self._client.http.end_poll(ref.room.chat, ref.message_id)

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message, the bot's own or, with Manage Messages, anybody's."""
        async with self._client.asking():
            await self._client.http.delete_message(ref.room.chat, ref.message_id)

    async def react(self, ref: MessageRef, emoji: str) -> None:
        """Have the bot react; with what it reacts with already is no error."""
        async with self._client.asking():
            await self._client.http.add_reaction(ref.room.chat, ref.message_id, emoji)

    async def unreact(self, ref: MessageRef, emoji: str) -> None:
        """Take a reaction of the bot's back."""
        async with self._client.asking():
            await self._client.http.remove_own_reaction(ref.room.chat, ref.message_id, emoji)

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin a message or unpin it; already so is no error."""
        http = self._client.http
        call = http.pin_message if pinned else http.unpin_message
        async with self._client.asking():
            await call(ref.room.chat, ref.message_id)

    async def reopen(self, thread_id: int) -> None:
        """Take a thread out of the archive."""
        async with self._client.asking():
            await self._client.http.edit_channel(thread_id, archived=False)

    async def message(self, ref: MessageRef) -> Any:
        """A message as it stands there."""
        async with self._client.asking():
            return await self._client.http.get_message(ref.room.chat, ref.message_id)

    async def page(self, room: Room, after: int) -> list[Any]:
        """Up to 100 messages behind one, the oldest first."""
        async with self._client.asking():
            found = await self._client.http.logs_from(room.chat, PAGE, after=after)
        return sorted(found, key=lambda message: int(message["id"]))

    async def private_channel(self, user_id: int) -> int:
        """The private chat with a person."""
        async with self._client.asking():
            channel = await self._client.http.start_private_message(str(user_id))
        return int(channel["id"])
