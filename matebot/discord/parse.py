"""Discord's messages as core messages. Pure: object in, message out."""

import logging
import re
from collections.abc import Collection, Iterator
from typing import Final

import discord

from matebot.core.faults import whereabouts
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Attachment, AttachmentKind, Author, Forward, Message, Reply
from matebot.core.richtext import RichText, Subtext, first_words, plain
from matebot.discord.attachments import attachments_of, pictures
from matebot.discord.contents import invitation, poll_in_words, poll_of, wants_preview
from matebot.discord.embeds import components_text, embeds_text, joined, markdown_in
from matebot.discord.markup import Names, parse
from matebot.discord.system import UNTOLD, told_by

log = logging.getLogger(__name__)

REPLY_MARK: Final = "↪ "
"""Opens the line above a copy that names what it answers, or where it was passed on from."""
COMMAND_MARK: Final = "⌨️ "
"""Opens the line above a bot's answer that names who used which command."""
THINKING: Final = "thinking"
"""A bot has announced an answer; it comes as an update of the same message."""
EXCERPT: Final = 80
"""Code points of the first words of what is answered."""

_SAID: Final = frozenset(
    {
        discord.MessageType.default,
        discord.MessageType.reply,
        discord.MessageType.chat_input_command,
        discord.MessageType.context_menu_command,
    }
)
_COMMANDS: Final = (
    discord.MessageType.chat_input_command,
    discord.MessageType.context_menu_command,
)
_Place = discord.abc.GuildChannel | discord.Thread
_CHANNEL: Final = re.compile(r"<#([0-9]{15,20})>")
_ROLE: Final = re.compile(r"<@&([0-9]{15,20})>")


def is_own(
    message: discord.Message,
    application_id: int | None,
    own_user_id: int | None,
    own_webhook_ids: Collection[int],
) -> bool:
    """Whether MateBot itself posted it: the loop to break.

    A webhook's message names the application that owns the webhook, so the ids that a process knows
    are a second line alone.
    """
    if message.webhook_id is None:
        return message.author.id == own_user_id
    return message.webhook_id in own_webhook_ids or (
        application_id is not None and message.application_id == application_id
    )


def left_out(message: discord.Message) -> str | None:
    """Under which name a message is counted that nobody said; None for one to relay."""
    if message.type in UNTOLD:
        return f"kind:{message.type.name}"
    if message.flags.ephemeral:
        return "ephemeral"
    if message.flags.loading:
        return THINKING
    return None


def names_of(message: discord.Message) -> Names:
    """The names behind the mentions in a message, as far as it and the cache tell them."""
    guild = message.guild
    users = {user.id: user.display_name for user in message.mentions}
    if guild is None:
        return Names(users=users)
    text = "\n".join(_markdown_in(message))
    roles = {each: guild.get_role(each) for each in map(int, _ROLE.findall(text))}
    channels = {
        each: guild.get_channel_or_thread(each) for each in map(int, _CHANNEL.findall(text))
    }
    return Names(
        users=users,
        roles={each: role.name for each, role in roles.items() if role is not None},
        channels={each: found.name for each, found in channels.items() if found is not None},
    )


def _markdown_in(message: discord.Message | discord.MessageSnapshot) -> Iterator[str]:
    """Every text of a message in which something may be mentioned."""
    yield message.content
    for embed in message.embeds:
        yield embed.description or ""
        yield from (field.value or "" for field in embed.fields)
    yield from markdown_in(_components(message))
    if isinstance(message, discord.Message):
        for snapshot in message.message_snapshots:
            yield from _markdown_in(snapshot)


def parse_message(
    message: discord.Message, names: Names, *, author_name: str | None = None
) -> Message:
    """Turn a message that somebody said, or in which Discord tells something, into a core message.

    Args:
        message: One for which `left_out` says None.
        names: What mentions are shown as.
        author_name: How the author is called in the server, where the message itself cannot tell
            (one that was read from the history names no nickname).

    Returns:
        A message with a text, a happening or at least one attachment: nothing becomes silence.
    """
    if message.type not in _SAID:
        return _system(message, names, author_name)
    text, attachments = _body(message, names)
    if not text and not attachments:
        attachments = (_unknown(message),)
    room = Room.discord(message.channel.id)
    return Message(
        ref=MessageRef(room, message.id),
        author=_author(message, author_name),
        text=text,
        attachments=attachments,
        reply=_reply(message, room, names),
        sent_at=message.created_at.timestamp(),
        silent=message.flags.suppress_notifications,
        forward=_forward(message),
        poll=None if message.poll is None else poll_of(message.poll),
        preview=wants_preview(message),
    )


def _system(message: discord.Message, names: Names, author_name: str | None) -> Message:
    """What Discord itself tells."""
    author = _author(message, author_name)
    told = told_by(message, names, author.name)
    return Message(
        ref=MessageRef(Room.discord(message.channel.id), message.id),
        author=author,
        text=told.text,
        happening=told.happening,
        sent_at=message.created_at.timestamp(),
        silent=True,
    )


def parse_or_note(message: discord.Message, *, author_name: str | None = None) -> Message:
    """`parse_message`, but one that fails becomes a note: it must hold up no other."""
    try:
        return parse_message(message, names_of(message), author_name=author_name)
    except Exception as error:  # noqa: BLE001  (whatever it is, the conversation goes on)
        log.error("message %s could not be parsed: %s", message.id, whereabouts(error))
    return Message(
        ref=MessageRef(Room.discord(message.channel.id), message.id),
        author=_author(message, author_name),
        text=RichText(),
        attachments=(_unknown(message),),
        sent_at=message.created_at.timestamp(),
    )


def _unknown(message: discord.Message) -> Attachment:
    """What is not understood, as a note that leads to it."""
    link = None if message.guild is None else message.jump_url
    return Attachment(AttachmentKind.OTHER, link=link)


def _author(message: discord.Message, name: str | None) -> Author:
    user = message.author
    return Author(
        id=user.id,
        name=name or user.display_name,
        username=None if message.webhook_id else user.name,
        is_bot=user.bot or message.webhook_id is not None,
    )


def _body(message: discord.Message, names: Names) -> tuple[RichText, tuple[Attachment, ...]]:
    """All that it says, in the order in which it is shown, and what comes with it."""
    by_person = not message.author.bot and message.webhook_id is None
    parts = [_command(message), *_texts(message, names, by_person=by_person)]
    attachments = [*attachments_of(message), *invitation(message)]
    if message.poll is not None:
        attachments.append(poll_in_words(message.poll))
    for snapshot in message.message_snapshots:
        parts += _texts(snapshot, names, by_person=False)
        attachments += attachments_of(snapshot)
    return joined(parts), tuple(attachments)


def _texts(
    message: discord.Message | discord.MessageSnapshot, names: Names, *, by_person: bool
) -> list[RichText]:
    # The address of a picture that comes along stands for nothing else.
    content = "" if pictures(message) else message.content
    return [
        parse(content, names),
        embeds_text(message.embeds, message.content, names, by_person=by_person),
        components_text(_components(message), names),
    ]


def _components(message: discord.Message | discord.MessageSnapshot) -> list[discord.Component]:
    """Its components; the library sets none where the field was left out."""
    return list(getattr(message, "components", ()))


def _command(message: discord.Message) -> RichText:
    """``⌨️ Ana: /play``: who used the command that a bot answers here."""
    # The documents call this field deprecated, yet no other names the command.
    used = getattr(message, "_interaction", None)
    if message.type not in _COMMANDS or message.interaction_metadata is None:
        return RichText()
    who = message.interaction_metadata.user.display_name
    if not isinstance(used, discord.MessageInteraction):
        return plain(COMMAND_MARK + who).styled(Subtext())
    slash = "/" if message.type is discord.MessageType.chat_input_command else ""
    return plain(f"{COMMAND_MARK}{who}: {slash}{used.name}").styled(Subtext())


def _forward(message: discord.Message) -> Forward | None:
    """Where a message was passed on from, if whoever reads it may see that place."""
    if not message.message_snapshots:
        return None
    reference, guild = message.reference, message.guild
    if reference is None or guild is None or reference.guild_id != guild.id:
        return Forward()
    place = guild.get_channel_or_thread(reference.channel_id)
    here = guild.get_channel_or_thread(message.channel.id)
    if place is None or here is None or not _seen_alike(guild, here, place):
        return Forward()
    return Forward(f"#{place.name}", reference.jump_url)


def _seen_alike(guild: discord.Guild, here: _Place, there: _Place) -> bool:
    """Whether every role that sees one place sees the other."""
    if isinstance(there, discord.Thread) and there.is_private():
        return here.id == there.id
    return all(
        there.permissions_for(role).view_channel
        for role in guild.roles
        if here.permissions_for(role).view_channel
    )


def _reply(message: discord.Message, room: Room, names: Names) -> Reply | None:
    """What a message answers; not what it forwards or where it comes from."""
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None:
        return None
    if reference.message_id is None or reference.channel_id != room.chat:
        return None
    to = MessageRef(room, reference.message_id)
    answered = reference.resolved
    if not isinstance(answered, discord.Message):
        return Reply(to, "", pings=False, gone=True) if answered is not None else Reply(to, "")
    author = answered.author
    return Reply(
        to,
        author.display_name,
        author.id,
        _excerpt(answered, names),
        # A webhook's message stands for somebody elsewhere, whom Discord cannot mention.
        pings=answered.webhook_id is not None or author in message.mentions,
    )


def _excerpt(message: discord.Message, names: Names) -> str:
    """The first words of what is answered, else the name of what it consists of."""
    if message.type not in _SAID:
        return first_words(told_by(message, names, message.author.display_name).text, EXCERPT)
    body, attachments = _body(message, names)
    text = first_words(_own_words(body), EXCERPT)
    return text or next((each.name for each in attachments if each.name), "")


def _own_words(text: RichText) -> RichText:
    """A copy's own words, without the small lines that say what it answers or comes from."""
    while text.text.startswith(REPLY_MARK):
        line = next((s for s in text.spans if s.start == 0 and isinstance(s.style, Subtext)), None)
        if line is None:
            return text
        text = text.slice(line.end).strip()
    return text
