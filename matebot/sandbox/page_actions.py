"""What one can do on the page: an action's name and its JSON, and what the stand-ins make of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from matebot.sandbox.discord.errors import ApiError
from matebot.sandbox.faults import Fault, Faults
from matebot.sandbox.page_views import Invoked, Views
from matebot.sandbox.world import PRIVATE, Side, Stage

Json = dict[str, Any]
INVOKED_KEPT = 200
KINDS = {"image/gif": "animation", "image/png": "photo", "image/jpeg": "photo"}


class ActionError(Exception):
    """It cannot be done; the text says why."""


class Control(Protocol):
    """What stands behind the page and is no stand-in: the daemon and the demo."""

    def state(self) -> Json:
        """``{"running": bool, "ready": bool, "restarts": int, "detail": str}``."""

    def kill(self) -> None:
        """Kill the daemon as a power cut would; it is started again."""

    def play(self) -> None:
        """Play the scripted conversation, where it is not under way."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody attached."""

    name: str
    mime: str
    data: bytes


class Actions:
    """The table of actions.

    Args:
        stage: Where they act.
        views: Told of interactions, whose answers it shows.
        control: None where no daemon runs.
    """

    def __init__(self, stage: Stage, views: Views, control: Control | None) -> None:
        self._stage = stage
        self._views = views
        self._control = control
        self._table: dict[str, Callable[[Json, list[Upload]], Awaitable[None] | None]] = {
            "telegram.say": self._telegram_say,
            "telegram.edit": self._telegram_edit,
            "telegram.delete": self._telegram_delete,
            "telegram.react": self._telegram_react,
            "telegram.press": self._telegram_press,
            "discord.say": self._discord_say,
            "discord.edit": self._discord_edit,
            "discord.delete": self._discord_delete,
            "discord.react": self._discord_react,
            "discord.invoke": self._discord_invoke,
            "discord.click": self._discord_click,
            "discord.typing": self._discord_typing,
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

    # -- Telegram ----------------------------------------------------------------------------

    def _telegram_say(self, asked: Json, uploads: list[Upload]) -> None:
        telegram, user = self._stage.telegram, int(asked["user"])
        chat = user if asked["place"] == PRIVATE else int(_room(self._stage.left, asked))
        text, entities = str(asked["text"]), list(asked.get("entities") or ())
        reply_to = int(asked["reply_to"]) if asked.get("reply_to") else None
        album = telegram.new_album_id() if len(uploads) > 1 else None
        for upload in uploads:
            telegram.send_file(
                user,
                chat,
                _kind(upload.mime),
                upload.data,
                name=upload.name,
                mime=upload.mime,
                caption=text or None,
                caption_entities=entities,
                reply_to=reply_to,
                media_group_id=album,
            )
            text, entities = "", []
        if text.strip() or not uploads:
            quote = asked.get("quote") or None
            telegram.say(user, chat, text, entities=entities, reply_to=reply_to, quote=quote)

    def _telegram_edit(self, asked: Json, _uploads: list[Upload]) -> None:
        entities = list(asked.get("entities") or ())
        chat, message = _message(asked)
        self._stage.telegram.edit(chat, message, str(asked["text"]), entities=entities)

    def _telegram_delete(self, asked: Json, _uploads: list[Upload]) -> None:
        self._stage.telegram.delete(*_message(asked))

    def _telegram_react(self, asked: Json, _uploads: list[Upload]) -> None:
        chat, message = _message(asked)
        emoji = [str(one) for one in asked.get("emoji") or ()]
        self._stage.telegram.react(int(asked["user"]), chat, message, emoji)

    def _telegram_press(self, asked: Json, _uploads: list[Upload]) -> None:
        chat, message = _message(asked)
        self._stage.telegram.press(int(asked["user"]), chat, message, str(asked["data"]))

    # -- Discord -----------------------------------------------------------------------------

    def _discord_say(self, asked: Json, uploads: list[Upload]) -> None:
        self._stage.discord.say(
            asked["user"],
            self._channel(asked),
            str(asked["text"]),
            reply_to=asked.get("reply_to") or None,
            attachments=[(one.name, one.data, one.mime) for one in uploads],
        )

    def _channel(self, asked: Json) -> str:
        if asked["place"] == PRIVATE:
            return str(self._stage.discord.open_dm(asked["user"])["id"])
        return _room(self._stage.right, asked)

    def _discord_edit(self, asked: Json, _uploads: list[Upload]) -> None:
        self._stage.discord.edit(asked["room"], asked["message"], str(asked["text"]))

    def _discord_delete(self, asked: Json, _uploads: list[Upload]) -> None:
        self._stage.discord.delete(asked["room"], asked["message"])

    def _discord_react(self, asked: Json, _uploads: list[Upload]) -> None:
        discord = self._stage.discord
        change = discord.react if asked.get("on", True) else discord.unreact
        change(asked["user"], asked["room"], asked["message"], str(asked["emoji"]))

    def _discord_invoke(self, asked: Json, _uploads: list[Upload]) -> None:
        """A slash command as typed: its first words fill its options in their order."""
        name, _, rest = str(asked["text"]).removeprefix("/").strip().partition(" ")
        known = {each["name"]: each for each in self._views.hello()["discord"]["commands"]}
        if name not in known:
            raise ActionError(f"no command /{name}")
        names: list[str] = known[name]["options"]
        words = rest.split(maxsplit=max(len(names) - 1, 0))
        if len(words) > len(names):
            raise ActionError(f"/{name} takes no more than {len(names)} options")
        options = {
            option: word.removeprefix(f"{option}:")
            for option, word in zip(names, words, strict=False)
        }
        made = self._stage.discord.invoke(asked["user"], self._channel(asked), name, options)
        self._begun(made, asked, f"/{name}")

    def _discord_click(self, asked: Json, _uploads: list[Upload]) -> None:
        made = self._stage.discord.click(
            asked["user"], self._channel(asked), asked["message"], str(asked["custom_id"])
        )
        self._begun(made, asked, "")

    def _begun(self, interaction_id: str, asked: Json, command: str) -> None:
        invoked = self._views.invoked
        invoked.append(Invoked(interaction_id, str(asked["user"]), str(asked["place"]), command))
        del invoked[:-INVOKED_KEPT]

    def _discord_typing(self, asked: Json, _uploads: list[Upload]) -> None:
        self._stage.discord.typing(asked["user"], self._channel(asked))

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
        found = self._stage.discord.webhooks(_room(self._stage.right, asked))
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
        chat = int(_room(self._stage.left, asked))
        (telegram.kick if inside else telegram.add_bot)(chat)

    def _migrate(self, asked: Json, _uploads: list[Upload]) -> None:
        place = self._stage.left.place(str(asked["place"]))
        place.ids.append(str(self._stage.telegram.migrate(int(place.id))))


def _room(side: Side, asked: Json) -> str:
    return side.place(str(asked["place"])).id


def _message(asked: Json) -> tuple[int, int]:
    return int(asked["room"]), int(asked["message"])


def _kind(mime: str) -> str:
    """What a Telegram client sends a file as."""
    first = mime.partition("/")[0]
    return KINDS.get(mime) or (first if first in ("video", "audio") else "document")
