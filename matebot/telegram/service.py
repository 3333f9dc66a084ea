"""All of Telegram's side, put together."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from matebot.core.errors import StoreUnavailable
from matebot.core.health import Health
from matebot.core.media import FileBook, Media
from matebot.core.ports import Commands, Intake
from matebot.core.words import Words
from matebot.telegram.avatars import TelegramAvatars
from matebot.telegram.client import BotSelf, CommandEntry, make_bot
from matebot.telegram.files import TelegramFiles
from matebot.telegram.incoming import TelegramIntake
from matebot.telegram.outgoing import TelegramMessenger
from matebot.telegram.parse import Me
from matebot.telegram.presence import TelegramPresence
from matebot.telegram.rooms import TelegramRooms
from matebot.telegram.side import TelegramSide
from matebot.telegram.uploads import Uploads
from matebot.telegram.webhook import RawUpdate


@dataclass(frozen=True, slots=True)
class Server:
    """Where the Bot API is, as whom to speak with it, and where it is to call.

    Attributes:
        token: The bot's.
        api_url: Such as ``https://api.telegram.org``.
        webhook_url: The public address of the webhook.
        secret: What Telegram is to show there.
        certificate: The certificate to give it, in PEM, or None; asked each time.
    """

    token: str = field(repr=False)
    api_url: str
    webhook_url: str
    secret: str = field(repr=False)
    certificate: Callable[[], bytes | None]


@dataclass(frozen=True, slots=True)
class World:
    """What Telegram's side needs of the rest.

    Attributes:
        health: Told whether it works.
        words: The catalogue.
        connected: Called each time that the side is there (again).
        welcomed: Called each time that the bot may do more in some chat.
        keep_raw: Keeps updates that this version cannot read.
        commands: For people's menus.
        media: Fetches and converts files.
        book: Remembers the files that Telegram keeps.
        poll_sent: Told the key under which a poll was sent, and the poll's id.
        local: Whether the Bot API server was started with ``--local``.
    """

    health: Health
    words: Words
    connected: Callable[[], Awaitable[None]]
    welcomed: Callable[[], Awaitable[None]]
    keep_raw: Callable[[int, bytes], Awaitable[None]]
    commands: Sequence[CommandEntry]
    media: Media
    book: FileBook
    poll_sent: Callable[[str, str], Awaitable[None]] | None = None
    local: bool = False


class TelegramService:
    """Telegram's side: what writes is there at once, what reads begins once it is known who we are.

    Attributes:
        messenger: Writes into rooms.
        rooms: Knows them.
        presence: Tells whether a message still stands.
        avatars: Finds people's pictures.
        files: Reads what people sent.
        username: The bot's name without ``@``; None while it is unknown.
        left_out: What was not relayed by decision, by its name.
    """

    def __init__(self, server: Server, world: World) -> None:
        self._world = world
        self._bot = make_bot(server.token, server.api_url)
        self._side = TelegramSide(
            self._bot,
            world.health,
            webhook_url=server.webhook_url,
            secret=server.secret,
            certificate=server.certificate,
            commands=world.commands,
            identified=self._identified,
            connected=world.connected,
        )
        self.messenger = TelegramMessenger(
            self._bot,
            world.words,
            Uploads(world.media, world.book, local=world.local),
            on_revoked=self._side.revoked,
            on_poll=world.poll_sent,
        )
        self.rooms = TelegramRooms(self._bot, on_revoked=self._side.revoked)
        self.presence = TelegramPresence(self._bot, on_revoked=self._side.revoked)
        self.files = TelegramFiles(self._bot, local=world.local)
        self.avatars = TelegramAvatars(self._bot, self.files)
        self.username: str | None = None
        self.left_out: Counter[str] = Counter()
        self._reads: tuple[Intake, Commands] | None = None
        self._sink: TelegramIntake | None = None

    async def take(self, update: RawUpdate) -> None:
        """Take an update that came through the gate (`matebot.telegram.webhook.UpdateSink`).

        Raises:
            StoreUnavailable: It cannot be kept, or it is not known yet who we are.
        """
        if self._sink is None:
            raise StoreUnavailable("not connected to Telegram yet", retry_after_s=2.0)
        await self._sink(update)

    async def run(self, intake: Intake, commands: Commands) -> None:
        """Read and keep the webhook registered until cancelled.

        Raises:
            OperatorError: At the start: the token is wrong.
        """
        self._reads = intake, commands
        try:
            await self._side.run()
        finally:
            self._sink = None

    async def renew_certificate(self) -> None:
        """Give Telegram the certificate anew.

        Raises:
            DeliveryError: It was refused, or the service does not answer now.
        """
        await self._side.renew()

    async def close(self) -> None:
        """Close the connections."""
        await self._bot.session.close()

    def _identified(self, me: BotSelf) -> None:
        self.username = me.username
        if self._reads is None:
            return
        intake, commands = self._reads
        names = frozenset(entry.name for entry in self._world.commands) | {"start"}
        self._sink = TelegramIntake(
            self._bot,
            Me(me.id, me.username, names),
            intake=intake,
            commands=commands,
            rooms=self.rooms,
            keep_raw=self._world.keep_raw,
            count=self._count,
            welcomed=self._world.welcomed,
        )

    def _count(self, what: str) -> None:
        self.left_out[what] += 1
