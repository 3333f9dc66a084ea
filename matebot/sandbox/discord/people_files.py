"""What people do with files: attach, remove, speak, show stickers and pictures from elsewhere."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from matebot.sandbox.discord import files, posts, validate
from matebot.sandbox.discord.attaching import File, attached
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.limits import STICKER_BYTES, WAVEFORM_BYTES
from matebot.sandbox.discord.people import Id, People
from matebot.sandbox.look import look

STICKERS = {
    "png": (1, "png", "image/png"),
    "apng": (2, "png", "image/png"),
    "lottie": (3, "json", "application/json"),
    "gif": (4, "gif", "image/gif"),
}


class PeopleFiles(People):
    """The part of the driving side that has files."""

    def say_voice(
        self,
        user_id: Id,
        channel_id: Id,
        data: bytes | Path,
        *,
        duration_secs: float | None = None,
        waveform: bytes | None = None,
        silent: bool = False,
    ) -> Json:
        """Somebody speaks: a voice message, OGG/Opus as clients record it.

        Args:
            user_id: Who.
            channel_id: Where.
            data: The sound.
            duration_secs: How long it is; by default as the file says.
            waveform: Up to 256 samples; by default a swelling one.
            silent: Whether it rings nowhere.

        Raises:
            ValueError: It is no sound of that kind.
        """
        place = self.world.shelf.put(data)
        seen = look(place)
        if seen.audio != "opus":
            raise ValueError("a client records OGG/Opus")
        seconds = seen.duration_s if duration_secs is None else duration_secs
        samples = bytes(range(0, 256, 4)) if waveform is None else waveform[:WAVEFORM_BYTES]
        spoken = File(
            "voice-message.ogg", place, "audio/ogg", duration_secs=seconds, waveform=samples
        )
        flags = validate.VOICE_MESSAGE
        return self.say(user_id, channel_id, "", attachments=[spoken], flags=flags, silent=silent)

    def add_sticker(self, name: str, data: bytes, kind: str) -> Json:
        """The guild gets a sticker; what `say` takes as one of its ``stickers``.

        Args:
            name: Its name.
            data: The file.
            kind: png, apng, lottie or gif.

        Raises:
            ValueError: The file is no such sticker.
        """
        format_type, suffix, mime = STICKERS[kind]
        place = self.world.shelf.put(data)
        seen = look(place)
        moves = seen.frames > 1
        if seen.mime != mime or moves != (kind != "png") or len(data) > STICKER_BYTES:
            raise ValueError(f"this is no sticker of the kind {kind}: {seen}")
        key = self.world.ids.next()
        self.world.stickers[key] = (suffix, place)
        return {"id": str(key), "name": name, "format_type": format_type}

    def link_picture(self, user_id: Id, channel_id: Id, data: bytes, *, name: str) -> Json:
        """Somebody posts nothing but the address of a picture, which the client shows."""
        key = self.world.ids.next()
        place = self.world.shelf.put(data)
        files.store(self.world, key, place)
        seen = look(place)
        url = f"{self.world.cdn_url}/external/{key}/{quote(name)}"
        shown = {"url": url, "proxy_url": url, "width": seen.width, "height": seen.height}
        embed = {"type": "image", "url": url, "thumbnail": shown}
        return self.say(user_id, channel_id, url, embeds=[embed])

    def edit_files(
        self,
        channel_id: Id,
        message_id: Id,
        *,
        keep: Iterable[Id],
        add: Sequence[File | tuple[str, bytes, str]] = (),
    ) -> Json:
        """The author takes attachments away, or adds some (as bots can, and nobody else)."""
        message = self.world.message(int(channel_id), int(message_id))
        wanted = {str(each) for each in keep}
        old = [each for each in message["attachments"] if each["id"] in wanted]
        draft = posts.Draft(message["author"], attachments=[*old, *attached(self.world, add)])
        posts.change(self.world, message, draft, ["attachments"])
        posts.tell(self.world, "MESSAGE_UPDATE", message)
        return posts.shown(self.world, message)

    def file(self, attachment: Json) -> bytes:
        """The bytes of an attachment.

        Raises:
            KeyError: It is not there.
        """
        return self.file_path(attachment).read_bytes()

    def file_path(self, attachment: Json) -> Path:
        """Where an attachment's bytes are on disk.

        Raises:
            KeyError: It is not there.
        """
        return self.world.files[int(attachment["id"])]
