"""What a poll's twin is made of."""

import pytest

from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Message, Poll
from matebot.core.polls import figures, fits, lasts_s
from matebot.core.richtext import RichText
from matebot.words import Catalogue

ROOM = Room.telegram(-1001)


@pytest.mark.parametrize(
    ("question", "options", "does"),
    [
        ("Mate?", ("Yes", "No"), True),
        ("x" * 300, ("x" * 55,), True),
        ("x" * 301, ("x",), False),
        ("😀" * 151, ("x",), False),
        ("x", ("😀" * 28,), False),
        ("x", ("x",) * 11, False),
        ("x", (), False),
        ("x", (" ",), False),
        ("\n", ("x",), False),
    ],
)
def test_what_fits(question: str, options: tuple[str, ...], *, does: bool) -> None:
    """Limits are counted strictly, and nothing blank is asked."""
    assert fits(Poll(question, options), options=10, option=55) is does


@pytest.mark.parametrize(
    ("closes_at", "seconds"), [(None, None), (1000.0, 5), (1059.5, 60), (9e9, 3600)]
)
def test_how_long(closes_at: float | None, seconds: int | None) -> None:
    """A duration is clamped to what the other side takes; no end stays no end."""
    poll = Poll("x", ("y",), closes_at=closes_at)
    message = Message(MessageRef(ROOM, 1), Author(1, "Ana"), RichText(), sent_at=1000.0, poll=poll)
    assert lasts_s(message, 5, 3600) == seconds


def test_figures() -> None:
    """Each answer has its votes; where none are told, none were given."""
    words = Catalogue.load()
    told = figures(Poll("Mate\n?", ("Yes", "No"), (3, 0), closed=True), "en", words)
    assert told.text.splitlines() == ["📊 The poll has ended: Mate ?", "• Yes: 3", "• No: 0"]
    silent = figures(Poll("?", ("Yes",), closed=True), "pt_BR", words)
    assert silent.text.splitlines() == ["📊 A enquete terminou: ?", "• Yes: 0"]
