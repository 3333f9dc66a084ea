"""How figures are shown."""

from typing import NamedTuple


class Line(NamedTuple):
    """A figure.

    Attributes:
        what: What was measured.
        value: The figure.
        unit: Its unit.
        most: What it may be at most, where anything is asked of it.
        least: What it is to be at least.
    """

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def verdict(self) -> str:
        """What is asked of it, and whether it holds."""
        if self.most is not None:
            return f"≤ {self.most:g} {'holds' if self.value <= self.most else 'MISSED'}"
        if self.least is not None:
            return f"≥ {self.least:g} {'holds' if self.value >= self.least else 'MISSED'}"
        return ""

    def __str__(self) -> str:
        number = f"{self.value:,.0f}" if self.value >= 1000 else f"{self.value:.3g}"
        return f"{self.what:<66} {number:>8} {self.unit:<11} {self.verdict}".rstrip()
