"""REST: application commands, global and of the guild."""

from collections.abc import Iterable

from matebot.sandbox.discord import errors, limits
from matebot.sandbox.discord.asked import Asked, Made, Route
from matebot.sandbox.discord.commands import CHAT_INPUT, check
from matebot.sandbox.discord.errors import ApiError, FormErrors, Json
from matebot.sandbox.discord.world import World


class Commands:
    """The routes about application commands, global and of a guild."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> Iterable[Route]:
        """The table."""
        for middle in ("", "/guilds/{guild_id}"):
            base = "/applications/{application_id}" + middle + "/commands"
            one = base + "/{command_id}"
            yield Route("commands.list", "GET", base, self.all)
            yield Route("commands.put", "PUT", base, self.replace)
            yield Route("commands.create", "POST", base, self.create)
            yield Route("commands.get", "GET", one, self.get)
            yield Route("commands.edit", "PATCH", one, self.edit)
            yield Route("commands.delete", "DELETE", one, self.delete)

    def _scope(self, asked: Asked) -> tuple[int | None, dict[int, Json]]:
        if asked.id("application_id") != self.world.bot_id:
            raise ApiError(errors.UNKNOWN_APPLICATION)
        guild = asked.id("guild_id") if "guild_id" in asked.parts else None
        if guild is not None and (guild != self.world.guild_id or not self.world.in_guild):
            raise ApiError(errors.MISSING_ACCESS)
        return guild, self.world.commands.setdefault(guild, {})

    def all(self, asked: Asked) -> list[Json]:
        """All of a scope."""
        return list(self._scope(asked)[1].values())

    def _one(self, asked: Asked) -> Json:
        found = self._scope(asked)[1].get(asked.id("command_id"))
        if found is None:
            raise ApiError(errors.UNKNOWN_COMMAND)
        return found

    def get(self, asked: Asked) -> Json:
        """One."""
        return self._one(asked)

    def replace(self, asked: Asked) -> list[Json]:
        """Replace all of a scope; a name that was there keeps its id."""
        guild, kept = self._scope(asked)
        if not isinstance(asked.body, list):
            raise errors.invalid(
                "", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"
            )
        form = FormErrors()
        for index, each in enumerate(asked.body):
            check(each, str(index), form)
        form.check()
        if len(asked.body) > limits.COMMANDS:
            raise ApiError(errors.MAX_COMMANDS)
        names = [(each.get("type") or CHAT_INPUT, each["name"]) for each in asked.body]
        if len(set(names)) != len(names):
            message = "Application command names must be unique"
            raise errors.invalid("", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        old = {(each["type"], each["name"]): int(each["id"]) for each in kept.values()}
        kept.clear()
        for name, each in zip(names, asked.body, strict=True):
            made = self._made(each, guild, old.get(name))
            kept[int(made["id"])] = made
        return list(kept.values())

    def create(self, asked: Asked) -> Json | Made:
        """A new one, in place of one of the same name."""
        guild, kept = self._scope(asked)
        form = FormErrors()
        check(asked.form, "", form)
        form.check()
        name = (asked.form.get("type") or CHAT_INPUT, asked.form["name"])
        old = next(
            (key for key, each in kept.items() if (each["type"], each["name"]) == name), None
        )
        if old is None and len(kept) >= limits.COMMANDS:
            raise ApiError(errors.MAX_COMMANDS)
        made = self._made(asked.form, guild, old)
        kept[int(made["id"])] = made
        return made if old else Made(made)

    def edit(self, asked: Asked) -> Json:
        """Change one."""
        guild, kept = self._scope(asked)
        old = self._one(asked)
        merged = {**old, **asked.form}
        form = FormErrors()
        check(merged, "", form)
        form.check()
        made = self._made(merged, guild, int(old["id"]))
        kept[int(made["id"])] = made
        return made

    def delete(self, asked: Asked) -> None:
        """Delete one."""
        kept = self._scope(asked)[1]
        del kept[int(self._one(asked)["id"])]

    def _made(self, body: Json, guild: int | None, old: int | None) -> Json:
        held = body.get("default_member_permissions")
        made: Json = {
            "id": str(old or self.world.ids.next()),
            "application_id": str(self.world.bot_id),
            "version": str(self.world.ids.next()),
            "type": body.get("type") or CHAT_INPUT,
            "name": body["name"],
            "name_localizations": body.get("name_localizations"),
            "description": body.get("description") or "",
            "description_localizations": body.get("description_localizations"),
            "options": body.get("options") or [],
            "default_member_permissions": None if held is None else str(held),
            "dm_permission": body.get("dm_permission", True),
            "contexts": body.get("contexts"),
            "integration_types": body.get("integration_types") or [0],
            "nsfw": bool(body.get("nsfw")),
        }
        return {**made, "guild_id": str(guild)} if guild is not None else made
