"""Builds every part of the daemon and ties them together; starts nothing."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from matebot.bridge.asking import Asking
from matebot.bridge.breaker import Breaker
from matebot.bridge.commands import Commands
from matebot.bridge.courier import Courier
from matebot.bridge.deletions import Moderated, Remover
from matebot.bridge.in_force import Bridges
from matebot.bridge.lanes import Lanes
from matebot.bridge.loop_notices import LoopNotices
from matebot.bridge.loops import Loops
from matebot.bridge.noticing import Noticing, noticing_chats
from matebot.bridge.pacing import Pacer
from matebot.bridge.polls import Polling
from matebot.bridge.relay import Relay
from matebot.bridge.reporter import PeopleReporter
from matebot.bridge.typing import Typing
from matebot.config import Settings
from matebot.core.clock import SteadyClock
from matebot.core.errors import StoreUnavailable
from matebot.core.health import Health, HealthReport
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import FileSource
from matebot.core.message import Message
from matebot.core.notice import Notice
from matebot.core.ports import AnyMessenger, Intake, Rooms
from matebot.core.richtext import plain
from matebot.discord import service as discord_service
from matebot.discord.limits import RATES as DISCORD_RATES
from matebot.discord.missed import Limits
from matebot.logs import configure_logging
from matebot.media.desk import Desk
from matebot.media.faces import Faces
from matebot.media.spool import Spool
from matebot.media.workers import Workers
from matebot.menus import command_entries
from matebot.parts import Parts
from matebot.storage.database import Database
from matebot.storage.files import Files
from matebot.storage.own_polls import OwnPolls
from matebot.storage.pairings import PairingStore
from matebot.storage.polls import PollStore
from matebot.storage.presence import Presence
from matebot.storage.reading import Reading
from matebot.storage.store import Store
from matebot.telegram import service as telegram_service
from matebot.telegram.limits import RATES as TELEGRAM_RATES
from matebot.telegram.webhook import WebhookGate, kept_secret
from matebot.upkeep import Upkeep
from matebot.web.avatars import avatar_routes
from matebot.web.health import health_routes
from matebot.web.server import WebServer, build_app
from matebot.words import Catalogue

if TYPE_CHECKING:
    from matebot.web.tls import ServerTLS

__all__ = ["Parts", "assemble"]

HEALTH_S = 2.0
"""How long the database may take to show that it writes."""


async def assemble(
    settings: Settings, words: Catalogue, database: Database, health: Health
) -> Parts:
    """Build the parts.

    Args:
        settings: The operator's.
        words: What MateBot itself says.
        database: Open, with the present schema.
        health: What the parts tell how they are.

    Raises:
        OperatorError: Something that only the operator can mend.
    """
    return await _Assembly(settings, words, database, health).build()


class _Assembly:
    """The knots between the parts, in one place: who calls whom when something happens."""

    def __init__(
        self, settings: Settings, words: Catalogue, database: Database, health: Health
    ) -> None:
        self._settings = settings
        self._health = health
        self._words = words
        self._store = Store(database, SteadyClock())
        self._pairings = PairingStore(database)
        self._presence = Presence(database, self._store.now)
        self._polls = PollStore(database)
        self._own_polls = OwnPolls(database, self._store.now)
        self._reading = Reading(database)
        self._files = Files(database, self._store.now)
        self._workers = Workers()
        self._sources: dict[Platform, FileSource] = {}
        self._desk = Desk(
            sources=self._sources,
            book=self._files,
            spool=Spool(settings.data_dir / "media", settings.media_disk_mb * 1_000_000),
            converter=self._workers,
            shrink_videos=settings.shrink_videos,
            now=self._store.now,
        )
        self._bridges = Bridges(settings.bridges, self._store)
        self._tls = _tls(settings)
        self._rooms: dict[Platform, Rooms] = {}
        self._reporter = PeopleReporter(
            self._store,
            self._words,
            lambda room: self._rooms[room.platform].title(room),
            wake=self._wake,
            readers=lambda room: [each.room for each in self._bridges.routes.destinations(room)],
            language=settings.language,
        )

    async def build(self) -> Parts:
        await self._store.mend_times()
        await self._bridges.load()
        await self._reporter.load()
        self._telegram = self._make_telegram()
        # Telegram alone shows it: nobody would be told of typing there.
        shown_by = {Platform.TELEGRAM: self._telegram.messenger}
        self._typing = Typing(self._bridges.routes, shown_by)
        self._discord = await self._make_discord()
        self._know_services()
        self._lanes = self._make_lanes()
        loop_notices = LoopNotices(
            self._store, self._words, self._lanes.wake, self._settings.language
        )
        relay = Relay(
            self._store,
            self._bridges.routes,
            self._lanes.wake,
            self._bridges.outdated,
            loops=Loops(loop_notices.stopped),
            foresee=self._foresee,
        )
        remover = Remover(self._presence, self._messengers(), relay, self._bridges.routes)
        asking = Asking(self._own_polls, self._bridges.routes.bridges_of, self._lanes.wake)
        gate = self._make_gate()
        return Parts(
            store=self._store,
            bridges=self._bridges,
            lanes=self._lanes,
            relay=relay,
            loop_notices=loop_notices,
            telegram_intake=self._make_telegram_intake(relay, remover),
            noticing=self._make_noticing(relay),
            asking=asking,
            typing=self._typing,
            commands=self._make_commands(remover, asking),
            telegram=self._telegram,
            discord=self._discord,
            gate=gate,
            server=self._make_server(gate),
            tls=self._tls,
            upkeep=self._make_upkeep(),
            desk=self._desk,
            workers=self._workers,
        )

    def _know_services(self) -> None:
        """Tell who was made before them what the services are asked for."""
        self._rooms |= {
            Platform.TELEGRAM: self._telegram.rooms,
            Platform.DISCORD: self._discord.rooms,
        }
        self._sources |= {
            Platform.TELEGRAM: self._telegram.files,
            Platform.DISCORD: self._discord.files,
        }

    def _make_gate(self) -> WebhookGate:
        return WebhookGate(
            self._settings.webhook_path,
            self._secret,
            self._settings.webhook_networks,
            self._settings.trusted_proxies,
            self._telegram.take,
        )

    def _make_upkeep(self) -> Upkeep:
        return Upkeep(
            self._store,
            self._report,
            content_s=self._settings.keep_content_hours * 3600.0,
            map_s=self._settings.keep_map_days * 86_400.0,
        )

    def _make_telegram(self) -> telegram_service.TelegramService:
        settings, tls = self._settings, self._tls
        given = settings.webhook_secret
        self._secret = (
            given.get_secret_value() if given else kept_secret(settings.data_dir / "webhook.secret")
        )
        secrets = (*settings.secrets, self._secret)
        configure_logging(settings.log_level, settings.log_format, secrets)
        server = telegram_service.Server(
            token=settings.telegram_token.get_secret_value(),
            api_url=settings.telegram_api_url,
            webhook_url=settings.webhook_url,
            secret=self._secret,
            certificate=lambda: tls.certificate_pem() if tls is not None else None,
        )
        world = telegram_service.World(
            health=self._health,
            words=self._words,
            connected=lambda: self._lanes.retry_now(Platform.TELEGRAM),
            welcomed=lambda: self._lanes.retry_troubled(Platform.TELEGRAM),
            keep_raw=self._store.keep_raw,
            commands=command_entries(self._words),
            poll_sent=self._own_polls.sent,
            media=self._desk,
            book=self._files,
            local=settings.telegram_local,
        )
        return telegram_service.TelegramService(server, world)

    async def _make_discord(self) -> discord_service.DiscordService:
        settings, store, routes = self._settings, self._store, self._bridges.routes
        server = discord_service.Server(
            token=settings.discord_token.get_secret_value(),
            api_url=settings.discord_api_url,
            gateway_url=settings.discord_gateway_url,
            cdn_url=settings.discord_cdn_url,
        )
        world = discord_service.World(
            health=self._health,
            words=self._words,
            avatar_url=self._make_faces().url,
            is_read=routes.is_read,
            read_rooms=lambda: routes.read_rooms(Platform.DISCORD),
            books=self._reading,
            limits=Limits(settings.catch_up_hours * 3600.0, settings.catch_up_messages),
            known_webhooks=await store.own_webhooks(),
            on_webhook_made=store.add_webhook,
            connected=lambda: self._lanes.retry_now(Platform.DISCORD),
            typing=self._typing.typing,
            reading=self._reporter.reading,
            welcomed=lambda: self._lanes.retry_troubled(Platform.DISCORD),
            on_missing_permission=self._ask_permission,
            now=store.now,
            load_commands_mark=lambda: store.fact("discord commands"),
            save_commands_mark=lambda mark: store.note_fact("discord commands", mark),
            media=self._desk,
        )
        return discord_service.DiscordService(server, world)

    def _make_faces(self) -> Faces:
        settings = self._settings
        # Discord fetches from no host whose certificate no authority signed.
        public = settings.tls != "self-signed"
        return Faces(
            self._telegram.avatars,
            settings.data_dir / "avatars",
            kept_secret(settings.data_dir / "avatars.secret").encode(),
            public_url=f"{settings.public_url}/avatars" if public else None,
            default_url=f"{settings.discord_cdn_url}/embed/avatars",
        )

    def _make_lanes(self) -> Lanes:
        rates = {Platform.TELEGRAM: TELEGRAM_RATES, Platform.DISCORD: DISCORD_RATES}
        courier = Courier(
            store=self._store,
            messengers=self._messengers(),
            pacer=Pacer(rates, self._settings.pace_factor),
            breaker=Breaker(lambda platform: self._lanes.retry_now(platform)),  # noqa: PLW0108  (made later)
            reporter=self._reporter,
            moved=self._moved,
            ahead=lambda room: self._lanes.look_ahead(room),  # noqa: PLW0108  (made later)
            language=self._settings.language,
            now=self._store.now,
        )
        return Lanes(self._store, courier, self._store.now)

    def _make_commands(self, remover: Remover, asking: Asking) -> Commands:
        return Commands(
            store=self._pairings,
            words=self._words,
            languages=self._words.languages,
            default_language=self._settings.language,
            rooms=self._rooms,
            bridges_of=self._bridges.routes.bridges_of,
            changed=self._changed,
            wake=self._lanes.wake,
            health=self._connected,
            private_chat=self._private_chat,
            remover=remover,
            asking=asking,
        )

    def _messengers(self) -> dict[Platform, AnyMessenger]:
        return {
            Platform.TELEGRAM: self._telegram.messenger,
            Platform.DISCORD: self._discord.messenger,
        }

    def _make_telegram_intake(self, relay: Relay, remover: Remover) -> Intake:
        """The relay, behind what turns reactions and polls' ends into other events."""
        routes, rooms = self._bridges.routes, self._telegram.rooms
        moderated = Moderated(relay, remover, routes, rooms, self._say_it_stays)
        return Polling(moderated, self._polls)

    def _make_noticing(self, relay: Relay) -> Noticing:
        routes = self._bridges.routes
        return Noticing(
            self._presence,
            self._telegram.presence,
            relay,
            chats=lambda: noticing_chats(routes.bridges),
            apart_s=self._settings.delete_check_seconds,
            now=self._store.now,
        )

    def _make_server(self, gate: WebhookGate) -> WebServer:
        settings = self._settings
        app = build_app(
            gate.routes(),
            health_routes(self._report),
            avatar_routes(settings.data_dir / "avatars"),
            prefix=settings.public_prefix,
        )
        context = self._tls.context if self._tls is not None else None
        return WebServer(app, settings.listen_host, settings.listen_port, context)

    # What happens between the parts

    async def _report(self) -> HealthReport:
        """How things stand, with a look whether the database writes."""
        try:
            async with asyncio.timeout(HEALTH_S):
                await self._store.check()
        except (StoreUnavailable, TimeoutError) as error:
            self._health.set("database", ok=False, detail=str(error) or "too slow")
        else:
            self._health.set("database", ok=True)
        return self._health.report()

    def _foresee(self, room: Room, message: Message) -> None:
        """Begin with what takes time in bringing a message's files into a room."""
        self._messengers()[room.platform].foresee(room, message)

    def _connected(self) -> dict[Platform, bool]:
        parts = self._health.report().parts
        return {platform: parts[platform.value].ok for platform in Platform}

    def _private_chat(self) -> str | None:
        name = self._telegram.username
        return f"https://t.me/{name}?start=bridge" if name else None

    def _wake(self, rooms: Iterable[Room]) -> None:
        self._lanes.wake(rooms)

    def _moved(self, room: Room) -> None:
        self._bridges.outdated()
        self._lanes.wake([room])

    async def _changed(self) -> None:
        try:
            await self._bridges.load()
        except StoreUnavailable:
            self._bridges.outdated()  # it is stored: the routes follow as soon as they can
        self._discord.rooms_changed()

    async def _say_it_stays(self, ref: MessageRef) -> None:
        """Say that what somebody wanted to be deleted is not, for want of a right."""
        language = await self._store.language_of(ref.room) or self._settings.language
        text = self._words(language, "delete-stays")
        if await self._store.notify(ref.room, Notice(plain(text), reply_to=ref.message_id)):
            self._lanes.wake([ref.room.whole])

    async def _ask_permission(self, room: Room) -> None:
        """Say once, in the room, what to grant so that people have their own names there."""
        language = await self._store.language_of(room) or self._settings.language
        title = await self._discord.rooms.title(room)
        text = self._words(language, "grant-manage-webhooks", channel=title)
        if await self._store.ask_permission(room, Notice(plain(text))):
            self._lanes.wake([room])


def _tls(settings: Settings) -> "ServerTLS | None":
    if settings.tls == "proxy":
        return None
    from matebot.web.tls import FilesTLS, SelfSignedTLS  # 8 MB that a proxy's users do not need

    match settings.tls:
        case "files":
            if settings.tls_cert is None or settings.tls_key is None:
                raise ValueError("the settings were not checked")
            return FilesTLS(settings.tls_cert, settings.tls_key)
        case "self-signed":
            return SelfSignedTLS(settings.data_dir / "self-signed.pem", settings.public_host)
