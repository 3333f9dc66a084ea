"""The stage of the sandbox: a hackerspace that talks on Telegram and on Discord.

There are two pairs of rooms. The first is linked from the start; the second is not, so that
linking by /bridge can be tried there. Its Telegram side is a basic group, which can migrate.
"""

from dataclasses import dataclass, field

from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.portraits import portrait
from matebot.sandbox.telegram import TelegramStandIn

MAIN, WORKSHOP, PRIVATE = "main", "workshop", "private"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whom the page can speak as.

    Attributes:
        id: The platform's own, as text.
        portrait: The drawing that is their picture.
        admin: Whether they administrate the rooms.
    """

    id: str
    name: str
    portrait: str
    admin: bool


@dataclass(slots=True)
class Place:
    """A room of one side, as the page knows it.

    Attributes:
        key: The page's own name of it, the same on both sides of a pair.
        ids: The platform's ids, as text; a group that migrated has several, the last one counts.
    """

    key: str
    title: str
    ids: list[str]

    @property
    def id(self) -> str:
        """The id that counts now."""
        return self.ids[-1]


@dataclass(slots=True)
class Side:
    """One service: its people and its rooms."""

    people: list[Person] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def place(self, key: str) -> Place:
        """A room by the page's name.

        Raises:
            KeyError: There is none.
        """
        for place in self.places:
            if place.key == key:
                return place
        raise KeyError(f"no room {key}")

    def key_of(self, room_id: str) -> str | None:
        """The page's name of a room by its id."""
        return next((place.key for place in self.places if room_id in place.ids), None)

    def person(self, user_id: str) -> Person:
        """Someone by id.

        Raises:
            KeyError: There is no such person.
        """
        for person in self.people:
            if person.id == user_id:
                return person
        raise KeyError(f"nobody has the id {user_id}")

    def named(self, name: str) -> Person:
        """Someone by the beginning of their name.

        Raises:
            KeyError: There is no such person.
        """
        for person in self.people:
            if person.name.startswith(name):
                return person
        raise KeyError(f"nobody is called {name}")


@dataclass(slots=True)
class Stage:
    """Both services with all who are on them."""

    telegram: TelegramStandIn
    discord: DiscordStandIn
    left: Side
    right: Side

    @property
    def bridges(self) -> str:
        """The first pair, as MATEBOT_BRIDGES says it."""
        left, right = self.left.place(MAIN), self.right.place(MAIN)
        return f"telegram:{left.id} <-> discord:{right.id}"


def build_stage(telegram: TelegramStandIn, discord: DiscordStandIn) -> Stage:
    """Put people and rooms into two stand-ins that listen already."""
    return Stage(telegram, discord, _telegram_side(telegram), _discord_side(discord))


def _telegram_side(telegram: TelegramStandIn) -> Side:
    side = Side()
    cast = (
        ("Tainá", "Souza", "taina", "capybara"),
        ("Gustavo", "Nunes", "gugan", "cactus"),
        ("Bia", None, "bia_oficina", "fox"),
        ("Noor", "Rahimi", None, "octopus"),
    )
    for first, last, username, picture in cast:
        user = telegram.add_user(
            first, last_name=last, username=username, photo=portrait(picture), language_code="pt"
        )
        name = f"{first} {last}" if last else first
        side.people.append(Person(str(user["id"]), name, picture, admin=not side.people))
    telegram.set_photo(int(telegram.bot["id"]), portrait("gourd"))
    owner = int(side.people[0].id)
    hall = telegram.add_group("Matehackers", owner_id=owner)
    workshop = telegram.add_group("Oficina", kind="group", owner_id=owner)
    for key, chat in ((MAIN, hall), (WORKSHOP, workshop)):
        side.places.append(Place(key, str(chat["title"]), [str(chat["id"])]))
        for person in side.people[1:]:
            telegram.join(int(chat["id"]), int(person.id), quiet=True)
    return side


def _discord_side(discord: DiscordStandIn) -> Side:
    side = Side()
    discord.world.guild["name"] = "Matehackers"
    bot = discord.world.users[discord.world.bot_id]
    bot["avatar"] = discord.world.keep_picture(portrait("gourd"))
    cast = (
        ("renata.hw", "Renata", "owl"),
        ("zecarlos", "Zé Carlos", "robot"),
        ("mika", "Mika", "cat"),
        ("felipe0x", "felipe0x", "ghost"),
    )
    for name, shown, picture in cast:
        user = discord.add_user(name, global_name=shown, avatar=portrait(picture))
        admin = not side.people
        discord.add_member(user["id"], administrator=admin)
        side.people.append(Person(str(user["id"]), shown, picture, admin=admin))
    for key, title in ((MAIN, "matehackers"), (WORKSHOP, "oficina")):
        side.places.append(Place(key, title, [str(discord.add_channel(title)["id"])]))
    return side
