"""The stand-in of Telegram with a bot of ours on it, over real sockets."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

from aiogram import Bot

from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import FileSource, Opened
from matebot.core.message import Attachment, AttachmentKind, Author, File, Message
from matebot.core.richtext import RichText
from matebot.media.desk import Desk
from matebot.media.spool import Spool
from matebot.media.workers import Workers
from matebot.sandbox.telegram import TelegramStandIn
from matebot.storage.files import Files
from matebot.storage.opening import opened
from matebot.telegram.client import make_bot
from matebot.telegram.files import TelegramFiles
from matebot.telegram.outgoing import TelegramMessenger
from matebot.telegram.uploads import Uploads
from matebot.words import Catalogue

TOKEN = "777000111:AAtestTOKENtestTOKENtestTOKENtest"
WORDS = Catalogue.load()


Kind = Literal["group", "supergroup", "channel"]


class Elsewhere:
    """The files of the other side, by their sources."""

    def __init__(self) -> None:
        self.most_bytes = 100 * 1024 * 1024
        self.data: dict[str, bytes] = {}
        self.opened: list[str] = []
        self.asked = asyncio.Event()

    @asynccontextmanager
    async def open(self, file: File, of: MessageRef) -> AsyncIterator[Opened]:
        """See `FileSource.open`."""
        del of
        self.opened.append(file.source)
        self.asked.set()
        data = self.data[file.source]

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(data), 65_536):
                yield data[start : start + 65_536]

        yield Opened(len(data), chunks())

    def said(
        self, text: str = "", *files: tuple[AttachmentKind, str, str, bytes], **of: Any
    ) -> Message:
        """Zoë's message with files, each told by its kind, name, type and bytes."""
        attachments = []
        for kind, name, mime, data in files:
            source = f"{len(data)}-{name}"
            self.data[source] = data
            file = File(source, source, mime, spoiler=name.startswith("SPOILER_"))
            attachments.append(Attachment(kind, name, len(data), file=file))
        return Message(
            MessageRef(Room.discord(1), 2),
            Author(3, "Zoë"),
            RichText(text),
            tuple(attachments),
            **of,
        )


class Scene(NamedTuple):
    """A group with two people and our bot, and what people say elsewhere."""

    service: TelegramStandIn
    bot: Bot
    messenger: TelegramMessenger
    room: Room
    ann: dict[str, Any]
    bob: dict[str, Any]
    revoked: list[bool]
    elsewhere: Elsewhere
    desk: Desk
    book: Files
    uploads: Uploads


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
        elsewhere = Elsewhere()
        async with _uploads(elsewhere, TelegramFiles(bot)) as (uploads, desk, book):
            messenger = TelegramMessenger(
                bot, WORDS, uploads, on_revoked=lambda: revoked.append(True)
            )
            room = Room.telegram(group["id"])
            try:
                yield Scene(
                    service, bot, messenger, room, ann, bob, revoked, elsewhere, desk, book, uploads
                )
            finally:
                await bot.session.close()


@asynccontextmanager
async def _uploads(
    elsewhere: FileSource, here: FileSource
) -> AsyncIterator[tuple[Uploads, Desk, Files]]:
    """The real desk and book, in a place of their own."""
    with TemporaryDirectory() as folder:
        async with opened(Path(folder) / "book.db") as database, Workers() as workers:
            book = Files(database, time.time)
            desk = Desk(
                sources={Platform.DISCORD: elsewhere, Platform.TELEGRAM: here},
                book=book,
                spool=Spool(Path(folder) / "media", 500_000_000),
                converter=workers,
            )
            yield Uploads(desk, book), desk, book
