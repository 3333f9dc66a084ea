"""How much of what was missed is brought."""

from datetime import UTC, datetime

import discord
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.ids import Room
from matebot.core.message import Happening
from matebot.discord.history import Page
from matebot.discord.missed import (
    COUNTED,
    DECIDED_S,
    Cut,
    Limits,
    Measure,
    gone_from,
    is_decided,
    skipped,
)
from matebot.discord.system import is_made_up

ROOM = Room.discord(7)
NOW = 1_800_000_000.0
DAY_S = 86_400.0


def at(seconds: float) -> int:
    """The first id of a moment."""
    return discord.utils.time_snowflake(datetime.fromtimestamp(seconds, UTC))


def measured(history: list[tuple[int, bool]], limits: Limits, behind: int = 0) -> Cut | None:
    """What is cut of a history, the oldest first; whether each counts stands beside its id."""
    measure = Measure(limits, behind, NOW)
    for message_id, counts in reversed(history):
        if not measure.see(message_id, counts=counts):
            break
    return measure.cut


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.booleans()), unique_by=lambda each: each[0]),
    st.integers(0, 20),
    st.integers(-60, 60),
)
def test_the_newest_are_kept(hours: list[tuple[int, bool]], number: int, behind: int) -> None:
    """Kept are the newest that are young and few enough; skipped is all before, and counted."""
    history = sorted((at(NOW + hour * 3600), counts) for hour, counts in hours)
    edge, read = at(NOW - DAY_S), at(NOW + behind * 3600)
    cut = measured(history, Limits(DAY_S, number), read)
    missed = [each for each in history if each[0] > read]
    said = [message_id for message_id, counts in missed if counts]
    kept = [each for each in said if each >= edge][-number:] if number else []
    lost = len(said) - len(kept)
    if not lost:
        assert cut is None
        return
    assert cut is not None
    assert (cut.number, cut.is_more) == (lost, False)
    assert [each for each in said if each > cut.last] == kept


def test_skipped_messages_are_counted_up_to_a_thousand() -> None:
    """No history is read to its beginning only to count it."""
    history = [(number, True) for number in range(1, COUNTED + 3)]
    assert measured(history[:-1], Limits(DAY_S, 5)) == Cut(COUNTED + 1, COUNTED, is_more=True)
    assert measured(history[2:], Limits(DAY_S, 5)) == Cut(COUNTED + 2, COUNTED, is_more=False)


def test_the_line_of_a_cut_is_always_the_same_message() -> None:
    """It stands for no message, and bears the number, or that there are more."""
    cut = Cut(at(NOW) + 5, 37, is_more=False)
    line, again = skipped(ROOM, "#geral", cut, NOW), skipped(ROOM, "#geral", cut, NOW + 9)
    assert line.message.ref == again.message.ref
    assert is_made_up(line.message.ref.message_id)
    assert line.message.happening is Happening.SKIPPED
    assert (line.message.author.name, line.message.text.text) == ("#geral", "37")
    more = skipped(ROOM, "#geral", cut._replace(is_more=True), NOW)
    assert more.message.text.text == "37+"


def test_a_decision_stands_for_an_hour() -> None:
    """What was there when it was made is not measured again; what came later is."""
    assert is_decided(at(NOW - DAY_S), NOW, NOW + 60)
    assert not is_decided(at(NOW + 1), NOW, NOW + 60)
    assert not is_decided(at(NOW - DAY_S), NOW, NOW + DECIDED_S + 1)
    assert not is_decided(at(NOW - DAY_S), NOW + 60, NOW)
    assert not is_decided(at(NOW), 0.0, NOW)


def test_only_a_range_that_was_read_tells_what_is_gone() -> None:
    """Gone is what a page spans and lacks; what is made up never stood there."""
    made_up = skipped(ROOM, "#geral", Cut(15 << 22, 1, is_more=False), NOW).message.ref.message_id
    known = [number << 22 for number in (5, 10, 11, 20)] + [made_up]
    page = Page([10 << 22, 20 << 22], [], is_end=False)
    assert gone_from(page, known) == [11 << 22]
    assert gone_from(page._replace(is_end=True), known) == [5 << 22, 11 << 22]
    assert gone_from(Page([], [], is_end=True), known) == []
