"""The retry policy, as a table."""

import pytest

from matebot.bridge.retry import GIVE_UP_AGE_S, GiveUp, Wait, after_failure
from matebot.core.errors import (
    DeliveryError,
    NoAccess,
    NotConnected,
    PermanentError,
    RoomGone,
    SourceUnavailable,
    TemporaryError,
    UnsureError,
)


@pytest.mark.parametrize(
    ("error", "attempt", "least_s", "most_s"),
    [
        (TemporaryError("429", retry_after_s=3600.0), 1, 3600, 3600),
        (TemporaryError("503"), 1, 1.5, 2.5),
        (TemporaryError("503"), 4, 12, 20),
        (TemporaryError("503"), 5000, 45, 75),
        (TemporaryError("the webhook is gone", retry_after_s=0.0), 1, 0, 0),
        (TemporaryError("the webhook is gone", retry_after_s=0.0), 2, 3, 5),
        (UnsureError("timeout"), 1, 1.5, 2.5),
        (SourceUnavailable("503"), 4, 12, 20),
        (SourceUnavailable("429", 30.0), 1, 30, 30),
        (NoAccess("kicked"), 1, 45, 75),
        (RoomGone("deleted"), 9, 45, 75),
        (NotConnected("revoked"), 9, 7.5, 12.5),
    ],
)
def test_waits(error: DeliveryError, attempt: int, least_s: float, most_s: float) -> None:
    """The service's own hint, else doubling delays with a spread, bounded."""
    for chance in (0.0, 0.5, 1.0):
        fate = after_failure(error, attempt, 10.0, chance)
        assert isinstance(fate, Wait)
        assert least_s <= fate.delay_s <= most_s


def test_what_the_service_asks_for_is_marked() -> None:
    """Nothing shortens a wait that the service asked for; one's own may be."""
    assert after_failure(TemporaryError("429", 9.0), 1, 0.0, 0.5) == Wait(9.0, asked=True)
    assert after_failure(TemporaryError("503"), 1, 0.0, 0.5) == Wait(2.0, asked=False)
    asked_elsewhere = after_failure(SourceUnavailable("429", 9.0), 1, 0.0, 0.5)
    assert asked_elsewhere == Wait(9.0, asked=False)


def test_gives_up_at_once_what_will_never_arrive() -> None:
    """A refusal keeps its reason."""
    assert after_failure(PermanentError("400: no"), 1, 0.0, 0.5) == GiveUp("400: no")


@pytest.mark.parametrize("error", [TemporaryError("503"), NoAccess("kicked"), UnsureError("?")])
def test_gives_up_by_age(error: DeliveryError) -> None:
    """After a day there is an end, whatever the error, with the last reason in words."""
    fate = after_failure(error, 300, GIVE_UP_AGE_S, 0.5)
    assert fate == GiveUp(f"after 24 h: {error}")
