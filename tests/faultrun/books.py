"""What was said, changed and deleted, and what of it went wrong on its way. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.faultrun.pictures import Picture
from tests.faultrun.texts import Key, Line

DELETED = -1  # a version


@dataclass(slots=True)
class Change:
    """An original came to be as it is now.

    Attributes:
        at: When, in seconds of the monotonic clock.
        version: From 0; `DELETED`.
        parts: Lines of its text.
        told: Whether the service surely told MateBot.
    """

    at: float
    version: int
    parts: int
    told: bool = True


@dataclass(slots=True)
class Original:
    """Something that somebody said.

    Attributes:
        id: The service's own.
        author: Who said it, by the service's id.
        pictures: How many came with it.
    """

    key: Key
    id: int
    author: int
    changes: list[Change]
    pictures: int = 0

    @property
    def now(self) -> Change:
        """How it is now."""
        return self.changes[-1]

    @property
    def stands(self) -> bool:
        """Whether it was not deleted."""
        return self.now.version != DELETED

    def versions_told(self) -> set[int]:
        """The versions that a copy may show: the last one surely told, and all that came later."""
        last = max(place for place, change in enumerate(self.changes) if change.told)
        return {change.version for change in self.changes[last:]}


@dataclass(slots=True)
class Findings:
    """What is wrong with the copies in one room, in words; all but `untold` must be empty."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    wrong_text: list[str] = field(default_factory=list)
    not_deleted: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All that must not be."""
        kinds = ("lost", "doubled", "out_of_order", "wrong_text", "not_deleted")
        return [f"{kind}: {each}" for kind in kinds for each in getattr(self, kind)]


class Ledger:
    """All originals of one side, in the order in which they were said."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.originals: list[Original] = []
        self.edits = 0
        self.deletes = 0

    def next_key(self) -> Key:
        """The key of what is said next."""
        return Key(self.side, len(self.originals) + 1)

    def said(
        self, message_id: int, author: int, parts: int, at: float, *, pictures: int = 0
    ) -> None:
        """Note what was said with `next_key`; a history tells of it, so that it is always told."""
        first = Change(at, 0, parts)
        self.originals.append(Original(self.next_key(), message_id, author, [first], pictures))

    def edited(self, original: Original, parts: int, at: float, *, told: bool) -> None:
        """Note an edit."""
        original.changes.append(Change(at, original.now.version + 1, parts, told))
        self.edits += 1

    def deleted(self, original: Original, at: float, *, told: bool) -> None:
        """Note a deletion."""
        original.changes.append(Change(at, DELETED, 0, told))
        self.deletes += 1

    def unsure_since(self, at: float) -> None:
        """Whatever was changed since a time may not have been told."""
        for original in self.originals:
            for change in original.changes[1:]:
                change.told = change.told and change.at < at

    def compare(self, lines: Iterable[Line], pictures: Iterable[Picture]) -> Findings:
        """Hold the copies in the other room, as they stand there, against the originals."""
        by_key: dict[Key, list[Line]] = defaultdict(list)
        for each in lines:
            by_key[each.key].append(each)
        shown: dict[int, list[int]] = defaultdict(list)
        for picture in pictures:
            shown[picture.number].append(picture.position)
        findings = Findings()
        for original in self.originals:
            _compare_one(original, by_key.get(original.key, []), findings)
            _compare_pictures(original, shown.pop(original.key.number, []), findings)
        findings.doubled += [f"pictures of nobody: {number}" for number in shown]
        _compare_order(by_key, findings)
        return findings


def _compare_one(original: Original, lines: list[Line], findings: Findings) -> None:
    name = f"{original.key.side}{original.key.number}"
    shown = {each.version for each in lines} or {DELETED}
    if len({each.part for each in lines}) < len(lines):
        findings.doubled.append(f"{name} stands as {_brief(lines)}")
    elif shown != {original.now.version} and len(shown) == 1 and shown < original.versions_told():
        findings.untold.append(f"{name} is v{original.now.version}, shown {_brief(lines)}")
    elif not original.stands:
        if lines:
            findings.not_deleted.append(f"{name} stands as {_brief(lines)}")
    elif not lines:
        findings.lost.append(f"{name}, of which v{original.now.version} stands")
    elif shown != {original.now.version}:
        findings.wrong_text.append(f"{name} is v{original.now.version}, shown {_brief(lines)}")
    elif len(lines) != original.now.parts or not all(each.intact for each in lines):
        findings.wrong_text.append(f"{name} has {original.now.parts} lines, not {_brief(lines)}")


def _compare_pictures(original: Original, shown: list[int], findings: Findings) -> None:
    expected = list(range(original.pictures)) if original.stands else []
    gone_untold = not original.stands and original.versions_told() != {DELETED}
    if shown == expected or (gone_untold and shown == list(range(original.pictures))):
        return
    told = f"pictures {shown} of {original.key.side}{original.key.number}, not {expected}"
    if len(set(shown)) < len(shown):
        findings.doubled.append(told)
    elif set(expected) - set(shown):
        findings.lost.append(told)
    elif original.stands:
        findings.out_of_order.append(told)
    else:
        findings.not_deleted.append(told)


def _compare_order(by_key: dict[Key, list[Line]], findings: Findings) -> None:
    """In the order of the first lines no number may be less than one before it."""
    firsts = sorted((min(each.place for each in lines), key) for key, lines in by_key.items())
    newest = 0
    for _place, key in firsts:
        if key.number < newest:
            findings.out_of_order.append(f"{key.side}{key.number} after {key.side}{newest}")
        newest = max(newest, key.number)


def _brief(lines: list[Line]) -> str:
    return " ".join(f"v{each.version}p{each.part}" for each in lines) or "nothing"
