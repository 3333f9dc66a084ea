"""What the page shows, read from the stand-ins: each message whole, in its service's own JSON."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from matebot.sandbox.world import PRIVATE, Person, Side, Stage

Json = dict[str, Any]
SHOWN = 200  # messages of a room; what is older stays in the stand-in


@dataclass(slots=True)
class Invoked:
    """An interaction that somebody began on the page.

    Attributes:
        place: The page's name of the room.
        command: What was typed; empty for a button.
    """

    id: str
    user_id: str
    place: str
    command: str


@dataclass(slots=True)
class Views:
    """Reads both services.

    Every entry has a ``key`` that is unique on its side, the ``place`` that it stands in, a
    ``seq`` by which a room is ordered, ``only`` (the one person who may see it, or None) and the
    ``message``.
    """

    stage: Stage
    invoked: list[Invoked] = field(default_factory=list)
    _seqs: dict[str, int] = field(default_factory=dict)

    def hello(self) -> Json:
        """What does not change while the sandbox runs, but for a group that migrates."""
        telegram, discord = self.stage.telegram, self.stage.discord
        left = _side(self.stage.left) | {
            "bot": telegram.bot,
            "commands": _telegram_commands(telegram.state.world.commands),
        }
        right = _side(self.stage.right) | {
            "bot": discord.bot_user,
            "guild": discord.world.guild["name"],
            "guild_id": str(discord.guild_id),
            "roles": {key: role["name"] for key, role in _named(discord.world.roles)},
            "commands": _discord_commands(discord.world.commands),
        }
        return {"telegram": left, "discord": right}

    def entries(self, side: str) -> list[Json]:
        """All that is to be seen on one side now."""
        found = self._telegram() if side == "telegram" else self._discord()
        return list(found)

    def _telegram(self) -> Iterator[Json]:
        left = self.stage.left
        for place in left.places:
            for chat_id in place.ids:
                yield from self._telegram_chat(chat_id, place.key, None)
        for person in left.people:
            yield from self._telegram_chat(person.id, PRIVATE, person.id)

    def _telegram_chat(self, chat_id: str, place: str, only: str | None) -> Iterator[Json]:
        world = self.stage.telegram.state.world
        chat = world.chats.get(int(chat_id))
        if chat is None:
            return
        for number, message in list(chat.messages.items())[-SHOWN:]:
            key = f"{chat_id}:{number}"
            reactions = [
                {"emoji": emoji, "user": str(user)}
                for user, emojis in chat.reactions.get(number, {}).items()
                for emoji in emojis
            ]
            yield {
                "key": key,
                "place": place,
                "seq": self._seq("telegram", key),
                "only": self._reader(message) if number < 0 else only,
                "id": number,
                "message": message,
                "reactions": reactions,
                "pinned": chat.pinned.index(number) if number in chat.pinned else None,
                "votes": _listed(self.stage.telegram.state.votes.get(_poll_id(message), {})),
                "own": number in chat.own,
                "service": number in chat.service,
            }

    def _reader(self, message: Json) -> str:
        """Who sees an ephemeral message: the person that it is to, or is from."""
        receiver = message.get("receiver_user", {})
        person = message["from"] if receiver.get("is_bot", True) else receiver
        return str(person["id"])

    def _discord(self) -> Iterator[Json]:
        right, discord = self.stage.right, self.stage.discord
        for place in right.places:
            if int(place.id) in discord.world.channels:
                for message in discord.messages(place.id)[-SHOWN:]:
                    yield self._discord_entry(message, place.key, None)
        for person in right.people:
            for message in self._discord_private(person):
                yield self._discord_entry(message, PRIVATE, person.id)
        yield from self._answers()

    def _discord_private(self, person: Person) -> list[Json]:
        """Direct messages; looking must not open them."""
        for channel in self.stage.discord.world.channels.values():
            known = channel.get("recipients") or [{}]
            if known[0].get("id") == person.id:
                return self.stage.discord.messages(channel["id"])[-SHOWN:]
        return []

    def _discord_entry(self, message: Json, place: str, only: str | None) -> Json:
        world = self.stage.discord.world
        reactors = {
            emoji: [str(user) for user in users]
            for (number, emoji), users in list(world.reactors.items())
            if str(number) == message["id"] and users
        }
        return {
            "key": message["id"],
            "place": place,
            "seq": int(message["id"]) >> 12,  # the rest of a snowflake is more than JS can count
            "only": only,
            "id": message["id"],
            "message": message,
            "reactors": reactors,
            "votes": _listed(world.poll_votes.get(int(message["id"]), {})),
            "pinged": self.stage.discord.pinged(message["id"]),
        }

    def _answers(self) -> Iterator[Json]:
        for each in self.invoked:
            for message in self.stage.discord.answers(each.id):
                if message["ephemeral"]:
                    entry = self._discord_entry(message, each.place, each.user_id)
                    yield entry | {"ephemeral": True, "command": each.command}

    def _seq(self, side: str, key: str) -> int:
        return self._seqs.setdefault(f"{side} {key}", len(self._seqs))


def _poll_id(message: Json) -> str:
    return str(message.get("poll", {}).get("id"))


def _listed(votes: Mapping[int, Iterable[int]]) -> Json:
    """Who voted for what in a poll; the page counts them as people would see it."""
    return {str(user): sorted(chosen) for user, chosen in votes.items()}


def _side(side: Side) -> Json:
    return {
        "people": [
            {"id": one.id, "name": one.name, "portrait": one.portrait, "admin": one.admin}
            for one in side.people
        ],
        "places": [{"key": one.key, "title": one.title, "id": one.id} for one in side.places],
    }


def _named(things: dict[int, Json]) -> Iterator[tuple[str, Json]]:
    return ((str(key), value) for key, value in things.items())


def _telegram_commands(known: dict[tuple[str, str], list[Json]]) -> list[Json]:
    """Every command once, whatever the scope."""
    found: dict[str, Json] = {}
    for listed in known.values():
        for one in listed:
            name = str(one["command"])
            found.setdefault(name, {"name": name, "description": one.get("description", "")})
    return sorted(found.values(), key=lambda one: str(one["name"]))


def _discord_commands(known: dict[int | None, dict[int, Json]]) -> list[Json]:
    found: dict[str, Json] = {}
    for listed in known.values():
        for one in listed.values():
            options = [option["name"] for option in one.get("options") or []]
            name = str(one["name"])
            found[name] = {"name": name, "description": one["description"], "options": options}
    return sorted(found.values(), key=lambda one: str(one["name"]))
