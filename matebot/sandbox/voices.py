"""The people of the scripted conversation: they speak, and wait for what crosses."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from matebot.sandbox.world import MAIN, WORKSHOP, Stage

Json = dict[str, Any]
READING_S = 1.5
TYPING_S = 0.9
ARRIVES_S = 60.0  # a room that talks this fast may have to wait for Telegram's limit
MARKS = dict.fromkeys(map(ord, "*_~|\\"))
FOLLOWS_S = 20.0  # what is edited at leisure; a bridge may also have been told to leave it out


@dataclass(slots=True)
class Voices:
    """Who speaks on a stage.

    Args:
        pace: How long people read and type; 0 is as fast as it crosses.
    """

    stage: Stage
    pace: float = 1.0

    @property
    def chat(self) -> int:
        """The group on Telegram."""
        return int(self.stage.left.place(MAIN).id)

    @property
    def channel(self) -> str:
        """The channel on Discord."""
        return self.stage.right.place(MAIN).id

    @property
    def workshop(self) -> int:
        """The group on Telegram that is no part of the bridge."""
        return int(self.stage.left.place(WORKSHOP).id)

    def one(self, name: str) -> int:
        """Somebody on Telegram, by the beginning of their name."""
        return int(self.stage.left.named(name).id)

    def other(self, name: str) -> str:
        """Somebody on Discord, by the beginning of their name."""
        return self.stage.right.named(name).id

    # -- saying and doing --------------------------------------------------------------------

    async def rest(self) -> None:
        """Let everybody read."""
        await asyncio.sleep(READING_S * self.pace)

    async def left(
        self, name: str, text: str, entities: list[Json] | None = None, **more: Any
    ) -> int:
        """Somebody writes on Telegram; the message's id, once it stands on Discord as well."""
        await asyncio.sleep(TYPING_S * self.pace)
        telegram = self.stage.telegram
        said = telegram.say(self.one(name), self.chat, text, entities=entities or (), **more)
        await self.copy_right(text.splitlines()[0])
        await self.rest()
        return int(said["message_id"])

    async def right(self, name: str, text: str, *, crosses: str, **more: Any) -> str:
        """Somebody writes on Discord; the message's id, once ``crosses`` stands on Telegram."""
        user = self.other(name)
        self.stage.discord.typing(user, self.channel)
        await asyncio.sleep(TYPING_S * self.pace)
        said = self.stage.discord.say(user, self.channel, text, **more)
        await self.copy_left(crosses)
        await self.rest()
        return str(said["id"])

    async def show_left(self, name: str, items: list[Any], *, caption: str) -> None:
        """Somebody sends an album on Telegram."""
        user, telegram = self.one(name), self.stage.telegram
        await self.crosses_right(
            lambda: telegram.send_album(user, self.chat, items, caption=caption)
        )

    async def show_right(self, name: str, text: str, **more: Any) -> None:
        """Somebody sends files or stickers on Discord."""
        user, discord = self.other(name), self.stage.discord
        await self.crosses_left(lambda: discord.say(user, self.channel, text, **more))

    async def crosses_right(self, act: Callable[[], object]) -> None:
        """Do something on Telegram, and wait for a copy of it."""
        await asyncio.sleep(TYPING_S * self.pace)
        before = len(self._copies_right())
        act()
        await self.follows(lambda: len(self._copies_right()) > before)
        await self.rest()

    async def crosses_left(self, act: Callable[[], object]) -> None:
        """Do something on Discord, and wait for a copy of it."""
        await asyncio.sleep(TYPING_S * self.pace)
        telegram = self.stage.telegram
        before = len(telegram.bot_messages(self.chat))
        act()
        await self.follows(lambda: len(telegram.bot_messages(self.chat)) > before)
        await self.rest()

    async def ask_right(self, name: str, question: str, *answers: str) -> str:
        """Somebody asks a poll on Discord; the message's id, once its twin is on Telegram."""
        poll: Json = {"question": {"text": question}}
        poll |= {"answers": [{"poll_media": {"text": one}} for one in answers]}
        return await self.right(name, "", crosses=question, poll=poll)

    async def react_left(self, message: int, copy: str, **emoji: str) -> None:
        """People on Telegram react, and the bot does so below the copy on Discord."""
        for name, one in emoji.items():
            self.stage.telegram.react(self.one(name), self.chat, message, [one])
            await asyncio.sleep(TYPING_S * self.pace)
        wanted = len(set(emoji.values()))
        await self.follows(lambda: self._bots_right(copy) >= wanted)

    async def react_right(self, message: str, copy: int, **emoji: str) -> None:
        """People on Discord react, and the bot does so below the copy on Telegram."""
        for name, one in emoji.items():
            self.stage.discord.react(self.other(name), self.channel, message, one)
            await asyncio.sleep(TYPING_S * self.pace)
        await self.follows(lambda: self._reacted_left(copy))

    def _bots_right(self, message: str) -> int:
        """How many reactions of the bot's a message on Discord has."""
        world = self.stage.discord.world
        below = (users for (number, _), users in world.reactors.items() if str(number) == message)
        return sum(world.bot_id in users for users in below)

    def _reacted_left(self, copy: int) -> bool:
        return self.stage.telegram.state.world.bot_id in self.stage.telegram.reactions(
            self.chat, copy
        )

    # -- what crossed ------------------------------------------------------------------------

    async def follows(self, condition: Callable[[], bool]) -> None:
        """Wait for what comes at leisure; it is not missed where the bridge leaves it out."""
        with suppress(TimeoutError):
            await self.stage.discord.wait_for(condition, FOLLOWS_S)

    async def copy_left(self, needle: str) -> int:
        """Wait for a copy on Telegram that holds a text, the last such; its id."""
        found = await self.stage.telegram.wait_for(lambda: self.find_left(needle), ARRIVES_S)
        return int(found["message_id"])

    async def copy_right(self, needle: str) -> str:
        """Wait for a copy on Discord that holds a text, the last such; its id."""
        found: Json | None = None

        def look() -> bool:
            nonlocal found
            found = self.find_right(needle)
            return found is not None

        await self.stage.discord.wait_for(look, ARRIVES_S)
        return str(found["id"]) if found is not None else ""

    def find_left(self, needle: str) -> Json | None:
        """The last copy on Telegram that holds a text."""
        every = reversed(self.stage.telegram.bot_messages(self.chat))
        return next((one for one in every if needle in words_of(one)), None)

    def find_right(self, needle: str) -> Json | None:
        """The last copy on Discord that holds a text, whatever marks stand in it."""
        copies = reversed(self._copies_right())
        return next((one for one in copies if needle in _shown(one)), None)

    def _copies_right(self) -> list[Json]:
        """What the bridge posted on Discord."""
        own = str(self.stage.discord.world.bot_id)
        every = self.stage.discord.messages(self.channel)
        return [one for one in every if one.get("webhook_id") or one["author"]["id"] == own]

    def find_original(self, needle: str) -> str:
        """What a person said on Discord that holds a text, the last such; its id.

        Raises:
            KeyError: It was deleted.
        """
        for one in reversed(self.stage.discord.messages(self.channel)):
            if needle in str(one["content"]) and not one["author"].get("bot"):
                return str(one["id"])
        raise KeyError(f"nobody said {needle} any more")


def _shown(message: Json) -> str:
    """The words of a message on Discord without its marks, its poll's question included."""
    asked = (message.get("poll") or {}).get("question", {})
    return str(message["content"]).translate(MARKS) + str(asked.get("text", ""))


def words_of(message: Json) -> str:
    """All that a message on Telegram says, that of its rich blocks and its poll included."""
    plain = str(message.get("text") or message.get("caption") or "")
    asked = message.get("poll", {})
    rich = "".join(_words(message.get("rich_message", {}).get("blocks", [])))
    return plain + rich + str(asked.get("question", ""))


def _words(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for one in part:
            yield from _words(one)
    elif isinstance(part, dict):
        for name in ("text", "summary", "items", "blocks", "cells"):
            yield from _words(part.get(name))
