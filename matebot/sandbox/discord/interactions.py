"""Interactions: what people invoke and click, and what the bot answers them."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from matebot.sandbox.discord import components, errors, files, limits, posts, schema, validate
from matebot.sandbox.discord.asked import Asked, Route
from matebot.sandbox.discord.errors import ApiError, Json
from matebot.sandbox.discord.rest_messages import apply_edit, change, poll
from matebot.sandbox.discord.validate import Upload
from matebot.sandbox.discord.world import DM, Event, World

COMMAND, COMPONENT = 2, 3
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, AUTOCOMPLETE, MODAL = 4, 5, 6, 7, 8, 9
KEYS = frozenset(validate.COMMON)
KEPT = 10_000


@dataclass(slots=True)
class Interaction:
    """One, with what came of it.

    Attributes:
        callback: The type of the first answer; None while there is none.
        original: The first answer's message; with the LOADING flag while it is deferred.
        messages: All answers that still stand, the first one first.
        source: Of a click, the message that was clicked.
        modal: The modal that was opened, if any.
    """

    id: int
    token: str
    kind: int
    channel_id: int
    user_id: int
    at: float
    callback: int | None = None
    original: Json | None = None
    messages: list[Json] = field(default_factory=list)
    source: Json | None = None
    modal: Json | None = None
    command: str = ""


class Interactions:
    """Keeps the interactions and serves the routes by which they are answered.

    Args:
        world: The state.
        answered: Told each answer: interaction, name of the change, message.
    """

    def __init__(self, world: World, answered: Callable[[Interaction, str, Json], None]) -> None:
        self.world = world
        self.answered = answered
        self.kept: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def routes(self) -> Iterable[Route]:
        """The table; these paths must be known before those of the webhooks."""
        callback = "/interactions/{interaction_id}/{token}/callback"
        yield Route("interaction.callback", "POST", callback, self.callback, "token")
        base = f"/webhooks/{self.world.bot_id}/{{token}}"
        yield Route("interaction.followup", "POST", base, self.follow_up, "token", KEYS)
        one = base + "/messages/{message_id}"
        yield Route("interaction.get", "GET", one, self.get, "token")
        yield Route("interaction.edit", "PATCH", one, self.edit, "token", KEYS)
        yield Route("interaction.delete", "DELETE", one, self.delete, "token")

    # -- begun by people ---------------------------------------------------------------------

    def begin(
        self, kind: int, channel: Json, user_id: int, data: Json, source: Json | None = None
    ) -> Interaction:
        """Tell the bot of an interaction."""
        world = self.world
        made = Interaction(
            world.ids.next(),
            secrets.token_urlsafe(100),
            kind,
            int(channel["id"]),
            user_id,
            world.clock(),
            source=source,
            command=str(data.get("name", "")),
        )
        self.kept[made.id] = self._by_token[made.token] = made
        if len(self.kept) > KEPT:
            self._by_token.pop(self.kept.pop(next(iter(self.kept))).token, None)
        world.emit(Event("INTERACTION_CREATE", self._payload(made, channel, data)))
        return made

    def _payload(self, made: Interaction, channel: Json, data: Json) -> Json:
        world = self.world
        dm = channel["type"] == DM
        held = world.permissions(made.user_id, channel)
        payload: Json = {
            "version": 1,
            "type": made.kind,
            "token": made.token,
            "id": str(made.id),
            "application_id": str(world.bot_id),
            "channel_id": channel["id"],
            "channel": {**world.copy(channel), "permissions": str(held)},
            "data": data,
            "locale": "en-US",
            "app_permissions": str(world.permissions(world.bot_id, channel)),
            "attachment_size_limit": limits.FILE_BYTES,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "context": 1 if dm else 0,
        }
        if made.source is not None:
            payload["message"] = posts.shown(world, made.source)
        if dm:
            payload["user"] = world.user(made.user_id)
            payload["authorizing_integration_owners"] = {"0": "0"}
            return payload
        names = ("id", "features")
        guild = {**{name: world.guild[name] for name in names}, "locale": "en-US"}
        member = {**world.member(made.user_id), "permissions": str(held)}
        owners = {"0": world.guild["id"]}
        more = {"guild_id": world.guild["id"], "guild_locale": "en-US", "guild": guild}
        return payload | more | {"member": member, "authorizing_integration_owners": owners}

    # -- answered by the bot -----------------------------------------------------------------

    def callback(self, asked: Asked) -> Json | None:
        """The first answer, within three seconds."""
        made = self.kept.get(asked.id("interaction_id"))
        if made is None or made.token != asked.parts["token"]:
            raise ApiError(errors.UNKNOWN_INTERACTION)
        if made.callback is not None:
            raise ApiError(errors.ALREADY_ACKNOWLEDGED)
        if self.world.clock() - made.at > limits.INTERACTION_ANSWER_S:
            raise ApiError(errors.UNKNOWN_INTERACTION)
        body = schema.checked(
            asked.form, {"type": schema.choice(1, 4, 5, 6, 7, 8, 9, 12)}, required=("type",)
        )
        kind, data = body["type"], body.get("data") or {}
        self._first(made, kind, data, asked)
        if not asked.flag("with_response"):
            return None
        return self._response(made, kind)

    def _first(self, made: Interaction, kind: int, data: Any, asked: Asked) -> None:
        if (kind in (DEFERRED_UPDATE, UPDATE) and made.kind != COMPONENT) or kind in (
            AUTOCOMPLETE,
            1,
            12,
        ):
            raise errors.invalid("type", "INTERACTION_TYPE_INVALID", "Invalid interaction type")
        match kind:
            case 4:
                draft = self._draft(made, data, asked.files)
                made.callback = kind
                made.original = self._add(made, draft)
            case 5:
                flags = (data.get("flags") or 0) & validate.EPHEMERAL if data else 0
                made.callback = kind
                loading = posts.Draft(self._bot, flags=flags | validate.LOADING)
                made.original = self._add(made, self._about(made, loading))
            case 6:
                made.callback, made.original = kind, made.source
            case 7:
                self._update(made, data, asked.files)
                made.callback, made.original = kind, made.source
            case _:
                made.callback, made.modal = kind, _modal(data)

    def _response(self, made: Interaction, kind: int) -> Json:
        told: Json = {
            "id": str(made.id),
            "type": made.kind,
            "response_message_loading": kind == DEFERRED,
            "response_message_ephemeral": False,
        }
        resource: Json = {"type": kind}
        if made.original is not None:
            told["response_message_id"] = made.original["id"]
            flags = made.original["flags"]
            told["response_message_ephemeral"] = bool(flags & validate.EPHEMERAL)
            resource["message"] = posts.shown(self.world, made.original)
        return {"interaction": told, "resource": resource}

    @property
    def _bot(self) -> Json:
        return self.world.users[self.world.bot_id]

    def _draft(self, made: Interaction, data: Any, uploads: tuple[Upload, ...]) -> posts.Draft:
        """An answer's message.

        Raises:
            ApiError: As for any message.
        """
        allowed = validate.CREATE_FLAGS | validate.EPHEMERAL
        body = validate.message_body(data, validate.COMMON, uploads, flags=allowed)
        if validate.empty(body, uploads):
            raise ApiError(errors.EMPTY_MESSAGE)
        flags = body.get("flags") or 0
        told = body.get("attachments") or []
        hidden = bool(flags & validate.EPHEMERAL)
        draft = posts.Draft(
            self._bot,
            content=validate.content_of(body),
            rules=body.get("allowed_mentions"),
            embeds=body.get("embeds") or [],
            components=body.get("components") or [],
            attachments=files.keep(self.world, uploads, told, ephemeral=hidden),
            flags=flags,
            tts=bool(body.get("tts")),
        )
        if body.get("poll"):
            draft.more["poll"] = poll(self.world, body["poll"])
        return self._about(made, draft)

    def _about(self, made: Interaction, draft: posts.Draft) -> posts.Draft:
        """Say whose answer it is."""
        own = str(self.world.bot_id)
        draft.more |= {"webhook_id": own, "application_id": own}
        who = self.world.users[made.user_id]
        draft.more["interaction_metadata"] = {
            "id": str(made.id),
            "type": made.kind,
            "user": who,
            "authorizing_integration_owners": {},
        }
        if made.kind == COMMAND:
            draft.kind = posts.CHAT_INPUT
            told = {"id": str(made.id), "type": made.kind, "name": made.command, "user": who}
            draft.more["interaction"] = told
        return draft

    def _add(self, made: Interaction, draft: posts.Draft) -> Json:
        """Show a message: to the one person, or in the channel."""
        channel = self.world.channel(made.channel_id)
        if draft.flags & validate.EPHEMERAL:
            message = posts.build(self.world, channel, draft)
        else:
            message = posts.post(self.world, channel, draft)
        made.messages.append(message)
        self.answered(made, "INTERACTION_ANSWER", message)
        return message

    def _update(self, made: Interaction, data: Any, uploads: tuple[Upload, ...]) -> None:
        """Edit the message that was clicked."""
        if made.source is None:
            raise ApiError(errors.UNKNOWN_MESSAGE)
        body = validate.message_body(
            data, validate.COMMON, uploads, flags=validate.EDIT_FLAGS | validate.EPHEMERAL
        )
        self._change(made, made.source, body, Asked({}, {}, data, uploads))

    def _change(self, made: Interaction, message: Json, body: Json, asked: Asked) -> None:
        channel = self.world.channel(made.channel_id)
        if message["flags"] & validate.EPHEMERAL:
            apply_edit(self.world, channel, message, body, asked, ping_all=False)
        else:
            change(self.world, channel, message, body, asked, ping_all=False)
        self.answered(made, "INTERACTION_EDIT", message)

    # -- the interaction's webhook -----------------------------------------------------------

    def _live(self, asked: Asked) -> Interaction:
        made = self._by_token.get(asked.parts["token"])
        if made is None:
            raise ApiError(errors.UNKNOWN_WEBHOOK)
        if self.world.clock() - made.at > limits.INTERACTION_TOKEN_S:
            raise ApiError(errors.INVALID_WEBHOOK_TOKEN)
        return made

    def _answer(self, asked: Asked) -> tuple[Interaction, Json]:
        made = self._live(asked)
        told = asked.parts["message_id"]
        if told == "@original":
            found = made.original
        else:
            found = next((each for each in made.messages if each["id"] == told), None)
        if made.callback is None or found is None:
            problem = errors.UNKNOWN_WEBHOOK if made.callback is None else errors.UNKNOWN_MESSAGE
            raise ApiError(problem)
        return made, found

    def follow_up(self, asked: Asked) -> Json:
        """A further message; the first one after a deferral takes the place of its loading line."""
        made = self._live(asked)
        if made.callback is None:
            raise ApiError(errors.UNKNOWN_WEBHOOK)
        original = made.original
        if original is not None and original["flags"] & validate.LOADING:
            self._fill(made, original, asked)
            return posts.shown(self.world, original)
        message = self._add(made, self._draft(made, asked.form, asked.files))
        return posts.shown(self.world, message)

    def get(self, asked: Asked) -> Json:
        """An answer."""
        return posts.shown(self.world, self._answer(asked)[1])

    def edit(self, asked: Asked) -> Json:
        """Edit an answer, or fill in one that was deferred."""
        made, message = self._answer(asked)
        self._fill(made, message, asked)
        return posts.shown(self.world, message)

    def _fill(self, made: Interaction, message: Json, asked: Asked) -> None:
        allowed = validate.EDIT_FLAGS | validate.EPHEMERAL
        body = validate.message_body(asked.form, validate.COMMON, asked.files, flags=allowed)
        loading = bool(message["flags"] & validate.LOADING)
        self._change(made, message, body, asked)
        if loading:
            message["flags"] &= ~validate.LOADING

    def delete(self, asked: Asked) -> None:
        """Take an answer away."""
        made, message = self._answer(asked)
        if message in made.messages:
            made.messages.remove(message)
        if message is made.original:
            made.original = None
        if not message["flags"] & validate.EPHEMERAL:
            channel = self.world.channel(made.channel_id)
            posts.delete(self.world, channel, [int(message["id"])])
        self.answered(made, "INTERACTION_DELETE", message)

    # -- books -------------------------------------------------------------------------------

    def answers(self, interaction_id: int) -> list[Json]:
        """What the person sees: each message with ``ephemeral``; a loading line is not yet one."""
        made = self.kept[interaction_id]
        return [
            {**posts.shown(self.world, each), "ephemeral": bool(each["flags"] & validate.EPHEMERAL)}
            for each in made.messages
            if not each["flags"] & validate.LOADING
        ]

    def ephemeral(self, user_id: int, message_id: int) -> Json | None:
        """A message that this person alone sees."""
        for made in self.kept.values():
            for each in made.messages:
                if made.user_id == user_id and int(each["id"]) == message_id:
                    return each
        return None


def _modal(data: Any) -> Json:
    fields = {
        "custom_id": schema.text(1, 100),
        "title": schema.text(1, 45),
        "components": schema.items(schema.anything, 5, low=1),
    }
    return schema.checked(data, fields, required=("custom_id", "title", "components"))


def clickable(message: Json, custom_id: str) -> Json:
    """The button or select of a message.

    Raises:
        ValueError: It has none of that name, or it is disabled.
    """
    for each in components.walk(message["components"]):
        if each.get("custom_id") == custom_id:
            if each.get("disabled"):
                raise ValueError(f"{custom_id} is disabled")
            return each
    raise ValueError(f"no component {custom_id} in message {message['id']}")
