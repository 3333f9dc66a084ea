"""The stand-in of Telegram with a bot of ours on it, over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, NamedTuple

from aiogram import Bot

from matebot.core.ids import Room
from matebot.sandbox.telegram import TelegramStandIn
from matebot.telegram.client import make_bot
from matebot.telegram.outgoing import TelegramMessenger
from matebot.words import Catalogue

TOKEN = "777000111:AAtestTOKENtestTOKENtestTOKENtest"
WORDS = Catalogue.load()


Kind = Literal["group", "supergroup", "channel"]


class Scene(NamedTuple):
    """A group with two people and our bot."""

    service: TelegramStandIn
    bot: Bot
    messenger: TelegramMessenger
    room: Room
    ann: dict[str, Any]
    bob: dict[str, Any]
    revoked: list[bool]


@asynccontextmanager
async def scene(*, kind: Kind = "supergroup", forum: bool = False) -> AsyncIterator[Scene]:
    """A running stand-in whose group has Ann, who decides, and Bob."""
    async with TelegramStandIn(token=TOKEN, limited=False) as service:
        bot = make_bot(TOKEN, service.url)
        group = service.add_group("Friends", kind=kind, forum=forum)
        ann = service.add_user("Ann", username="ann")
        bob = service.add_user("Bob")
        service.join(group["id"], ann["id"], status="administrator")
        service.join(group["id"], bob["id"])
        revoked: list[bool] = []
        messenger = TelegramMessenger(bot, WORDS, on_revoked=lambda: revoked.append(True))
        room = Room.telegram(group["id"])
        try:
            yield Scene(service, bot, messenger, room, ann, bob, revoked)
        finally:
            await bot.session.close()
