"""What the bridge needs of the world, as protocols; the packages around it fill them."""

from collections.abc import Awaitable, Collection, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from matebot.core.events import Event
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import LeftOut
from matebot.core.message import Author, Copy, Emoji, Message, Tally
from matebot.core.notice import Notice


class Part(Protocol):
    """One native message to send, as far as the bridge looks into it."""

    @property
    def group(self) -> int:
        """Neighbours with the same number are posted with one call; 0: it goes by itself."""
        ...

    @property
    def files(self) -> str:
        """Tells its files from others, by their keys; empty if it has none."""
        ...

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """The files that stay behind."""
        ...


PartT = TypeVar("PartT", bound=Part)


class Mark(NamedTuple):
    """How far a platform has been read once an event is stored.

    Attributes:
        update_id: Telegram: the update that the event came with; seen before, it changes nothing.
        cursor: Discord: the message up to which its room has now been read.
        decided_at: Discord: when it was decided, in unix seconds, that what lies before the cursor
            is too old or too much to be brought.
    """

    update_id: int | None = None
    cursor: MessageRef | None = None
    decided_at: float | None = None

    @property
    def kept_by_its_bringer(self) -> bool:
        """Whether what can never be stored is kept as it came: an update is."""
        return self.update_id is not None


class Intake(Protocol):
    """Takes events in."""

    def take(self, events: Sequence[Event], mark: Mark) -> Awaitable[None]:
        """Hand events over; they are queued in the order of the calls, before the first await.

        Returns:
            What ends once they rest in the database. An event that never can is left out and
            logged, unless it came with an update.

        Raises:
            StoreUnavailable: From the awaitable: nothing was stored, or not all of it.
            Exception: What came with an update can never be stored: nothing was.
        """
        ...


class Messenger(Protocol[PartT]):
    """Writes into the rooms of one platform.

    ``PartT`` is the platform's own frozen form of one message to send, made by `prepare`.
    """

    platform: Platform

    def foresee(self, room: Room, message: Message) -> None:
        """Begin with what takes time in preparing a message's copy; returns at once."""
        ...

    async def prepare(self, room: Room, copy: Copy) -> Sequence[PartT]:
        """Do what may take time before a copy's turn comes: render it, look up what it needs.

        Returns:
            The native messages to send, in order; at least one.

        Raises:
            DeliveryError: It cannot be prepared (now).
        """
        ...

    async def prepare_together(self, room: Room, copies: Sequence[Copy]) -> Sequence[PartT]:
        """Like `prepare`, for several copies that become one message.

        Args:
            room: Where to.
            copies: In order; at least one.

        Returns:
            The native messages; more than one where they do not fit one. Of an album, that may be
            one for each copy, all of one group.
        """
        ...

    async def most_together(self, room: Room, copies: Sequence[Copy]) -> int:
        """How many of the first copies one message can hold, readable; at least 1."""
        ...

    async def send(self, room: Room, parts: Sequence[PartT], key: str) -> Sequence[MessageRef]:
        """Post one message, or the messages of one group, with one attempt.

        Args:
            room: Where to.
            parts: What: one, or several neighbours of one group.
            key: Names this attempt's part for ever, at most 25 characters (Discord's nonce).

        Returns:
            Where each part stands.

        Raises:
            DeliveryError: See `matebot.core.errors`.
        """
        ...

    async def edit(self, ref: MessageRef, part: PartT, *, files: bool = False) -> None:
        """Make a message that MateBot posted read like the part; already so is no error.

        Args:
            ref: Which.
            part: What it is to be.
            files: Whether its files may be others than those that stand there.

        Raises:
            OtherKind: It cannot become that by an edit.
            MessageGone: It is not there.
            DeliveryError: See `matebot.core.errors`.
        """
        ...

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message that MateBot posted; already gone is no error."""
        ...

    async def notice(self, room: Room, notice: Notice, key: str) -> MessageRef | None:
        """Say something as MateBot.

        Returns:
            Where it stands, or None where only one person saw it.
        """
        ...

    async def react(
        self, ref: MessageRef, tally: Sequence[Tally], own: Sequence[Emoji]
    ) -> Sequence[Emoji]:
        """Have MateBot react to a message like the people elsewhere, as far as the service can.

        Args:
            ref: An original or a copy.
            tally: What people elsewhere react with, most numerous first.
            own: What MateBot reacts with there now.

        Returns:
            What MateBot reacts with there from now on.

        Raises:
            MessageGone: It is not there.
        """
        ...

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin a message, or unpin it; already so is no error."""
        ...

    async def typing(self, room: Room) -> None:
        """Show that somebody is typing; best effort."""
        ...

    async def find(
        self, room: Room, after: int, known: Collection[int], *, notice: Notice | None = None
    ) -> Sequence[MessageRef]:
        """What MateBot itself posted in that chat after a message id, oldest first.

        It changes nothing. What is not among them was, as far as the service tells, not posted.

        Args:
            room: The chat.
            after: The message id.
            known: The ids after it of which is known what they are; those are left out.
            notice: What is looked for, where that is something that MateBot says itself.
        """
        ...


class Rooms(Protocol):
    """What one platform knows of its rooms."""

    async def is_admin(self, room: Room, user_id: int) -> bool:
        """Whether that person may decide what happens to the room.

        Raises:
            DeliveryError: The service did not tell.
        """
        ...

    async def is_anonymous(self, room: Room, user_id: int) -> bool:
        """Whether what that administrator does there is done in the room's name.

        Raises:
            DeliveryError: The service did not tell.
        """
        ...

    async def title(self, room: Room) -> str:
        """What people call the room, such as ``#general``; its bare name if that is unknown."""
        ...


class CommandCall(NamedTuple):
    """Somebody called a command of MateBot's.

    Attributes:
        name: Without the slash: ``bridge``.
        argument: What stands behind it, stripped; empty where nothing does.
        room: Where.
        caller: Who.
        caller_is_admin: Whether they may decide what happens to the room.
        anonymous: Whether the caller's person is hidden (an anonymous administrator).
        private: Whether this is a private chat with MateBot and not a room.
        message_id: The command's own message, where it has one.
        locale: The caller's language as their client states it (``pt-br``), if it does.
        reply_to: The id of the message that the command answers, if it answers one.
    """

    name: str
    argument: str
    room: Room
    caller: Author
    caller_is_admin: bool = False
    anonymous: bool = False
    private: bool = False
    message_id: int | None = None
    locale: str | None = None
    reply_to: int | None = None


class Commands(Protocol):
    """Answers commands and buttons."""

    async def call(self, call: CommandCall, mark: Mark) -> Notice | None:
        """Do what a command says.

        Discord's answer is returned and goes out through the interaction's own token. Telegram's
        is stored as a delivery, in one transaction with ``mark``, and None is returned.
        """
        ...

    async def press(
        self,
        action: str,
        room: Room,
        caller: Author,
        mark: Mark,
        *,
        message_id: int | None = None,
        locale: str | None = None,
    ) -> Notice | None:
        """Do what a button or a menu's option says; the answer travels as a command's does.

        Where nothing changes, Telegram's answer may be returned as well: it is then shown to who
        pressed, and to nobody else.

        Args:
            action: What the button says.
            room: Where it was pressed.
            caller: By whom.
            mark: The update that it came with.
            message_id: The notice that the button belongs to, if that can be edited.
            locale: The caller's language, where they alone read the answer.
        """
        ...


AnyMessenger = Messenger[Any]
