"""What the daemon consists of, and the order in which it starts."""

from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matebot.bridge.asking import Asking
from matebot.bridge.commands import Commands, commands_on
from matebot.bridge.in_force import Bridges
from matebot.bridge.lanes import Lanes
from matebot.bridge.loop_notices import LoopNotices
from matebot.bridge.noticing import Noticing
from matebot.bridge.relay import Relay
from matebot.bridge.typing import Typing
from matebot.core.ids import Platform
from matebot.core.ports import Intake
from matebot.discord.service import DiscordService
from matebot.media.desk import Desk
from matebot.media.workers import Workers
from matebot.storage.store import Store
from matebot.telegram.service import TelegramService
from matebot.telegram.webhook import WebhookGate
from matebot.upkeep import Upkeep
from matebot.web.server import WebServer

if TYPE_CHECKING:
    from matebot.web.tls import ServerTLS


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs, listens or is to be closed."""

    store: Store
    bridges: Bridges
    lanes: Lanes
    relay: Relay
    loop_notices: LoopNotices
    telegram_intake: Intake
    noticing: Noticing
    asking: Asking
    typing: Typing
    commands: Commands
    telegram: TelegramService
    discord: DiscordService
    gate: WebhookGate
    server: WebServer
    tls: "ServerTLS | None"
    upkeep: Upkeep
    desk: Desk
    workers: Workers

    def work(self) -> Iterable[tuple[str, Coroutine[Any, Any, None]]]:
        """What runs until it is cancelled, by its name, in the order of the start."""
        yield "files", self._files()
        yield "lanes", self.lanes.run()
        yield "bridges", self.bridges.run()
        yield "telegram", self.telegram.run(self.telegram_intake, self.commands)
        yield "discord", self.discord.run(self.relay, self.commands, commands_on(Platform.DISCORD))
        yield "noticing", self.noticing.run()
        yield "polls", self.asking.run()
        yield "typing", self.typing.run()
        yield "loop notices", self.loop_notices.run()
        yield "upkeep", self.upkeep.run()
        if self.tls is not None:
            yield "tls", self.tls.run(self.telegram.renew_certificate)

    async def _files(self) -> None:
        async with self.workers:
            await self.desk.run()
