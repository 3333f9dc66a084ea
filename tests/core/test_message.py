"""What is known of files."""

import math

import msgspec
import pytest

from matebot.core.message import File


@pytest.mark.parametrize("told", [10**30, -5, 2**31])
def test_sides_that_no_picture_has_are_unknown(told: int) -> None:
    """What a header claims may be anything, and must rest in the database."""
    file = File("source", "unique", width=told, height=told)
    assert (file.width, file.height) == (0, 0)
    assert msgspec.json.decode(msgspec.json.encode(file), type=File) == file


@pytest.mark.parametrize("told", [math.nan, math.inf, -1.0, 1e300])
def test_durations_that_nothing_has_are_unknown(told: float) -> None:
    """Nor does anything play for ever."""
    file = File("source", "unique", duration_s=told)
    assert file.duration_s == 0.0
    assert msgspec.json.decode(msgspec.json.encode(file), type=File) == file


def test_what_files_have_is_kept() -> None:
    """Whatever is possible."""
    file = File("source", "unique", width=1920, height=1080, duration_s=36_000.5)
    assert (file.width, file.height, file.duration_s) == (1920, 1080, 36_000.5)
