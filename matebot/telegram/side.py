"""The Telegram side as a whole: connects, registers the webhook, and keeps an eye on both."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiogram import Bot
from aiogram.methods import GetWebhookInfo

from matebot.core.errors import DeliveryError, OperatorError, PermanentError, StoreUnavailable
from matebot.core.health import Health
from matebot.telegram.client import BotSelf, CommandEntry, connect, set_commands, set_webhook
from matebot.telegram.errors import translated

log = logging.getLogger(__name__)

PART: Final = "telegram"
"""What this side is called in /healthz."""
CHECK_EVERY_S: Final = 60.0
LONGEST_DELAY_S: Final = 60.0
REVOKED: Final = "token revoked: put the new one from @BotFather into MATEBOT_TELEGRAM_TOKEN"


class TelegramSide:
    """Keeps the webhook registered.

    Args:
        bot: Ours.
        health: Told whether this side works.
        webhook_url: What Telegram is to call.
        secret: What it is to show.
        certificate: The certificate to give it, in PEM, or None; asked each time.
        commands: For people's menus.
        identified: Told who we are, before Telegram is told where to call.
        connected: Called each time that the side is there (again).
        check_every_s: Seconds between two looks at the webhook.
    """

    def __init__(
        self,
        bot: Bot,
        health: Health,
        *,
        webhook_url: str,
        secret: str,
        certificate: Callable[[], bytes | None],
        commands: Sequence[CommandEntry],
        identified: Callable[[BotSelf], None],
        connected: Callable[[], Awaitable[None]],
        check_every_s: float = CHECK_EVERY_S,
    ) -> None:
        self._bot = bot
        self._health = health
        self._webhook_url = webhook_url
        self._secret = secret
        self._certificate = certificate
        self._commands = commands
        self._identified = identified
        self._connected = connected
        self._check_every_s = check_every_s
        self._revoked = asyncio.Event()
        self._last_error = ""
        self._listed = False

    def revoked(self) -> None:
        """A call was answered that the token is not known."""
        self._revoked.set()

    async def run(self) -> None:
        """Connect, and stay so until cancelled; a token that is revoked later pauses the side.

        Raises:
            OperatorError: At the start: the token is wrong.
        """
        await self._until_it_works(self._start)
        while not self._revoked.is_set():
            await self._pause_between_checks()
            try:
                await self._check()
            except OperatorError:
                self._revoked.set()
            except DeliveryError as error:
                self._unwell(error)
        log.error("Telegram is paused: %s", REVOKED)
        self._health.set(PART, ok=False, detail="token revoked")
        await asyncio.Event().wait()

    async def renew(self) -> None:
        """Give Telegram the certificate anew.

        Raises:
            DeliveryError: It was refused, or the service does not answer now.
        """
        await set_webhook(
            self._bot, self._webhook_url, self._secret, certificate=self._certificate()
        )

    async def _start(self) -> None:
        me = await connect(self._bot)
        self._identified(me)
        await self.renew()
        log.info("Telegram: connected as @%s", me.username)
        if not me.can_read_all_group_messages:
            log.warning(
                "Telegram: privacy mode is on, so @%s reads a group only as its administrator;"
                " switch it off at @BotFather (/setprivacy), then remove and add the bot again",
                me.username,
            )
        await self._well()
        await self._list_commands()

    async def _list_commands(self) -> None:
        """Put the commands into people's menus; without them they still work when typed."""
        try:
            await set_commands(self._bot, self._commands)
        except DeliveryError as error:
            log.warning("Telegram: the menus of commands were not set: %s", error)
        else:
            self._listed = True

    async def _until_it_works(self, step: Callable[[], Awaitable[None]]) -> None:
        delay_s = 1.0
        while True:
            try:
                await step()
            except DeliveryError as error:
                self._unwell(error)
            except StoreUnavailable as error:
                log.warning("Telegram waits for the database: %s", error)
            else:
                return
            await asyncio.sleep(delay_s * random.uniform(0.5, 1.0))  # noqa: S311  (jitter)
            delay_s = min(delay_s * 2, LONGEST_DELAY_S)

    async def _pause_between_checks(self) -> None:
        try:
            async with asyncio.timeout(self._check_every_s):
                await self._revoked.wait()
        except TimeoutError:
            return

    async def _check(self) -> None:
        """See that Telegram answers, and still calls where it was told to."""
        with translated(self.revoked, idempotent=True):
            info = await self._bot(GetWebhookInfo())
        if info.url != self._webhook_url:
            log.warning("Telegram: somebody changed the webhook; setting it again")
            await self.renew()
        if info.last_error_message and info.last_error_message != self._last_error:
            log.warning("Telegram could not call the webhook: %s", info.last_error_message)
        self._last_error = info.last_error_message or ""
        await self._well()
        if not self._listed:
            await self._list_commands()

    async def _well(self) -> None:
        was_well = self._health.report().parts[PART].ok
        self._health.set(PART, ok=True)
        if not was_well:
            await self._connected()

    def _unwell(self, error: DeliveryError) -> None:
        what = "refuses" if isinstance(error, PermanentError) else "cannot be reached"
        log.warning("Telegram: %s (%s)", what, error)
        self._health.set(PART, ok=False, detail=f"{what} ({error})")
