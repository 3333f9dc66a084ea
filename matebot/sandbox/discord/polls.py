"""Polls: how they end, for the bot and for people, and how people vote."""

from collections.abc import Iterable, Sequence

from matebot.sandbox.discord import intents, posts
from matebot.sandbox.discord.asked import Asked, Route
from matebot.sandbox.discord.errors import ApiError, Json, Problem
from matebot.sandbox.discord.snowflake import iso
from matebot.sandbox.discord.world import Event, World

RESULT = 46  # the type of the message that tells how a poll ended
EXPIRED = Problem(400, 520001, "Poll expired")
NO_POLL = Problem(400, 520006, "Cannot expire a non-poll message")
NOT_AUTHOR = Problem(403, 50005, "Cannot edit a message authored by another user")


class PollRoutes:
    """The route by which a bot ends its own poll."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> Iterable[Route]:
        """The table."""
        path = "/channels/{channel_id}/polls/{message_id}/expire"
        yield Route("poll.expire", "POST", path, self.expire)

    def expire(self, asked: Asked) -> Json:
        """End the bot's own poll."""
        channel = self.world.channel(asked.id("channel_id"))
        message = self.world.message(int(channel["id"]), asked.id("message_id"))
        if message.get("poll") is None:
            raise ApiError(NO_POLL)
        if message["author"]["id"] != str(self.world.bot_id):
            raise ApiError(NOT_AUTHOR)
        if message["poll"]["results"]["is_finalized"]:
            raise ApiError(EXPIRED)
        end(self.world, message)
        return posts.answer(self.world, message)


def vote(world: World, message: Json, user_id: int, answers: Sequence[int]) -> None:
    """Somebody's choice is this from now on, by the answers' ids; the gateway tells each change.

    Raises:
        ValueError: The poll has ended, or there is no such choice.
    """
    poll = message["poll"]
    known = {each["answer_id"] for each in poll["answers"]}
    several = len(answers) > 1 and not poll["allow_multiselect"]
    if poll["results"]["is_finalized"] or several or not set(answers) <= known:
        raise ValueError("one cannot vote so")
    votes = world.poll_votes.setdefault(int(message["id"]), {})
    before = votes.get(user_id, ())
    votes[user_id] = tuple(answers)
    for name, changed in (
        ("MESSAGE_POLL_VOTE_REMOVE", [each for each in before if each not in answers]),
        ("MESSAGE_POLL_VOTE_ADD", [each for each in answers if each not in before]),
    ):
        for each in changed:
            channel = world.channels[int(message["channel_id"])]
            told = {**posts.where(channel), "message_id": message["id"]}
            told |= {"user_id": str(user_id), "answer_id": each}
            world.emit(Event(name, told, intents.GUILD_MESSAGE_POLLS, int(channel["id"])))


def end(world: World, message: Json) -> None:
    """End a poll: its figures are final, and a message tells who won."""
    poll, votes = message["poll"], world.poll_votes.pop(int(message["id"]), {})
    counts = [
        {
            "id": each["answer_id"],
            "count": sum(each["answer_id"] in chosen for chosen in votes.values()),
            "me_voted": False,
        }
        for each in poll["answers"]
    ]
    poll["results"] = {"answer_counts": counts, "is_finalized": True}
    poll["expiry"] = iso(world.clock())
    posts.tell(world, "MESSAGE_UPDATE", message)
    _tell_result(world, message, len(votes))


def _tell_result(world: World, message: Json, voters: int) -> None:
    """The message of Discord's own, in the author's name, that tells who won."""
    poll = message["poll"]
    counts = {each["id"]: each["count"] for each in poll["results"]["answer_counts"]}
    most = max(counts.values())
    first = [each for each in poll["answers"] if counts[each["answer_id"]] == most]
    fields = {"poll_question_text": poll["question"]["text"], "total_votes": str(voters)}
    if most and len(first) == 1:
        fields |= {
            "victor_answer_text": first[0]["poll_media"]["text"],
            "victor_answer_votes": str(most),
        }
    shown = [{"name": name, "value": value, "inline": False} for name, value in fields.items()]
    channel = world.channels[int(message["channel_id"])]
    reference = {**posts.where(channel), "message_id": message["id"], "type": 0}
    draft = posts.Draft(message["author"], kind=RESULT, reference=reference)
    draft.embeds = [{"type": "poll_result", "fields": shown}]
    posts.post(world, channel, draft)
