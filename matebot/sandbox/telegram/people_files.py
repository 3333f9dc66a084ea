"""Driving: files that people send and replace."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matebot.sandbox.telegram.driver import mentions_in
from matebot.sandbox.telegram.files import KINDS, Stored, describe, kept
from matebot.sandbox.telegram.methods_edit import CAPTION, TEXT
from matebot.sandbox.telegram.methods_files import MEDIA
from matebot.sandbox.telegram.polls import Polls

Json = dict[str, Any]
GALLERY = ("photo", "video", "live_photo")


class Item(NamedTuple):
    """One file of several: what it is sent as, its bytes or where they are, its name and type."""

    kind: str
    data: bytes | Path
    name: str
    mime: str


class PeopleFiles(Polls):
    """Sending and replacing files."""

    def send_file(
        self,
        user_id: int,
        chat_id: int,
        kind: str,
        data: bytes | Path,
        *,
        name: str,
        mime: str,
        caption: str | None = None,
        caption_entities: Sequence[Json] = (),
        reply_to: int | tuple[int, int] | None = None,
        quote: str | None = None,
        media_group_id: str | None = None,
        topic: int | None = None,
        sender_chat_id: int | None = None,
        spoiler: bool = False,
        above: bool = False,
        silent: bool = False,
        still: bytes | None = None,
        **shape: Any,
    ) -> Json:
        """A person sends a file; the ``Message``. What is not told here is as with `say`.

        A client makes a JPEG of a photo, and a film of a GIF that is sent as an animation.

        ``kind`` is photo, document, video, animation, audio, voice, video_note, sticker or
        live_photo (with ``still``, its picture); ``data`` may be a file on disk, which is then
        never read whole; ``media_group_id`` is the same for all parts of an album
        (`new_album_id`); ``above`` puts the caption above it; ``shape`` may say width, height,
        length (pixels), duration (seconds), emoji, performer, title: what it does not say is taken
        from the file.

        Raises:
            ValueError: There is no such kind, or the caption is too long.
        """
        chat = self._place(user_id, chat_id)
        stored = self._kept(kind, data, name, mime, still)
        message = self._head(user_id, chat, sender_chat_id)
        message |= self._context(chat, reply_to, quote, topic)
        message |= describe(self.state.files, stored, **shape)
        message |= self._caption(caption, caption_entities, above=above)
        if media_group_id is not None:
            message["media_group_id"] = media_group_id
        if spoiler:
            message["has_media_spoiler"] = True
        return self._said(chat, message, silent=silent)

    def send_album(
        self,
        user_id: int,
        chat_id: int,
        items: Sequence[Item | tuple[str, bytes | Path, str, str]],
        *,
        caption: str | None = None,
        caption_entities: Sequence[Json] = (),
        **more: Any,
    ) -> list[Json]:
        """A person sends 2 to 10 files as an album: one ``Message`` and one update for each.

        The caption is the first one's; ``more`` is as with `send_file`, for each.

        Raises:
            ValueError: No client would send these together.
        """
        kinds = {item[0] for item in items}
        alone = len(kinds) == 1 and kinds <= {"audio", "document"}
        if not 2 <= len(items) <= 10 or not (alone or kinds <= set(GALLERY)):
            raise ValueError("an album is 2 to 10 photos and videos, or documents, or music")
        album = self.new_album_id()
        more["media_group_id"] = album
        sent: list[Json] = []
        for kind, data, name, mime in items:
            first: Json = {"caption": caption, "caption_entities": caption_entities}
            more |= {"caption": None} if sent else first
            sent.append(self.send_file(user_id, chat_id, kind, data, name=name, mime=mime, **more))
        return sent

    def send_paid(
        self,
        user_id: int,
        chat_id: int,
        items: Sequence[Item | tuple[str, bytes | Path, str, str]] = (),
        *,
        stars: int = 5,
        hidden: bool = True,
        caption: str | None = None,
    ) -> Json:
        """Media that must be paid for: photos and videos; what is hidden shows its sides alone."""
        chat = self._place(user_id, chat_id)
        media = [self._paid(Item(*item), hidden=hidden) for item in items]
        message = self._head(user_id, chat, None) | self._caption(caption, (), above=False)
        message["paid_media"] = {"star_count": stars, "paid_media": media or [{"type": "preview"}]}
        return self._said(chat, message, silent=False)

    def _paid(self, item: Item, *, hidden: bool) -> Json:
        stored = self._kept(item.kind, item.data, item.name, item.mime, None)
        described = describe(self.state.files, stored)[item.kind]
        if not hidden:
            return {"type": item.kind, item.kind: described}
        shown = described[-1] if item.kind == "photo" else described
        told = {key: shown[key] for key in ("width", "height", "duration") if key in shown}
        return {"type": "preview"} | told

    def new_album_id(self) -> str:
        """A media_group_id for the parts of an album."""
        return self.state.world.new_album_id()

    def edit_media(
        self,
        chat_id: int,
        message_id: int,
        kind: str,
        data: bytes | Path,
        *,
        name: str,
        mime: str,
        caption: str | None = None,
        caption_entities: Sequence[Json] = (),
        spoiler: bool = False,
        above: bool = False,
        still: bytes | None = None,
        **shape: Any,
    ) -> Json:
        """A person replaces the file of a message, or adds one to a text; the new ``Message``."""
        chat = self._chat(chat_id)
        old = chat.messages[message_id]
        stored = self._kept(kind, data, name, mime, still)
        gone = (*TEXT, *CAPTION, *MEDIA)
        new = {name: value for name, value in old.items() if name not in gone}
        new |= describe(self.state.files, stored, **shape)
        new |= self._caption(caption, caption_entities, above=above)
        new |= {"has_media_spoiler": True} if spoiler else {}
        new["edit_date"] = int(self.state.world.now())
        self.state.world.put(chat, new)
        self._tell(chat, new, mentions_in(new), edit=True)
        return new

    def _kept(
        self, kind: str, data: bytes | Path, name: str, mime: str, still: bytes | None
    ) -> Stored:
        if kind not in KINDS:
            raise ValueError(f"no kind of file: {kind}")
        files, still_id = self.state.files, ""
        if still is not None:
            picture = kept(files, "photo", still, name="still.jpg", mime="image/jpeg")
            still_id = picture.file_id
        return kept(files, kind, data, name=name, mime=mime, still_id=still_id)

    def _caption(self, caption: str | None, entities: Sequence[Json], *, above: bool) -> Json:
        if not caption:
            return {}
        shown = {"show_caption_above_media": True} if above else {}
        return self._text(caption, entities, "caption_") | shown
