"""The scripted conversation: it shows in a minute or two what crosses, and how it looks."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from matebot.sandbox import samples
from matebot.sandbox.discord import File
from matebot.sandbox.voices import Voices, words_of
from matebot.sandbox.world import Stage

Json = dict[str, Any]
SATURDAY = 5
OPENS = time(14)


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


def _saturday() -> int:
    """The next Saturday at 14 h by the clock of who watches, in unix seconds."""
    today = datetime.now().astimezone()
    days = (SATURDAY - today.weekday()) % 7 or 7
    return int((datetime.combine(today + timedelta(days=days), OPENS).astimezone()).timestamp())


@dataclass(slots=True)
class Conversation:
    """Plays it on a stage.

    Args:
        pace: How long people read and type; 0 is as fast as it crosses.
    """

    stage: Stage
    pace: float = 1.0
    _voices: Voices = field(init=False)
    _cake_said: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._voices = Voices(self.stage, self.pace)

    async def play(self) -> None:
        """From the first word to the last.

        Raises:
            TimeoutError: Something did not cross.
        """
        await self._greeting()
        await self._cake()
        await self._driver()
        await self._album()
        await self._voice()
        await self._stickers()
        await self._pizza()
        await self._slip()
        await self._news()
        await self._plan()

    async def _greeting(self) -> None:
        """Formatting both ways, with a spoiler."""
        mate = _marked("Boa noite, hackers! O mate tá pronto ☕", ("mate", "bold"))
        await self._voices.left("Tainá", *mate)
        await self._voices.left("Gustavo", "Opa! Quem vem hoje?")
        self._cake_said = await self._voices.right(
            "Renata",
            "Tô a caminho! Levo o **analisador lógico** ||e um bolo||",
            crosses="analisador",
        )

    async def _cake(self) -> None:
        """Replies, one of them with a quote, and reactions both ways with their tally."""
        voices = self._voices
        cake = await voices.copy_left("analisador")
        asked = await voices.left(
            "Bia",
            "Finally, the bus will confess 😄 And… which cake?!",
            reply_to=cake,
            quote=_quotable(voices, cake),
        )
        question = await voices.copy_right("which cake?!")
        await voices.right(
            "Renata", "De cenoura, com chocolate 🥕🍫", crosses="cenoura", reply_to=question
        )
        await voices.react_right(self._cake_said, cake, Mika="🎉", felipe0x="🎉", Zé="❤️")
        told = await voices.copy_left("cenoura")
        original = voices.find_original("cenoura")
        await voices.react_left(told, original, Gustavo="❤", Noor="🔥")
        await voices.react_right(question, asked, Mika="😂")

    async def _driver(self) -> None:
        """Code, a quote by marks, and an edit."""
        voices = self._voices
        code = "def read(bus):\n    return bus.read_u16(0x40)"
        first = "The sensor works! My driver so far:"
        said = await voices.left("Bia", *_marked(f"{first}\n{code}", (code, "pre:python")))
        await voices.right(
            "felipe0x",
            "> read_u16\n`0x40` is big-endian there, careful: *bytes swapped*",
            crosses="big-endian",
        )
        better = 'def read(bus):\n    return bus.read_u16(0x40, "big")'
        text, entities = _marked(f"{first}\n{better}", (better, "pre:python"))
        self.stage.telegram.edit(voices.chat, said, text, entities=entities)
        await voices.copy_right('"big"')
        await voices.rest()

    async def _album(self) -> None:
        """Several pictures at once, both ways; one of them is covered."""
        voices = self._voices
        drawn = [("photo", samples.picture(number), "", "image/jpeg") for number in range(3)]
        await voices.show_left("Gustavo", drawn, caption="Vista da oficina nova 😍")
        files = [
            File(f"bench-{number}.jpg", samples.picture(number), "image/jpeg", spoiler=number > 1)
            for number in (1, 2)
        ]
        await voices.show_right("Renata", "Today's bench", attachments=files)

    async def _voice(self) -> None:
        """Voice messages both ways."""
        voices = self._voices
        hummed = await asyncio.to_thread(samples.voice)
        noor = voices.one("Noor")
        await voices.crosses_right(
            lambda: self.stage.telegram.send_file(
                noor, voices.chat, "voice", hummed, name="", mime="audio/ogg"
            )
        )
        loud = samples.loudness()
        await voices.crosses_left(
            lambda: self.stage.discord.say_voice(
                voices.other("Zé"), voices.channel, hummed, waveform=loud
            )
        )

    async def _stickers(self) -> None:
        """Stickers that move, both ways."""
        voices = self._voices
        mime, bia = "application/x-tgsticker", voices.one("Bia")
        await voices.crosses_right(
            lambda: self.stage.telegram.send_file(
                bia, voices.chat, "sticker", samples.tgs(), name="", mime=mime, emoji="🧉"
            )
        )
        discord = self.stage.discord
        for name, kind, data in (("gourd", "lottie", samples.lottie()), ("ring", "apng", None)):
            sticker = discord.add_sticker(name, data or samples.apng(), kind)
            await voices.show_right("Mika", "", stickers=[sticker])

    async def _pizza(self) -> None:
        """A poll with its twin on the other side, and votes on both."""
        voices = self._voices
        answers = ("Calabresa", "Quatro queijos", "Only mate, please 🧉")
        poll = await voices.ask_right("Renata", "Pizza no sábado?", *answers)
        twin = await voices.copy_left("Pizza no sábado?")
        for name, answer in (("Renata", 2), ("felipe0x", 3), ("Mika", 2)):
            self.stage.discord.vote(voices.other(name), voices.channel, poll, [answer])
        for name, option in (("Bia", 1), ("Noor", 1), ("Tainá", 2)):
            self.stage.telegram.vote(voices.one(name), voices.chat, twin, [option])
        await voices.rest()

    async def _slip(self) -> None:
        """A message that is taken back."""
        voices = self._voices
        slip = "mom, I left the key under the plant"
        said = await voices.right("Mika", slip, crosses="under the plant")
        self.stage.discord.delete(voices.channel, said)
        await voices.follows(lambda: voices.find_left("under the plant") is None)
        await voices.right("Mika", "…wrong window, sorry 🙈", crosses="wrong window")

    async def _news(self) -> None:
        """A forward from a room that is no part of the bridge."""
        voices = self._voices
        telegram = self.stage.telegram
        text, entities = _marked("Chegou estanho novo na oficina!", ("estanho novo", "underline"))
        noor = voices.one("Noor")
        news = telegram.say(noor, voices.workshop, text, entities=entities)
        source = (voices.workshop, int(news["message_id"]))
        telegram.forward(voices.one("Gustavo"), voices.chat, source)
        await voices.copy_right("estanho")
        await voices.rest()

    async def _plan(self) -> None:
        """A heading, a list and a date, native on both sides; a pin; the last reactions."""
        voices = self._voices
        plan = (
            f"## Sábado na oficina\n<t:{_saturday()}:F>\n"
            "- bring a *breadboard*\n- bring **friends**\n-# e a tua cuia"
        )
        said = await voices.right("Zé", plan, crosses="oficina")
        copy = await voices.copy_left("breadboard")
        self.stage.discord.pin(voices.other("Renata"), voices.channel, said)
        await voices.follows(lambda: copy in self.stage.telegram.pinned(voices.chat))
        await voices.rest()
        coming = _marked("I'll be there! 🎉", ("there", "italic"))
        await voices.left("Noor", *coming, reply_to=copy)
        await voices.react_right(said, copy, Mika="🎉", Renata="🎉", felipe0x="👍")
        await voices.react_left(copy, said, Tainá="❤", Bia="🎉")


def _quotable(voices: Voices, message: int) -> str | None:
    """The part of a copy that is quoted; nothing where it stands no more."""
    found = voices.stage.telegram.message(voices.chat, message)
    part = "analisador lógico"
    return part if found is not None and part in words_of(found) else None
