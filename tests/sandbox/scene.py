"""The sandbox's page against the stand-ins alone, for its tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.page import Page
from matebot.sandbox.telegram import TelegramStandIn
from matebot.sandbox.world import MAIN, Stage, build_stage

Json = dict[str, Any]
TELEGRAM_TOKEN = "1234:page"
DISCORD_TOKEN = "page.token"


@dataclass
class Scene:
    """The page without a daemon."""

    stage: Stage
    page: Page

    @property
    def chat(self) -> int:
        return int(self.stage.left.place(MAIN).id)

    @property
    def channel(self) -> str:
        return self.stage.right.place(MAIN).id

    def left(self, name: str, text: str, **more: Any) -> Json:
        """Somebody writes on Telegram."""
        user = int(self.stage.left.named(name).id)
        return self.stage.telegram.say(user, self.chat, text, **more)

    def right(self, name: str, text: str, **more: Any) -> Json:
        """Somebody writes on Discord."""
        return self.stage.discord.say(self.stage.right.named(name).id, self.channel, text, **more)

    def said_left(self) -> Json:
        """The last message on Telegram."""
        return self.stage.telegram.messages(self.chat)[-1]

    def said_right(self) -> Json:
        """The last message on Discord."""
        return self.stage.discord.messages(self.channel)[-1]

    async def bot_left(self, method: str, **params: Any) -> Json:
        """The bot calls Telegram; the result."""
        url = f"{self.stage.telegram.url}/bot{TELEGRAM_TOKEN}/{method}"
        answer: Json = await _post(url, {"chat_id": self.chat, **params}, {})
        result: Json = answer["result"]
        return result

    async def bot_right(self, **body: Any) -> Json:
        """The bot posts on Discord; the message."""
        url = f"{self.stage.discord.api_url}/channels/{self.channel}/messages"
        return await _post(url, body, {"Authorization": f"Bot {DISCORD_TOKEN}"})


async def _post(url: str, body: Json, headers: dict[str, str]) -> Json:
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json=body) as answer,
    ):
        told: Json = await answer.json()
        assert answer.status == 200, told
        return told


@asynccontextmanager
async def staged() -> AsyncIterator[Scene]:
    """Both stand-ins and the page."""
    async with (
        TelegramStandIn(token=TELEGRAM_TOKEN, limited=False) as telegram,
        DiscordStandIn(token=DISCORD_TOKEN, limited=False) as discord,
    ):
        stage = build_stage(telegram, discord)
        async with Page(stage) as page:
            yield Scene(stage, page)
