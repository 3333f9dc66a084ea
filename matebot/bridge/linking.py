"""Linking by chat: a code for one administrator alone, used in another room, then confirmed.

The code alone joins nothing: whoever used it is named to the administrator who had it made, and
only that one's word counts, while they still are an administrator. So nobody can carry a code off
and bridge a private group into a room of their own.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from typing import Final

from matebot.bridge.answers import Answers, Known, Scene, shown
from matebot.core.bridges import Bridge
from matebot.core.ids import Platform, Room
from matebot.core.linking import (
    CODE_LIFETIME_S,
    Asked,
    Changed,
    Confirmed,
    LinkingStore,
    Pairing,
    Person,
    Say,
)
from matebot.core.message import Author
from matebot.core.notice import Button, Notice
from matebot.core.richtext import Code, RichText, Span

CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like 0, 1 or I
CODE_LENGTH: Final = 8
MINUTES: Final = int(CODE_LIFETIME_S / 60)

_ASKED_SAYS: Final = {
    Asked.ASKED: "code-used",
    Asked.UNKNOWN: "code-unknown",
    Asked.TOO_MANY: "code-too-many",
    Asked.SAME_ROOM: "code-same-room",
    Asked.ALREADY_JOINED: "already-joined",
    Asked.TWO_BRIDGES: "two-conversations",
}
_CONFIRMED_SAYS: Final = {
    Confirmed.JOINED: "confirm-joined",
    Confirmed.GONE: "confirm-gone",
    Confirmed.ALREADY_JOINED: "already-joined",
    Confirmed.TWO_BRIDGES: "two-conversations",
}


def new_code() -> str:
    """A code such as ``K7QX-93MF``: 39 bits by chance."""
    letters = [secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)]
    half = CODE_LENGTH // 2
    return "".join(letters[:half]) + "-" + "".join(letters[half:])


def code_hash(typed: str) -> bytes:
    """What a code is kept as; case, blanks and dashes do not matter."""
    code = "".join(character for character in typed.upper() if character.isalnum())
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()


class Linking:
    """Joins rooms and takes them out.

    Args:
        store: Its transactions.
        answers: Its words.
        bridges_of: The bridges in force that a room belongs to.
        changed: Called after bridges changed.
        private_chat: Where people open a private chat with MateBot on Telegram, if that is known.
    """

    def __init__(
        self,
        store: LinkingStore,
        answers: Answers,
        bridges_of: Callable[[Room], Sequence[Bridge]],
        changed: Changed,
        private_chat: Callable[[], str | None],
    ) -> None:
        self._store = store
        self._answers = answers
        self._bridges_of = bridges_of
        self._changed = changed
        self._private_chat = private_chat

    async def offer(self, scene: Scene) -> Notice | None:
        """``/bridge``: make a code, or show the question that waits for this administrator."""
        room, caller = scene.room, scene.caller
        asking = await self._store.asking_in(room, caller.id, scene.stamp.now)
        if asking is not None:
            return await self._answers.tell(scene, await self._question(asking, scene.language))
        code = new_code()
        known = await self._answers.know([room, *self._joined_with(room)])
        notice = self._code_notice(scene, code, known)
        says = self._answers.says(scene, notice)
        person = Person(caller.id, shown(caller.name))
        if not await self._store.offer(room, person, code_hash(code), says, scene.stamp):
            return None
        return self._answers.sent(scene, notice, says)

    def _code_notice(self, scene: Scene, code: str, known: Known) -> Notice:
        say = self._answers.text
        text = say(
            scene.language, "code-made", room=known.title(scene.room), code=code, minutes=MINUTES
        )
        start = text.text.find(code)
        text = RichText(text.text, (Span(start, start + len(code), Code()),))
        others = self._joined_with(scene.room)
        if others:
            rooms = known.listed(others)
            text = text + "\n" + say(scene.language, "code-extends", rooms=rooms)
        return self._for_one(text, scene.caller, scene.room, scene.language)

    def _for_one(
        self,
        text: RichText,
        person: Author | Person,
        room: Room,
        language: str,
        buttons: tuple[Button, ...] = (),
    ) -> Notice:
        """A notice that one person alone may see, and what to say if they cannot be reached."""
        name = shown(person.name)
        if room.platform is Platform.TELEGRAM:
            link = self._private_chat() or self._answers.text(language, "private-chat").text
            or_else = self._answers.text(language, "unreachable-telegram", name=name, link=link)
        else:
            or_else = self._answers.text(language, "unreachable-discord", name=name)
        return Notice(text, only_for=person.id, buttons=buttons, or_else=or_else)

    async def ask(self, scene: Scene, typed: str) -> Notice | None:
        """``/bridge CODE``: ask the administrator who had the code made."""
        digest = code_hash(typed)
        caller = Person(scene.caller.id, shown(scene.caller.name))
        pairing = await self._store.open_code(digest, scene.stamp.now)
        question: list[Say] = []
        if pairing is not None:
            if self._share_configured(pairing.room, scene.room):
                return await self._answers.tell_text(scene, "already-joined")
            asking = pairing._replace(other=scene.room, other_admin=caller.name)
            question = [Say(pairing.room, await self._question(asking))]

        def notice(outcome: Asked) -> Notice:
            return Notice(self._answers.text(scene.language, _ASKED_SAYS[outcome], minutes=MINUTES))

        def says(outcome: Asked) -> list[Say]:
            others = question if outcome is Asked.ASKED else []
            return self._answers.says(scene, notice(outcome), others)

        outcome = await self._store.ask(digest, scene.room, caller, says, scene.stamp)
        if outcome is None:
            return None
        return self._answers.sent(scene, notice(outcome), says(outcome))

    async def _question(self, pairing: Pairing, language: str | None = None) -> Notice:
        """Ask the first administrator; names the other room, who asks, and who else takes part."""
        room, other = pairing.room, pairing.other
        more = self._joined_with(other) if other is not None else ()
        known = await self._answers.know([room, *([other] if other is not None else []), *more])
        language = language or known.language(room)
        say = self._answers.text
        there = known.title(other) if other is not None else ""
        names = {"name": pairing.other_admin, "room": known.title(room), "other": there}
        text = say(language, "confirm-question", **names)
        if more:
            rooms = known.listed(more)
            text = text + "\n" + say(language, "confirm-more", other=there, rooms=rooms)
        buttons = (
            Button(say(language, "confirm-yes").text, f"pair:yes:{pairing.id}"),
            Button(say(language, "confirm-no").text, f"pair:no:{pairing.id}"),
        )
        return self._for_one(text, pairing.admin, room, language, buttons)

    async def asking(self, scene: Scene, pairing: int) -> Pairing | None:
        """The pairing that a button is about, if its question is still open."""
        return await self._store.asking(pairing, scene.stamp.now)

    async def decline(self, scene: Scene, pairing: Pairing, reason: RichText) -> Notice | None:
        """End a pairing; the other room hears that it was not confirmed."""
        notice = Notice(reason)
        others = []
        if pairing.other is not None:
            known = await self._answers.know([pairing.other])
            text = self._answers.text(known.language(pairing.other), "declined-there")
            others = [Say(pairing.other, Notice(text))]
        says = self._answers.says(scene, notice, others)
        if not await self._store.refuse(pairing.id, says, scene.stamp):
            return None
        return self._answers.sent(scene, notice, says)

    async def confirm(self, scene: Scene, pairing: Pairing) -> Notice | None:
        """Join the two rooms, and tell every room that is now part of the conversation."""
        pair = [pairing.room] if pairing.other is None else [pairing.room, pairing.other]
        more = [member for room in pair for member in self._joined_with(room)]
        known = await self._answers.know([*pair, *more])
        members: tuple[Room, ...] = ()

        def notice(outcome: Confirmed, rooms: tuple[Room, ...]) -> Notice | None:
            if scene.room in rooms and scene.room.platform is Platform.TELEGRAM:
                return None  # the room itself is told, for everybody to see
            here, others = known.title(pairing.room), [r for r in rooms if r != pairing.room]
            args = {"room": here, "rooms": known.listed(others)}
            return Notice(self._answers.text(scene.language, _CONFIRMED_SAYS[outcome], **args))

        def says(outcome: Confirmed, rooms: tuple[Room, ...]) -> list[Say]:
            nonlocal members
            members = rooms
            joined = [Say(room, self._joined_notice(room, rooms, known)) for room in rooms]
            return self._answers.says(scene, notice(outcome, rooms), joined)

        read = frozenset(room for room in pair if self._is_read(room))
        outcome = await self._store.confirm(pairing.id, read, says, scene.stamp)
        if outcome is None:
            return None
        if outcome is Confirmed.JOINED:
            await self._changed()
        return self._answers.sent(scene, notice(outcome, members), says(outcome, members))

    def _joined_notice(self, room: Room, rooms: Sequence[Room], known: Known) -> Notice:
        others = known.listed(other for other in rooms if other != room)
        return Notice(self._answers.text(known.language(room), "joined", rooms=others))

    async def leave(self, scene: Scene) -> Notice | None:
        """``/unbridge``: take this room out, and tell the others."""
        bridges = self._bridges_of(scene.room)
        if bridges and all(bridge.configured for bridge in bridges):
            configured = [
                part.room
                for bridge in bridges
                for part in bridge.rooms
                if part.room not in (scene.room, scene.room.whole)
            ]
            known = await self._answers.know(configured)
            return await self._answers.tell_text(
                scene, "configured", rooms=known.listed(configured)
            )
        known = await self._answers.know([scene.room, *self._joined_with(scene.room)])
        ended: tuple[Room | None, tuple[Room, ...]] = (None, ())

        def notice(left: Room | None, others: tuple[Room, ...]) -> Notice:
            message_id = "not-joined" if left is None else "left"
            rooms = known.listed(others)
            return Notice(self._answers.text(scene.language, message_id, rooms=rooms))

        def says(left: Room | None, others: tuple[Room, ...]) -> list[Say]:
            nonlocal ended
            ended = (left, others)
            told = [] if left is None else self._farewells(left, others, known)
            return self._answers.says(scene, notice(left, others), told)

        if await self._store.leave(scene.room, says, scene.stamp) is None:
            return None
        if ended[0] is not None:
            await self._changed()
        return self._answers.sent(scene, notice(*ended), says(*ended))

    def _farewells(self, left: Room, others: Sequence[Room], known: Known) -> list[Say]:
        """What the rooms of a bridge hear when one of them leaves it."""
        message_id = "left-there" if len(others) > 1 else "left-alone"
        room = known.title(left)
        told = [
            Say(other, Notice(self._answers.text(known.language(other), message_id, room=room)))
            for other in others
        ]
        if left.platform is Platform.DISCORD:  # there the answer is for the caller's eyes alone
            text = self._answers.text(known.language(left), "left", rooms=known.listed(others))
            told.append(Say(left, Notice(text)))
        return told

    def _joined_with(self, room: Room) -> tuple[Room, ...]:
        """The other rooms of a room's bridge, if it was made by chat."""
        return tuple(
            part.room
            for bridge in self._bridges_of(room)
            if not bridge.configured
            for part in bridge.rooms
            if part.room not in (room, room.whole)
        )

    def _is_read(self, room: Room) -> bool:
        return any(
            part.reads and part.room in (room, room.whole)
            for bridge in self._bridges_of(room)
            for part in bridge.rooms
        )

    def _share_configured(self, one: Room, two: Room) -> bool:
        configured = {bridge.id for bridge in self._bridges_of(one) if bridge.configured}
        return any(bridge.id in configured for bridge in self._bridges_of(two))
