"""Albums both ways, row 4.2: one message or album, in order, each part in the map."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from matebot.sandbox.discord import File
from matebot.sandbox.faults import Fault
from tests.media import makers
from tests.scenarios.crossing import Crossing, entity
from tests.scenarios.harness import Json, Scene, scene
from tests.scenarios.media_acts import (
    Sent,
    in_discord,
    in_telegram,
    kind_of,
    said,
    telegram_album,
    telegram_sends,
    uploads_to_discord,
    uploads_to_telegram,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

WIDTHS = [100, 110, 120, 130]
PHOTOS = [Sent("photo", makers.jpeg(width, 90)) for width in WIDTHS]
PICTURES = [File(f"p{width}.png", makers.png(width, 90), "image/png") for width in WIDTHS]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    """One daemon for most of them."""
    settings = {"DELETE_CHECK_SECONDS": "0.6"}
    async with scene(tmp_path_factory.mktemp("albums"), settings=settings) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


def widths(stage: Scene, copies: list[Json]) -> list[int]:
    """Those of the pictures of copies in Telegram, in order."""
    return [in_telegram(stage, copy).width for copy in copies]


async def in_album(talk: Crossing, items: list[Sent], **more: object) -> tuple[list[Json], Json]:
    """An album crosses into Discord; its messages and the one copy."""
    album: list[Json] = []
    (copy,) = await talk.to_discord(lambda: album.extend(telegram_album(talk.stage, items, **more)))
    return album, copy


async def test_4_2_an_album_is_one_post(talk: Crossing) -> None:
    """Its files in order, its caption with its formatting; one post, one album."""
    text = "four of them"
    _, copy = await in_album(
        talk, PHOTOS, caption=text, caption_entities=[entity(text, "four", "italic")]
    )
    assert copy["content"] == "*four* of them"
    assert [seen.width for seen in in_discord(talk.stage, copy)] == WIDTHS


async def test_4_2_ten_of_an_album_are_one_post(talk: Crossing) -> None:
    """As many as either side has in one."""
    ten = [Sent("photo", makers.jpeg(60 + n, 50)) for n in range(10)]
    _, copy = await in_album(talk, ten)
    assert [seen.width for seen in in_discord(talk.stage, copy)] == [60 + n for n in range(10)]


@pytest.mark.parametrize("kind", ["document", "audio"])
async def test_4_2_albums_of_other_kinds(talk: Crossing, kind: str) -> None:
    """Documents and music come as albums, too."""
    data, mime = (makers.mp3(), "audio/mpeg") if kind == "audio" else (b"text", "text/plain")
    end = mime.partition("/")[2].replace("mpeg", "mp3").replace("plain", "txt")
    _, copy = await in_album(talk, [Sent(kind, data, f"{n}.{end}", mime) for n in "abc"])
    assert [each["filename"] for each in copy["attachments"]] == [f"{n}.{end}" for n in "abc"]


async def test_4_2_photos_and_films_mix(talk: Crossing) -> None:
    """In their order."""
    film = Sent("video", makers.mp4(), "v.mp4", "video/mp4")
    _, copy = await in_album(talk, [PHOTOS[0], film, PHOTOS[1]])
    assert [seen.kind for seen in in_discord(talk.stage, copy)] == ["jpeg", "mp4", "jpeg"]


async def test_4_2_every_caption_is_kept(talk: Crossing) -> None:
    """Where several parts say something."""
    stage = talk.stage
    group = stage.telegram.new_album_id()

    def act() -> None:
        for number, sent in enumerate(PHOTOS[:3]):
            caption = None if number == 1 else f"words {number}"
            telegram_sends(stage, sent, caption=caption, media_group_id=group)

    (copy,) = await talk.to_discord(act)
    assert len(copy["attachments"]) == 3
    assert copy["content"].split() == ["words", "0", "words", "2"]


async def test_4_2_two_albums_stay_two(talk: Crossing) -> None:
    """One right after the other."""

    def act() -> None:
        telegram_album(talk.stage, PHOTOS[:2], caption="first")
        telegram_album(talk.stage, PHOTOS[2:], caption="second")

    copies = await talk.to_discord(act)
    shown = [[seen.width for seen in in_discord(talk.stage, copy)] for copy in copies]
    assert shown == [WIDTHS[:2], WIDTHS[2:]]
    assert [copy["content"] for copy in copies] == ["first", "second"]


async def test_4_2_a_caption_of_an_album_is_edited(talk: Crossing) -> None:
    """Without any file going up again."""
    stage = talk.stage
    album, copy = await in_album(talk, PHOTOS[:2], caption="before")
    uploads = uploads_to_discord(stage)
    stage.telegram.edit(stage.group, album[0]["message_id"], "after")
    await stage.until(lambda: talk.discord_copy(copy)["content"] == "after")
    assert uploads_to_discord(stage) == uploads
    assert talk.discord_copy(copy)["attachments"][1]["id"] == copy["attachments"][1]["id"]


async def test_4_2_a_part_of_an_album_is_replaced(talk: Crossing) -> None:
    """It alone goes up; Discord puts what is new behind what stays."""
    stage = talk.stage
    album, copy = await in_album(talk, PHOTOS[:3], caption="three")
    uploads = uploads_to_discord(stage)
    number, data = album[1]["message_id"], makers.jpeg(210, 90)
    stage.telegram.edit_media(stage.group, number, "photo", data, name="", mime="image/jpeg")

    def shown() -> list[int]:
        return [seen.width for seen in in_discord(stage, talk.discord_copy(copy))]

    await stage.until(lambda: 210 in shown())
    assert shown() == [WIDTHS[0], WIDTHS[2], 210]
    assert uploads_to_discord(stage) == uploads + 1
    assert talk.discord_copy(copy)["content"] == "three"


async def test_4_2_a_deleted_part_goes(talk: Crossing) -> None:
    """And the rest of its album stays."""
    stage = talk.stage
    album, copy = await in_album(talk, PHOTOS[:3], caption="three")
    stage.telegram.say(stage.ana["id"], stage.group, "/delete", reply_to=album[1]["message_id"])

    def shown() -> list[int]:
        return [seen.width for seen in in_discord(stage, talk.discord_copy(copy))]

    await stage.until(lambda: shown() == [WIDTHS[0], WIDTHS[2]])


async def test_4_2_a_reply_to_any_part_finds_the_post(talk: Crossing) -> None:
    """The second one's, too."""
    stage = talk.stage
    album, copy = await in_album(talk, PHOTOS[:2], caption="two")
    for part in album:
        (answer,) = await talk.to_discord(
            lambda p=part: stage.telegram_says("which?", reply_to=p["message_id"])  # type: ignore[misc]  # a lambda's default has no type
        )
        assert copy["id"] in answer["content"]


# Discord's


async def posted(talk: Crossing, files: list[File], text: str = "") -> tuple[Json, list[Json]]:
    """Bia posts files; her message and its copies in Telegram."""
    original: Json = {}
    copies = await talk.to_telegram(
        lambda: original.update(talk.stage.discord_says(text, attachments=files))
    )
    return original, copies


async def test_4_2_several_pictures_are_one_album(talk: Crossing) -> None:
    """In order, by one call, the words below the first."""
    stage = talk.stage
    before = len(stage.telegram.calls_of("sendMediaGroup"))
    _, copies = await posted(talk, PICTURES, "four of **them**")
    assert len(stage.telegram.calls_of("sendMediaGroup")) == before + 1
    assert len({copy["media_group_id"] for copy in copies}) == 1
    assert widths(stage, copies) == WIDTHS
    assert [copy.get("caption") for copy in copies] == ["Bia\nfour of them", None, None, None]


async def test_4_2_ten_pictures_are_one_album(talk: Crossing) -> None:
    """As many as either side has in one."""
    ten = [File(f"{n}.png", makers.png(60 + n, 50), "image/png") for n in range(10)]
    _, copies = await posted(talk, ten)
    assert widths(talk.stage, copies) == [60 + n for n in range(10)]
    assert len({copy["media_group_id"] for copy in copies}) == 1


async def test_4_2_a_mix_is_the_fewest_messages_in_order(talk: Crossing) -> None:
    """Pictures and films are one album; what Telegram does not mix stands by itself."""
    film = File("v.mp4", makers.mp4(), "video/mp4")
    song = File("s.mp3", makers.mp3(), "audio/mpeg")
    page = File("p.pdf", makers.document(), "application/pdf")
    files = [PICTURES[0], film, page, page._replace(name="q.pdf"), song]
    _, copies = await posted(talk, files, "a mix")
    assert [kind_of(copy) for copy in copies] == ["photo", "video", "document", "document", "audio"]
    albums = [copy.get("media_group_id") for copy in copies]
    assert albums[0] == albums[1] is not None
    assert albums[2] == albums[3] is not None
    assert albums[0] != albums[2]
    assert albums[4] is None
    assert next(said(copy) for copy in copies if copy.get("caption")) == "a mix"


async def test_4_2_a_reply_to_any_picture_of_an_album_finds_its_post(talk: Crossing) -> None:
    """Each part is in the map; a reaction to one finds it as well."""
    stage = talk.stage
    original, copies = await posted(talk, PICTURES[:3], "three")
    for copy in copies:
        (answer,) = await talk.to_discord(
            lambda c=copy: stage.telegram_says("nice", reply_to=c["message_id"])  # type: ignore[misc]  # a lambda's default has no type
        )
        assert original["id"] in answer["content"]
    stage.telegram.react(stage.ana["id"], stage.group, copies[1]["message_id"], ["👍"])
    await stage.until(lambda: "reactions" in stage.discord.message(stage.channel, original["id"]))


async def test_4_2_an_edit_of_the_words_uploads_nothing(talk: Crossing) -> None:
    """The caption alone changes."""
    stage = talk.stage
    original, copies = await posted(talk, PICTURES[:2], "before")
    uploads = uploads_to_telegram(stage)
    stage.discord.edit(stage.channel, original["id"], "after")
    await stage.until(lambda: "after" in str(talk.telegram_copy(copies[0])))
    await stage.settled()
    assert uploads_to_telegram(stage) == uploads
    assert widths(stage, [talk.telegram_copy(copy) or {} for copy in copies]) == WIDTHS[:2]


@pytest.mark.parametrize("taken", [0, 1, 2])
async def test_4_2_an_attachment_that_is_taken_away_goes(talk: Crossing, taken: int) -> None:
    """The others stay, and the words do."""
    stage = talk.stage
    original, copies = await posted(talk, PICTURES[:3], "three")
    ids = [each["id"] for each in original["attachments"]]
    kept = [each for number, each in enumerate(ids) if number != taken]
    stage.discord.edit_files(stage.channel, original["id"], keep=kept)
    left = [width for number, width in enumerate(WIDTHS[:3]) if number != taken]

    def shown() -> list[Json]:
        new = [m for m in stage.in_telegram() if m["message_id"] >= copies[0]["message_id"]]
        return [m for m in new if kind_of(m)]

    await stage.until(lambda: widths(stage, shown()) == left)
    await stage.settled()
    assert widths(stage, shown()) == left
    assert [said(m) for m in shown() if m.get("caption")] == ["three"]


async def test_4_2_a_delete_removes_every_part(talk: Crossing) -> None:
    """None of an album stays."""
    stage = talk.stage
    original, copies = await posted(talk, PICTURES, "four")
    stage.discord.delete(stage.channel, original["id"])
    await stage.until(lambda: not any(talk.telegram_copy(copy) for copy in copies))


# Deaths


@pytest.mark.parametrize("when", ["while it waits", "while it is posted"])
async def test_4_2_a_kill_neither_loses_nor_doubles_an_album(tmp_path: Path, when: str) -> None:
    """Of Telegram's: once, whole and in order, whether it waited for its end or was under way."""
    async with scene(tmp_path) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        if when == "while it is posted":
            stage.discord.faults.add(Fault("late", "webhook.execute", delay_s=5.0))
        telegram_album(stage, PHOTOS, caption="mind the kill")
        await stage.telegram.wait_for(lambda: not stage.telegram.pending_updates)
        if when == "while it is posted":
            await stage.until(lambda: uploads_to_discord(stage) > 0)
        await stage.daemon.kill()
        await stage.daemon.start()
        await stage.daemon.ready()
        await stage.reaches_discord("mind the kill")
        await talk.telegram_fence()
        copies = [m for m in stage.in_discord() if m["attachments"]]
        assert len(copies) == 1
        assert uploads_to_discord(stage) == len(PHOTOS)
        assert [seen.width for seen in in_discord(stage, copies[0])] == WIDTHS


async def test_4_2_a_kill_neither_loses_nor_doubles_a_group_of_files(tmp_path: Path) -> None:
    """Of Discord's: what Telegram refused until then arrives once, whole and in order."""
    async with scene(tmp_path) as stage:
        talk = Crossing(stage)
        await talk.discord_fence()
        stage.telegram.faults.add(Fault("status", "sendMediaGroup", status=502, times=None))
        stage.discord_says("mind the kill", attachments=PICTURES)
        await stage.until(lambda: uploads_to_telegram(stage) >= len(PICTURES))
        await stage.daemon.kill()
        stage.telegram.faults.clear()
        await stage.daemon.start()
        await stage.daemon.ready()
        await talk.discord_fence()
        copies = [m for m in stage.in_telegram() if kind_of(m)]
        assert widths(stage, copies) == WIDTHS
