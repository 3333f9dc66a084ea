"""REST: reactions and pins."""

from collections.abc import Iterable

from matebot.sandbox.discord import errors, places, posts
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.discord.asked import Asked, Route
from matebot.sandbox.discord.errors import ApiError, Json
from matebot.sandbox.discord.snowflake import iso
from matebot.sandbox.discord.world import DM, THREADS, World


class Marks:
    """The routes about reactions and pins."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> Iterable[Route]:
        """The table; the pins come first, or ``pins`` would be taken for a message's id."""
        new, old = "/channels/{channel_id}/messages/pins", "/channels/{channel_id}/pins"
        yield Route("pins.list", "GET", new, self.pins)
        yield Route("pins.list", "GET", old, self.pinned_messages)
        for base in (new, old):
            yield Route("pin.add", "PUT", base + "/{message_id}", self.pin)
            yield Route("pin.remove", "DELETE", base + "/{message_id}", self.unpin)
        base = "/channels/{channel_id}/messages/{message_id}/reactions"
        one = base + "/{emoji}"
        yield Route("reaction.add", "PUT", one + "/@me", self.react)
        yield Route("reaction.remove", "DELETE", one + "/@me", self.unreact)
        yield Route("reaction.remove", "DELETE", one + "/{user_id}", self.unreact_other)
        yield Route("reaction.users", "GET", one, self.reactors)
        yield Route("reaction.clear", "DELETE", base, self.clear)
        yield Route("reaction.clear", "DELETE", one, self.clear)

    def _message(self, asked: Asked) -> tuple[Json, Json]:
        channel = self.world.channel(asked.id("channel_id"))
        self.world.require(channel, perms.READ_MESSAGE_HISTORY)
        return channel, self.world.message(int(channel["id"]), asked.id("message_id"))

    @staticmethod
    def _open(channel: Json) -> None:
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            raise ApiError(errors.ARCHIVED)

    # -- reactions ---------------------------------------------------------------------------

    def react(self, asked: Asked) -> None:
        """Set the bot's reaction; a kind that is there already needs no right."""
        channel, message = self._message(asked)
        self._open(channel)
        emoji = places.emoji_of(self.world, asked.parts["emoji"])
        if int(message["author"]["id"]) in self.world.blocking:
            raise ApiError(errors.REACTION_BLOCKED)
        if not any(each["emoji"] == emoji for each in message.get("reactions", ())):
            self.world.require(channel, perms.ADD_REACTIONS)
        places.react(self.world, message, self.world.bot_id, emoji)

    def unreact(self, asked: Asked) -> None:
        """Take the bot's own back."""
        channel, message = self._message(asked)
        self._open(channel)
        emoji = places.emoji_of(self.world, asked.parts["emoji"])
        places.unreact(self.world, message, self.world.bot_id, emoji)

    def unreact_other(self, asked: Asked) -> None:
        """Take somebody's away."""
        channel, message = self._message(asked)
        self.world.require(channel, perms.MANAGE_MESSAGES)
        emoji = places.emoji_of(self.world, asked.parts["emoji"])
        places.unreact(self.world, message, asked.id("user_id"), emoji)

    def reactors(self, asked: Asked) -> list[Json]:
        """Who reacted with an emoji."""
        _, message = self._message(asked)
        emoji = places.emoji_of(self.world, asked.parts["emoji"])
        key = (int(message["id"]), str(emoji["id"] or emoji["name"]))
        return [self.world.user(each) for each in self.world.reactors.get(key, ())][:100]

    def clear(self, asked: Asked) -> None:
        """Take all away."""
        channel, message = self._message(asked)
        self.world.require(channel, perms.MANAGE_MESSAGES)
        text = asked.parts.get("emoji")
        emoji = places.emoji_of(self.world, text) if text else None
        places.clear_reactions(self.world, message, emoji)

    # -- pins --------------------------------------------------------------------------------

    def _pinned(self, asked: Asked) -> list[tuple[float, Json]]:
        channel = self.world.channel(asked.id("channel_id"))
        self.world.require(channel, perms.READ_MESSAGE_HISTORY)
        times = self.world.pinned.get(int(channel["id"]), {})
        latest = sorted(times.items(), key=lambda each: each[1], reverse=True)
        return [(at, self.world.message(int(channel["id"]), key)) for key, at in latest]

    def pins(self, asked: Asked) -> Json:
        """The latest pins, with when."""
        items = [
            {"pinned_at": iso(at), "message": posts.answer(self.world, message)}
            for at, message in self._pinned(asked)[:50]
        ]
        return {"items": items, "has_more": len(self._pinned(asked)) > len(items)}

    def pinned_messages(self, asked: Asked) -> list[Json]:
        """The older form of the list."""
        return [posts.answer(self.world, message) for _, message in self._pinned(asked)[:50]]

    def pin(self, asked: Asked) -> None:
        """Pin a message."""
        channel, message = self._message(asked)
        self._may_pin(channel)
        if message["type"] not in posts.USER_KINDS:
            raise ApiError(errors.SYSTEM_MESSAGE)
        places.pin(self.world, channel, message, self.world.bot_id)

    def unpin(self, asked: Asked) -> None:
        """Unpin a message."""
        channel, message = self._message(asked)
        self._may_pin(channel)
        places.unpin(self.world, channel, message)

    def _may_pin(self, channel: Json) -> None:
        if channel["type"] != DM:
            self.world.require(channel, perms.PIN_MESSAGES)
        self._open(channel)
