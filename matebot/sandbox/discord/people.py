"""What people do: the half of the driving side that has no sockets."""

from collections.abc import Iterable, Sequence
from typing import Any

from matebot.sandbox.discord import (
    intents,
    invoking,
    picture,
    places,
    polls,
    posts,
    rest_messages,
)
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.discord.attaching import File, attached
from matebot.sandbox.discord.errors import ApiError, Json
from matebot.sandbox.discord.interactions import COMMAND, COMPONENT, Interactions, clickable
from matebot.sandbox.discord.validate import (
    COMMON,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    message_body,
)
from matebot.sandbox.discord.world import DM, THREADS, Event, World

Id = int | str


class People:
    """Acts as any person would with a client.

    What a client would not let happen (an empty message, a channel one does not see) raises
    ValueError or PermissionError. Ids may be given as numbers or strings; what comes back has the
    API's shape.
    """

    world: World
    interactions: Interactions

    # -- the cast and the stage --------------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        global_name: str | None = None,
        avatar: bytes | None = None,
        bot: bool = False,
    ) -> Json:
        """An account; `add_member` lets it into the guild."""
        user = self.world.new_user(name, global_name=global_name, bot=bot)
        if avatar is not None:
            user["avatar"] = self.world.keep_picture(avatar)
        return self._copy(user)

    def add_member(
        self,
        user_id: Id,
        *,
        nick: str | None = None,
        permissions: int | None = None,
        administrator: bool = False,
    ) -> Json:
        """Let somebody into the guild, with an extra role where more rights are given."""
        world, key = self.world, int(user_id)
        roles = [world.people_role_id]
        held = (permissions or 0) | (perms.ADMINISTRATOR if administrator else 0)
        if held:
            role = world.new_role(f"Role of {world.user(key)['username']}", held)
            roles.append(int(role["id"]))
            data = {"guild_id": world.guild["id"], "role": role}
            world.emit(Event("GUILD_ROLE_CREATE", data, intents.GUILDS))
        world.new_member(key, roles=roles, nick=nick)
        member: Json = self._copy(world.member(key))
        data = {**member, "guild_id": world.guild["id"]}
        world.emit(Event("GUILD_MEMBER_ADD", data, intents.GUILD_MEMBERS))
        return member

    def remove_member(self, user_id: Id) -> None:
        """Somebody leaves the guild."""
        world, key = self.world, int(user_id)
        world.members.pop(key)
        data = {"guild_id": world.guild["id"], "user": world.user(key)}
        world.emit(Event("GUILD_MEMBER_REMOVE", data, intents.GUILD_MEMBERS))

    def add_channel(self, name: str, *, kind: int = 0) -> Json:
        """A channel of the guild: 0 text, 2 voice, 5 announcements, 15 forum."""
        return self._copy(places.new_channel(self.world, name, kind))

    def add_thread(self, parent_id: Id, name: str, *, user_id: Id | None = None) -> Json:
        """A thread, or a post of a forum; by the server's owner unless told."""
        owner = int(user_id or self.world.guild["owner_id"])
        parent = self.world.anybodys_channel(int(parent_id))
        return self._copy(places.new_thread(self.world, parent, name, owner))

    def archive(self, thread_id: Id, *, archived: bool = True, locked: bool = False) -> None:
        """Archive a thread, or take it out again."""
        thread = self.world.anybodys_channel(int(thread_id))
        thread["thread_metadata"].update({"archived": archived, "locked": locked})
        posts.tell_channel(self.world, "THREAD_UPDATE", thread)

    def delete_channel(self, channel_id: Id) -> None:
        """Delete a channel or a thread."""
        places.remove_channel(self.world, self.world.anybodys_channel(int(channel_id)))

    def open_dm(self, user_id: Id) -> Json:
        """The bot's direct messages with somebody."""
        return self._copy(places.dm_with(self.world, int(user_id)))

    def close_dms(self, user_id: Id, *, closed: bool = True) -> None:
        """Somebody takes no direct messages (any more)."""
        change = self.world.closed_dms.add if closed else self.world.closed_dms.discard
        change(int(user_id))

    def block_bot(self, user_id: Id) -> None:
        """Somebody blocks the bot: it cannot react to what they say."""
        self.world.blocking.add(int(user_id))

    def add_emoji(self, name: str) -> Json:
        """The guild gets a custom emoji."""
        return self._copy(places.new_emoji(self.world, name))

    # -- talking -----------------------------------------------------------------------------

    def say(
        self,
        user_id: Id,
        channel_id: Id,
        content: str,
        *,
        reply_to: Id | None = None,
        ping: bool = True,
        attachments: Sequence[File | tuple[str, bytes, str]] = (),
        flags: int = 0,
        silent: bool = False,
        embeds: Sequence[Json] = (),
        stickers: Sequence[Json] = (),
        poll: Json | None = None,
        forward: tuple[Id, Id] | None = None,
        more: Json | None = None,
    ) -> Json:
        """Say something.

        Args:
            user_id: Who.
            channel_id: Where.
            content: As typed, 2000 code points at most.
            reply_to: The message that it answers, in the same channel.
            ping: Whether the reply pings.
            attachments: ``(name, bytes, MIME type)`` of each file, or a `File`.
            flags: Message flags.
            silent: Whether it rings nowhere.
            embeds: As a link's preview would be.
            stickers: From `add_sticker`, or ``{"id", "name", "format_type"}`` of each.
            poll: As a client sends it (``question``, ``answers``...).
            forward: ``(channel, message)`` of what is passed on.
            more: Fields to be laid over the message, for what has no name here.

        Raises:
            ValueError: A client would not send this.
            PermissionError: This person cannot write there.
        """
        world, who, channel = self.world, int(user_id), self._writable(int(user_id), channel_id)
        draft = posts.Draft(world.user(who), content.strip(), more=dict(more or {}))
        draft.embeds, draft.attachments = list(embeds), attached(world, attachments)
        draft.flags = flags | silent * SUPPRESS_NOTIFICATIONS
        draft.may_ping_all = posts.may_ping_all(world, who, channel)
        polled = {"poll": rest_messages.poll(world, poll)} if poll else {}
        draft.more |= polled | ({"sticker_items": list(stickers)} if stickers else {})
        if reply_to is not None:
            self._reply(channel, int(reply_to), draft, ping=ping)
        if forward is not None:
            self._forward(forward, draft)
        return posts.shown(world, posts.post(world, channel, _sendable(draft)))

    def _writable(self, who: int, channel_id: Id) -> Json:
        channel = self.world.anybodys_channel(int(channel_id))
        needed = perms.SEND_MESSAGES
        if channel["type"] in THREADS:
            needed = perms.SEND_MESSAGES_IN_THREADS
        if channel["type"] != DM and who not in self.world.members:
            raise PermissionError(f"user {who} is no member of the guild: add_member first")
        try:
            self.world.require(channel, needed, who)
        except ApiError as error:
            raise PermissionError(f"user {who} cannot write in channel {channel_id}") from error
        return channel

    def _reply(self, channel: Json, message_id: int, draft: posts.Draft, *, ping: bool) -> None:
        original = self.world.message(int(channel["id"]), message_id)
        draft.kind = posts.REPLY
        draft.reference = rest_messages.reference(channel, original, posts.REFERENCE_REPLY)
        if not ping:
            draft.rules = {"parse": ["users", "roles", "everyone"], "replied_user": False}

    def _forward(self, source: tuple[Id, Id], draft: posts.Draft) -> None:
        channel = self.world.anybodys_channel(int(source[0]))
        original = self.world.message(int(source[0]), int(source[1]))
        draft.reference = rest_messages.reference(channel, original, posts.REFERENCE_FORWARD)
        draft.more["message_snapshots"] = [rest_messages.snapshot(self.world, original)]

    def edit(self, channel_id: Id, message_id: Id, content: str) -> Json:
        """The author edits the text."""
        message = self._message(channel_id, message_id)
        message_body({"content": content}, COMMON, ())
        draft = posts.Draft(message["author"], content=content.strip())
        posts.change(self.world, message, draft, ["content"])
        posts.tell(self.world, "MESSAGE_UPDATE", message)
        return posts.shown(self.world, message)

    def preview(self, channel_id: Id, message_id: Id, embed: Json | None = None) -> Json:
        """A link's preview appears: an update that is no edit."""
        message = self._message(channel_id, message_id)
        if message["flags"] & SUPPRESS_EMBEDS:
            raise PermissionError("the message shows no previews")
        default = {"type": "link", "url": "https://example.com/", "title": "Example Domain"}
        message["embeds"] = [*message["embeds"], embed or default]
        posts.tell(self.world, "MESSAGE_UPDATE", message)
        return posts.shown(self.world, message)

    def delete(self, channel_id: Id, message_id: Id) -> None:
        """Somebody deletes a message."""
        self._message(channel_id, message_id)
        posts.delete(self.world, self.world.anybodys_channel(int(channel_id)), [int(message_id)])

    def bulk_delete(self, channel_id: Id, ids: Iterable[Id]) -> None:
        """A moderator deletes many at once."""
        channel = self.world.anybodys_channel(int(channel_id))
        posts.delete(self.world, channel, [int(each) for each in ids], bulk=True)

    def react(self, user_id: Id, channel_id: Id, message_id: Id, emoji: str) -> None:
        """Somebody reacts with an emoji, or with a custom one as ``name:id``."""
        message = self._message(channel_id, message_id)
        told = places.emoji_of(self.world, places.qualified(emoji))
        places.react(self.world, message, int(user_id), told)

    def unreact(self, user_id: Id, channel_id: Id, message_id: Id, emoji: str) -> None:
        """Somebody takes a reaction back."""
        message = self._message(channel_id, message_id)
        told = places.emoji_of(self.world, places.qualified(emoji))
        places.unreact(self.world, message, int(user_id), told)

    def pin(self, user_id: Id, channel_id: Id, message_id: Id) -> None:
        """Somebody pins a message."""
        message = self._message(channel_id, message_id)
        places.pin(self.world, self.world.anybodys_channel(int(channel_id)), message, int(user_id))

    def unpin(self, channel_id: Id, message_id: Id) -> None:
        """Somebody unpins a message."""
        message = self._message(channel_id, message_id)
        places.unpin(self.world, self.world.anybodys_channel(int(channel_id)), message)

    def vote(self, user_id: Id, channel_id: Id, message_id: Id, answers: Sequence[int]) -> None:
        """Somebody votes; the answers are numbered from 1."""
        polls.vote(self.world, self._message(channel_id, message_id), int(user_id), answers)

    def end_poll(self, channel_id: Id, message_id: Id) -> None:
        """The author ends a poll."""
        polls.end(self.world, self._message(channel_id, message_id))

    def typing(self, user_id: Id, channel_id: Id) -> None:
        """Somebody is typing."""
        places.typing(self.world, self.world.anybodys_channel(int(channel_id)), int(user_id))

    # -- talking to the bot ------------------------------------------------------------------

    def invoke(self, user_id: Id, channel_id: Id, command: str, options: Json | None = None) -> str:
        """A slash command; ``command`` may name subcommands, too (``tag show``).

        Returns:
            The interaction's id.

        Raises:
            ValueError: It is not registered, or a client would not take these options.
            PermissionError: This person does not see the command.
        """
        world, who = self.world, int(user_id)
        channel = world.anybodys_channel(int(channel_id))
        name, *path = command.removeprefix("/").split()
        known = invoking.find(world, name)
        held = world.permissions(who, channel)
        self._may_use(known, channel, held)
        data = invoking.fill(world, known, path, options or {})
        return str(self.interactions.begin(COMMAND, channel, who, data).id)

    def _may_use(self, command: Json, channel: Json, held: int) -> None:
        dm = channel["type"] == DM
        contexts = command.get("contexts")
        if dm and ("guild_id" in command or (contexts and 1 not in contexts)):
            raise PermissionError(f"/{command['name']} is not for direct messages")
        if dm and contexts is None and not command.get("dm_permission", True):
            raise PermissionError(f"/{command['name']} is not for direct messages")
        if dm:
            return
        needed = command.get("default_member_permissions")
        if not held & perms.VIEW_CHANNEL or not held & perms.USE_APPLICATION_COMMANDS:
            raise PermissionError("commands cannot be used here")
        if needed is None or held & perms.ADMINISTRATOR:
            return
        if int(needed) == 0 or held & int(needed) != int(needed):
            raise PermissionError(f"/{command['name']} asks for permissions {needed}")

    def click(
        self,
        user_id: Id,
        channel_id: Id,
        message_id: Id,
        custom_id: str,
        *,
        values: Sequence[str] = (),
    ) -> str:
        """Somebody clicks a button, or chooses ``values``; returns the interaction's id.

        Raises:
            ValueError: The message is not there for this person, or has no such component.
        """
        channel = self.world.anybodys_channel(int(channel_id))
        message = self.world.messages.get(int(channel_id), {}).get(int(message_id))
        message = message or self.interactions.ephemeral(int(user_id), int(message_id))
        if message is None:
            raise ValueError(f"user {user_id} sees no message {message_id}")
        component = clickable(message, custom_id)
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": component["type"]}
        data["id"] = component.get("id", 0)
        if component["type"] != 2:
            data["values"] = list(values)
        made = self.interactions.begin(COMPONENT, channel, int(user_id), data, message)
        return str(made.id)

    def answers(self, interaction_id: Id) -> list[Json]:
        """What the person sees of the answers, each with ``ephemeral``; no loading line."""
        return self.interactions.answers(int(interaction_id))

    # -- books -------------------------------------------------------------------------------

    def messages(self, channel_id: Id) -> list[Json]:
        """A channel's messages, the oldest first."""
        kept = self.world.messages.get(int(channel_id), {})
        return [posts.shown(self.world, each) for each in kept.values()]

    def message(self, channel_id: Id, message_id: Id) -> Json:
        """One message."""
        return posts.shown(self.world, self._message(channel_id, message_id))

    def dms(self, user_id: Id) -> list[Json]:
        """What the bot and somebody said to each other in private."""
        return self.messages(places.dm_with(self.world, int(user_id))["id"])

    def pinged(self, message_id: Id) -> list[str]:
        """Ids of those whom a message pinged when it was posted."""
        return list(self.world.pinged.get(int(message_id), ()))

    def webhooks(self, channel_id: Id) -> list[Json]:
        """A channel's webhooks, with their tokens."""
        every = self.world.webhooks.values()
        return [self._copy(each) for each in every if each["channel_id"] == str(channel_id)]

    def ignored(self) -> dict[tuple[str, str], int]:
        """JSON keys that the service passes over as unknown: ``(route, key)``, how often."""
        return dict(self.world.ignored)

    def channels(self) -> list[Json]:
        """All channels and threads of the guild."""
        every = self.world.channels.values()
        return [self._copy(each) for each in every if each["type"] != DM]

    def picture(self, seed: str) -> bytes:
        """A small PNG in a colour of its own, to be an avatar."""
        return picture.square(seed)

    def _message(self, channel_id: Id, message_id: Id) -> Json:
        return self.world.message(int(channel_id), int(message_id))

    def _copy(self, value: Json) -> Json:
        copied: Json = self.world.copy(value)
        return copied


def _sendable(draft: posts.Draft) -> posts.Draft:
    """The draft, where a client would send it.

    Raises:
        ValueError: It would not.
    """
    try:
        message_body({"content": draft.content, "embeds": draft.embeds}, COMMON, ())
    except ApiError as error:
        raise ValueError(f"not sendable: {error.errors}") from error
    seen = draft.content or draft.attachments or draft.embeds or draft.more or draft.reference
    if not seen:
        raise ValueError("an empty message")
    return draft
