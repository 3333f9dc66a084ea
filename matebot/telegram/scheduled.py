"""Videos that Telegram took but has not posted yet.

Of a large video in a large chat the answer bears the message id 0: the service processes it first
and posts it then, of which bots are told nothing (https://core.telegram.org/bots/api#message). So
what was posted is looked for as after a crash, with patience; meanwhile the room waits, since what
follows is to stand below it.
"""

from collections.abc import Callable, Sequence
from typing import Final

from aiogram import types

from matebot.core.errors import TemporaryError, UnsureError

PATIENCE_S: Final = 900.0
LOOK_AGAIN_S: Final = 5.0


class Scheduled:
    """Remembers the chats in which something is still to come.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._awaited: dict[int, tuple[int, float]] = {}

    def note(self, chat: int, answers: Sequence[types.Message]) -> None:
        """Look whether all that was posted stands.

        Raises:
            UnsureError: Something of it does not yet.
        """
        if all(answer.message_id for answer in answers):
            return
        self._awaited[chat] = len(answers), self._now() + PATIENCE_S
        raise UnsureError("the service posts a video once it has processed it")

    def settle(self, chat: int, *, found: int) -> None:
        """It was looked for, and so many messages of it were found.

        Raises:
            TemporaryError: Not all were, but they are still to be expected.
        """
        number, until = self._awaited.get(chat, (0, 0.0))
        if found < number and self._now() < until:
            raise TemporaryError("the service is processing a video", LOOK_AGAIN_S)
        self._awaited.pop(chat, None)
