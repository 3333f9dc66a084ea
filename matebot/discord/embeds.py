"""Embeds and components of other bots as rich text. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import unquote

import discord
from msgspec.structs import replace

from matebot.core.richtext import (
    Bold,
    Link,
    Quote,
    RichText,
    Spoiler,
    Subtext,
    concat,
    plain,
    styled,
)
from matebot.discord.attachments import of, picture_of
from matebot.discord.markup import Names, parse

PICTURE: Final = "🖼 "
VIDEO: Final = "🎬 "
FILE: Final = "📎 "
BUTTON: Final = "🔗 "


def embeds_text(
    embeds: Sequence[discord.Embed], content: str, names: Names, *, by_person: bool
) -> RichText:
    """Each embed as a quote; empty where all of them are previews of addresses in the content.

    Args:
        embeds: A message's.
        content: Its text, as typed.
        names: What mentions are shown as.
        by_person: Whether a person wrote it: people make no embeds, so theirs are previews.
    """
    if by_person and "://" in content:
        return RichText()
    return joined(_embed(each, content, names) for each in embeds)


def _embed(embed: discord.Embed, content: str, names: Names) -> RichText:
    if picture_of(embed, content) is not None:
        return RichText()  # it comes along
    if embed.type == "rich" and not (embed.url and embed.url in content):
        return joined(_lines(embed, names)).styled(Quote())
    if embed.type in {"image", "gifv"} and embed.url and not content.strip():
        return plain(embed.url)  # nothing else tells of the picture
    return RichText()


def _lines(embed: discord.Embed, names: Names) -> Iterator[RichText]:
    """Author, title, text, fields, footer with its time, and what is shown below."""
    yield _linked(plain(embed.author.name or ""), embed.author.url)
    yield _linked(_inline(embed.title, names).styled(Bold()), embed.url)
    yield unquoted(parse(embed.description or "", names))
    for field in embed.fields:
        yield _field(field.name, field.value, names)
    for mark, medium in ((PICTURE, embed.image), (PICTURE, embed.thumbnail), (VIDEO, embed.video)):
        yield media_line(mark, medium.url)
    yield _footer(embed, names)


def _field(name: str | None, value: str | None, names: Names) -> RichText:
    """``Name: value`` on a line, or the value below where it has several."""
    heading, said = _inline(name, names), unquoted(parse((value or "").strip("\u200b"), names))
    if not heading or not said:
        return heading.styled(Bold()) + said
    between = "\n" if "\n" in said.text else ": "
    return concat(heading.styled(Bold()), between, said)


def _footer(embed: discord.Embed, names: Names) -> RichText:
    parts = [plain(embed.footer.text or "")]
    if embed.timestamp is not None:
        parts.append(parse(f"<t:{int(embed.timestamp.timestamp())}:f>", names))
    line = joined((part for part in parts if part), " · ")
    return line.styled(Subtext()) if "\n" not in line.text else line


def _inline(text: str | None, names: Names) -> RichText:
    """Markdown on one line."""
    return parse(" ".join((text or "").replace("\u200b", "").split()), names)


def _linked(text: RichText, url: str | None) -> RichText:
    return text.styled(Link(url)) if url else text


def unquoted(text: RichText) -> RichText:
    """The text without quotes of its own: it is to be one."""
    spans = tuple(span for span in text.spans if not isinstance(span.style, Quote))
    return replace(text, spans=spans).strip("\n")


def media_line(mark: str, url: str | None, name: str | None = None) -> RichText:
    """A line that leads to a picture or file; its address holds its name."""
    if not url or not url.startswith(("https://", "http://")):
        return RichText()
    host, _, path = re.split("[?#]", url.partition("://")[2], maxsplit=1)[0].partition("/")
    candidates = (name or "", unquote(path.rpartition("/")[2]), host, "…")
    shown = next(line for line in (" ".join(each.split()) for each in candidates) if line)
    return concat(mark, styled(shown, Link(url)))


def joined(parts: Iterable[RichText], between: str = "\n") -> RichText:
    """What is not empty, one after another."""
    result = RichText()
    for part in parts:
        if part.text.strip():
            result = concat(result, between, part) if result else part
    return result


# Components


def components_text(components: Iterable[discord.Component], names: Names) -> RichText:
    """The texts in components, media and files as links, buttons that lead somewhere; in order."""
    return joined(_component(each, names) for each in components)


def _component(component: object, names: Names) -> RichText:
    match component:
        case discord.TextDisplay():
            return parse(component.content, names)
        case discord.components.Container():
            inside = components_text(component.children, names)
            return inside.styled(Spoiler()) if component.spoiler else inside
        case discord.SectionComponent():
            return components_text([*component.children, component.accessory], names)
        case discord.ActionRow():
            return joined((_component(each, names) for each in component.children), "  ")
        case _:
            return _medium(component)


def _medium(component: object) -> RichText:
    """A picture, a file, or a button that leads somewhere; nothing for what only acts here.

    Nor for files that lie at Discord: those come along.
    """
    match component:
        case discord.Button(url=str(url)):
            return media_line(BUTTON, url, component.label)
        case discord.ThumbnailComponent():
            return media_line(PICTURE, component.media.url, component.description)
        case discord.MediaGalleryComponent():
            return joined(
                media_line(PICTURE, item.media.url, item.description)
                for item in component.items
                if of(item.media).source is None
            )
        case discord.FileComponent() if of(component.media).source is None:
            return media_line(FILE, component.media.url, component.name)
        case _:
            return RichText()


def markdown_in(components: Iterable[object]) -> Iterator[str]:
    """Every text in components, as written."""
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from markdown_in(getattr(component, "children", ()))
