"""``/settings``: what a bridge's people chose, shown and changed from any of its rooms.

One table (`matebot.core.choices.TABLE`) stands behind both services: Telegram shows a button for
each row, a press takes the next value; Discord shows a menu of the rows, then one of its values.
The direction of the room where it is asked for is a row of its own, where the bridge was made by
chat; where the operator configured it, it is only told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import msgspec

from matebot.bridge.answers import Answers, Known, Scene, shown
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.choices import TABLE, Choices, value_of
from matebot.core.ids import Platform, Room
from matebot.core.linking import Changed, LinkingStore, Say
from matebot.core.notice import Button, Menu, Notice, Option
from matebot.core.ports import Rooms
from matebot.core.richtext import RichText

MOST_BRIDGES: Final = 25  # the most lines that a menu of Discord's takes
CYCLED: Final = 3  # a button with more values than these opens them
DIRECTION: Final = "direction"
_DIRECTIONS: Final = {"both": (True, True), "out": (True, False), "in": (False, True)}
WORDED: Final = frozenset({"on", "off", "delete", "mark", "keep", *_DIRECTIONS})
"""Values that have a message ``value-…``; others are shown as they are."""


class Row(NamedTuple):
    """One thing to choose: its name, what it may be, and what it is."""

    name: str
    values: tuple[str, ...]
    value: str


class Action(NamedTuple):
    """What a button or an option says: ``see:7``, ``see:7:deletes`` or ``set:7:deletes:mark``."""

    changes: bool
    bridge: str
    name: str = ""
    value: str = ""


def parse_action(action: str) -> Action | None:
    """What a button of the settings says; None if it says anything else."""
    match action.split(":"):
        case ["see", bridge]:
            return Action(changes=False, bridge=bridge)
        case ["see", bridge, name]:
            return Action(changes=False, bridge=bridge, name=name)
        case ["set", bridge, name, value]:
            return Action(changes=True, bridge=bridge, name=name, value=value)
    return None


def part_of(bridge: Bridge, room: Room) -> BridgeRoom | None:
    """The part that a room, or the chat around it, plays in a bridge."""
    parts = [part for part in bridge.rooms if part.room in (room, room.whole)]
    return next((part for part in parts if part.room == room), parts[0] if parts else None)


def rows_of(bridge: Bridge, room: Room) -> list[Row]:
    """All that can be chosen in a room."""
    rows = [Row(name, values, value_of(bridge.choices, name)) for name, values in TABLE]
    part = part_of(bridge, room)
    if part is not None and not bridge.configured:
        rows.append(Row(DIRECTION, tuple(_DIRECTIONS), direction_of(part)))
    return rows


def direction_of(part: BridgeRoom) -> str:
    """Where a room's messages go, as the settings name it."""
    if part.reads and part.writes:
        return "both"
    return "out" if part.reads else "in"


class BridgeSettings:
    """Shows and changes what bridges' people chose.

    Args:
        store: Linking's transactions.
        answers: Its words.
        rooms: What each platform knows of its rooms.
        bridges_of: The bridges in force that a room belongs to.
        changed: Called after bridges changed.
    """

    def __init__(
        self,
        store: LinkingStore,
        answers: Answers,
        rooms: Mapping[Platform, Rooms],
        bridges_of: Callable[[Room], Sequence[Bridge]],
        changed: Changed,
    ) -> None:
        self._store = store
        self._answers = answers
        self._rooms = rooms
        self._bridges_of = bridges_of
        self._changed = changed

    async def open(self, scene: Scene) -> Notice | None:
        """``/settings``: the table, or first the question which conversation is meant."""
        bridges = self._bridges_of(scene.room)
        if not bridges:
            return await self._answers.tell_text(scene, "not-joined")
        known = await self._know(bridges)
        if len(bridges) == 1:
            notice = self._page(scene, bridges[0], known)
        else:
            notice = self._question(scene, bridges, known)
        return await self._answers.tell(scene, notice)

    async def press(self, scene: Scene, action: Action, message_id: int | None) -> Notice | None:
        """Show what an administrator wants to see, or change what they want to be changed.

        Raises:
            DeliveryError: The service did not tell in whose name they act.
        """
        bridges = self._bridges_of(scene.room)
        bridge = next((each for each in bridges if each.id == action.bridge), None)
        rows = [] if bridge is None else rows_of(bridge, scene.room)
        row = next((row for row in rows if row.name == action.name), None)
        if bridge is None or (action.name and row is None):
            return Notice(self._answers.text(scene.language, "settings-gone"))
        if action.changes:
            if row is None or action.value not in row.values:
                return Notice(self._answers.text(scene.language, "settings-gone"))
            return await self._change(scene, bridge, action, message_id)
        known = await self._know([bridge])
        page = self._page(scene, bridge, known, action.name)
        return await self._answers.tell(scene, msgspec.structs.replace(page, edits=message_id))

    async def _change(
        self, scene: Scene, bridge: Bridge, action: Action, message_id: int | None
    ) -> Notice | None:
        """Change one thing; every room of the bridge is told who did."""
        known = await self._know([bridge])
        who = await self._who(scene, known)
        said: tuple[Notice | None, Sequence[Say]] = (None, ())

        def says(after: Bridge, changed: bool) -> Sequence[Say]:
            nonlocal said
            # A press in Telegram has taken its value; a menu of Discord's goes on showing it.
            selected = action.name if scene.room.platform is Platform.DISCORD else ""
            page = self._page(scene, after, known, selected)
            page = msgspec.structs.replace(page, edits=message_id)
            told = self._told(scene, after, action, who, known) if changed else []
            said = (page, self._answers.says(scene, page, told))
            return said[1]

        if action.name == DIRECTION:
            changed = await self._direct(scene, bridge, action.value, says)
        else:

            def reply(choices: Choices, is_changed: bool) -> Sequence[Say]:
                return says(replace(bridge, choices=choices), is_changed)

            changed = await self._store.choose(
                bridge.id, action.name, action.value, reply, scene.stamp
            )
        if changed is None:
            return None
        if changed:
            await self._changed()
        return self._answers.sent(scene, *said)

    async def _direct(
        self,
        scene: Scene,
        bridge: Bridge,
        value: str,
        says: Callable[[Bridge, bool], Sequence[Say]],
    ) -> bool | None:
        """Give the room where the button was pressed its directions."""
        here = part_of(bridge, scene.room)
        if here is None:
            raise ValueError("a direction is offered to a bridge's own rooms alone")
        reads, writes = _DIRECTIONS[value]
        part = BridgeRoom(here.room, reads=reads, writes=writes)
        parts = tuple(part if each.room == here.room else each for each in bridge.rooms)
        after = replace(bridge, rooms=parts)
        was_read = any(
            each.reads and each.room == here.room
            for other in self._bridges_of(here.room)
            for each in other.rooms
        )
        return await self._store.direct(
            bridge.id,
            part,
            begin=reads and not was_read,
            reply=lambda changed: says(after, changed),
            stamp=scene.stamp,
        )

    async def _know(self, bridges: Sequence[Bridge]) -> Known:
        return await self._answers.know(part.room for bridge in bridges for part in bridge.rooms)

    async def _who(self, scene: Scene, known: Known) -> str:
        """Who changes something: an anonymous administrator is named as their room."""
        rooms = self._rooms[scene.room.platform]
        if await rooms.is_anonymous(scene.room, scene.caller.id):
            return known.title(scene.room.whole)
        return shown(scene.caller.name)

    def _told(
        self, scene: Scene, bridge: Bridge, action: Action, who: str, known: Known
    ) -> list[Say]:
        """What every room of the bridge hears of a change."""
        told = []
        here = part_of(bridge, scene.room)
        for part in bridge.rooms:
            language = known.language(part.room)
            value = self._value(language, action.value)
            if action.name == DIRECTION and here is not None:
                room = known.title(here.room)
                text = self._answers.text(
                    language, "settings-direction-changed", name=who, room=room, value=value
                )
            else:
                choice = self._answers.text(language, f"choice-{action.name}").text
                text = self._answers.text(
                    language, "settings-changed", name=who, choice=choice, value=value
                )
            told.append(Say(part.room, Notice(text)))
        return told

    # What stands there

    def _value(self, language: str, value: str) -> str:
        if value not in WORDED:
            return value
        return self._answers.text(language, f"value-{value}").text

    def _label(self, language: str, row: Row) -> str:
        return self._answers.text(language, f"choice-{row.name}").text

    def _question(self, scene: Scene, bridges: Sequence[Bridge], known: Known) -> Notice:
        """Ask which of a room's conversations is meant."""
        labels = [
            (shown(_others(bridge, scene.room, known)), f"see:{bridge.id}")
            for bridge in bridges[:MOST_BRIDGES]
        ]
        text = self._answers.text(scene.language, "settings-which")
        if scene.room.platform is Platform.DISCORD:
            options = tuple(Option(label, action) for label, action in labels)
            return Notice(text, menus=(Menu("bridge", text.text, options),))
        buttons = tuple(Button(label, action) for label, action in labels)
        return Notice(text, buttons=buttons, stacked=True)

    def _page(self, scene: Scene, bridge: Bridge, known: Known, selected: str = "") -> Notice:
        """The table of a bridge, with one row opened if one is."""
        say, language = self._answers.text, scene.language
        rows = rows_of(bridge, scene.room)
        opened = next((row for row in rows if row.name == selected), None)
        lines = [say(language, "settings-title", rooms=_others(bridge, scene.room, known)).text]
        here = part_of(bridge, scene.room)
        if bridge.configured and here is not None:
            value = self._value(language, direction_of(here))
            lines.append(say(language, "settings-direction-configured", value=value).text)
        if scene.room.platform is Platform.DISCORD:
            lines += [
                f"• {self._label(language, row)}: {self._value(language, row.value)}"
                for row in rows
            ]
            return Notice(
                RichText("\n".join(lines)), menus=self._menus(bridge, rows, opened, language)
            )
        lines.append(say(language, "settings-hint").text)
        buttons = (
            tuple(self._button(bridge, row, language) for row in rows)
            if opened is None
            else self._opened(bridge, opened, language)
        )
        return Notice(RichText("\n".join(lines)), buttons=buttons, stacked=True)

    def _button(self, bridge: Bridge, row: Row, language: str) -> Button:
        """A row of the table; it names the value that it sets, so that a second press is none."""
        label = f"{self._label(language, row)}: {self._value(language, row.value)}"
        if len(row.values) > CYCLED:
            return Button(label, f"see:{bridge.id}:{row.name}")
        at = row.values.index(row.value) if row.value in row.values else -1
        following = row.values[(at + 1) % len(row.values)]
        return Button(label, f"set:{bridge.id}:{row.name}:{following}")

    def _opened(self, bridge: Bridge, row: Row, language: str) -> tuple[Button, ...]:
        """The values of a row, and the way back."""
        values = [
            Button(
                f"{'✓ ' if value == row.value else ''}{self._value(language, value)}",
                f"set:{bridge.id}:{row.name}:{value}",
            )
            for value in row.values
        ]
        back = self._answers.text(language, "settings-back").text
        return (*values, Button(back, f"see:{bridge.id}"))

    def _menus(
        self, bridge: Bridge, rows: Sequence[Row], opened: Row | None, language: str
    ) -> tuple[Menu, ...]:
        """The menu of the rows, and below it that of the opened one's values."""
        choices = tuple(
            Option(
                self._label(language, row),
                f"see:{bridge.id}:{row.name}",
                self._value(language, row.value),
                chosen=row == opened,
            )
            for row in rows
        )
        prompt = self._answers.text(language, "settings-prompt").text
        menu = Menu("choice", prompt, choices)
        if opened is None:
            return (menu,)
        values = tuple(
            Option(
                self._value(language, value),
                f"set:{bridge.id}:{opened.name}:{value}",
                chosen=value == opened.value,
            )
            for value in opened.values
        )
        return (menu, Menu("value", self._label(language, opened), values))


def _others(bridge: Bridge, room: Room, known: Known) -> str:
    """The other rooms of a bridge in one line."""
    here = part_of(bridge, room)
    return known.listed(part.room for part in bridge.rooms if part != here)
