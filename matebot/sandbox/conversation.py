"""The scripted conversation: it shows in a minute what crosses, and how it looks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matebot.sandbox.portraits import portrait
from matebot.sandbox.world import MAIN, Stage

Json = dict[str, Any]
READING_S = 1.5
TYPING_S = 0.9
ARRIVES_S = 30.0  # a room that talks this fast may have to wait for Telegram's limit


def _marked(text: str, *marks: tuple[str, str]) -> tuple[str, list[Json]]:
    """A text with entities over parts of it: ``(part, type)``; a type may be ``pre:python``."""
    entities = []
    for part, kind in marks:
        name, _, language = kind.partition(":")
        before = text[: text.index(part)].encode("utf-16-le")
        entity: Json = {"type": name, "offset": len(before) // 2}
        entity["length"] = len(part.encode("utf-16-le")) // 2
        entities.append(entity | ({"language": language} if language else {}))
    return text, entities


@dataclass(slots=True)
class Conversation:
    """Plays it on a stage.

    Args:
        pace: How long people read and type; 0 is as fast as it crosses.
    """

    stage: Stage
    pace: float = 1.0

    async def play(self) -> None:
        """From the first word to the last.

        Raises:
            TimeoutError: Something did not cross.
        """
        await self._greeting()
        await self._cake()
        await self._driver()
        await self._slip()
        await self._saturday()

    async def _greeting(self) -> None:
        await self._left(
            "Tainá", *_marked("Boa noite, hackers! The mate is hot ☕", ("mate", "bold"))
        )
        await self._left("Gustavo", "Who comes tonight?")
        await self._right("Renata", "On my way! I'm bringing the **logic analyzer** ||and a cake||")

    async def _cake(self) -> None:
        cake = await self._copy_left("logic analyzer")
        await self._left("Bia", "A cake?! Which one?", reply_to=cake)
        question = await self._copy_right("Which one?")
        await self._right("Renata", "Carrot, with chocolate on top 🥕🍫", reply_to=question)
        told = await self._copy_left("Carrot")
        self.stage.telegram.react(self._one("Gustavo"), self._chat, told, ["❤"])

    async def _driver(self) -> None:
        code = "def read(bus):\n    return bus.read_u16(0x40)"
        text = f"The sensor works! My driver so far:\n{code}"
        said = await self._left("Bia", *_marked(text, (code, "pre:python")))
        await self._copy_right("driver")
        await self._right(
            "felipe0x", "> read_u16\n`0x40` is big-endian there, careful: *bytes swapped*"
        )
        await self._copy_left("big-endian")
        better = 'def read(bus):\n    return bus.read_u16(0x40, "big")'
        text, entities = _marked(
            f"The sensor works! My driver so far:\n{better}", (better, "pre:python")
        )
        self.stage.telegram.edit(self._chat, said, text, entities=entities)
        await self._copy_right('"big"')
        self.stage.discord.say(
            self._other("Zé"),
            self._channel,
            "And here is what the display shows:",
            attachments=[("display.png", portrait("cactus"), "image/png")],
        )
        await self._copy_left("display shows")
        await self._rest()

    async def _slip(self) -> None:
        await self._right("Mika", "mom, I left the key under the plant")
        await self._copy_left("under the plant")
        await self._rest()
        slip = self._find_right("under the plant")
        if slip is not None:
            self.stage.discord.delete(self._channel, slip["id"])
        await self._right("Mika", "…wrong window, sorry 🙈")

    async def _saturday(self) -> None:
        plan = "## Saturday, 14h\n- bring a *breadboard*\n- bring **friends**\n-# and your own cuia"
        await self._right("Zé", plan)
        plan_copy = await self._copy_left("Saturday")
        await self._left(
            "Noor", *_marked("I'll be there! 🎉", ("there", "italic")), reply_to=plan_copy
        )
        await self._copy_right("there")
        original = self._find_right("Saturday")
        if original is not None:
            self.stage.discord.react(self._other("Mika"), self._channel, original["id"], "🎉")

    # -- people ------------------------------------------------------------------------------

    async def _left(
        self, name: str, text: str, entities: list[Json] | None = None, **more: Any
    ) -> int:
        """Somebody writes on Telegram; the message's id."""
        await asyncio.sleep(TYPING_S * self.pace)
        telegram = self.stage.telegram
        said = telegram.say(self._one(name), self._chat, text, entities=entities or (), **more)
        await self._rest()
        return int(said["message_id"])

    async def _right(self, name: str, text: str, **more: Any) -> str:
        """Somebody writes on Discord; the message's id."""
        user = self._other(name)
        self.stage.discord.typing(user, self._channel)
        await asyncio.sleep(TYPING_S * self.pace)
        said = self.stage.discord.say(user, self._channel, text, **more)
        await self._rest()
        return str(said["id"])

    async def _rest(self) -> None:
        await asyncio.sleep(READING_S * self.pace)

    def _one(self, name: str) -> int:
        return int(self.stage.left.named(name).id)

    def _other(self, name: str) -> str:
        return self.stage.right.named(name).id

    @property
    def _chat(self) -> int:
        return int(self.stage.left.place(MAIN).id)

    @property
    def _channel(self) -> str:
        return self.stage.right.place(MAIN).id

    # -- what crossed ------------------------------------------------------------------------

    async def _copy_left(self, needle: str) -> int:
        """Wait for a copy on Telegram that holds a text, the last such; its id."""

        def found() -> Json | None:
            every = self.stage.telegram.bot_messages(self._chat)
            return _last(
                every, lambda one: str(one.get("text") or one.get("caption") or ""), needle
            )

        message = await self.stage.telegram.wait_for(found, ARRIVES_S)
        return int(message["message_id"])

    async def _copy_right(self, needle: str) -> str:
        """Wait for a copy on Discord that holds a text, the last such; its id."""
        await self.stage.discord.wait_for(lambda: self._find_right(needle, copy=True), ARRIVES_S)
        found = self._find_right(needle, copy=True)
        return str(found["id"]) if found else ""

    def _find_right(self, needle: str, *, copy: bool = False) -> Json | None:
        every = self.stage.discord.messages(self._channel)
        wanted = [one for one in every if bool(one.get("webhook_id")) == copy]
        return _last(wanted, lambda one: str(one["content"]), needle)


def _last(messages: list[Json], text: Callable[[Json], str], needle: str) -> Json | None:
    return next((one for one in reversed(messages) if needle in text(one)), None)
