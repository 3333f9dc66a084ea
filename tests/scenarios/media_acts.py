"""Files of every kind on their way: what people send, and what arrived, opened and looked into."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.media.makers import Probed, probe
from tests.scenarios.harness import Json, Scene

KINDS = ("photo", "video", "animation", "audio", "voice", "video_note", "sticker", "document")
"""An animation is told as a document as well."""


class Sent(NamedTuple):
    """A file that Ana sends in Telegram, as `TelegramStandIn.send_file` takes it."""

    kind: str
    data: bytes
    name: str = ""
    mime: str = ""


def telegram_sends(stage: Scene, sent: Sent, **more: Any) -> Json:
    """Ana sends a file in the group."""
    kind, data, name, mime = sent
    who, group = stage.ana["id"], stage.group
    return stage.telegram.send_file(who, group, kind, data, name=name, mime=mime, **more)


def telegram_album(stage: Scene, items: Sequence[Sent], **more: Any) -> list[Json]:
    """Ana sends an album in the group."""
    return stage.telegram.send_album(stage.ana["id"], stage.group, items, **more)


# What stands there


def kind_of(message: Json) -> str:
    """As what a message in Telegram shows its file; empty if it has none."""
    return next((kind for kind in KINDS if kind in message), "")


def media(message: Json) -> Json:
    """The file of a message in Telegram; of a photo the largest size."""
    found = message[kind_of(message)]
    told: Json = found[-1] if isinstance(found, list) else found
    return told


def bytes_in_telegram(stage: Scene, message: Json) -> bytes:
    """The file that a message in Telegram shows."""
    return stage.telegram.file(media(message)["file_id"])


def in_telegram(stage: Scene, message: Json) -> Probed:
    """The file that a message in Telegram shows, decoded."""
    return probe(bytes_in_telegram(stage, message))


def bytes_in_discord(stage: Scene, message: Json) -> list[bytes]:
    """The files that a message in Discord shows, in order."""
    return [stage.discord.file(each) for each in message["attachments"]]


def in_discord(stage: Scene, message: Json) -> list[Probed]:
    """The files that a message in Discord shows, decoded."""
    return [probe(data) for data in bytes_in_discord(stage, message)]


def names(message: Json) -> list[str]:
    """The names of the files of a message in Discord."""
    return [each["filename"] for each in message["attachments"]]


# What it took


def uploads_to_telegram(stage: Scene) -> int:
    """How many files MateBot has sent to Telegram by now."""
    return sum(len(call.files) for call in stage.telegram.calls)


def uploads_to_discord(stage: Scene) -> int:
    """How many files MateBot has sent to Discord by now."""
    return sum(len(call.files) for call in stage.discord.calls)


def downloads_from_telegram(stage: Scene) -> int:
    """How many times MateBot has asked Telegram for a file by now."""
    return len(stage.telegram.calls_of("getFile"))


def said(message: Json) -> str:
    """What a copy in Telegram says below its author's name, be it a text or a caption."""
    text: str = message.get("text") or message.get("caption") or ""
    return text.partition("\n")[2]
