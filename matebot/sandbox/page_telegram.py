"""What people do on the Telegram side of the page."""

from collections.abc import Callable
from typing import Any

from matebot.sandbox.page_asked import ActionError, Json, Upload, message_of, room_of
from matebot.sandbox.telegram.people_files import GALLERY, Item
from matebot.sandbox.world import PRIVATE, Stage

KINDS = {
    "image/gif": "animation",
    "image/png": "photo",
    "image/jpeg": "photo",
    "image/webp": "sticker",
    "application/x-tgsticker": "sticker",
}
TOGETHER = ({"document"}, {"audio"})
BARE = ("sticker", "video_note")


class TelegramActions:
    """Actions of people on Telegram.

    Args:
        stage: Where they act.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._telegram = stage.telegram

    def table(self) -> dict[str, Callable[[Json, list[Upload]], None]]:
        """The actions by their names."""
        return {
            "telegram.say": self._say,
            "telegram.edit": self._edit,
            "telegram.delete": self._delete,
            "telegram.react": self._react,
            "telegram.press": self._press,
            "telegram.pin": self._pin,
            "telegram.forward": self._forward,
            "telegram.poll": self._poll,
            "telegram.vote": self._vote,
            "telegram.end": self._end,
        }

    def _chat(self, asked: Json) -> int:
        if asked["place"] == PRIVATE:
            return int(asked["user"])
        return int(room_of(self._stage.left, asked))

    def _say(self, asked: Json, uploads: list[Upload]) -> None:
        user, chat = int(asked["user"]), self._chat(asked)
        text, entities = str(asked["text"]), list(asked.get("entities") or ())
        answers: dict[str, Any] = {"quote": asked.get("quote") or None}
        answers["reply_to"] = int(asked["reply_to"]) if asked.get("reply_to") else None
        answers["silent"] = bool(asked.get("silent"))
        if not uploads:
            self._telegram.say(user, chat, text, entities=entities, **answers)
            return
        captions: Json = {"caption": text or None, "caption_entities": entities}
        more = answers | captions | {"spoiler": bool(asked.get("spoiler"))}
        kinds = [_kind(asked.get("as"), upload.mime) for upload in uploads]
        items = [
            Item(kind, upload.data, upload.name, upload.mime)
            for kind, upload in zip(kinds, uploads, strict=True)
        ]
        if len(items) > 1 and (set(kinds) <= set(GALLERY) or set(kinds) in TOGETHER):
            self._telegram.send_album(user, chat, items, **more)
            return
        for kind, data, name, mime in items:
            if kind in BARE and more["caption"]:
                self._telegram.say(user, chat, text, entities=entities, **answers)
                more["caption"] = None
            self._telegram.send_file(user, chat, kind, data, name=name, mime=mime, **more)
            more["caption"] = None

    def _edit(self, asked: Json, _uploads: list[Upload]) -> None:
        entities = list(asked.get("entities") or ())
        self._telegram.edit(*message_of(asked), str(asked["text"]), entities=entities)

    def _delete(self, asked: Json, _uploads: list[Upload]) -> None:
        self._telegram.delete(*message_of(asked))

    def _react(self, asked: Json, _uploads: list[Upload]) -> None:
        emoji = [str(one) for one in asked.get("emoji") or ()]
        self._telegram.react(int(asked["user"]), *message_of(asked), emoji)

    def _press(self, asked: Json, _uploads: list[Upload]) -> None:
        self._telegram.press(int(asked["user"]), *message_of(asked), str(asked["data"]))

    def _pin(self, asked: Json, _uploads: list[Upload]) -> None:
        chat, message = message_of(asked)
        if not asked.get("on", True):
            self._telegram.unpin(chat, message)
        elif message in self._telegram.pinned(chat):
            raise ActionError("it is pinned already")
        else:
            self._telegram.pin(int(asked["user"]), chat, message)

    def _forward(self, asked: Json, _uploads: list[Upload]) -> None:
        """``place`` is where it goes, ``room`` and ``message`` are what goes."""
        self._telegram.forward(int(asked["user"]), self._chat(asked), message_of(asked))

    def _poll(self, asked: Json, _uploads: list[Upload]) -> None:
        options, multiple = [str(one) for one in asked["options"]], bool(asked.get("multiple"))
        user, chat = int(asked["user"]), self._chat(asked)
        self._telegram.ask(user, chat, str(asked["question"]), options, multiple=multiple)

    def _vote(self, asked: Json, _uploads: list[Upload]) -> None:
        options = [int(one) for one in asked["options"]]
        self._telegram.vote(int(asked["user"]), *message_of(asked), options)

    def _end(self, asked: Json, _uploads: list[Upload]) -> None:
        self._telegram.stop_poll(*message_of(asked))


def _kind(wanted: object, mime: str) -> str:
    """What a Telegram client sends a file as, unless somebody chose."""
    if wanted:
        return str(wanted)
    first = mime.partition("/")[0]
    return KINDS.get(mime) or (first if first in ("video", "audio") else "document")
