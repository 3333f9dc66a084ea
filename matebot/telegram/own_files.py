"""Files of Telegram's on their way to another room of Telegram: they are there already. Pure."""

from collections.abc import Sequence

from msgspec.structs import replace

from matebot.core.ids import Platform
from matebot.core.media import Ready
from matebot.core.message import Attachment, AttachmentKind, Copy, Message
from matebot.telegram.media_forms import Source


def is_own(message: Message) -> bool:
    """Whether a message was said in Telegram."""
    return message.ref.room.platform is Platform.TELEGRAM


def resendable(copy: Copy) -> Copy:
    """A copy with those attachments alone that are sent again by themselves.

    The film of a live photo goes along with its still. Of media that are paid for nothing goes: by
    the id of its preview the server would give the whole away.
    """
    message = copy.message
    if not is_own(message):
        return copy
    paid = any(each.kind is AttachmentKind.PAID_MEDIA for each in message.attachments)
    kept = tuple(
        each
        for each, is_film in zip(message.attachments, _films(message.attachments), strict=True)
        if not is_film and not (paid and each.file is not None)
    )
    if len(kept) == len(message.attachments):
        return copy
    return replace(copy, message=replace(message, attachments=kept))


def own_outcomes(message: Message) -> Sequence[Ready | None]:
    """What becomes of each attachment of a message that was said in Telegram."""
    return [own_ready(attachment) for attachment in message.attachments]


def own_ready(attachment: Attachment) -> Ready | None:
    """A file as it is to be sent again; None where there is none."""
    file = attachment.file
    if file is None:
        return None
    return Ready(
        key=_key(attachment),
        kind=attachment.kind,
        name=attachment.name or "",
        mime=file.mime,
        size_bytes=attachment.size_bytes or 0,
        width=file.width,
        height=file.height,
        duration_s=file.duration_s,
        spoiler=file.spoiler,
    )


def own_source(message: Message, ready: Ready) -> Source:
    """By what a file of a message is sent again: the id that it came with."""
    films = [*_films(message.attachments)[1:], False]
    for number, attachment in enumerate(message.attachments):
        if attachment.file is None or _key(attachment) != ready.key:
            continue
        film = message.attachments[number + 1].file if films[number] else None
        return Source(ready.kind, attachment.file.source, film.source if film else "")
    return Source(ready.kind, None)


def _key(attachment: Attachment) -> str:
    return f"own {attachment.kind.value} {attachment.file.unique if attachment.file else ''}"


def _films(attachments: Sequence[Attachment]) -> list[bool]:
    """For each attachment whether it is the film of the live photo before it.

    Its still picture is then that photo itself (see `matebot.telegram.media_in`).
    """
    films = []
    before: Attachment | None = None
    for each in attachments:
        films.append(
            before is not None
            and (before.kind, each.kind) == (AttachmentKind.PHOTO, AttachmentKind.ANIMATION)
            and before.file is not None
            and each.file is not None
            and each.file.thumbnail == before.file.source
        )
        before = each
    return films
