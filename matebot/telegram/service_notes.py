"""What Telegram's own service reports by a message, as what the bridge tells of it. Pure.

Two tables name every such field of Bot API 10.3's Message: what people of the other rooms would
miss is told, what concerns the bot alone or nobody elsewhere is left out by decision and counted.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from aiogram import types

from matebot.core.message import Happening
from matebot.core.richtext import DateTime, RichText, plain
from matebot.telegram.people import names_of

LEFT_OUT: Final = (
    # A room begins, and what a bot alone is told.
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "managed_bot_created",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "web_app_data",
    "users_shared",
    "chat_shared",
    "user_shared",
    "successful_payment",
    "refunded_payment",
    # Between a channel and who writes to it in private, or about prices.
    "gift_upgrade_sent",
    "direct_message_price_changed",
    "paid_message_price_changed",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    # How a forum's list of topics looks, and which chats are grouped with it.
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "community_chat_added",
    "community_chat_removed",
    "community_chat_joined",
    # An event of its own (`matebot.core.events.Pinned`).
    "pinned_message",
)


class Told(NamedTuple):
    """What is told: the kind of happening and its details."""

    happening: Happening
    text: RichText = RichText()


_Teller = Callable[[Any, types.Message, int], Told | None]
"""Takes the field's value, its message and the bot's own id; None if it concerns the bot alone."""


def service_of(message: types.Message) -> str | None:
    """The name of what the service reports by this message; None where people speak."""
    names = (*_TELLERS, *LEFT_OUT)
    return next((name for name in names if getattr(message, name, None)), None)


def told_of(message: types.Message, field: str, own_id: int) -> Told | None:
    """What is told of a service message; None where nobody would miss it."""
    teller = _TELLERS.get(field)
    return teller(getattr(message, field), message, own_id) if teller is not None else None


def duration(seconds: int) -> str:
    """A length of time in clock's form: ``4:05``, ``1:00:00``, ``7 × 24:00:00``."""
    days, rest = divmod(seconds, 86_400)
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(minutes, 60)
    if days and not rest:
        return f"{days} × 24:00:00" if days > 1 else "24:00:00"
    hour += days * 24
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def _simply(happening: Happening) -> _Teller:
    return lambda _value, _message, _own_id: Told(happening)


def _with(happening: Happening, text: Callable[[Any], str]) -> _Teller:
    return lambda value, _message, _own_id: Told(happening, plain(text(value)))


def _joined(users: list[types.User], _message: types.Message, own_id: int) -> Told | None:
    others = [user for user in users if user.id != own_id]
    return Told(Happening.JOINED, plain(names_of(others))) if others else None


def _left(user: types.User, _message: types.Message, own_id: int) -> Told | None:
    return None if user.id == own_id else Told(Happening.LEFT, plain(names_of([user])))


def _topic_edited(
    topic: types.ForumTopicEdited, _message: types.Message, _own_id: int
) -> Told | None:
    """A topic's new name; its new picture is nothing that shows elsewhere."""
    return Told(Happening.TITLE, plain(topic.name)) if topic.name else None


def _planned(chat: types.VideoChatScheduled, _message: types.Message, _own_id: int) -> Told:
    shown = f"{chat.start_date:%Y-%m-%d %H:%M} UTC"
    moment = DateTime(int(chat.start_date.timestamp()), "f")
    return Told(Happening.VIDEO_CHAT_PLANNED, plain(shown).styled(moment))


def _timer(
    timer: types.MessageAutoDeleteTimerChanged, _message: types.Message, _own_id: int
) -> Told:
    seconds = timer.message_auto_delete_time
    if not seconds:
        return Told(Happening.NO_AUTO_DELETE)
    return Told(Happening.AUTO_DELETE, plain(duration(seconds)))


def _tasks_done(
    change: types.ChecklistTasksDone, _message: types.Message, _own_id: int
) -> Told | None:
    """Which tasks: their words stand in the checklist that the report answers."""
    done = change.marked_as_done_task_ids
    ids = done or change.marked_as_not_done_task_ids or []
    listed = change.checklist_message and change.checklist_message.checklist
    known = {task.id: task.text for task in listed.tasks} if listed else {}
    kind = Happening.TASKS_DONE if done else Happening.TASKS_UNDONE
    return Told(kind, plain(_listed(known.get(task, f"№ {task}") for task in ids)))


def _ended(done: types.GiveawayCompleted, _message: types.Message, _own_id: int) -> Told:
    return Told(Happening.GIVEAWAY_ENDED, plain(str(done.winner_count)))


def _listed(texts: Iterable[str]) -> str:
    return "; ".join(" ".join(text.split()) for text in texts)


_TELLERS: Final[dict[str, _Teller]] = {
    "new_chat_members": _joined,
    "left_chat_member": _left,
    "new_chat_title": _with(Happening.TITLE, str),
    "forum_topic_edited": _topic_edited,
    "new_chat_photo": _simply(Happening.GROUP_PHOTO),
    "delete_chat_photo": _simply(Happening.NO_GROUP_PHOTO),
    "chat_background_set": _simply(Happening.BACKGROUND),
    "message_auto_delete_timer_changed": _timer,
    "chat_owner_changed": _with(Happening.OWNER, lambda change: names_of([change.new_owner])),
    "chat_owner_left": _simply(Happening.OWNER_LEFT),
    "boost_added": _with(Happening.GROUP_BOOSTS, lambda boost: str(boost.boost_count)),
    "video_chat_started": _simply(Happening.VIDEO_CHAT),
    "video_chat_ended": _with(Happening.VIDEO_CHAT_ENDED, lambda chat: duration(chat.duration)),
    "video_chat_scheduled": _planned,
    "video_chat_participants_invited": _with(
        Happening.VIDEO_CHAT_INVITED, lambda invited: names_of(invited.users)
    ),
    "forum_topic_created": _with(Happening.TOPIC_OPENED, lambda topic: topic.name),
    "forum_topic_closed": _simply(Happening.TOPIC_CLOSED),
    "forum_topic_reopened": _simply(Happening.TOPIC_REOPENED),
    "giveaway_created": _simply(Happening.GIVEAWAY),
    "giveaway_completed": _ended,
    "checklist_tasks_done": _tasks_done,
    "checklist_tasks_added": _with(
        Happening.TASKS_ADDED, lambda added: _listed(task.text for task in added.tasks)
    ),
    "poll_option_added": _with(Happening.OPTION_ADDED, lambda option: option.option_text),
    "poll_option_deleted": _with(Happening.OPTION_REMOVED, lambda option: option.option_text),
    "proximity_alert_triggered": _with(
        Happening.NEARBY,
        lambda near: f"{names_of([near.traveler, near.watcher])} ({near.distance} m)",
    ),
}
SERVICE_FIELDS: Final = (*_TELLERS, *LEFT_OUT)
