"""How rooms and message references stand in columns."""

from matebot.core.ids import MessageRef, Platform, Room

NO_TOPIC = 0  # NULLs are never equal in a key, and no topic has the number 0


def room_columns(room: Room) -> tuple[str, int, int]:
    """A room as the columns (platform, chat, topic)."""
    return room.platform.value, room.chat, room.topic or NO_TOPIC


def to_room(platform: str, chat: int, topic: int) -> Room:
    """The room that three columns name."""
    return Room(Platform(platform), chat, topic or None)


def ref_columns(ref: MessageRef) -> tuple[str, int, int, int]:
    """A reference as the columns (platform, chat, topic, message_id)."""
    return *room_columns(ref.room), ref.message_id


def to_ref(platform: str, chat: int, topic: int, message_id: int) -> MessageRef:
    """The reference that four columns name."""
    return MessageRef(to_room(platform, chat, topic), message_id)
