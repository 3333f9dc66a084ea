"""What goes wrong in the fault run besides kills: on the services' side and on the way to them."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.faults import Fault, FaultKind
from matebot.sandbox.telegram import TelegramStandIn
from tests.faultrun.hearing import Hearing
from tests.scenarios.harness import Scene, free_port

TELEGRAM_CALLS = (
    "sendMessage", "sendPhoto", "sendMediaGroup", "editMessageText", "editMessageCaption",
    "deleteMessage", "editMessageReplyMarkup", "getFile", "file", "*",
)  # fmt: skip
DISCORD_CALLS = (
    "webhook.execute", "webhook.message.edit", "webhook.message.delete", "channel.messages",
    "gateway", "cdn", "*",
)  # fmt: skip
STATUSES = (500, 502, 503, 429)
KINDS: tuple[FaultKind, ...] = ("status", "status", "drop", "drop_after", "slow", "late")
LONGEST_SLOW_S = 2.0
"""Less than MateBot waits for requests whose end it does not know."""
OUTAGE_S = (0.5, 5.0)
CLOSE_CODES = (1001, 1006, 4000, 4001, 4002, 4005, 4008)


class Troubles:
    """Breaks things, and heals them.

    Args:
        stage: What is broken.
        hearing: Told when a session of the gateway ends.
        chance: Decides what happens.
        tasks: Owns the outages.
    """

    def __init__(
        self, stage: Scene, hearing: Hearing, chance: random.Random, tasks: asyncio.TaskGroup
    ) -> None:
        self._stage = stage
        self._hearing = hearing
        self._chance = chance
        self._tasks = tasks
        self._ending: set[asyncio.Task[None]] = set()
        self.made: Counter[str] = Counter()

    def make(self) -> None:
        """Something goes wrong."""
        (what,) = self._chance.choices(
            (self._call, self._gateway, self._outage, self._unreachable, self._repeats),
            weights=(60, 15, 10, 7, 8),
        )
        self.made[what()] += 1

    def heal(self) -> None:
        """All works again."""
        for task in self._ending:
            task.cancel()
        self._ending.clear()
        self._stage.telegram.faults.clear()
        self._stage.discord.faults.clear()
        self._stage.telegram.repeat_updates = False
        self._reach(self._stage.daemon.port)

    def _call(self) -> str:
        """A call goes wrong, or a few of that kind."""
        telegram = self._chance.random() < 0.5
        service = self._stage.telegram if telegram else self._stage.discord
        kind = self._chance.choice(KINDS)
        fault = Fault(
            kind,
            self._chance.choice(TELEGRAM_CALLS if telegram else DISCORD_CALLS),
            times=self._chance.choice((1, 1, 1, 2, 3)),
            status=self._chance.choice(STATUSES),
            retry_after_s=self._chance.uniform(0.2, 2.0),
            delay_s=self._chance.uniform(0.1, LONGEST_SLOW_S),
        )
        service.faults.add(fault)
        return str(fault.status) if kind == "status" else kind

    def _gateway(self) -> str:
        """A connection of the gateway ends."""
        discord = self._stage.discord
        if self._chance.random() < 0.2:
            discord.reconnect_request()
            return "gateway asks to reconnect"
        resumable = self._chance.random() < 0.6
        discord.disconnect(code=self._chance.choice(CLOSE_CODES), resumable=resumable)
        if not resumable:
            self._hearing.lost()
        return "gateway closed" if resumable else "session lost"

    def _outage(self) -> str:
        """A service is away for seconds."""
        service = self._chance.choice((self._stage.telegram, self._stage.discord))
        service.faults.outage = True
        self._end(self._over(service, self._chance.uniform(*OUTAGE_S)))
        return "outage"

    async def _over(self, service: TelegramStandIn | DiscordStandIn, after_s: float) -> None:
        await asyncio.sleep(after_s)
        service.faults.outage = False

    def _unreachable(self) -> str:
        """Telegram cannot reach the webhook for seconds."""
        self._reach(free_port())
        self._end(self._reached(self._chance.uniform(*OUTAGE_S)))
        return "webhook unreachable"

    async def _reached(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self._reach(self._stage.daemon.port)

    def _reach(self, port: int) -> None:
        self._stage.telegram.route_webhook(("127.0.0.1", port), plain_http=True)

    def _repeats(self) -> str:
        """Telegram begins to send each update twice, or leaves it."""
        self._stage.telegram.repeat_updates = not self._stage.telegram.repeat_updates
        return "updates twice"

    def _end(self, ending: Coroutine[Any, Any, None]) -> None:
        task = self._tasks.create_task(ending)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
