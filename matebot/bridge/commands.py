"""The command table and its answers, for both platforms."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from matebot.bridge.answers import MOST_NAMES, Answers, Known, Scene
from matebot.bridge.asking import Asking, poll_command
from matebot.bridge.deletions import Remover, delete_command
from matebot.bridge.linking import Linking
from matebot.bridge.settings import Action, BridgeSettings, parse_action
from matebot.core.asking import LONGEST as LONGEST_POLL
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.errors import DeliveryError, PermanentError
from matebot.core.ids import Platform, Room
from matebot.core.linking import Changed, LinkingStore, Pairing, Stamp
from matebot.core.message import Author
from matebot.core.notice import Notice
from matebot.core.ports import CommandCall, Mark, Rooms
from matebot.core.richtext import RichText
from matebot.core.words import Words


class CommandSpec(NamedTuple):
    """One command, as both services list it.

    Attributes:
        name: Without the slash.
        description: Its message in the catalogue; at most 100 characters in every language.
        argument: The name of its one optional argument, if it has one.
        argument_description: That one's message in the catalogue.
        argument_length: How long it may be, in Discord's list.
        writers_only: Whether it is for those alone who may write in the room: Discord asks its own
            permission for that, Telegram lets nobody else call anything.
        admin_only: Whether it is for administrators alone.
        private_ok: Whether it also makes sense in a private chat with MateBot.
        only_on: The one platform that it is for; None is both.
    """

    name: str
    description: str
    argument: str | None = None
    argument_description: str | None = None
    argument_length: int = 100
    writers_only: bool = False
    admin_only: bool = False
    private_ok: bool = False
    only_on: Platform | None = None


COMMANDS: Final[tuple[CommandSpec, ...]] = (
    CommandSpec("bridge", "command-bridge", "code", "command-bridge-code", admin_only=True),
    CommandSpec("unbridge", "command-unbridge", admin_only=True),
    CommandSpec("settings", "command-settings", admin_only=True),
    CommandSpec(
        "poll",
        "command-poll",
        "question",
        "command-poll-question",
        argument_length=LONGEST_POLL,
        writers_only=True,
    ),
    # Discord tells of deletions by itself, and a slash command there answers no message.
    CommandSpec("delete", "command-delete", only_on=Platform.TELEGRAM),
    CommandSpec("status", "command-status"),
    CommandSpec("help", "command-help", private_ok=True),
    # Its argument is for administrators, without one it is for everybody.
    CommandSpec(
        "language", "command-language", "language", "command-language-language", private_ok=True
    ),
)


def commands_on(platform: Platform) -> list[CommandSpec]:
    """The commands that a platform has."""
    return [spec for spec in COMMANDS if spec.only_on in (None, platform)]


class Commands:
    """Implements `matebot.core.ports.Commands`.

    Args:
        store: Linking's transactions.
        words: The catalogue.
        languages: Those that the catalogue has.
        default_language: For rooms whose language was never set.
        rooms: What each platform knows of its rooms.
        bridges_of: The bridges in force that a room belongs to.
        changed: Called after bridges changed.
        wake: Tells the lanes of these rooms that something waits.
        health: Whether each platform is connected.
        private_chat: Where people open a private chat with MateBot on Telegram, such as
            ``https://t.me/mate_bot?start=bridge``; None while its name is unknown.
        remover: Deletes what `/delete` points at.
        asking: Asks what `/poll` says.
        now: The time in unix seconds.
    """

    def __init__(
        self,
        *,
        store: LinkingStore,
        words: Words,
        languages: Sequence[str],
        default_language: str,
        rooms: Mapping[Platform, Rooms],
        bridges_of: Callable[[Room], Sequence[Bridge]],
        changed: Changed,
        wake: Callable[[Iterable[Room]], None],
        health: Callable[[], Mapping[Platform, bool]],
        private_chat: Callable[[], str | None],
        remover: Remover,
        asking: Asking,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._languages = tuple(languages)
        self._default_language = default_language
        self._rooms = rooms
        self._bridges_of = bridges_of
        self._health = health
        self._remover = remover
        self._asking = asking
        self._now = now
        self._answers = Answers(store, words, rooms, wake, default_language)
        self._linking = Linking(store, self._answers, bridges_of, changed, private_chat)
        self._settings = BridgeSettings(store, self._answers, rooms, bridges_of, changed)

    async def call(self, call: CommandCall, mark: Mark) -> Notice | None:
        """See `matebot.core.ports.Commands.call`."""
        scene = await self._scene(call, mark)
        name = "help" if call.name == "start" else call.name  # /start opens a chat in Telegram
        known = commands_on(call.room.platform)
        spec = next((spec for spec in known if spec.name == name), None)
        if spec is None:
            return await self._answers.tell_text(scene, "unknown-command")
        if call.private and not spec.private_ok:
            return await self._answers.tell_text(scene, "only-in-rooms", command=name)
        if spec.admin_only and not call.caller_is_admin:
            return await self._answers.tell_text(scene, "not-admin")
        return await self._do(name, scene, call)

    async def _do(self, name: str, scene: Scene, call: CommandCall) -> Notice | None:
        """Do what a command says that its caller may call there."""
        match name:
            case "bridge":
                return await self._bridge(scene, call)
            case "unbridge":
                return await self._linking.leave(scene)
            case "settings":
                return await self._settings.open(scene)
            case "poll":
                return await poll_command(self._asking, self._answers, scene, call)
            case "delete":
                return await delete_command(self._remover, self._answers, scene, call)
            case "status":
                return await self._status(scene)
            case "language":
                return await self._language(scene, call)
            case _:
                return await self._help(scene)

    async def press(
        self,
        action: str,
        room: Room,
        caller: Author,
        mark: Mark,
        *,
        message_id: int | None = None,
        locale: str | None = None,
    ) -> Notice | None:
        """See `matebot.core.ports.Commands.press`."""
        stamp = Stamp(self._now(), mark.update_id)
        language = self._known_language(locale or "") or self._default_language
        scene = Scene(room, caller, language, stamp)
        if (setting := parse_action(action)) is not None:
            return await self._press_setting(scene, setting, message_id)
        return await self._press_pairing(scene, action)

    async def _press_setting(
        self, scene: Scene, action: Action, message_id: int | None
    ) -> Notice | None:
        """Let an administrator see or change a setting; anybody else is told alone."""
        spoken = (await self._store.languages([scene.room])).get(scene.room)
        scene = scene._replace(language=spoken or scene.language)
        try:
            if await self._is_admin(scene.room, scene.caller.id):
                return await self._settings.press(scene, action, message_id)
        except DeliveryError:
            return Notice(self._answers.text(scene.language, "try-again"))
        return Notice(self._answers.text(scene.language, "not-admin"))

    async def _is_admin(self, room: Room, person: int) -> bool:
        """Whether a person decides in a room.

        Raises:
            DeliveryError: The service does not tell now.
        """
        try:
            return await self._rooms[room.platform].is_admin(room, person)
        except PermanentError:
            return False  # MateBot was removed, or the room is no more

    async def _press_pairing(self, scene: Scene, action: str) -> Notice | None:
        """Answer a question of linking."""
        room, caller = scene.room, scene.caller
        answer, number = _parse_action(action)
        pairing = None if number is None else await self._linking.asking(scene, number)
        places = [room] if pairing is None else [pairing.room, room]
        languages = await self._store.languages(places)
        spoken = [languages[place] for place in places if place in languages]
        scene = scene._replace(language=spoken[-1] if spoken else scene.language)
        if pairing is None:
            return await self._answers.tell_text(scene, "confirm-gone")
        if (pairing.room.platform, pairing.admin.id) != (room.platform, caller.id):
            return await self._answers.tell_text(scene, "confirm-not-yours")
        if answer == "yes":
            return await self._confirm(scene, pairing)
        reason = self._answers.text(scene.language, "confirm-declined")
        return await self._linking.decline(scene, pairing, reason)

    async def _confirm(self, scene: Scene, pairing: Pairing) -> Notice | None:
        """Join two rooms if the first administrator still is one."""
        try:
            is_admin = await self._is_admin(pairing.room, pairing.admin.id)
        except DeliveryError:
            return await self._answers.tell_text(scene, "try-again")
        if is_admin:
            return await self._linking.confirm(scene, pairing)
        known = await self._answers.know([pairing.room])
        reason = self._answers.text(
            scene.language, "confirm-no-rights", room=known.title(pairing.room)
        )
        return await self._linking.decline(scene, pairing, reason)

    async def _scene(self, call: CommandCall, mark: Mark) -> Scene:
        language = (await self._store.languages([call.room])).get(call.room)
        if language is None and (call.private or call.room.platform is Platform.DISCORD):
            # Only the caller reads the answer: in their own language.
            language = self._known_language(call.locale or "")
        return Scene(
            call.room,
            call.caller,
            language or self._default_language,
            Stamp(self._now(), mark.update_id),
            call.message_id,
        )

    def _known_language(self, name: str) -> str | None:
        """The language that somebody names: ``pt_BR``, ``pt-br`` or ``pt`` is ``pt_BR``."""
        wanted = name.strip().casefold().replace("-", "_")
        known = {language.casefold(): language for language in self._languages}
        shorter = {key.partition("_")[0]: language for key, language in known.items()}
        return known.get(wanted) or shorter.get(wanted.partition("_")[0])

    async def _bridge(self, scene: Scene, call: CommandCall) -> Notice | None:
        if call.argument:
            return await self._linking.ask(scene, call.argument)
        if call.anonymous or call.caller.id in (0, call.room.chat):  # no person, but a chat, speaks
            return await self._answers.tell_text(scene, "anonymous-admin")
        return await self._linking.offer(scene)

    async def _help(self, scene: Scene) -> Notice | None:
        say = self._answers.text
        commands = [
            say(
                scene.language,
                "help-command",
                command=spec.name,
                description=say(scene.language, spec.description).text,
            ).text
            for spec in commands_on(scene.room.platform)
        ]
        intro, how, admins = (
            say(scene.language, part).text for part in ("help-intro", "help-how", "help-admins")
        )
        text = "\n\n".join([intro, how, "\n".join(commands), admins])
        return await self._answers.tell(scene, Notice(RichText(text)))

    async def _language(self, scene: Scene, call: CommandCall) -> Notice | None:
        if not call.argument:
            return await self._answers.tell(scene, Notice(self._language_text(scene.language)))
        if not (call.caller_is_admin or call.private):
            return await self._answers.tell_text(scene, "not-admin")
        language = self._known_language(call.argument)
        if language is None:
            unknown = self._answers.text(scene.language, "language-unknown")
            text = unknown + "\n" + self._language_text(scene.language)
            return await self._answers.tell(scene, Notice(text))
        name = self._answers.text(language, "language-name").text
        notice = Notice(self._answers.text(language, "language-set", name=name))
        says = self._answers.says(scene, notice)
        if not await self._store.set_language(scene.room, language, says, scene.stamp):
            return None
        return self._answers.sent(scene, notice, says)

    def _language_text(self, language: str) -> RichText:
        say = self._answers.text
        choices = ", ".join(
            f"/language {choice} ({say(choice, 'language-name').text})"
            for choice in self._languages
        )
        name = say(language, "language-name").text
        return (
            say(language, "language-is", name=name)
            + "\n"
            + say(language, "language-choices", choices=choices)
        )

    async def _status(self, scene: Scene) -> Notice | None:
        bridges = self._bridges_of(scene.room)
        parts = [
            (bridge, part)
            for bridge in bridges
            for part in bridge.rooms
            if part.room not in (scene.room, scene.room.whole)
        ]
        places = [scene.room, *(part.room for _, part in parts)]
        known = await self._answers.know(places)
        waiting = await self._store.waiting(places)
        say, language = self._answers.text, scene.language
        lines = [say(language, "status-room", room=known.title(scene.room)).text]
        if here := waiting.get(scene.room, 0):
            lines.append(say(language, "status-waiting-here", count=here).text)
        lines.append(say(language, "status-joined" if parts else "not-joined").text)
        lines += [
            self._status_line(language, bridge, part, known, waiting.get(part.room, 0))
            for bridge, part in parts[:MOST_NAMES]
        ]
        if len(parts) > MOST_NAMES:
            lines.append("• …")
        lines += [
            say(
                language,
                "status-connected" if connected else "status-disconnected",
                service=platform.value.capitalize(),
            ).text
            for platform, connected in self._health().items()
        ]
        return await self._answers.tell(scene, Notice(RichText("\n".join(lines))))

    def _status_line(
        self, language: str, bridge: Bridge, part: BridgeRoom, known: Known, waiting: int
    ) -> str:
        """One room of a bridge: its title, its directions and what waits for it."""
        say = self._answers.text
        if part.reads and part.writes:
            message_id = "status-both"
        else:
            message_id = "status-read-only" if part.reads else "status-write-only"
        words = [say(language, message_id, room=known.title(part.room)).text]
        if bridge.configured:
            words.append(say(language, "status-configured").text)
        if waiting:
            words.append(say(language, "status-waiting", count=waiting).text)
        return " ".join(words)


def _parse_action(action: str) -> tuple[str, int | None]:
    """What a button says: ``pair:yes:7``; the number is None if it says anything else."""
    kind, _, rest = action.partition(":")
    answer, _, number = rest.partition(":")
    known = kind == "pair" and answer in ("yes", "no")
    small = number.isascii() and number.isdigit() and len(number) <= 18  # within SQLite's integers
    return answer, int(number) if known and small else None
