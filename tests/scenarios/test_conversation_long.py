"""Long texts, answers, edits and deletes, both ways, through the message map."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from matebot.sandbox.faults import Fault
from tests.scenarios.crossing import Crossing, body, entity, read_markdown, utf16
from tests.scenarios.harness import Json, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    async with scene(tmp_path_factory.mktemp("long")) as stage:
        yield Crossing(stage)


def words(first: int, last: int) -> str:
    """Numbered words, so that a lost or doubled one is seen."""
    return " ".join(f"word{number:04d}" for number in range(first, last))


def one_line(pieces: list[str]) -> str:
    return " ".join(" ".join(pieces).split())


async def _telegram_to_discord(talk: Crossing, text: str) -> tuple[Json, list[Json]]:
    said: list[Json] = []
    copies = await talk.to_discord(lambda: said.append(talk.stage.telegram_says(text)))
    return said[0], copies


async def _discord_to_telegram(talk: Crossing, text: str) -> tuple[Json, list[Json]]:
    said: list[Json] = []
    copies = await talk.to_telegram(lambda: said.append(talk.stage.discord_says(text)))
    return said[0], copies


@pytest.mark.rows("1.7", "3.3")
async def test_a_long_telegram_text_is_split_and_follows_its_edits(talk: Crossing) -> None:
    """4096 characters come as several messages in order; an edit shrinks and grows their number."""
    stage = talk.stage
    text = words(0, 450)
    said, copies = await _telegram_to_discord(talk, text)
    assert len(copies) >= 3
    assert all(len(copy["content"]) <= 2000 for copy in copies)
    assert all(copy["author"]["username"] == "Ana" for copy in copies)
    assert one_line([copy["content"] for copy in copies]) == text

    stage.telegram.edit(stage.group, said["message_id"], "short now")
    assert await talk.to_discord(lambda: None) == []
    left = [m for m in talk.in_discord() if m["id"] in {copy["id"] for copy in copies}]
    assert [copy["content"] for copy in left] == ["short now"]

    new = await talk.to_discord(
        lambda: stage.telegram.edit(stage.group, said["message_id"], words(500, 900))
    )
    assert len(new) >= 1
    grown = [talk.discord_copy(left[0]), *new]
    assert one_line([copy["content"] for copy in grown]) == words(500, 900)


@pytest.mark.rows("1.7")
async def test_signs_that_are_escaped_do_not_overfill_a_message(talk: Crossing) -> None:
    """A text of signs that need escaping is split by its length as written; nothing is lost."""
    stage = talk.stage
    text = "*_~`|" * 800
    copies = await talk.to_discord(lambda: stage.telegram_says(text))
    assert all(len(copy["content"]) <= 2000 for copy in copies)
    assert "".join(read_markdown(copy["content"]).text for copy in copies) == text


@pytest.mark.rows("1.7")
async def test_a_long_styled_text_keeps_its_style_in_every_part(talk: Crossing) -> None:
    """A style, and a code block, across a cut are closed before it and opened again after it."""
    stage = talk.stage
    text = words(0, 400)
    bold = entity(text, text, "bold")
    copies = await talk.to_discord(lambda: stage.telegram_says(text, entities=[bold]))
    assert len(copies) >= 2
    assert {kind for copy in copies for kind, _ in read_markdown(copy["content"]).styles} == {
        "bold"
    }
    code = entity(text, text, "pre", language="text")
    copies = await talk.to_discord(lambda: stage.telegram_says(text, entities=[code]))
    assert len(copies) >= 2
    assert all(copy["content"].startswith("```text\n") for copy in copies)
    assert all(copy["content"].endswith("```") for copy in copies)


@pytest.mark.rows("1.7")
async def test_a_long_discord_text_is_split_by_telegrams_units(talk: Crossing) -> None:
    """2000 characters outside of the first plane are 4000 units: a name and all still fit."""
    stage = talk.stage
    text = "😀" * 1999 + "!"
    member = stage.discord.add_user("long", global_name="N" * 32)
    stage.discord.add_member(member["id"])
    said: list[Json] = []

    def act() -> None:
        said.append(stage.discord.say(member["id"], stage.channel, "𝒳" * 100))
        stage.discord_says(text)

    short, *copies = await talk.to_telegram(act)
    assert short["text"] == "N" * 32 + "\n" + "𝒳" * 100
    assert all(utf16(copy["text"]) <= 4096 for copy in copies)
    whole = body(copies[0]) + "".join(copy["text"] for copy in copies[1:])
    assert whole == text


@pytest.mark.rows("1.7", "3.3")
async def test_a_discord_text_that_needs_two_messages_follows_its_edits(talk: Crossing) -> None:
    """A copy that grows past Telegram's limit gets a second part, and loses it again."""
    stage = talk.stage
    list_of_names = " ".join([f"<@{stage.leo['id']}>"] * 80)
    long = "😀" * 1990
    leo = stage.discord.add_user("verbose", global_name="😀" * 32)
    stage.discord.add_member(leo["id"], nick="𝒩" * 32)
    said: list[Json] = []
    copies = await talk.to_telegram(
        lambda: said.append(stage.discord.say(leo["id"], stage.channel, list_of_names))
    )
    assert one_line([body(copies[0])]).replace("\u2060", "") == " ".join(["@Leo"] * 80)
    stage.discord.edit(stage.channel, said[0]["id"], long)
    new = await talk.to_telegram(lambda: None)
    first = talk.telegram_copy(copies[0])
    assert first is not None
    assert body(first) + "".join(copy["text"] for copy in new) == long
    stage.discord.edit(stage.channel, said[0]["id"], "short")
    await talk.discord_fence()
    first = talk.telegram_copy(copies[0])
    assert first is not None
    assert body(first) == "short"
    assert all(talk.telegram_copy(copy) is None for copy in new)


@pytest.mark.rows("3.4")
async def test_deletes_in_discord_take_all_parts_away(talk: Crossing) -> None:
    """One deleted message, and many at once, take every copy with them and no other."""
    stage = talk.stage
    kept, kept_copies = await _discord_to_telegram(talk, "stays")
    one, one_copies = await _discord_to_telegram(talk, "goes alone")
    two, two_copies = await _discord_to_telegram(talk, "𝒳" * 1990)
    three, three_copies = await _discord_to_telegram(talk, "goes with it")
    stage.discord.delete(stage.channel, one["id"])
    stage.discord.bulk_delete(stage.channel, [two["id"], three["id"]])
    await talk.discord_fence()
    gone = [*one_copies, *two_copies, *three_copies]
    assert [talk.telegram_copy(copy) for copy in gone] == [None] * len(gone)
    assert talk.telegram_copy(kept_copies[0]) is not None
    # Who deletes the only one that is left gets the same, and the same again changes nothing.
    stage.discord.delete(stage.channel, kept["id"])
    await talk.discord_fence()
    assert talk.telegram_copy(kept_copies[0]) is None


@pytest.mark.rows("3.1")
async def test_answers_into_telegram_point_at_what_they_answer(talk: Crossing) -> None:
    """To a copy, to a part of a split one, to one's own side's message, to one never bridged."""
    stage = talk.stage
    said, copies = await _telegram_to_discord(talk, words(0, 450))
    bia, channel = stage.bia["id"], stage.channel

    def answer(message_id: str) -> None:
        stage.discord.say(bia, channel, "an answer", reply_to=message_id)

    for part in copies:  # each part of it leads back to the one original
        (reply,) = await talk.to_telegram(partial(answer, part["id"]))
        assert reply["reply_to_message"]["message_id"] == said["message_id"]
        assert reply["text"] == "Bia\nan answer"
    own, own_copies = await _discord_to_telegram(talk, "an own one")
    (reply,) = await talk.to_telegram(lambda: answer(own["id"]))
    assert reply["reply_to_message"]["message_id"] == own_copies[0]["message_id"]
    announced = {"flags": 1 << 7}  # LOADING: a bot's answer that is yet to come is not brought
    thinking = stage.discord.say(bia, channel, "", more=announced, embeds=[{"title": "..."}])
    (reply,) = await talk.to_telegram(lambda: answer(thinking["id"]))
    assert "reply_to_message" not in reply
    assert body(reply).splitlines()[-1] == "an answer"


@pytest.mark.rows("3.1")
async def test_answers_into_discord_say_what_they_answer(talk: Crossing) -> None:
    """A small line names who is answered and links to it: to a copy, its part, and an own one."""
    stage = talk.stage
    said, copies = await _discord_to_telegram(talk, "the *question*")
    ana, group = stage.ana["id"], stage.group

    def answer(message_id: int) -> None:
        stage.telegram.say(ana, group, "an answer", reply_to=message_id)

    (reply,) = await talk.to_discord(lambda: answer(copies[0]["message_id"]))
    line, text = reply["content"].split("\n")
    assert text == "an answer"
    assert line.startswith("-# ")
    assert f"/{stage.discord.guild_id}/{stage.channel}/{said['id']}" in line
    assert "Bia" in line or f"<@{stage.bia['id']}>" in line
    assert "question" in line
    own, own_copies = await _telegram_to_discord(talk, "mine")
    (reply,) = await talk.to_discord(lambda: answer(own["message_id"]))
    assert own_copies[0]["id"] in reply["content"].split("\n")[0]
    assert "Ana: mine" in read_markdown(reply["content"]).text


@pytest.mark.rows("3.2")
async def test_an_answer_to_what_never_crossed_still_says_what_it_answers(talk: Crossing) -> None:
    """Where there is no counterpart, the line names author and first words without a link."""
    stage = talk.stage
    other = stage.telegram.add_group("Elsewhere")["id"]
    stage.telegram.join(other, stage.rui["id"], quiet=True)
    there = stage.telegram.say(stage.rui["id"], other, "said elsewhere")
    (reply,) = await talk.to_discord(
        lambda: stage.telegram_says("look", reply_to=(other, there["message_id"]))
    )
    line, text = reply["content"].split("\n")
    assert text == "look"
    assert "Rui" in line
    assert "](" not in line


@pytest.mark.rows("3.3")
async def test_edits_cross_both_ways_and_previews_do_not(talk: Crossing) -> None:
    """A changed text changes its copy in place; a preview or an unseen change changes nothing."""
    stage = talk.stage
    said, (copy,) = await _telegram_to_discord(talk, "tpyo")
    stage.telegram.edit(stage.group, said["message_id"], "typo")
    await talk.telegram_fence()
    edited = talk.discord_copy(copy)
    assert (edited["content"], edited["author"]["username"]) == ("typo", "Ana")
    said, (copy,) = await _discord_to_telegram(talk, "see https://example.com")
    before = len(stage.telegram.calls_of("editMessageText"))
    stage.discord.preview(stage.channel, said["id"])
    stage.discord.pin(stage.bia["id"], stage.channel, said["id"])
    assert await talk.to_telegram(lambda: None) == []
    assert len(stage.telegram.calls_of("editMessageText")) == before
    stage.discord.edit(stage.channel, said["id"], "see **this**")
    stage.discord.preview(stage.channel, said["id"])
    await talk.discord_fence()
    now = talk.telegram_copy(copy)
    assert now is not None
    assert now["text"] == "Bia\nsee this"
    assert len(stage.telegram.calls_of("editMessageText")) == before + 1


@pytest.mark.rows("3.3")
async def test_an_edit_that_no_reader_sees_makes_no_call(talk: Crossing) -> None:
    """Telegram tells of edits that change nothing; they are not relayed."""
    stage = talk.stage
    said, _ = await _telegram_to_discord(talk, "the same")
    edits = [c for c in stage.discord.calls if c.method == "PATCH"]
    stage.telegram.edit(stage.group, said["message_id"], "the same")
    await talk.telegram_fence()
    assert [c for c in stage.discord.calls if c.method == "PATCH"] == edits


@pytest.mark.rows("3.3")
async def test_an_edit_before_the_delivery_is_folded_into_it(talk: Crossing) -> None:
    """What is edited, or deleted, while the other service fails arrives once as it is by then."""
    stage = talk.stage
    stage.telegram.faults.add(Fault("status", "sendMessage", times=1, status=502))
    said: list[Json] = []

    def act() -> None:
        stage.discord_says("holds the lane up")
        said.append(stage.discord_says("first words"))
        gone = stage.discord_says("never to be read")
        stage.discord.edit(stage.channel, said[0]["id"], "second thoughts")
        stage.discord.delete(stage.channel, gone["id"])

    copies = await talk.to_telegram(act)
    assert [body(copy) for copy in copies] == ["holds the lane up", "second thoughts"]
    assert "edit_date" not in copies[1]
