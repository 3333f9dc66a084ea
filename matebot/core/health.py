"""What each part of the daemon says of itself, for /healthz and systemd's STATUS. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part: whether it works, and a few words for people (never a secret, never a text)."""

    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The whole: `ok` if every part is."""

    ok: bool
    parts: Mapping[str, PartHealth]

    def __str__(self) -> str:
        """One line: ``running`` or what is wrong with which part."""
        wrong = [
            f"{name}: {part.detail or 'not ok'}" for name, part in self.parts.items() if not part.ok
        ]
        return "; ".join(wrong) or "running"


class Health:
    """Keeps the parts' last words and tells who watches when they change.

    Args:
        parts: The parts that must all be well; each counts as starting until it speaks.
    """

    def __init__(self, *parts: str) -> None:
        self._parts = {part: PartHealth(ok=False, detail="starting") for part in parts}
        self._watchers: list[Callable[[HealthReport], None]] = []

    def set(self, part: str, ok: bool, detail: str = "") -> None:
        """Note what a part says; the watchers hear of it if it is news."""
        said = PartHealth(ok=ok, detail=detail)
        if self._parts.get(part) == said:
            return
        self._parts[part] = said
        report = self.report()
        for watcher in self._watchers:
            watcher(report)

    def report(self) -> HealthReport:
        """How things stand now."""
        parts = dict(self._parts)
        return HealthReport(ok=all(part.ok for part in parts.values()), parts=parts)

    def watch(self, watcher: Callable[[HealthReport], None]) -> None:
        """Call the watcher with each report that differs from the one before; it must not block."""
        self._watchers.append(watcher)
