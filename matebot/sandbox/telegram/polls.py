"""Polls: what the bot asks and stops, and what people ask, vote for and stop."""

from collections.abc import Callable, Sequence
from typing import Any

from matebot.sandbox.telegram.access import find_chat, find_message
from matebot.sandbox.telegram.content import finished, parsed
from matebot.sandbox.telegram.entities import utf16_length
from matebot.sandbox.telegram.errors import bad
from matebot.sandbox.telegram.groups import Groups
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.posting import post
from matebot.sandbox.telegram.state import State
from matebot.sandbox.telegram.world import Chat

Json = dict[str, Any]
# https://core.telegram.org/bots/api#sendpoll
QUESTION = 300
OPTIONS = 12
OPTION = 100
DESCRIPTION = 1024
PERIOD_S = (5, 2_628_000)


def send_poll(state: State, params: Params) -> Json:
    """Answer sendPoll."""
    asked = _asked(state, params)
    return post(state, params, [lambda: {"poll": asked}], "polls")[0]


def _asked(state: State, params: Params) -> Json:
    """The poll that a call describes.

    Raises:
        ApiError: 400, something of it does not fit.
    """
    question = params.text("question").strip()
    options = [_option(each) for each in params.listed("options", "InputPollOption") or []]
    if not question:
        raise bad("poll question must be non-empty")
    if utf16_length(question) > QUESTION:
        raise bad(f"poll question length must not exceed {QUESTION}")
    if not options:
        raise bad("poll must have at least 1 option")
    if len(options) > OPTIONS:
        raise bad(f"poll can't have more than {OPTIONS} options")
    kind = params.text("type") or "regular"
    if kind not in ("regular", "quiz"):
        raise bad("unsupported poll type specified")
    if kind == "quiz" and not params.listed("correct_option_ids", "correct option ids"):
        raise bad("wrong correct option ID specified")
    period_s = params.integer("open_period")
    if period_s and not PERIOD_S[0] <= period_s <= PERIOD_S[1]:
        raise bad("poll open period is out of range")
    poll = new_poll(state, question, options, multiple=params.flag("allows_multiple_answers"))
    poll |= _description(params) | {"type": kind}
    if params.has("is_anonymous"):
        poll["is_anonymous"] = params.flag("is_anonymous")
    if period_s:
        poll |= {"open_period": period_s, "close_date": int(state.world.now()) + period_s}
    return poll


def _option(given: Any) -> str:
    text = str(given.get("text", "") if isinstance(given, dict) else given).strip()
    if not text:
        raise bad("poll options must be non-empty")
    if utf16_length(text) > OPTION:
        raise bad(f"poll options length must not exceed {OPTION}")
    return text


def _description(params: Params) -> Json:
    if not params.has("description"):
        return {}
    source = params.values | {"parse_mode": params.text("description_parse_mode")}
    fields = finished(*parsed(source, "description", "description_entities"))
    if utf16_length(fields.get("text", "")) > DESCRIPTION:
        raise bad("poll description is too long")
    names = {"text": "description", "entities": "description_entities"}
    return {names[name]: value for name, value in fields.items()}


def new_poll(state: State, question: str, options: Sequence[str], *, multiple: bool) -> Json:
    """A ``Poll`` that nobody voted in yet."""
    number = len(state.votes) + 5_000_000_000_000_001
    state.votes[str(number)] = {}
    return {
        "id": str(number),
        "question": question,
        "options": [
            {"persistent_id": str(index), "text": text, "voter_count": 0}
            for index, text in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": multiple,
        "allows_revoting": True,
        "members_only": False,
    }


def stop_poll(state: State, params: Params) -> Json:
    """Answer stopPoll."""
    chat = find_chat(state, params, write=True)
    message = find_message(chat, params.integer("message_id"), "message with poll to stop")
    if message["message_id"] not in chat.own:
        raise bad("poll can't be stopped")
    if "poll" not in message:
        raise bad("message with poll to stop not found")
    if message["poll"]["is_closed"]:
        raise bad("poll has already been closed")
    return close(state, chat, message)


def close(state: State, chat: Chat, message: Json) -> Json:
    """End a poll with its final figures, of which the bot is told."""
    poll = counted(state, message["poll"]) | {"is_closed": True}
    message = state.world.put(chat, message | {"poll": poll})
    state.show("edit", chat, message)
    state.emit("poll", poll, chat)
    return poll


def counted(state: State, poll: Json) -> Json:
    """A poll with the figures as they are."""
    votes = state.votes[poll["id"]]
    options = [
        option | {"voter_count": sum(index in chosen for chosen in votes.values())}
        for index, option in enumerate(poll["options"])
    ]
    return poll | {"options": options, "total_voter_count": len(votes)}


class Polls(Groups):
    """What people do with polls."""

    def ask(
        self,
        user_id: int,
        chat_id: int,
        question: str,
        options: Sequence[str],
        *,
        multiple: bool = False,
        quiz: bool = False,
        open_s: int | None = None,
        topic: int | None = None,
    ) -> Json:
        """A person sends a poll; the ``Message``.

        Raises:
            ValueError: A client would not send it.
        """
        if not 1 <= len(options) <= OPTIONS or len(question) > QUESTION:
            raise ValueError("no client sends such a poll")
        chat = self._place(user_id, chat_id)
        poll = new_poll(self.state, question, options, multiple=multiple)
        poll |= {"type": "quiz"} if quiz else {}
        if open_s is not None:
            until = int(self.state.world.now()) + open_s
            poll |= {"open_period": open_s, "close_date": until}
        message = self._head(user_id, chat, None) | self._thread(chat, topic, {}) | {"poll": poll}
        self.state.world.put(chat, message)
        self._tell(chat, message, [], edit=False)
        return message

    def vote(self, user_id: int, chat_id: int, message_id: int, options: Sequence[int]) -> None:
        """A person's choice is this from now on; the bot sees the figures of its own polls alone.

        Raises:
            ValueError: The poll has ended, or there is no such choice.
        """
        chat = self._place(user_id, chat_id)
        message = chat.messages[message_id]
        poll = message["poll"]
        several = len(options) > 1 and not poll["allows_multiple_answers"]
        if poll["is_closed"] or several or not set(options) <= set(range(len(poll["options"]))):
            raise ValueError("one cannot vote so")
        votes = self.state.votes[poll["id"]]
        votes.pop(user_id, None)
        if options:
            votes[user_id] = set(options)
        if message_id in chat.own:
            poll = counted(self.state, poll)
            message = self.state.world.put(chat, message | {"poll": poll})
            self.state.emit("poll", poll, chat)
        self.state.show("edit", chat, message)

    def stop_poll(self, chat_id: int, message_id: int) -> Json:
        """The author ends a poll; the ``Poll``."""
        chat = self._chat(chat_id)
        return close(self.state, chat, chat.messages[message_id])


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "sendPoll": send_poll,
    "stopPoll": stop_poll,
}
