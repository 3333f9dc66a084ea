"""Which rooms an event concerns: directions, many rooms, topics, chats that moved."""

from matebot.bridge.routes import Routes, configured_bridges
from matebot.core.ids import Platform, Room
from matebot.core.topology import parse_bridges

T = Room.telegram(-1001)
D = Room.discord(500)


def routes(text: str, moves: dict[Room, Room] | None = None) -> Routes:
    """Routes of a configuration."""
    made = Routes()
    made.replace(configured_bridges(parse_bridges(text), moves or {}))
    return made


def where(made: Routes, room: Room) -> list[str]:
    """The names of the destinations."""
    return [str(destination.room) for destination in made.destinations(room)]


def test_both_directions() -> None:
    """What is said in one is posted in the other, and the other way round."""
    made = routes("telegram:-1001 <-> discord:500")
    assert where(made, T) == ["discord:500"]
    assert where(made, D) == ["telegram:-1001"]


def test_one_direction() -> None:
    """An arrow goes one way: nothing comes back, and the far room is not read."""
    made = routes("telegram:-1001 -> discord:500")
    assert where(made, T) == ["discord:500"]
    assert where(made, D) == []
    assert not made.is_read(D)
    assert made.read_rooms(Platform.DISCORD) == set()


def test_many_rooms_and_a_room_in_two_bridges() -> None:
    """Every other room of each bridge, each once; a stranger's room goes nowhere."""
    made = routes(
        "telegram:-1001 <-> discord:500 <-> discord:501; telegram:-1001 <-> discord:501"
        "\ntelegram:-1001 <-> discord:502"
    )
    assert where(made, T) == ["discord:500", "discord:501", "discord:502"]
    assert where(made, Room.discord(501)) == ["telegram:-1001", "discord:500"]
    assert where(made, Room.discord(999)) == []


def test_a_topic_with_a_bridge_of_its_own_does_not_belong_to_the_whole_chat() -> None:
    """Topic 42 goes to its channel alone, every other topic to the chat's."""
    made = routes("telegram:-1001/42 <-> discord:500; telegram:-1001 <-> discord:501")
    assert where(made, Room.telegram(-1001, 42)) == ["discord:500"]
    assert where(made, Room.telegram(-1001, 7)) == ["discord:501"]
    assert where(made, T) == ["discord:501"]


def test_the_configuration_may_go_on_naming_a_chats_old_id() -> None:
    """A group that became a supergroup (twice, even in a circle) is found under its present id."""
    moved = {Room.telegram(-5): Room.telegram(-6), Room.telegram(-6): T, T: T}
    made = routes("telegram:-5/3 <-> discord:500", moved)
    assert where(made, D) == ["telegram:-1001/3"]


def test_a_chats_topics_lead_together_where_only_the_chat_is_told() -> None:
    """What names a chat's message alone goes where any of its topics go, each room once."""
    made = routes(
        "telegram:-1/2 <-> discord:10; telegram:-1/3 -> discord:11; telegram:-2 <-> discord:12"
    )
    places = made.around(Room.telegram(-1))
    assert sorted(str(place.room) for place in places) == ["discord:10", "discord:11"]
    assert made.around(Room.telegram(-3)) == ()


def test_a_chat_that_moves_while_it_runs() -> None:
    """Its bridges name the new id at once, topics and directions included; others are untouched."""
    made = routes("telegram:-1001/5 -> discord:500; telegram:-2 <-> discord:501")
    made.move(T, Room.telegram(-1009))
    assert where(made, Room.telegram(-1009, 5)) == ["discord:500"]
    assert where(made, Room.telegram(-1001, 5)) == []
    assert where(made, Room.discord(500)) == []
    assert where(made, Room.discord(501)) == ["telegram:-2"]
    made.move(Room.telegram(-7), Room.telegram(-8))
    assert where(made, Room.telegram(-2)) == ["discord:501"]
