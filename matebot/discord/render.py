"""A copy as the posts to make of it. Pure."""

from typing import Final

import msgspec

from matebot.core.errors import NoAccess
from matebot.core.ids import MessageRef
from matebot.core.message import Author, Copy, Message, Reply
from matebot.core.notes import noted
from matebot.core.richtext import Bold, Italic, Link, RichText, Subtext, concat, plain
from matebot.core.words import Words
from matebot.discord import markup
from matebot.discord.limits import CONTENT, NAME
from matebot.discord.names import FALLBACK, fit, one_line
from matebot.discord.parse import REPLY_MARK

ALLOWED_MENTIONS: Final[dict[str, list[str]]] = {"parse": []}
"""Goes with every post: nobody is pinged."""
SUPPRESS_NOTIFICATIONS: Final = 1 << 12

_LINK: Final = "https://discord.com/channels/{guild}/{channel}/{message}"


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
    """

    text: str
    author: Author
    username: str
    avatar_url: str | None = None
    reply_line: str = ""
    name_line: str = ""
    silent: bool = False
    as_bot: bool = False

    def content(self, *, as_bot: bool) -> str:
        """All of it, at most 2000 code points.

        Raises:
            NoAccess: It was made for a webhook, and the bot's name line does not fit any more.
        """
        whole = self.reply_line + (self.name_line if as_bot else "") + self.text
        if len(whole) > CONTENT:
            raise NoAccess("the webhook is gone and MateBot may not make another")
        return whole

    @property
    def flags(self) -> int:
        """Discord's flags of the message."""
        return SUPPRESS_NOTIFICATIONS if self.silent else 0


def render(
    copy: Copy,
    words: Words,
    *,
    as_bot: bool,
    guild_id: int | None = None,
    avatar_url: str | None = None,
) -> tuple[DiscordPart, ...]:
    """The posts that a copy is made of, in order; at least one, none empty.

    Args:
        copy: What was said.
        words: Names what cannot be shown.
        as_bot: Whether the name goes into the text.
        guild_id: Where the destination lies, for the link to what is answered.
        avatar_url: The author's picture.
    """
    message = copy.message
    reply_line = _reply_line(message.reply, copy.reply_to, guild_id)
    name_line = _name_line(message.author.name)
    before = len(reply_line) + (len(name_line) if as_bot else 0)
    pieces = markup.split(_body(message, copy.language, words), CONTENT, CONTENT - before)
    part = DiscordPart(
        text=pieces[0],
        author=message.author,
        username=fit(message.author.name),
        avatar_url=avatar_url,
        reply_line=reply_line,
        name_line=name_line,
        silent=message.silent,
        as_bot=as_bot,
    )
    rest = msgspec.structs.replace(part, reply_line="", name_line="")
    return part, *(msgspec.structs.replace(rest, text=piece) for piece in pieces[1:])


def _body(message: Message, language: str, words: Words) -> RichText:
    """The text and a line for each thing that is not text; never empty, nor white space alone."""
    text = message.text.strip("\n")
    notes = [noted(each, language, words) for each in message.attachments]
    if not text.text.strip():
        text = RichText()
        notes = notes or [plain(words(language, "note-other")).styled(Italic())]
    lines = [part for each in (text, *notes) if each for part in ("\n", each)]
    return concat(*lines[1:])


def _name_line(name: str) -> str:
    shown = one_line(name)[:NAME] or FALLBACK
    return markup.render(plain(shown).styled(Bold())) + "\n"


def _reply_line(reply: Reply | None, to: MessageRef | None, guild_id: int | None) -> str:
    """``↪ Ana: first words`` in small print, the name leading to the message if it is known."""
    if reply is None:
        return ""
    name = plain(one_line(reply.author)[:NAME] or "…")
    if to is not None and guild_id is not None:
        url = _LINK.format(guild=guild_id, channel=to.room.chat, message=to.message_id)
        name = name.styled(Link(url))
    words = one_line(reply.excerpt)
    line = concat(REPLY_MARK, name, f": {words}" if words else "")
    return markup.render(line.styled(Subtext())) + "\n"
