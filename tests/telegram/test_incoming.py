import json
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from matebot.core.errors import (
    DeliveryError,
    NoAccess,
    StoreUnavailable,
    TemporaryError,
)
from matebot.core.events import Event, Posted, Reacted
from matebot.core.ids import Room
from matebot.core.message import Author, Emoji
from matebot.core.notice import Notice
from matebot.core.ports import CommandCall, Mark
from matebot.core.richtext import plain
from matebot.telegram.incoming import TelegramIntake
from matebot.telegram.webhook import RawUpdate
from tests.telegram.standin import Scene, scene
from tests.telegram.updates import ANN, BOT, GROUP, ME, command_entity, message


@dataclass
class World:
    """Takes all that the intake hands on: its own store, commands and rooms."""

    taken: list[tuple[Sequence[Event], Mark]] = field(default_factory=list)
    calls: list[tuple[CommandCall, Mark]] = field(default_factory=list)
    presses: list[tuple[str, Room, Author, Mark]] = field(default_factory=list)
    raw: list[tuple[int | None, bytes]] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    answer: bool | DeliveryError = True
    full: bool = False
    welcomes: int = 0

    def take(self, events: Sequence[Event], mark: Mark) -> Awaitable[None]:
        """The events' intake."""
        return self._store(events, mark)

    async def _store(self, events: Sequence[Event], mark: Mark) -> None:
        if self.full:
            raise StoreUnavailable("disk full")
        self.taken.append((events, mark))

    async def call(self, call: CommandCall, mark: Mark) -> Notice | None:
        """The commands' intake."""
        self.calls.append((call, mark))
        return None

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
        """The buttons' intake."""
        assert message_id
        assert locale is None  # everybody in the room reads the answer
        self.presses.append((action, room, caller, mark))
        return Notice(plain("not yours")) if action == "refused" else None

    async def welcome(self) -> None:
        """Told that the bot may do more in some chat."""
        self.welcomes += 1

    async def is_anonymous(self, room: Room, user_id: int) -> bool:  # noqa: ARG002 (the port's form)
        """The rooms' answer."""
        return False

    async def is_admin(self, room: Room, user_id: int) -> bool:  # noqa: ARG002 (the port's form)
        """The rooms' answer."""
        self.asked.append(user_id)
        if isinstance(self.answer, DeliveryError):
            raise self.answer
        return self.answer

    async def title(self, room: Room) -> str:
        """The rooms' other answer."""
        return str(room)

    async def keep(self, update_id: int | None, body: bytes) -> None:
        """Where tomorrow's updates go."""
        self.raw.append((update_id, body))


def intake_of(world: World, here: Scene) -> TelegramIntake:
    """The intake in front of that world."""
    return TelegramIntake(
        here.bot,
        ME,
        intake=world,
        commands=world,
        rooms=world,
        keep_raw=world.keep,
        count=world.counted.append,
        welcomed=world.welcome,
    )


async def take(world: World, fields: dict[str, Any]) -> None:
    """Hand an update in, as the gate does."""
    async with scene() as here:
        await intake_of(world, here)(raw(json.dumps({"update_id": 5, **fields}).encode()))


def raw(body: bytes) -> RawUpdate:
    """An update as the gate hands it on."""
    fields = json.loads(body)
    return RawUpdate(fields["update_id"], fields, body)


COMMAND = {"message": message(text="/bridge", entities=command_entity(7))}


async def test_an_event_is_taken_with_its_mark() -> None:
    """A message is handed on with its update's id, and waited for."""
    world = World()
    await take(world, {"message": message(text="x")})
    ((events, mark),) = world.taken
    assert isinstance(events[0], Posted)
    assert mark == Mark(update_id=5)


async def test_what_is_not_stored_is_not_acknowledged() -> None:
    """A full store is told to the gate, so that Telegram sends the update again."""
    with pytest.raises(StoreUnavailable):
        await take(World(full=True), {"message": message(text="x")})


async def test_what_is_left_out_is_counted_and_not_stored() -> None:
    """A service message changes nothing but a count."""
    world = World()
    await take(world, {"message": message(new_chat_members=[BOT])})
    assert (world.taken, world.counted) == ([], ["service:new_chat_members"])


@pytest.mark.parametrize(
    "body",
    [
        b'{"update_id": 6, "message": {"message_id": "what"}}',
        b'{"update_id": 6, "message": 3}',
        b'{"update_id": 6, "callback_query": {"id": {}}}',
    ],
)
async def test_what_is_not_understood_is_kept_raw(body: bytes) -> None:
    """Tomorrow's update is kept as it came and counted; its chat goes on."""
    world = World()
    async with scene() as here:
        await intake_of(world, here)(raw(body))
    assert (world.raw, world.counted, world.taken) == ([(6, body)], ["raw"], [])


@pytest.mark.parametrize("answer", [True, False])
async def test_a_command_comes_with_its_callers_rights(answer: bool) -> None:
    """Who calls is looked up before the command is answered."""
    world = World(answer=answer)
    await take(world, COMMAND)
    ((call, mark),) = world.calls
    assert (call.name, call.caller_is_admin, mark) == ("bridge", answer, Mark(update_id=5))
    assert world.asked == [ANN["id"]]


async def test_no_rights_are_asked_for_where_they_are_plain() -> None:
    """Neither in private nor for an anonymous administrator is there anybody to ask about."""
    world = World()
    private = {"id": 5, "type": "private", "first_name": "Ann"}
    await take(world, {"message": {**COMMAND["message"], "chat": private}})
    await take(world, {"message": {**COMMAND["message"], "sender_chat": GROUP}})
    assert world.asked == []
    assert [(c.private, c.anonymous, c.caller_is_admin) for c, _ in world.calls] == [
        (True, False, False),
        (False, True, True),
    ]


async def test_unknown_rights_make_telegram_repeat() -> None:
    """While Telegram does not tell who decides, the command waits at Telegram."""
    world = World(answer=TemporaryError("slow down", 12.0))
    with pytest.raises(StoreUnavailable) as caught:
        await take(world, COMMAND)
    assert caught.value.retry_after_s == 12.0
    assert world.calls == []


async def test_rights_that_will_never_be_told_are_none() -> None:
    """Where the bot was thrown out meanwhile, nobody counts as an administrator."""
    world = World(answer=NoAccess("kicked"))
    await take(world, COMMAND)
    assert [call.caller_is_admin for call, _ in world.calls] == [False]


async def test_a_press_is_handed_on_and_answered() -> None:
    """A button's press reaches the commands, and the button stops waiting."""
    world = World()
    async with scene() as here:
        yes = InlineKeyboardButton(text="Yes", callback_data="y")
        question = await here.bot.send_message(
            here.room.chat,
            "Sure?",
            reply_markup=InlineKeyboardMarkup(inline_keyboard=[[yes]]),
        )
        query = here.service.press(here.ann["id"], here.room.chat, question.message_id, "y")
        body = json.dumps({"update_id": 9, "callback_query": query}).encode()
        await intake_of(world, here)(raw(body))
        assert len(here.service.calls_of("answerCallbackQuery")) == 1
        # What the bridge returns is shown to who pressed, and to nobody else.
        refused = {"update_id": 10, "callback_query": query | {"data": "refused"}}
        await intake_of(world, here)(raw(json.dumps(refused).encode()))
        alert = here.service.calls_of("answerCallbackQuery")[-1].params
        assert (alert["text"], alert["show_alert"]) == ("not yours", True)
        # The answer is best effort: the press counts without it.
        await here.service.stop_listening()
        await intake_of(world, here)(raw(body))
    assert [(action, caller.name) for action, _, caller, _ in world.presses] == [
        ("y", "Ann"),
        ("refused", "Ann"),
        ("y", "Ann"),
    ]


@pytest.mark.parametrize(("status", "welcomes"), [("member", 1), ("kicked", 0)])
async def test_being_let_in_is_told(status: str, welcomes: int) -> None:
    """Where the bot was added or given rights, what waits is tried again."""
    world = World()
    bot = {"id": 1, "is_bot": True, "first_name": "M", "username": "m_bot"}
    after: dict[str, Any] = {"user": bot, "status": status}
    if status == "kicked":
        after |= {"until_date": 0}
    change = {
        "chat": {"id": -1001, "type": "supergroup", "title": "G"},
        "from": {"id": 7, "is_bot": False, "first_name": "A"},
        "date": 1,
        "old_chat_member": {"user": bot, "status": "left"},
        "new_chat_member": after,
    }
    await take(world, {"my_chat_member": change})
    assert world.welcomes == welcomes


CUSTOM = {"type": "custom_emoji", "custom_emoji_id": "77"}


async def test_a_custom_emoji_is_told_as_what_it_stands_for() -> None:
    """A reaction with one becomes the ordinary emoji; Telegram is asked once, in vain or not."""
    world = World()
    reaction = {
        "chat": GROUP,
        "message_id": 7,
        "date": 1,
        "user": ANN,
        "old_reaction": [],
        "new_reaction": [CUSTOM, {"type": "emoji", "emoji": "👍"}],
    }
    body = json.dumps({"update_id": 5, "message_reaction": reaction}).encode()
    async with scene() as here:
        intake = intake_of(world, here)
        await intake(raw(body))
        here.service.custom_emoji["77"] = "🐱"
        await intake(raw(body))
        await intake(raw(body))
        assert len(here.service.calls_of("getCustomEmojiStickers")) == 2
        await here.service.stop_listening()
        await intake_of(world, here)(raw(body))
    told = [
        event.emoji for events, _ in world.taken for event in events if isinstance(event, Reacted)
    ]
    unnamed, named = (Emoji("", "77"), Emoji("👍")), (Emoji("🐱"), Emoji("👍"))
    assert told == [unnamed, named, named, unnamed]
