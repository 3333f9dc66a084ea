"""When Discord tells MateBot nothing, or may not have been heard.

No history tells of edits and deletions: those made while MateBot has no session of the gateway, and
those so shortly before its end that they may not have been stored yet, are not MateBot's to know.
"""

import time

from matebot.sandbox.discord import DiscordStandIn
from tests.faultrun.books import Ledger

GRACE_S = 2.0
"""What was told so long before a kill rests in the database."""


class Hearing:
    """Follows the gateway's sessions, and marks in the ledger what may not have been told.

    Args:
        discord: The stand-in.
        ledger: Of what is said in Discord.
    """

    def __init__(self, discord: DiscordStandIn, ledger: Ledger) -> None:
        self._gateway = discord.gateway
        self._ledger = ledger
        self._identifies = self._gateway.identifies
        self._broken_at: float | None = None
        self._whole_since = time.monotonic()
        self.deaf = False

    def lost(self) -> None:
        """The session ends now, by a kill or for good."""
        now = time.monotonic()
        self._ledger.unsure_since(min(now, self._broken_at or now) - GRACE_S)
        self._identifies = self._gateway.identifies
        self._broken_at = None
        self.deaf = True

    def look(self) -> None:
        """To be called often: notes when a connection breaks and when one stands again."""
        now = time.monotonic()
        connected = any(each.connection is not None for each in self._gateway.sessions.values())
        if self._gateway.identifies != self._identifies:
            if not self.deaf:
                self.lost()  # MateBot gave the session up by itself
            self._identifies = self._gateway.identifies
            self.deaf = False
            self._whole_since = now
        if self.deaf:
            return
        if not connected:
            self._broken_at = self._broken_at or now
            self._whole_since = now
        elif now - self._whole_since > GRACE_S:
            self._broken_at = None
