"""``python -m tests.faultrun --seed 1 --kills 40``: exit status 1 if anything went wrong."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.faultrun.run import Outcome, Plan, run

KINDS = ("lost", "doubled", "out_of_order", "wrong_text", "not_deleted")
MOST_SHOWN = 30


def main() -> int:
    """Make runs with one seed or several, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.faultrun", description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--kills", type=int, default=20, help="for each seed")
    parser.add_argument("--acts", type=int, default=Plan.acts, help="about so many in one life")
    parser.add_argument("--factor", type=float, default=Plan.factor, help="of the rate limits")
    parser.add_argument("--folder", type=Path, help="to keep the daemon's log and data in")
    asked = parser.parse_args()
    outcomes = []
    for seed in asked.seed:
        folder = Path(tempfile.mkdtemp(prefix=f"faultrun-{seed}-", dir=asked.folder))
        say(f"seed {seed}, in {folder}")
        plan = Plan(seed, asked.kills, asked.acts, asked.factor)
        outcomes.append(asyncio.run(run(plan, folder, say)))
        for fault in outcomes[-1].faults[:MOST_SHOWN]:
            say(f"  {fault}")
    say(table(outcomes))
    return 1 if any(outcome.faults for outcome in outcomes) else 0


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def table(outcomes: list[Outcome]) -> str:
    """The figures of all runs."""
    troubles = sum(sum(each.troubles.values()) for each in outcomes)
    rows = [
        ("rate limits, times the real ones", f"{outcomes[0].plan.factor:g}"),
        ("kills", sum(each.kills for each in outcomes)),
        ("troubles besides", troubles),
        ("messages", sum(each.said for each in outcomes)),
        ("edits", sum(each.edits for each in outcomes)),
        ("deletes", sum(each.deletes for each in outcomes)),
        *((kind.replace("_", " "), sum(each.count(kind) for each in outcomes)) for kind in KINDS),
        ("errors in the log or the database", sum(len(each.bad_lines) for each in outcomes)),
        ("not shown, for Discord told nobody", sum(each.count("untold") for each in outcomes)),
    ]
    return "\n".join(f"{name:<36}{value:>9}" for name, value in rows)


if __name__ == "__main__":
    sys.exit(main())
