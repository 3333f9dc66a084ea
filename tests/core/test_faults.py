"""What may be said of an error that nobody foresaw."""

import pytest

from matebot.core.faults import whereabouts


def test_whereabouts_hold_no_text() -> None:
    """What is logged of an unforeseen error is its kind and its lines alone."""
    with pytest.raises(ValueError, match="private") as caught:
        int("private words")
    shown = whereabouts(caught.value)
    assert shown.startswith("ValueError < test_faults.py:")
    assert "private" not in shown
