"""The fault run: people talk, things break, the daemon is killed; then all stands as it was said.

A run is a number of lives of the daemon, each ended by ``kill -9``. After some of them everything
is healed, and once nothing is on its way the stand-ins' books are compared with what was said.
"""

import asyncio
import contextlib
import random
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from matebot.sandbox.faults import Fault
from tests.faultrun.acts import Crowd
from tests.faultrun.books import Findings
from tests.faultrun.pictures import Picture, pictures_of
from tests.faultrun.texts import lines_of
from tests.faultrun.troubles import LONGEST_SLOW_S, Troubles
from tests.scenarios.harness import READY_S, Json, Scene, scene

LIFE_S = (0.3, 7.0)
"""From when the daemon listens to the next kill."""
STILLBORN = 0.15
"""So many lives are counted from the start of the process: many of them end before it listens."""
DOWN_S = (0.0, 1.5)
CHECK_EVERY = 10
STUCK_S = 90.0
"""After so long without any progress what is missing is taken for lost."""
SETTLED_S = 25.0
"""The same where nothing is known to be on its way; Discord's history may still be read."""
LOOK_S = 0.05
MOST_TROUBLES = 8
AMBUSHES = 0.4
"""So many of the kills come between a post and its answer."""
AMBUSH_S = 4.0
BAD_LINES = ("gave up a delivery", "a delivery broke")
SETTINGS = {"LOG_LEVEL": "INFO", "DELETE_CHECK_SECONDS": "3"}


@dataclass(frozen=True)
class Plan:
    """What is asked of a run.

    Attributes:
        seed: Decides what people do, what breaks, and when.
        kills: How many lives the daemon has.
        acts: About how many things people do in one life.
        factor: How many times faster than the real services' the rate limits are, for both sides.
        longest_life_s: Seconds from a start to the kill, at most.
    """

    seed: int
    kills: int
    acts: int = 60
    factor: float = 20.0
    longest_life_s: float = LIFE_S[1]


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        said: Messages on both sides, as `edits` and `deletes`.
        troubles: What broke, and how often.
        findings: By room.
        bad_lines: What else must not be: in the log, in the database.
    """

    plan: Plan
    kills: int = 0
    said: int = 0
    edits: int = 0
    deletes: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Findings] = field(default_factory=dict)
    bad_lines: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All that must not be, in words."""
        found = [
            f"{room}: {fault}" for room, each in self.findings.items() for fault in each.faults
        ]
        return found + self.bad_lines

    def count(self, kind: str) -> int:
        """How often something was found in both rooms."""
        return sum(len(getattr(each, kind)) for each in self.findings.values())


async def run(plan: Plan, folder: Path, tell: Callable[[str], object]) -> Outcome:
    """Make a run.

    Args:
        plan: What is asked of it.
        folder: Where the daemon runs; its log and its database stay there.
        tell: Takes a line for each life and each comparison.
    """
    async with (
        scene(folder, limited=True, factor=plan.factor, settings=SETTINGS) as stage,
        asyncio.TaskGroup() as tasks,
    ):
        driver = Driver(stage, plan, tasks, tell)
        watcher = tasks.create_task(driver.watch())
        try:
            return await driver.run()
        finally:
            watcher.cancel()


class Driver:
    """Makes a run on a stage.

    Args:
        stage: Where.
        plan: What is asked of it.
        tasks: Owns the troubles' ends.
        tell: Takes lines for the reader.
    """

    def __init__(
        self, stage: Scene, plan: Plan, tasks: asyncio.TaskGroup, tell: Callable[[str], object]
    ) -> None:
        self._stage = stage
        self._plan = plan
        self._tell = tell
        # What people do does not depend on how many troubles there were, nor the other way round.
        self._chance = random.Random(f"lives {plan.seed}")
        self._crowd = Crowd(stage, random.Random(f"acts {plan.seed}"))
        self._troubles = Troubles(
            stage, self._crowd.hearing, random.Random(f"troubles {plan.seed}"), tasks
        )
        self.outcome = Outcome(plan, troubles=self._troubles.made)

    async def watch(self) -> None:
        """Follow the gateway's sessions, until cancelled."""
        while True:
            self._crowd.hearing.look()
            await asyncio.sleep(LOOK_S)

    async def run(self) -> Outcome:
        """Live and be killed, again and again."""
        for life in range(1, self._plan.kills + 1):
            await self._live(life)
            if life % CHECK_EVERY == 0 or life == self._plan.kills:
                await self._check()
                if self.outcome.faults:
                    break
        await self._end()
        return self.outcome

    # One life

    async def _live(self, life: int) -> None:
        before = Counter(self._troubles.made)
        length_s = self._chance.uniform(LIFE_S[0], self._plan.longest_life_s)
        acts = self._chance.randint(self._plan.acts // 4, self._plan.acts * 7 // 4)
        troubles = self._chance.randint(0, MOST_TROUBLES)
        await self._days(length_s, acts, troubles)
        ambush = self._chance.random() < AMBUSHES
        if ambush:
            await self._lie_in_wait()
        self._crowd.hearing.lost()
        await self._stage.daemon.kill()
        self._crowd.hearing.lost()
        self.outcome.kills += 1
        waiting = await self._stage.backlog()
        await self._days(self._chance.uniform(*DOWN_S), self._chance.choice((0, 0, 8, 20)), 0)
        await self._stage.daemon.start()
        if self._chance.random() >= STILLBORN:
            await self._stage.until(self._listening, timeout_s=READY_S)
        made = ", ".join(f"{n} {name}" for name, n in (self._troubles.made - before).items())
        self._tell(
            f"life {life:>3}: {length_s:4.1f} s, {acts:>3} acts; {made or 'no trouble'};"
            f" killed {'in the middle of a post, ' if ambush else ''}with {waiting} on their way"
        )

    async def _lie_in_wait(self) -> None:
        """Until a post was taken whose answer is yet to come, if one comes in time."""
        stage, telegram = self._stage, self._chance.random() < 0.5
        service = stage.telegram if telegram else stage.discord
        posts = stage.in_telegram if telegram else stage.in_discord
        method = "sendMessage" if telegram else "webhook.execute"
        service.faults.waiting.insert(0, Fault("slow", method, delay_s=LONGEST_SLOW_S))
        before = len(posts())
        self._crowd.say_something(in_telegram=not telegram)
        with contextlib.suppress(TimeoutError):
            await stage.until(lambda: len(posts()) > before, timeout_s=AMBUSH_S)

    def _listening(self) -> bool:
        """Whether the daemon takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._stage.daemon.port)) == 0

    async def _days(self, length_s: float, acts: int, troubles: int) -> None:
        """People act and things break within so many seconds; a third of it all at once."""
        deeds = [self._crowd.act] * acts + [self._troubles.make] * troubles
        times = [self._when(length_s) for _ in deeds]
        started = time.monotonic()
        for at_s, deed in sorted(zip(times, deeds, strict=True), key=lambda pair: pair[0]):
            await asyncio.sleep(max(0.0, started + at_s - time.monotonic()))
            deed()
        await asyncio.sleep(max(0.0, started + length_s - time.monotonic()))

    def _when(self, length_s: float) -> float:
        burst_at = 0.4
        spread = self._chance.random()
        return length_s * (burst_at if self._chance.random() < 1 / 3 else spread)

    # Comparing

    async def _check(self) -> None:
        self._troubles.heal()
        await self._stage.daemon.ready()
        started = time.monotonic()
        quiet_since, state = started, ""
        settled = False
        while time.monotonic() - quiet_since < (SETTLED_S if settled else STUCK_S):
            backlog = await self._stage.backlog()
            settled = not (backlog or self._stage.telegram.pending_updates)
            self._compare()
            now = f"{self.outcome.faults} {backlog}"
            if settled and not self.outcome.faults:
                break
            if now != state:
                quiet_since, state = time.monotonic(), now
            await asyncio.sleep(0.3)
        self.outcome.bad_lines = [
            f"in the log: {record['message']}: {record.get('reason')}"
            for record in self._stage.daemon.records
            if record["message"] in BAD_LINES
        ]
        self._tell(
            f"after {self.outcome.kills} kills and {self.outcome.said} messages:"
            f" {len(self.outcome.faults)} faults, seen {time.monotonic() - started:.1f} s after"
            " everything was mended"
        )

    def _compare(self) -> None:
        stage, crowd = self._stage, self._crowd
        there, here = stage.in_discord(), stage.in_telegram()
        in_discord = lines_of((m["content"] for m in there), "t")
        in_telegram = lines_of((m.get("text") or m.get("caption", "") for m in here), "d")
        files = (each for m in there for each in m["attachments"])
        photos = (m["photo"][-1] for m in here if "photo" in m)
        self.outcome.findings = {
            "in Discord": crowd.in_telegram.compare(in_discord, _shown(files)),
            "in Telegram": crowd.in_discord.compare(in_telegram, _shown(photos)),
        }
        ledgers = (crowd.in_telegram, crowd.in_discord)
        self.outcome.said = sum(len(each.originals) for each in ledgers)
        self.outcome.edits = sum(each.edits for each in ledgers)
        self.outcome.deletes = sum(each.deletes for each in ledgers)

    async def _end(self) -> None:
        """The database is sound after all that."""
        await self._stage.daemon.stop()
        verdict = await asyncio.to_thread(_integrity, self._stage.daemon.folder)
        if verdict != "ok":
            self.outcome.bad_lines.append(f"the database: {verdict}")


def _shown(files: Iterable[Json]) -> Iterator[Picture]:
    return pictures_of((each["width"], each["height"]) for each in files)


def _integrity(folder: Path) -> str:
    connection = sqlite3.connect(folder / "data" / "matebot.sqlite")
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
