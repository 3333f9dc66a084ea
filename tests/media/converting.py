"""Makes something of some bytes in this very process, and looks at what it has become."""

from pathlib import Path

import pytest

from matebot.media.conversion import MAKES, NO_LIMITS, Conversion, Facts, Limits
from matebot.media.convert import convert
from tests.media.makers import Probed, probe


class Made:
    """Makes something of some bytes, and compares what is said of it with what it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = b""

    def __call__(
        self, conversion: Conversion, data: bytes, limits: Limits = NO_LIMITS
    ) -> tuple[Facts, Probed]:
        source, target = self.folder / "source", self.folder / "target"
        source.write_bytes(data)
        facts = convert(conversion, source, target, limits)
        assert source.read_bytes() == data
        self.data = target.read_bytes()
        probed = probe(self.data)
        assert facts.mime == MAKES[conversion].mime
        assert facts.size_bytes == len(self.data)
        assert (facts.width, facts.height) == (probed.width, probed.height)
        assert facts.frames == probed.frames
        assert facts.duration_s == pytest.approx(probed.duration_s, abs=0.05)
        return facts, probed
