"""The fault run, with a few seeds: see `tests.faultrun`, which is run for longer by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faultrun.run import Plan, run
from tests.scenarios.rows import TOLD


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("seed", "factor"), [(1, 20.0), (2, 200.0)])
async def test_nothing_is_lost_doubled_or_wrong_whatever_happens(
    tmp_path: Path, record_property: Callable[[str, object], None], seed: int, factor: float
) -> None:
    """People talk, edit and delete, services break, the daemon is killed: all stands as said."""
    told: list[str] = []
    plan = Plan(seed, kills=7, acts=50, factor=factor, longest_life_s=6.0)
    outcome = await run(plan, tmp_path, told.append)
    record_property(TOLD, f"seed {seed}, rates x{factor:.0f}: {told[-1]}")
    assert not outcome.faults, "\n".join([*told, *outcome.faults])
