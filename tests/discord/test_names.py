"""Any name fits Discord's rules for a webhook's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.graphemes import breaks
from matebot.discord.names import FALLBACK, fit
from matebot.sandbox.discord import validate

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("name", "fitted"),
    [
        ("Ana", "Ana"),
        ("  Ana \n Lima ", "Ana Lima"),
        ("", FALLBACK),
        ("\u200b\u3164\u2800", FALLBACK),
        ("\u202eanA", "anA"),
        ("Clyde", "Сlyde"),
        ("my DISCORD bot", "my DІSCORD bot"),
        ("discorddiscord", "dіscorddіscord"),
        ("Everyone", "Еveryone"),
        ("here", "hеre"),
        ("not here", "not here"),
        ("x" * 81, "x" * 79 + "…"),
        ("\ud800", "\ufffd"),
    ],
)
def test_examples(name: str, fitted: str) -> None:
    """Odd names become what people still recognise."""
    assert fit(name) == fitted


def test_no_grapheme_is_cut() -> None:
    """A long row of joined emoji is cut between two of them."""
    name = FAMILY * 20
    fitted = fit(name)
    assert len(fitted) <= 80
    assert fitted == FAMILY * (len(fitted) // len(FAMILY)) + "…"


NAMES = st.text(max_size=200) | st.text("discorlyde DISCORLYDEvnh\u200b\u0301ſ ", max_size=120)


@given(NAMES)
def test_every_name_is_taken(name: str) -> None:
    """The stand-in, at least as strict as Discord, takes every fitted name as it is."""
    fitted = fit(name)
    assert 1 <= len(fitted) <= 80
    assert validate.name(fitted) == fitted


@given(NAMES)
def test_fitting_ends_between_graphemes(name: str) -> None:
    """What was cut off begins a new grapheme; fitting twice changes nothing."""
    fitted = fit(name)
    assert fit(fitted) == fitted
    assert breaks(fitted)[-1] == 1
