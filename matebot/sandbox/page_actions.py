"""What one can do on the page: an action's name and its JSON, and what the stand-ins make of it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from matebot.sandbox.discord.errors import ApiError
from matebot.sandbox.faults import Fault, Faults
from matebot.sandbox.page_asked import ActionError, Json, Upload, room_of
from matebot.sandbox.page_discord import DiscordActions
from matebot.sandbox.page_telegram import TelegramActions
from matebot.sandbox.page_views import Views
from matebot.sandbox.world import Stage


class Control(Protocol):
    """What stands behind the page and is no stand-in: the daemon and the demo."""

    def state(self) -> Json:
        """``{"running": bool, "ready": bool, "restarts": int, "detail": str}``."""

    def kill(self) -> None:
        """Kill the daemon as a power cut would; it is started again."""

    def play(self) -> None:
        """Play the scripted conversation, where it is not under way."""


class Actions:
    """The table of actions.

    Args:
        stage: Where they act.
        views: Told of interactions, whose answers it shows.
        control: None where no daemon runs.
    """

    def __init__(self, stage: Stage, views: Views, control: Control | None) -> None:
        self._stage = stage
        self._control = control
        self._table: dict[str, Callable[[Json, list[Upload]], Awaitable[None] | None]] = {
            **TelegramActions(stage).table(),
            **DiscordActions(stage, views).table(),
            "daemon.kill": self._kill,
            "demo.play": self._play,
            "trouble.outage": self._outage,
            "trouble.refuse": self._refuse,
            "trouble.disconnect": self._disconnect,
            "trouble.webhook": self._delete_webhook,
            "trouble.kick": self._kick,
            "trouble.migrate": self._migrate,
        }

    async def do(self, name: str, asked: Json, uploads: list[Upload]) -> None:
        """Do it.

        Raises:
            ActionError: There is no such action, or the service would not let a person do it.
        """
        action = self._table.get(name)
        if action is None:
            raise ActionError(f"no action {name}")
        try:
            done = action(asked, uploads)
            if done is not None:
                await done
        except KeyError as error:
            raise ActionError(f"not there: {error.args[0]}") from error
        except (ValueError, TypeError, PermissionError, ApiError) as error:
            raise ActionError(str(error)) from error

    # -- trouble -----------------------------------------------------------------------------

    def _kill(self, _asked: Json, _uploads: list[Upload]) -> None:
        self._controlled().kill()

    def _play(self, _asked: Json, _uploads: list[Upload]) -> None:
        self._controlled().play()

    def _controlled(self) -> Control:
        if self._control is None:
            raise ActionError("no daemon runs behind this page")
        return self._control

    def _outage(self, asked: Json, _uploads: list[Upload]) -> None:
        self._faults(asked).outage = bool(asked["on"])

    def _refuse(self, asked: Json, _uploads: list[Upload]) -> None:
        status, times = int(asked["status"]), int(asked.get("times", 3))
        self._faults(asked).add(Fault("status", status=status, times=times, retry_after_s=2.0))

    def _faults(self, asked: Json) -> Faults:
        match asked["side"]:
            case "telegram":
                return self._stage.telegram.faults
            case "discord":
                return self._stage.discord.faults
            case other:
                raise ActionError(f"no service {other}")

    def _disconnect(self, asked: Json, _uploads: list[Upload]) -> None:
        self._stage.discord.disconnect(resumable=bool(asked["resumable"]))

    def _delete_webhook(self, asked: Json, _uploads: list[Upload]) -> None:
        found = self._stage.discord.webhooks(room_of(self._stage.right, asked))
        if not found:
            raise ActionError("this channel has no webhook yet")
        for each in found:
            self._stage.discord.delete_webhook(each["id"])

    def _kick(self, asked: Json, _uploads: list[Upload]) -> None:
        """Throw the bot out, or let it in again."""
        inside = bool(asked["on"])
        telegram, discord = self._stage.telegram, self._stage.discord
        if asked["side"] == "discord":
            (discord.kick_bot if inside else discord.invite_bot)()
            return
        chat = int(room_of(self._stage.left, asked))
        (telegram.kick if inside else telegram.add_bot)(chat)

    def _migrate(self, asked: Json, _uploads: list[Upload]) -> None:
        place = self._stage.left.place(str(asked["place"]))
        place.ids.append(str(self._stage.telegram.migrate(int(place.id))))
