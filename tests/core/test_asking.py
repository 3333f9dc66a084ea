"""What stands behind `/poll` is read as what is to be asked, or refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.asking import LONGEST, Draft, Ending, Refusal, read

DAY = 86_400.0


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Mate? | Yes | No", Draft("Mate?", ("Yes", "No"), DAY)),
        ("  2h  Mate?|Yes|No ", Draft("Mate?", ("Yes", "No"), 7200.0)),
        ("30min Mate?\nYes\nNo", Draft("Mate?", ("Yes", "No"), 1800.0)),
        ("3D Mate? | Yes | | No |", Draft("Mate?", ("Yes", "No"), 3 * DAY)),
        ("2hours ago? | a | b", Draft("2hours ago?", ("a", "b"), DAY)),
    ],
)
def test_asked(said: str, asked: Draft) -> None:
    """The period stands in front; bars or lines part the rest; what is empty is nothing."""
    assert read(said) == asked


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "poll-how"),
        ("Mate?", "poll-how"),
        ("2h", "poll-how"),
        ("Mate? | Yes", "poll-answers"),
        ("Mate?" + " | x" * 11, "poll-answers"),
        ("\N{MATE DRINK}" * 151 + "| a | b", "poll-question-long"),
        ("Mate? | a | " + "\N{MATE DRINK}" * 28, "poll-answer-long"),
        ("Mate? | a | a", "poll-answers-same"),
        ("0m Mate? | a | b", "poll-lasts"),
        ("31d Mate? | a | b", "poll-lasts"),
    ],
)
def test_refused(said: str, why: str) -> None:
    """What one of the services would not take is told apart."""
    refusal = read(said)
    assert isinstance(refusal, Refusal)
    assert refusal.message_id == why


@pytest.mark.parametrize("said", ["end", " END ", "fim"])
def test_ending(said: str) -> None:
    """One word ends a poll."""
    assert read(said) == Ending()


@given(st.text(max_size=LONGEST))
def test_anything(said: str) -> None:
    """Whatever is said, what would be asked keeps within the limits."""
    wish = read(said)
    if isinstance(wish, Draft):
        assert 0 < len(wish.question) <= 300
        assert 2 <= len(wish.options) <= 10
        assert all(0 < len(option) <= 55 for option in wish.options)
