"""One message to post in Discord, as it is rendered, and its payload for each call. Pure.

https://discord.com/developers/docs/resources/message#create-message and
https://discord.com/developers/docs/resources/webhook#execute-webhook (2026-11-24).
"""

import base64
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from matebot.core.errors import NoAccess
from matebot.core.media import LeftOut, Ready
from matebot.core.message import AttachmentKind, Author, Message
from matebot.discord.attachments import SPOILER
from matebot.discord.limits import CONTENT, DESCRIPTION, WAVEFORM
from matebot.discord.polls import Ballot

ALLOWED_MENTIONS: Final[dict[str, list[str]]] = {"parse": []}
"""Goes with every post that rings for nobody."""
SUPPRESS_EMBEDS: Final = 1 << 2
SUPPRESS_NOTIFICATIONS: Final = 1 << 12
IS_VOICE_MESSAGE: Final = 1 << 13
"""Webhooks may set it as bots may: https://github.com/Rapptz/discord.py/pull/9459."""

_SHORTEST_S: Final = 0.1
_SILENCE: Final = bytes(1)
_NAME: Final = 200


class Upload(msgspec.Struct, frozen=True):
    """A file that comes with a post.

    Attributes:
        ready: The file.
        origin: The message that it came with, as far as it is needed to fetch it.
        note: What stands in its place where Discord does not take it, as markdown.
    """

    ready: Ready
    origin: Message
    note: str = ""

    @property
    def name(self) -> str:
        """Its name in Discord, which covers it where it is to be covered."""
        name = self.ready.name
        while name.startswith(SPOILER):
            name = name.removeprefix(SPOILER)
        suffix = PurePosixPath(name).suffix[:_NAME]
        name = name if len(name) <= _NAME else name[: _NAME - len(suffix)] + suffix
        return (SPOILER if self.ready.spoiler else "") + (name or "file")

    def described(self, index: int | str) -> dict[str, Any]:
        """Its entry among the ``attachments`` of a payload, under its id or its number there."""
        told = {"id": str(index)}
        return {**told, "description": self.ready.alt[:DESCRIPTION]} if self.ready.alt else told

    def announced(self, index: int, *, voice: bool = False) -> dict[str, Any]:
        """The entry of one that is uploaded."""
        told = {**self.described(index), "filename": self.name}
        if not self.name.isascii():  # Discord's file names are ASCII; the title is as it was given
            told["title"] = PurePosixPath(self.name).stem
        if voice:
            waveform = self.ready.waveform[:WAVEFORM] or _SILENCE
            told["duration_secs"] = max(self.ready.duration_s, _SHORTEST_S)
            told["waveform"] = base64.b64encode(waveform).decode()
        return told


class DiscordPart(msgspec.Struct, frozen=True):
    """One message to post.

    Attributes:
        text: Its markdown, without the lines before it.
        author: Who it is by.
        username: The author's name as a webhook's.
        avatar_url: A public address of the author's picture.
        reply_line: The line that says what is answered, its line break included.
        name_line: The author's name in bold, its line break included: for a post of the bot's own.
        silent: Whether it rings nowhere.
        as_bot: Whether the bot posts it, there being no webhook.
        preview: Whether addresses in it show a preview.
        pings: The ids of those for whom it rings.
        ballot: The poll that it is, where the bot may ask one; the text says the same.
        uploads: The files that come with it, at most 10.
        group: Always 0: each post is a call of its own.
        left_out: The files that stay behind.
        may_be_voice: Whether a sound that stands alone may be a voice message.
    """

    text: str
    author: Author
    username: str
    avatar_url: str | None = None
    reply_line: str = ""
    name_line: str = ""
    silent: bool = False
    as_bot: bool = False
    preview: bool = True
    pings: tuple[int, ...] = ()
    ballot: Ballot | None = None
    uploads: tuple[Upload, ...] = ()
    group: int = 0
    left_out: tuple[LeftOut, ...] = ()
    may_be_voice: bool = True

    @property
    def files(self) -> str:
        """Tells its files from others: their bytes, and what is told of each."""
        each = (upload.ready for upload in self.uploads)
        return "\n".join(f"{one.key} {one.spoiler:d} {one.alt}" for one in each)

    def content(self, *, as_bot: bool) -> str:
        """All of it, at most 2000 code points; empty only where files come along.

        Raises:
            NoAccess: It was made for a webhook, and the bot's name line does not fit any more.
        """
        whole = self.reply_line + (self.name_line if as_bot else "") + self.text
        if len(whole) > CONTENT:
            raise NoAccess("the webhook is gone and MateBot may not make another")
        return whole if self.text else whole.rstrip("\n")

    def is_voice(self, *, as_bot: bool) -> bool:
        """Whether it is a voice message: one sound, and nothing beside it."""
        return (
            self.may_be_voice
            and [each.ready.kind for each in self.uploads] == [AttachmentKind.VOICE]
            and not self.content(as_bot=as_bot)
        )

    @property
    def allowed_mentions(self) -> dict[str, list[str]]:
        """Whom it may ping: nobody but those for whom it rings."""
        users = [str(each) for each in self.pings]
        return {**ALLOWED_MENTIONS, "users": users} if users else ALLOWED_MENTIONS

    @property
    def flags(self) -> int:
        """Discord's flags of the message."""
        return self.edit_flags | (SUPPRESS_NOTIFICATIONS if self.silent else 0)

    @property
    def edit_flags(self) -> int:
        """Those of them that an edit may change."""
        return 0 if self.preview else SUPPRESS_EMBEDS


def webhook_payload(part: DiscordPart) -> dict[str, Any]:
    """What makes a part through a webhook, but for the files' bytes."""
    payload = {**_payload(part, as_bot=False), "username": part.username}
    if part.avatar_url is not None:
        payload["avatar_url"] = part.avatar_url
    return payload


def bot_payload(part: DiscordPart) -> dict[str, Any]:
    """What makes a part as the bot, but for the files' bytes."""
    return _payload(part, as_bot=True)


def edit_payload(part: DiscordPart, *, as_bot: bool) -> dict[str, Any]:
    """What makes a message read like a part; its files stay as they are."""
    return {
        "content": part.content(as_bot=as_bot),
        "allowed_mentions": part.allowed_mentions,
        "flags": part.edit_flags,
    }


def _payload(part: DiscordPart, *, as_bot: bool) -> dict[str, Any]:
    voice = part.is_voice(as_bot=as_bot)
    payload: dict[str, Any] = {
        "content": part.content(as_bot=as_bot),
        "allowed_mentions": part.allowed_mentions,
        "flags": part.flags | (IS_VOICE_MESSAGE if voice else 0),
    }
    if part.uploads:
        uploads = enumerate(part.uploads)
        payload["attachments"] = [each.announced(n, voice=voice) for n, each in uploads]
    return payload
