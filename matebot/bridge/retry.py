"""When a delivery failed: try again, or give up; and when what may have arrived is looked for.

Pure. The only module that knows the retry policy; core/errors.py says what each class means.
"""

from typing import NamedTuple

from matebot.core.delivery import DeliveryKind, Job
from matebot.core.errors import (
    DeliveryError,
    NoAccess,
    NotConnected,
    PermanentError,
    RoomGone,
    SourceUnavailable,
    TemporaryError,
)
from matebot.core.media import has_files

FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 60.0  # one call a minute hurts nobody; see the breaker for many rooms
PAUSED_DELAY_S = 60.0
AWAY_DELAY_S = 10.0  # that costs no call; usually the side's return wakes the lanes before
GIVE_UP_AGE_S = 86_400.0  # a day: outages last longer than any sensible number of attempts
PROMPT_S = 0.5
"""A call that is made so soon after its attempt was written down needs no newer record."""
LATE_REQUEST_S = 3.0
"""A request whose end is unknown may be on its way for so long; only then it is looked for."""
LATE_UPLOAD_S = 10.0
"""Who has taken a whole file, though nobody listens any more, first stores it, and then posts."""


class Wait(NamedTuple):
    """Try again.

    Attributes:
        delay_s: After so many seconds.
        asked: Whether the service asked for it, so that nothing may shorten it.
    """

    delay_s: float
    asked: bool = False


class GiveUp(NamedTuple):
    """Never try again.

    Attributes:
        reason: In words.
    """

    reason: str


def after_failure(error: DeliveryError, attempt: int, age_s: float, chance: float) -> Wait | GiveUp:
    """Decide what happens to a delivery that failed.

    Args:
        error: What the platform package raised.
        attempt: How many times it has failed in a row, this time included; at least 1.
        age_s: Seconds since the delivery was written.
        chance: A number from 0 to 1 that spreads the delays, so that lanes do not return in step.

    Returns:
        ``Wait`` with a delay in seconds (the service's own hint if it gave one), or ``GiveUp``.
    """
    if isinstance(error, NotConnected):  # the side is away, not the room: what is said is kept
        return Wait(AWAY_DELAY_S * (0.75 + chance / 2))
    if age_s >= GIVE_UP_AGE_S:
        return GiveUp(f"after {age_s / 3600:.0f} h: {error}")
    match error:
        case NoAccess() | RoomGone():
            # The room is paused; somebody may mend it within the day.
            return Wait(PAUSED_DELAY_S * (0.75 + chance / 2))
        case PermanentError():
            return GiveUp(str(error))
        case SourceUnavailable(retry_after_s=hint):
            # Not the room's own service asks for that: its other topics go on meanwhile.
            return Wait(max(hint or 0.0, _backoff_s(attempt, chance)))
        case TemporaryError(retry_after_s=float() | int() as hint) if hint > 0 or attempt == 1:
            return Wait(float(hint), asked=hint > 0)
        case _:
            return Wait(_backoff_s(attempt, chance))


def due(job: Job, began: float) -> float:
    """When a delivery is to be tried, or an attempt of unknown end to be looked for; unix seconds.

    Args:
        job: Which.
        began: When this process began; one before it may have sent something until then.
    """
    delivery = job.delivery
    if job.begun or delivery.attempted_at is None:
        return delivery.not_before
    late_s = LATE_UPLOAD_S if _may_bring_files(job) else LATE_REQUEST_S
    return max(delivery.not_before, max(delivery.attempted_at + PROMPT_S, began) + late_s)


def _may_bring_files(job: Job) -> bool:
    if job.message is None:  # what it brought is forgotten
        return job.delivery.kind is DeliveryKind.POST
    return has_files(job.message)


def _backoff_s(attempt: int, chance: float) -> float:
    delay_s = min(FIRST_DELAY_S * 2.0 ** min(attempt - 1, 32), LONGEST_DELAY_S)
    return delay_s * (0.75 + chance / 2)
