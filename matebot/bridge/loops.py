"""Two bridges over the same rooms must not repeat each other for ever: notice it, and stop it.

Another bot that carries messages between the rooms of a bridge says again what MateBot has just
brought there. Such an echo is dropped, which loses nothing: its words stand in the bridge's rooms
already. Who echoes again, if only behind a name, or says one thing over and over, is not passed on
for a while.

Time is when messages were sent, so that what is read late, after an outage, is judged alike.
Memory is bounded; nothing of it outlives the process, since a loop shows itself again at once.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from hashlib import blake2b
from typing import Final, NamedTuple, TypeVar

from matebot.core.ids import MessageRef, Platform
from matebot.core.message import Message

WINDOW_S: Final = 60.0
"""How long after a message the same words from a bot count as its echo, or as a repetition."""
MUTE_S: Final = 600.0
"""How long a bot that is in a loop is not passed on, and how long its echoes are counted."""
MOST_ECHOES: Final = 2
MOST_REPEATS: Final = 3
KEPT: Final = 2000  # entries of each table; beyond them the oldest goes
LONGEST: Final = 4000  # characters that are compared: the longest message of either service
LEAST_BEHIND: Final = 12  # characters behind a name that are not said twice by chance
MOST_HEADS: Final = 4  # lines or names before the words themselves that are looked behind

_BLANK: Final = re.compile(r"[\s\u200b-\u200f\u2060-\u2064\ufeff]+")
_HEAD: Final = re.compile(r"^(?:[^\n]{0,200}\n|[^\n:>\]]{0,80}[:>\]]\s)")
"""A line of its own, or a name before the words: ``Ana: ``, ``<Ana> ``, ``[Ana] ``."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Said(NamedTuple):
    """A message whose words are remembered."""

    ref: MessageRef
    author: int
    at: float


class _Speaker(NamedTuple):
    """A bot in a bridge."""

    bridge: str
    platform: Platform
    author: int


class Loops:
    """Decides which bots' messages go on over a bridge.

    Args:
        stopped: Told each time that a bot begins not to be passed on.
    """

    def __init__(self, stopped: Callable[[Message], None] = lambda _: None) -> None:
        self._stopped = stopped
        self._said: OrderedDict[tuple[str, bytes], _Said] = OrderedDict()
        self._repeats: OrderedDict[tuple[str, bytes], tuple[float, ...]] = OrderedDict()
        self._echoes: OrderedDict[_Speaker, tuple[float, ...]] = OrderedDict()
        self._muted: OrderedDict[_Speaker, float] = OrderedDict()
        self._decided: OrderedDict[tuple[str, MessageRef], bool] = OrderedDict()

    def passes(self, bridge: str, message: Message, now: float) -> bool:
        """Whether a message goes on over a bridge; what does is remembered.

        Args:
            bridge: Its id.
            message: What was said in one of its rooms.
            now: Unix seconds; holds where the message does not tell when it was sent.
        """
        known = self._decided.get((bridge, message.ref))
        if known is not None:  # an update that came again
            return known
        at = message.sent_at or now
        passes = not message.author.is_bot or self._bot_passes(bridge, message, at)
        if passes:
            said = _Said(message.ref, message.author.id, at)
            _keep(self._said, (bridge, _digest(_words(message))), said)
        _keep(self._decided, (bridge, message.ref), passes)
        return passes

    def _bot_passes(self, bridge: str, message: Message, at: float) -> bool:
        speaker = _Speaker(bridge, message.ref.room.platform, message.author.id)
        if at < self._muted.get(speaker, 0.0):
            return False
        if self._repeats_too_often(bridge, message, at):
            self._mute(speaker, message, at)
            return False
        heads = self._heads_of_echo(bridge, message, at)
        if heads is None:
            return True
        recent = [each for each in self._echoes.get(speaker, ()) if abs(at - each) < MUTE_S]
        _keep(self._echoes, speaker, (*recent, at))
        if len(recent) + 1 >= MOST_ECHOES:
            self._mute(speaker, message, at)
            return False
        return heads > 0  # what stands before the words may be worth reading, once

    def _mute(self, speaker: _Speaker, message: Message, at: float) -> None:
        _keep(self._muted, speaker, at + MUTE_S)
        self._echoes.pop(speaker, None)
        self._stopped(message)

    def _repeats_too_often(self, bridge: str, message: Message, at: float) -> bool:
        """Whether bots have said just this several times, here or in the bridge's other rooms."""
        key = (bridge, _digest(_words(message)))
        recent = [each for each in self._repeats.get(key, ()) if abs(at - each) < WINDOW_S]
        _keep(self._repeats, key, (*recent[1 - MOST_REPEATS :], at))
        return len(recent) + 1 >= MOST_REPEATS

    def _heads_of_echo(self, bridge: str, message: Message, at: float) -> int | None:
        """How much stands before words that were just said in the bridge; None: they were not."""
        if not message.text.text.strip():
            return None  # two pictures are not one because neither has words
        for heads, words in enumerate(_bodies(_words(message))):
            said = self._said.get((bridge, _digest(words)))
            if said is None or abs(at - said.at) >= WINDOW_S:
                continue
            # The same words in the same room are no echo: a person's, said again by their proxy.
            if heads or said.ref.room != message.ref.room:
                return heads
        return None


def _words(message: Message) -> str:
    """What is compared of a message; where it has no words, what came with it."""
    text = message.text.text[:LONGEST].strip()
    if text:
        return text
    things = (f"{each.kind} {each.name} {each.size_bytes}" for each in message.attachments)
    return "\n".join(things)


def _bodies(words: str) -> Iterator[str]:
    """The words, then what stands behind a name or a quoted line, and behind that."""
    yield words
    for _ in range(MOST_HEADS):
        head = _HEAD.match(words)
        words = words[head.end() :].strip() if head is not None else ""
        if len(words) < LEAST_BEHIND:
            return
        yield words


def _digest(words: str) -> bytes:
    flat = _BLANK.sub(" ", words).strip().casefold()
    return blake2b(flat.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _keep(table: OrderedDict[K, V], key: K, value: V) -> None:
    """Set an entry, as the newest, and let the oldest go where there are too many."""
    table[key] = value
    table.move_to_end(key)
    while len(table) > KEPT:
        table.popitem(last=False)
