"""Two bridges over the same rooms: echoes are dropped, loops end, and ordinary bots go on."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.bridge.loops import KEPT, MUTE_S, WINDOW_S, Loops
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Attachment, AttachmentKind, Author, Message
from matebot.core.richtext import plain

GROUP, CHANNEL = Room.telegram(-1001), Room.discord(500)
ANA = Author(7, "Ana")
OTHER = Author(99, "Other bridge", is_bot=True)
CI = Author(98, "CI", is_bot=True)
NOW = 1_800_000_000.0


class Bridge:
    """A bridge whose bots are watched; keeps who was stopped."""

    def __init__(self) -> None:
        self.stopped: list[Message] = []
        self.loops = Loops(self.stopped.append)
        self.ids = count(1)
        self.now = NOW

    def says(self, author: Author, room: Room, text: str, *, bridge: str = "1") -> bool:
        """Say something a second later; whether it goes on."""
        self.now += 1
        return self.again(self.message(author, room, text), bridge=bridge)

    def message(self, author: Author, room: Room, text: str) -> Message:
        ref = MessageRef(room, next(self.ids))
        return Message(ref, author, plain(text), sent_at=self.now)

    def again(self, message: Message, *, bridge: str = "1") -> bool:
        return self.loops.passes(bridge, message, self.now)


@pytest.fixture
def bridge() -> Bridge:
    return Bridge()


def test_an_echo_is_dropped_and_a_second_one_mutes(bridge: Bridge) -> None:
    """What another bridge says again never goes on; then nothing of it does, for ten minutes."""
    assert bridge.says(ANA, GROUP, "hello")
    assert not bridge.says(OTHER, CHANNEL, "Hello ")
    assert bridge.stopped == []
    assert bridge.says(OTHER, CHANNEL, "something of its own")
    assert bridge.says(ANA, GROUP, "and more")
    assert bridge.says(OTHER, GROUP, "and more")  # in the same room it is a person's proxy
    assert not bridge.says(OTHER, CHANNEL, "and more")
    assert [each.author for each in bridge.stopped] == [OTHER]
    assert not bridge.says(OTHER, CHANNEL, "anything")
    assert bridge.says(CI, CHANNEL, "anything else")  # nobody else is muted
    assert bridge.says(OTHER, CHANNEL, "in another bridge", bridge="2")
    bridge.now += MUTE_S
    assert bridge.says(OTHER, CHANNEL, "again")
    assert len(bridge.stopped) == 1


@pytest.mark.parametrize(
    "form", ["Ana: {}", "<Ana> {}", "[Ana] {}", "Ana\n{}", "↪ Rui: before\nAna\n{}"]
)
def test_a_name_before_the_words_hides_no_echo(bridge: Bridge, form: str) -> None:
    """Behind a name it passes once, since it might be more than an echo; the next one mutes."""
    assert bridge.says(ANA, GROUP, "what a nice day this is")
    assert bridge.says(OTHER, CHANNEL, form.format("what a nice day this is"))
    assert bridge.says(ANA, GROUP, "and so it shall stay")
    assert not bridge.says(OTHER, CHANNEL, form.format("and so it shall stay"))
    assert len(bridge.stopped) == 1


def test_a_loop_in_which_names_pile_up_ends(bridge: Bridge) -> None:
    """A bot that puts a name before whatever it sees, and sees what MateBot carried, is stopped."""
    text, passed = "hi", 0
    for _ in range(50):
        text = f"MateBot: {text}"
        passed += bridge.says(OTHER, CHANNEL, text)
    assert passed <= 5
    assert bridge.stopped


def test_one_way_repetition_ends(bridge: Bridge) -> None:
    """The same words from the same bot in the same room pass twice within a minute, not more."""
    assert [bridge.says(OTHER, CHANNEL, "ping") for _ in range(4)] == [True, True, False, False]
    assert len(bridge.stopped) == 1


def test_ordinary_bots_go_on(bridge: Bridge) -> None:
    """Repeating oneself slowly, short answers and equal captions of nothing are no loop."""
    for _ in range(5):
        assert bridge.says(CI, CHANNEL, "Build passed")
        bridge.now += WINDOW_S
    for number in range(20):
        assert bridge.says(CI, CHANNEL, f"Build {number}\nPowered by CI")
    assert bridge.says(ANA, GROUP, "yes")
    assert bridge.says(CI, CHANNEL, "Answer: yes")
    for size in range(10):
        photo = Attachment(AttachmentKind.PHOTO, size_bytes=size)
        ref = MessageRef(CHANNEL, next(bridge.ids))
        assert bridge.again(Message(ref, CI, plain(""), (photo,), sent_at=bridge.now))
    assert bridge.stopped == []


def test_people_are_never_stopped(bridge: Bridge) -> None:
    """Whatever people repeat goes on."""
    assert all(bridge.says(ANA, room, "+1") for room in (GROUP, CHANNEL) * 10)


def test_a_repeated_update_is_judged_once(bridge: Bridge) -> None:
    """The same message again is no repetition of itself, and its judgement stays."""
    said = bridge.message(CI, CHANNEL, "once")
    assert all(bridge.again(said) for _ in range(10))
    bridge.says(ANA, GROUP, "echo")
    echo = bridge.message(OTHER, CHANNEL, "echo")
    assert not any(bridge.again(echo) for _ in range(10))
    assert bridge.stopped == []


def test_what_is_read_late_is_judged_by_its_own_time(bridge: Bridge) -> None:
    """After an outage, a day's equal messages of a bot arrive within a moment: no loop."""
    for hour in range(24):
        ref = MessageRef(CHANNEL, next(bridge.ids))
        sent_at = NOW - 86_400 + hour * 3600
        assert bridge.again(Message(ref, CI, plain("Good hour"), sent_at=sent_at))


def test_memory_is_bounded(bridge: Bridge) -> None:
    """However much is said, only the latest is remembered."""
    for number in range(KEPT + 500):
        bridge.says(CI, CHANNEL, f"message {number}")
    tables = [each for each in vars(bridge.loops).values() if hasattr(each, "__len__")]
    assert len(tables) == 5
    assert max(len(each) for each in tables) == KEPT


@given(st.lists(st.tuples(st.sampled_from([ANA, OTHER, CI]), st.text(max_size=30)), max_size=40))
def test_any_text_is_judged(said: list[tuple[Author, str]]) -> None:
    """No text breaks it, and people always pass."""
    bridge = Bridge()
    for author, text in said:
        assert bridge.says(author, CHANNEL, text) or author.is_bot
