"""Edits and deletes of messages with files, rows 4.1 and 4.5."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from matebot.sandbox.discord import File
from matebot.sandbox.faults import Fault
from tests.media import makers
from tests.scenarios.crossing import FENCE, Crossing
from tests.scenarios.harness import Json, scene
from tests.scenarios.media_acts import (
    Sent,
    bytes_in_telegram,
    downloads_from_telegram,
    in_discord,
    in_telegram,
    kind_of,
    said,
    telegram_sends,
    uploads_to_discord,
    uploads_to_telegram,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHOTO = Sent("photo", makers.jpeg(100, 80))
PICTURE = File("p.png", makers.png(100, 80), "image/png")
FILM = Sent("video", makers.mp4(), "v.mp4", "video/mp4")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    """One daemon for all of them."""
    async with scene(tmp_path_factory.mktemp("changes")) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


async def from_telegram(talk: Crossing, sent: Sent, caption: str) -> tuple[int, Json]:
    """A file crosses into Discord: the number of its message, and the copy."""
    original: Json = {}
    (copy,) = await talk.to_discord(
        lambda: original.update(telegram_sends(talk.stage, sent, caption=caption))
    )
    return original["message_id"], copy


async def from_discord(talk: Crossing, files: list[File], text: str) -> tuple[Json, list[Json]]:
    """Files cross into Telegram: their message, and the copies."""
    original: Json = {}
    copies = await talk.to_telegram(
        lambda: original.update(talk.stage.discord_says(text, attachments=files))
    )
    return original, copies


def since(talk: Crossing, copy: Json) -> list[Json]:
    """What MateBot posted in the group from a copy on."""
    new = [m for m in talk.stage.in_telegram() if m["message_id"] >= copy["message_id"]]
    return [m for m in new if not FENCE.search(m.get("text", ""))]


async def test_4_1_a_caption_of_telegram_is_edited_alone(talk: Crossing) -> None:
    """Nothing is fetched, nothing goes up, the file is the same."""
    stage = talk.stage
    number, copy = await from_telegram(talk, PHOTO, "before")
    before = uploads_to_discord(stage), downloads_from_telegram(stage)
    stage.telegram.edit(stage.group, number, "after")
    await stage.until(lambda: talk.discord_copy(copy)["content"] == "after")
    assert (uploads_to_discord(stage), downloads_from_telegram(stage)) == before
    assert talk.discord_copy(copy)["attachments"][0]["id"] == copy["attachments"][0]["id"]


async def test_4_1_a_caption_is_edited_while_the_file_is_not_to_be_had(talk: Crossing) -> None:
    """What has arrived is not needed again."""
    stage = talk.stage
    number, copy = await from_telegram(talk, FILM, "before")
    stage.telegram.faults.add(Fault("status", "getFile", status=400, times=None))
    stage.telegram.edit(stage.group, number, "after")
    await stage.until(lambda: talk.discord_copy(copy)["content"] == "after")
    stage.telegram.faults.clear()
    assert len(talk.discord_copy(copy)["attachments"]) == 1


@pytest.mark.parametrize(
    "other", [Sent("photo", makers.jpeg(210, 80)), FILM], ids=["photo", "film"]
)
async def test_4_1_a_file_of_telegram_is_replaced(talk: Crossing, other: Sent) -> None:
    """By another picture, or by a film, with another caption."""
    stage = talk.stage
    number, copy = await from_telegram(talk, PHOTO, "before")
    stage.telegram.edit_media(
        stage.group, number, other.kind, other.data, name=other.name, mime=other.mime, caption="new"
    )
    await stage.until(lambda: talk.discord_copy(copy)["content"] == "new")
    await stage.settled()
    (seen,) = in_discord(stage, talk.discord_copy(copy))
    assert seen.width == (210 if other.kind == "photo" else 320)


async def test_4_5_a_photo_is_covered_later(talk: Crossing) -> None:
    """The same picture, as a spoiler."""
    stage = talk.stage
    number, copy = await from_telegram(talk, PHOTO, "look")
    stage.telegram.edit_media(
        stage.group, number, "photo", PHOTO.data, name="", mime="image/jpeg",
        caption="look", spoiler=True,
    )  # fmt: skip

    def covered() -> bool:
        (each,) = talk.discord_copy(copy)["attachments"]
        return str(each["filename"]).startswith("SPOILER_")

    await stage.until(covered)


async def test_4_1_words_of_discord_are_edited_alone(talk: Crossing) -> None:
    """The caption changes, the file is the same and nothing goes up."""
    stage = talk.stage
    original, (copy,) = await from_discord(talk, [PICTURE], "before")
    uploads = uploads_to_telegram(stage)
    stage.discord.edit(stage.channel, original["id"], "after **all**")
    await stage.until(lambda: said(talk.telegram_copy(copy) or {}) == "after all")
    now = talk.telegram_copy(copy) or {}
    assert now["caption_entities"][1]["type"] == "bold"
    assert uploads_to_telegram(stage) == uploads
    assert bytes_in_telegram(stage, now) == bytes_in_telegram(stage, copy)


async def test_4_1_words_that_become_too_long_for_a_caption(talk: Crossing) -> None:
    """All of them can still be read, and the picture is still there once."""
    stage = talk.stage
    original, (copy,) = await from_discord(talk, [PICTURE], "short")
    long = "a long story " * 120
    stage.discord.edit(stage.channel, original["id"], long)
    await stage.until(lambda: "".join(map(said, since(talk, copy))).count("a long story") == 120)
    await stage.settled()
    assert sum(bool(kind_of(m)) for m in since(talk, copy)) == 1


async def test_4_1_words_that_become_short_enough_for_a_caption(talk: Crossing) -> None:
    """Nothing of the long ones stays, and the picture is still there once."""
    stage = talk.stage
    original, copies = await from_discord(talk, [PICTURE], "a long story " * 120)
    stage.discord.edit(stage.channel, original["id"], "short")
    await stage.until(lambda: [said(m) for m in since(talk, copies[0]) if said(m)] == ["short"])
    await stage.settled()
    assert sum(bool(kind_of(m)) for m in since(talk, copies[0])) == 1


async def test_4_1_the_only_file_of_discord_is_taken_away(talk: Crossing) -> None:
    """The words stay, as a text."""
    stage = talk.stage
    original, (copy,) = await from_discord(talk, [PICTURE], "words alone")
    stage.discord.edit_files(stage.channel, original["id"], keep=[])
    await stage.until(lambda: [m.get("text") for m in since(talk, copy)] == ["Bia\nwords alone"])


async def test_4_1_a_file_of_discord_is_replaced(talk: Crossing) -> None:
    """In its place."""
    stage = talk.stage
    original, (copy,) = await from_discord(talk, [PICTURE], "look")
    other = File("q.png", makers.png(210, 80), "image/png")
    stage.discord.edit_files(stage.channel, original["id"], keep=[], add=[other])

    def width(message: Json) -> int:
        return in_telegram(stage, message).width if kind_of(message) else 0

    await stage.until(lambda: [width(m) for m in since(talk, copy)] == [210])
    assert said(since(talk, copy)[0]) == "look"


async def test_4_1_a_file_comes_to_a_text(talk: Crossing) -> None:
    """Once, with the words."""
    stage = talk.stage
    original, (copy,) = await from_discord(talk, [], "only words")
    stage.discord.edit_files(stage.channel, original["id"], keep=[], add=[PICTURE])
    await stage.until(lambda: any(kind_of(m) for m in since(talk, copy)))
    await stage.settled()
    assert [said(m) for m in since(talk, copy) if said(m)] == ["only words"]
    assert sum(bool(kind_of(m)) for m in since(talk, copy)) == 1


async def test_4_1_a_delete_takes_files_and_words(talk: Crossing) -> None:
    """A document, a sticker and a text that was too long: nothing of them stays."""
    stage = talk.stage
    sticker = stage.discord.add_sticker("gone", makers.png(90, 90, alpha=True), "png")
    page = File("p.pdf", makers.document(), "application/pdf")
    original: Json = {}
    copies = await talk.to_telegram(
        lambda: original.update(
            stage.discord_says("a story " * 200, attachments=[PICTURE, page], stickers=[sticker])
        )
    )
    assert [kind_of(copy) for copy in copies] == ["", "photo", "document", "sticker"]
    stage.discord.delete(stage.channel, original["id"])
    await stage.until(lambda: not any(talk.telegram_copy(copy) for copy in copies))


async def test_4_1_a_reaction_to_any_part_reaches_the_original(talk: Crossing) -> None:
    """Text and file of one message are both it."""
    stage = talk.stage
    original, copies = await from_discord(talk, [PICTURE], "a long story " * 120)
    assert len(copies) == 2
    for copy, emoji in zip(copies, ("👍", "🔥"), strict=True):
        stage.telegram.react(stage.ana["id"], stage.group, copy["message_id"], [emoji])

        def seen(wanted: str = emoji) -> bool:
            there = stage.discord.message(stage.channel, original["id"]).get("reactions", [])
            return any(each["emoji"]["name"] == wanted for each in there)

        await stage.until(seen)
