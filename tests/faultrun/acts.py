"""What people do in the fault run: say, show, answer, edit and delete, on both sides.

What is drawn depends on nothing but the seed: who acts on what does not look at what has arrived.
"""

import random
import time
from collections import Counter
from collections.abc import Callable

from tests.faultrun.books import Ledger, Original
from tests.faultrun.hearing import Hearing
from tests.faultrun.pictures import Picture
from tests.faultrun.texts import text
from tests.scenarios.harness import Scene

RECENT = 60
"""Changes mostly concern the latest originals."""
LONG_PARTS = (20, 32)
"""Lines of a long text: more than one message of Discord's, and one of Telegram's."""
ACTS = (("say", 62), ("show", 8), ("answer", 8), ("say long", 3), ("edit", 13), ("delete", 6))


class Crowd:
    """Three people on each side.

    Args:
        stage: Where they are.
        chance: Decides what they do.
    """

    def __init__(self, stage: Scene, chance: random.Random) -> None:
        self._stage = stage
        self._chance = chance
        self.in_telegram, self.in_discord = Ledger("t"), Ledger("d")
        self.hearing = Hearing(stage.discord, self.in_discord)
        self.done: Counter[str] = Counter()
        zoe = stage.telegram.add_user("Zoé")
        stage.telegram.join(stage.group, zoe["id"], quiet=True)
        noa = stage.discord.add_user("noa", global_name="Noa")
        stage.discord.add_member(noa["id"])
        self._tellers = [stage.ana["id"], stage.rui["id"], zoe["id"]]
        self._writers = [int(each["id"]) for each in (stage.bia, stage.leo, noa)]

    def act(self) -> None:
        """One of them does something."""
        self.hearing.look()
        telegram = self._chance.random() < 0.5
        ledger = self.in_telegram if telegram else self.in_discord
        (name,) = self._chance.choices(
            [name for name, _ in ACTS], weights=[weight for _, weight in ACTS]
        )
        original = self._pick(ledger)
        self.done[name] += 1
        if name == "show":
            self._show(ledger, self._chance.choice((1, 1, 2, 3)))
        elif original is None or name.startswith("say"):
            self._say(ledger, long=name == "say long")
        elif name == "answer":
            self._say(ledger, answered=original)
        elif name == "edit":
            self._edit(ledger, original)
        elif ledger is self.in_telegram and original.pictures > 1:
            self._edit(ledger, original)  # the command takes a single part of an album
        else:
            self._delete(ledger, original)

    def say_something(self, *, in_telegram: bool) -> None:
        """One of them says something on that side."""
        self.done["say"] += 1
        self._say(self.in_telegram if in_telegram else self.in_discord)

    def _pick(self, ledger: Ledger) -> Original | None:
        """One that still stands, mostly a recent one."""
        old = self._chance.random() < 0.1
        among = ledger.originals if old else ledger.originals[-RECENT:]
        standing = [each for each in among if each.stands]
        return self._chance.choice(standing) if standing else None

    def _parts(self, ledger: Ledger, *, long: bool) -> int:
        if long and ledger is self.in_telegram:
            return self._chance.randint(*LONG_PARTS)
        return self._chance.choice((1, 1, 1, 2))

    def _say(self, ledger: Ledger, *, long: bool = False, answered: Original | None = None) -> None:
        parts = self._parts(ledger, long=long)
        words = text(ledger.next_key(), 0, parts)
        reply_to = answered.id if answered is not None else None
        if ledger is self.in_telegram:
            author = self._chance.choice(self._tellers)
            said = self._stage.telegram.say(author, self._stage.group, words, reply_to=reply_to)
            message_id = said["message_id"]
        else:
            author = self._chance.choice(self._writers)
            said = self._stage.discord.say(author, self._stage.channel, words, reply_to=reply_to)
            message_id = int(said["id"])
        ledger.said(message_id, author, parts, time.monotonic())

    def _show(self, ledger: Ledger, number: int) -> None:
        """Pictures, of which several are an album, with a few words."""
        key = ledger.next_key()
        words = text(key, 0, 1)
        pictures = [Picture(key.number, position) for position in range(number)]
        if ledger is self.in_telegram:
            author = self._chance.choice(self._tellers)
            message_id = self._show_in_telegram(author, pictures, words)
        else:
            author = self._chance.choice(self._writers)
            files = [(f"{each.position}.png", each.png, "image/png") for each in pictures]
            said = self._stage.discord.say(author, self._stage.channel, words, attachments=files)
            message_id = int(said["id"])
        ledger.said(message_id, author, 1, time.monotonic(), pictures=number)

    def _show_in_telegram(self, author: int, pictures: list[Picture], words: str) -> int:
        """The number of the message that bears the words."""
        telegram, group = self._stage.telegram, self._stage.group
        items = [("photo", each.jpeg, "", "image/jpeg") for each in pictures]
        if len(items) > 1:
            number: int = telegram.send_album(author, group, items, caption=words)[0]["message_id"]
            return number
        kind, data, name, mime = items[0]
        said = telegram.send_file(author, group, kind, data, name=name, mime=mime, caption=words)
        return int(said["message_id"])

    def _edit(self, ledger: Ledger, original: Original) -> None:
        long = self._chance.random() < 0.1 and not original.pictures  # a caption is short
        parts = self._parts(ledger, long=long)
        words = text(original.key, original.now.version + 1, parts)
        edit: Callable[[int, int, str], object] = self._stage.discord.edit
        where, told = self._stage.channel, not self.hearing.deaf
        if ledger is self.in_telegram:
            edit, where, told = self._stage.telegram.edit, self._stage.group, True
        edit(where, original.id, words)
        ledger.edited(original, parts, time.monotonic(), told=told)

    def _delete(self, ledger: Ledger, original: Original) -> None:
        """In Telegram by the command: what is deleted without a word is only noticed in time."""
        if ledger is self.in_telegram:
            self._stage.telegram.say(
                original.author, self._stage.group, "/delete", reply_to=original.id
            )
            ledger.deleted(original, time.monotonic(), told=True)
        else:
            self._stage.discord.delete(self._stage.channel, original.id)
            ledger.deleted(original, time.monotonic(), told=not self.hearing.deaf)
