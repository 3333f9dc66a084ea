"""What people do on the Discord side of the page."""

from collections.abc import Callable
from contextlib import suppress

from matebot.sandbox.discord import File
from matebot.sandbox.discord.people_files import STICKERS
from matebot.sandbox.page_asked import ActionError, Json, Upload, room_of
from matebot.sandbox.page_views import Invoked, Views
from matebot.sandbox.world import PRIVATE, Stage

INVOKED_KEPT = 200


class DiscordActions:
    """Actions of people on Discord.

    Args:
        stage: Where they act.
        views: Told of interactions, whose answers it shows.
    """

    def __init__(self, stage: Stage, views: Views) -> None:
        self._stage = stage
        self._discord = stage.discord
        self._views = views

    def table(self) -> dict[str, Callable[[Json, list[Upload]], None]]:
        """The actions by their names."""
        return {
            "discord.say": self._say,
            "discord.edit": self._edit,
            "discord.delete": self._delete,
            "discord.react": self._react,
            "discord.pin": self._pin,
            "discord.forward": self._forward,
            "discord.poll": self._poll,
            "discord.vote": self._vote,
            "discord.end": self._end,
            "discord.invoke": self._invoke,
            "discord.click": self._click,
            "discord.typing": self._typing,
        }

    def _channel(self, asked: Json) -> str:
        if asked["place"] == PRIVATE:
            return str(self._discord.open_dm(asked["user"])["id"])
        return room_of(self._stage.right, asked)

    def _say(self, asked: Json, uploads: list[Upload]) -> None:
        user, channel, text = asked["user"], self._channel(asked), str(asked["text"])
        silent = bool(asked.get("silent"))
        if asked.get("as") == "voice":
            if text.strip() or len(uploads) != 1:
                raise ActionError("a voice message is one sound, and nothing beside it")
            self._discord.say_voice(user, channel, uploads[0].data, silent=silent)
            return
        if asked.get("as") == "sticker":
            stickers = [self._sticker(upload) for upload in uploads]
            self._discord.say(user, channel, text, stickers=stickers, silent=silent)
            return
        covered = bool(asked.get("spoiler"))
        self._discord.say(
            user,
            channel,
            text,
            reply_to=asked.get("reply_to") or None,
            attachments=[File(one.name, one.data, one.mime, spoiler=covered) for one in uploads],
            silent=silent,
        )

    def _sticker(self, upload: Upload) -> Json:
        """The guild's sticker of a file, whatever its kind is."""
        for kind in STICKERS:
            with suppress(ValueError):
                return self._discord.add_sticker(upload.name.partition(".")[0], upload.data, kind)
        raise ActionError("a sticker is a PNG, an APNG, a GIF or Lottie")

    def _edit(self, asked: Json, _uploads: list[Upload]) -> None:
        self._discord.edit(asked["room"], asked["message"], str(asked["text"]))

    def _delete(self, asked: Json, _uploads: list[Upload]) -> None:
        self._discord.delete(asked["room"], asked["message"])

    def _react(self, asked: Json, _uploads: list[Upload]) -> None:
        change = self._discord.react if asked.get("on", True) else self._discord.unreact
        change(asked["user"], asked["room"], asked["message"], str(asked["emoji"]))

    def _pin(self, asked: Json, _uploads: list[Upload]) -> None:
        if asked.get("on", True):
            self._discord.pin(asked["user"], asked["room"], asked["message"])
        else:
            self._discord.unpin(asked["room"], asked["message"])

    def _forward(self, asked: Json, _uploads: list[Upload]) -> None:
        """``place`` is where it goes, ``room`` and ``message`` are what goes."""
        source = (asked["room"], asked["message"])
        self._discord.say(asked["user"], self._channel(asked), "", forward=source)

    def _poll(self, asked: Json, _uploads: list[Upload]) -> None:
        poll = {
            "question": {"text": str(asked["question"])},
            "answers": [{"poll_media": {"text": str(one)}} for one in asked["options"]],
            "allow_multiselect": bool(asked.get("multiple")),
        }
        self._discord.say(asked["user"], self._channel(asked), "", poll=poll)

    def _vote(self, asked: Json, _uploads: list[Upload]) -> None:
        answers = [int(one) for one in asked["options"]]
        self._discord.vote(asked["user"], asked["room"], asked["message"], answers)

    def _end(self, asked: Json, _uploads: list[Upload]) -> None:
        self._discord.end_poll(asked["room"], asked["message"])

    def _invoke(self, asked: Json, _uploads: list[Upload]) -> None:
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
        made = self._discord.invoke(asked["user"], self._channel(asked), name, options)
        self._begun(made, asked, f"/{name}")

    def _click(self, asked: Json, _uploads: list[Upload]) -> None:
        """A press of a button; of a menu, with the ``values`` that were chosen."""
        made = self._discord.click(
            asked["user"],
            self._channel(asked),
            asked["message"],
            str(asked["custom_id"]),
            values=[str(one) for one in asked.get("values") or ()],
        )
        self._begun(made, asked, "")

    def _begun(self, interaction_id: str, asked: Json, command: str) -> None:
        invoked = self._views.invoked
        invoked.append(Invoked(interaction_id, str(asked["user"]), str(asked["place"]), command))
        del invoked[:-INVOKED_KEPT]

    def _typing(self, asked: Json, _uploads: list[Upload]) -> None:
        self._discord.typing(asked["user"], self._channel(asked))
