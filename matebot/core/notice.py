"""What MateBot itself says, and what people may press below it."""

import msgspec

from matebot.core.richtext import RichText


class Button(msgspec.Struct, frozen=True):
    """A button below a notice.

    Attributes:
        label: What stands on it.
        action: What comes back when it is pressed; 1 to 64 bytes.
    """

    label: str
    action: str


class Option(msgspec.Struct, frozen=True):
    """One line of a menu.

    Attributes:
        label: What stands on it.
        action: What comes back when it is chosen; 1 to 64 bytes.
        detail: Smaller words below it.
        chosen: Whether it is the one that holds now.
    """

    label: str
    action: str
    detail: str = ""
    chosen: bool = False


class Menu(msgspec.Struct, frozen=True):
    """A list below a notice, of which one line is chosen; Discord alone has it.

    Attributes:
        name: Tells the menus of a notice apart; 1 to 64 bytes.
        prompt: What stands on it while nothing is chosen.
        options: 1 to 25.
    """

    name: str
    prompt: str
    options: tuple[Option, ...]


class Notice(msgspec.Struct, frozen=True):
    """What MateBot itself says in a room.

    Attributes:
        text: What it says.
        only_for: The native id of the one person who may see it; None is everybody. Where the room
            cannot show it to one person alone, it goes to that person in private.
        reply_to: The id of the message that it answers in that room.
        buttons: Below it, in one row.
        stacked: Whether each button is a row of its own.
        menus: Below it, one a row; where there are none, nothing is shown of them.
        edits: The id of the notice in that room whose place it takes; None says something new.
        or_else: Said to everybody in the room in place of ``text`` when ``only_for`` could not be
            reached in private; it must hold nothing private.
    """

    text: RichText
    only_for: int | None = None
    reply_to: int | None = None
    buttons: tuple[Button, ...] = ()
    or_else: RichText | None = None
    stacked: bool = False
    menus: tuple[Menu, ...] = ()
    edits: int | None = None
