"""Says something in the best form that the server takes."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound

from matebot.core.errors import OtherKind, PermanentError
from matebot.telegram.client import upload_timeout
from matebot.telegram.errors import FileRefused, translated
from matebot.telegram.forms import Form
from matebot.telegram.polls import ALREADY_STOPPED

NOT_MODIFIED: Final = "message is not modified"
#: What another form may get around.
_REFUSALS: Final = (PermanentError, FileRefused, OtherKind)
_logger = logging.getLogger(__name__)


class Writer:
    """Tries the forms of a message one after the other.

    Args:
        bot: Ours.
        on_revoked: Called when Telegram no longer knows the token.
    """

    def __init__(self, bot: Bot, *, on_revoked: Callable[[], None] | None = None) -> None:
        self._bot = bot
        self._on_revoked = on_revoked
        self._knows_rich = True

    async def write(self, forms: Iterable[Form], *, idempotent: bool) -> Any:
        """Make the calls until one is taken; what is refused for a known reason is not tried on.

        Args:
            forms: At least one that is not rich.
            idempotent: Whether doing it twice does no harm.

        Returns:
            What the server answered; None where it stood there already.

        Raises:
            DeliveryError: See `matebot.core.errors`.
        """
        refusal: PermanentError | None = None
        refused_way: int | None = None
        unknown = False
        for form in forms:
            if form.way == refused_way or (form.rich and not self._knows_rich):
                continue
            try:
                with translated(self._on_revoked, idempotent=idempotent):
                    try:
                        answer = await self._once(form)
                    except TelegramNotFound:
                        # The server's "no such method"; a gateway's own 404 meets the next form.
                        if not form.rich:
                            raise
                        unknown = True
                        continue
            except PermanentError as error:
                if type(error) not in _REFUSALS:
                    raise
                _logger.warning("%s was refused: %s", type(form.method).__name__, error)
                if type(error) is not PermanentError:
                    refused_way = form.way
                refusal = refusal or error
            else:
                self._learn(unknown=unknown)
                return answer
        raise refusal or PermanentError("there was nothing to say")

    async def _once(self, form: Form) -> Any:
        try:
            return await self._bot(form.method, request_timeout=upload_timeout(form.upload_bytes))
        except TelegramBadRequest as error:
            if NOT_MODIFIED in error.message or ALREADY_STOPPED in error.message:
                return None
            raise

    def _learn(self, *, unknown: bool) -> None:
        if unknown:
            _logger.info("this Bot API server knows no rich messages: they go out plainly")
            self._knows_rich = False
