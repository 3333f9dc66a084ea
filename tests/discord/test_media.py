"""Files that MateBot brings into Discord."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from matebot.core.errors import OtherKind
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import LeftOut, Reason
from matebot.core.message import Attachment, AttachmentKind, Author, Copy, Message, Reply
from matebot.core.richtext import plain
from matebot.discord.parts import IS_VOICE_MESSAGE
from matebot.sandbox.discord import DiscordStandIn, permissions
from matebot.sandbox.faults import Fault
from tests.discord.harness import Side
from tests.discord.test_writing import WITHOUT_WEBHOOKS
from tests.media import makers

Json = dict[str, Any]

TELEGRAM = Room.telegram(-100)
MIB = 1024 * 1024


def copy(*attachments: Attachment, text: str = "", number: int = 7, **more: Any) -> Copy:
    """A message with files on its way to Discord."""
    told = {each: more.pop(each) for each in ("reply", "album") if each in more}
    message = Message(
        MessageRef(TELEGRAM, number), Author(42, "Zoe"), plain(text), attachments, **told
    )
    return Copy(message, None, "en", **more)


async def post(side: Side, made: Copy) -> list[MessageRef]:
    """Post a copy as a lane would."""
    messenger = side.service.messenger
    parts = await messenger.prepare(side.room, made)
    return [
        ref
        for number, part in enumerate(parts)
        for ref in await messenger.send(side.room, [part], f"k{number}")
    ]


async def files_of(message: Json) -> list[bytes]:
    """The bytes of a message's files, as anybody can fetch them."""
    found = []
    async with aiohttp.ClientSession() as session:
        for each in message["attachments"]:
            async with session.get(each["url"]) as response:
                found.append(await response.read())
    return found


def posts(standin: DiscordStandIn, side: Side) -> Sequence[Json]:
    """What stands in the room."""
    return standin.messages(side.room.chat)


async def test_text_and_files_are_one_post(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """Files come below the text, in order, as they were, covered and described as they were."""
    await side.start()
    one, two = makers.jpeg(), makers.mp4()
    cat = side.media.put(tmp_path / "cat.jpg", one, spoiler=True, alt="a cat")
    film = side.media.put(tmp_path / "film.mp4", two, kind=AttachmentKind.VIDEO)
    await post(side, copy(cat, film, text="look"))
    (shown,) = posts(standin, side)
    assert (shown["content"], shown["author"]["username"]) == ("look", "Zoe")
    assert [each["filename"] for each in shown["attachments"]] == ["SPOILER_cat.jpg", "film.mp4"]
    assert [each.get("description") or "" for each in shown["attachments"]] == ["a cat", ""]
    assert [each["content_type"] for each in shown["attachments"]] == ["image/jpeg", "video/mp4"]
    assert await files_of(shown) == [one, two]


async def test_a_file_alone_has_no_text(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """No note stands beside a picture that is there."""
    await side.start()
    await post(side, copy(side.media.put(tmp_path / "a.png", makers.png())))
    assert [each["content"] for each in posts(standin, side)] == [""]


async def test_the_bot_says_whose_picture_it_is(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """Without a webhook the name is the text."""
    standin.set_bot_permissions(WITHOUT_WEBHOOKS)
    await side.start()
    data = makers.png()
    await post(side, copy(side.media.put(tmp_path / "a.png", data)))
    (shown,) = posts(standin, side)
    assert shown["content"] == "**Zoe**"
    assert await files_of(shown) == [data]


async def test_more_files_than_a_post_holds(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """Ten go with the text, the others in a post behind it."""
    await side.start()
    files = [side.media.put(tmp_path / f"{n}.png", makers.png(8 + n)) for n in range(12)]
    await post(side, copy(*files, text="all"))
    first, second = posts(standin, side)
    names = [each["filename"] for post in (first, second) for each in post["attachments"]]
    assert names == [f"{n}.png" for n in range(12)]
    assert [len(each["attachments"]) for each in (first, second)] == [10, 2]
    assert [each["content"] for each in (first, second)] == ["all", ""]


async def test_a_name_in_any_script(standin: DiscordStandIn, side: Side, tmp_path: Path) -> None:
    """Discord writes names its own way; the title keeps what the sender wrote."""
    await side.start()
    name = 'отчёт "1".pdf'
    await post(side, copy(side.media.put(tmp_path / name, makers.document())))
    (shown,) = posts(standin, side)
    assert shown["attachments"][0]["title"] == 'отчёт "1"'


def spoken(side: Side, path: Path, **more: Any) -> Attachment:
    """A voice message on the shelf."""
    told = {"mime": "audio/ogg", "duration_s": 3.0, "waveform": bytes(range(100)), **more}
    return side.media.put(path, makers.ogg_opus(), kind=AttachmentKind.VOICE, **told)


async def test_a_voice_message_plays_in_place(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """What was spoken is a voice message of the person's, with its waveform."""
    await side.start()
    await post(side, copy(spoken(side, tmp_path / "voice.ogg")))
    (shown,) = posts(standin, side)
    assert shown["author"]["username"] == "Zoe"
    assert shown["flags"] & IS_VOICE_MESSAGE
    (sound,) = shown["attachments"]
    assert sound["duration_secs"] == 3.0
    assert sound["waveform"]


@pytest.mark.parametrize("by_bot", [False, True])
async def test_words_stand_before_a_voice_message(
    standin: DiscordStandIn, side: Side, tmp_path: Path, *, by_bot: bool
) -> None:
    """A voice message has no text: what it answers, or whose it is, is a post before it."""
    if by_bot:
        standin.set_bot_permissions(WITHOUT_WEBHOOKS)
    await side.start()
    reply = Reply(MessageRef(TELEGRAM, 3), "Ana", 1, "what?")
    await post(side, copy(spoken(side, tmp_path / "voice.ogg"), reply=reply))
    first, second = posts(standin, side)
    assert first["content"] == "-# ↪ Ana: what?" + ("\n**Zoe**" if by_bot else "")
    assert second["flags"] & IS_VOICE_MESSAGE


async def test_where_no_voice_message_may_be(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """Where Discord takes none it is a sound."""
    await side.start()
    await post(side, copy(side.media.put(tmp_path / "a.png", makers.png())))
    made = await side.service.messenger.prepare(
        side.room, copy(spoken(side, tmp_path / "voice.ogg", mime="application/octet-stream"))
    )
    await side.service.messenger.send(side.room, made, "k")
    shown = posts(standin, side)[-1]
    assert not shown["flags"] & IS_VOICE_MESSAGE
    assert await files_of(shown) == [makers.ogg_opus()]


async def test_what_is_too_large_stays_behind(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """A file that Discord takes not after all leaves a note; text and other files still cross."""
    await side.start()
    small, data = side.media.put(tmp_path / "a.png", makers.png()), makers.blob(11 * MIB)
    large = side.media.put(tmp_path / "b.bin", data, size_bytes=9 * MIB, kind=AttachmentKind.FILE)
    await post(side, copy(small, large, text="both"))
    (shown,) = posts(standin, side)
    assert shown["content"].splitlines()[0] == "both"
    assert "b.bin" in shown["content"]
    assert await files_of(shown) == [makers.png()]


async def test_without_the_permission_to_attach(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """The bot names what it may not attach."""
    standin.set_bot_permissions(WITHOUT_WEBHOOKS & ~permissions.ATTACH_FILES)
    await side.start()
    await post(side, copy(side.media.put(tmp_path / "a.png", makers.png()), text="look"))
    (shown,) = posts(standin, side)
    lines = shown["content"].splitlines()
    assert lines[:2] == ["**Zoe**", "look"]
    assert "a.png" in lines[2]


async def test_what_stays_behind_is_told(side: Side, tmp_path: Path) -> None:
    """A file that does not come along is a note in the text, and the part says so."""
    await side.start()
    left = LeftOut(Attachment(AttachmentKind.FILE, "big.iso"), Reason.TOO_LARGE, 10)
    shelved = side.media.shelve(tmp_path / "big.iso", left)
    (part,) = await side.service.messenger.prepare(side.room, copy(shelved, text="see"))
    assert part.left_out == (left,)
    assert part.text.splitlines()[0] == "see"
    assert "big.iso" in part.text


async def test_an_album_is_one_post(standin: DiscordStandIn, side: Side, tmp_path: Path) -> None:
    """Pictures that were sent together come together, with every caption and one name."""
    await side.start()
    parts = [makers.png(8 + n) for n in range(3)]
    files = [side.media.put(tmp_path / f"{n}.png", each) for n, each in enumerate(parts)]
    copies = [
        copy(each, text=text, number=n, album="a")
        for n, (each, text) in enumerate(zip(files, ["one", "", "*two*"], strict=True))
    ]
    messenger = side.service.messenger
    assert await messenger.most_together(side.room, copies) == 3
    (part,) = await messenger.prepare_together(side.room, copies)
    await messenger.send(side.room, [part], "k")
    (shown,) = posts(standin, side)
    assert shown["content"] == "one\n\\*two\\*"
    assert await files_of(shown) == parts


async def test_files_are_merged_in_albums_alone(side: Side, tmp_path: Path) -> None:
    """Under pressure texts go together, files by themselves, albums with their own."""
    await side.start()
    most = side.service.messenger.most_together
    file = side.media.put(tmp_path / "a.png", makers.png())
    other = side.media.put(tmp_path / "b.png", makers.png(9))
    voice = spoken(side, tmp_path / "v.ogg")
    text, picture = copy(text="hi"), copy(file)
    assert await most(side.room, [text, text, picture, text]) == 2
    assert await most(side.room, [picture, picture]) == 1
    assert await most(side.room, [copy(file, album="a"), text]) == 1
    album = [copy(file, album="a"), copy(other, album="a"), copy(other, album="b")]
    assert await most(side.room, album) == 2
    assert await most(side.room, [copy(file, album="a"), copy(voice, album="a")]) == 1
    assert await most(side.room, [copy(file, album="a")] * 12) == 10


async def test_an_edit_of_text_leaves_the_files_alone(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """A caption changes without a byte of the file, which nobody even fetches."""
    await side.start()
    file = side.media.put(tmp_path / "a.png", makers.png())
    (ref,) = await post(side, copy(file, text="befor"))
    side.media.fetched.clear()
    (part,) = await side.service.messenger.prepare(
        side.room, copy(file, text="before", stands=True)
    )
    await side.service.messenger.edit(ref, part)
    (shown,) = posts(standin, side)
    assert shown["content"] == "before"
    assert await files_of(shown) == [makers.png()]
    assert side.media.fetched == []
    assert [fetch for _, _, fetch in side.media.asked] == [True, False]


@pytest.mark.parametrize("by_bot", [False, True])
async def test_an_edit_uploads_only_what_is_new(
    standin: DiscordStandIn, side: Side, tmp_path: Path, *, by_bot: bool
) -> None:
    """What stands there stays, what is no more goes, and what is new comes."""
    if by_bot:
        standin.set_bot_permissions(WITHOUT_WEBHOOKS)
    await side.start()
    names = ("a.png", "b.png", "c.png")
    data = {name: makers.png(8 + n) for n, name in enumerate(names)}
    a, b, c = (side.media.put(tmp_path / name, data[name]) for name in names)
    (ref,) = await post(side, copy(a, b))
    before = posts(standin, side)[0]["attachments"]
    side.media.fetched.clear()
    messenger = side.service.messenger
    (part,) = await messenger.prepare(side.room, copy(b, c, stands=True))
    await messenger.edit(ref, part, files=True)
    (shown,) = posts(standin, side)
    assert shown["attachments"][0]["id"] == before[1]["id"]
    assert await files_of(shown) == [data["b.png"], data["c.png"]]
    assert side.media.fetched == ["c.png"]
    (bare,) = await messenger.prepare(side.room, copy(text="gone", stands=True))
    await messenger.edit(ref, bare, files=True)
    (shown,) = posts(standin, side)
    assert (shown["attachments"], shown["content"].splitlines()[-1]) == ([], "gone")


async def test_a_voice_message_cannot_be_edited(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """It is told as of another kind; where nothing changed nothing is done."""
    await side.start()
    messenger = side.service.messenger
    voice = spoken(side, tmp_path / "v.ogg")
    (ref,) = await post(side, copy(voice))
    (same,) = await messenger.prepare(side.room, copy(voice, stands=True))
    await messenger.edit(ref, same)
    await messenger.edit(ref, same, files=True)
    picture = copy(side.media.put(tmp_path / "a.png", makers.png()), stands=True)
    for other in (picture, copy(text="words")):
        (part,) = await messenger.prepare(side.room, other)
        with pytest.raises(OtherKind):
            await messenger.edit(ref, part, files=True)
    (shown,) = posts(standin, side)
    assert shown["flags"] & IS_VOICE_MESSAGE


async def test_a_deleted_originals_files_go(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """Where deletions are marked, the file goes and its name stays, struck out."""
    await side.start()
    made = copy(side.media.put(tmp_path / "a.png", makers.png()), text="look")
    (ref,) = await post(side, made)
    gone = msgspec.structs.replace(made, deleted=True, stands=True)
    (part,) = await side.service.messenger.prepare(side.room, gone)
    await side.service.messenger.edit(ref, part, files=True)
    (shown,) = posts(standin, side)
    assert shown["attachments"] == []
    assert "a.png" in shown["content"]


async def test_boosts_lift_the_limit(standin: DiscordStandIn, side: Side, tmp_path: Path) -> None:
    """A room says how large a file its server takes, before and in its turn."""
    await side.start()
    made = copy(side.media.put(tmp_path / "a.png", makers.png()))
    side.service.messenger.foresee(side.room, made.message)
    await side.service.messenger.prepare(side.room, made)
    standin.set_premium_tier(3)
    guild = side.service.client.get_guild(standin.guild_id)
    await side.wait_for(lambda: guild is not None and guild.premium_tier == 3)
    await side.service.messenger.prepare(side.room, made)
    takes = [takes for _, takes, _ in side.media.asked]
    assert [each.most_bytes for each in takes] == [10 * MIB, 100 * MIB]
    assert takes[0].platform is Platform.DISCORD
    assert side.media.foreseen == [(made.message, takes[0])]


@pytest.mark.parametrize("kind", ["status", "drop", "drop_after"])
async def test_a_failed_upload_is_tried_once(
    standin: DiscordStandIn, side: Side, tmp_path: Path, kind: Any
) -> None:
    """An upload whose answer never came is not repeated by itself, and its file is closed."""
    await side.start()
    made = copy(side.media.put(tmp_path / "a.png", makers.png()))
    (part,) = await side.service.messenger.prepare(side.room, made)
    standin.faults.add(Fault(kind, match="webhook.execute", status=502))
    with pytest.raises(Exception, match=r"Discord|502"):
        await side.service.messenger.send(side.room, [part], "k")
    assert len(posts(standin, side)) == (kind == "drop_after")


async def test_a_refused_name_keeps_the_file(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """The whole file goes out again with the second attempt."""
    await side.start()
    data = makers.jpeg()
    made = copy(side.media.put(tmp_path / "a.jpg", data), text="hi")
    (part,) = await side.service.messenger.prepare(side.room, made)
    odd = msgspec.structs.replace(part, username="discord")
    await side.service.messenger.send(side.room, [odd], "k")
    (shown,) = posts(standin, side)
    assert shown["content"] == "**Zoe**\nhi"
    assert await files_of(shown) == [data]


async def test_the_bot_takes_over_with_the_whole_file(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """A webhook that is gone has read the file already; the bot sends it from its beginning."""
    await side.start()
    data = makers.jpeg()
    messenger = side.service.messenger
    (part,) = await messenger.prepare(side.room, copy(side.media.put(tmp_path / "a.jpg", data)))
    standin.set_bot_permissions(WITHOUT_WEBHOOKS)
    standin.world.webhooks.clear()
    await messenger.send(side.room, [part], "k")
    (shown,) = posts(standin, side)
    assert (shown.get("webhook_id"), shown["content"]) == (None, "**Zoe**")
    assert await files_of(shown) == [data]


async def test_an_edit_by_the_bot_after_a_webhooks_uploads_the_whole_file(
    standin: DiscordStandIn, side: Side, tmp_path: Path
) -> None:
    """What the bot posted before there was a webhook is the bot's to edit."""
    await side.start()
    messenger = side.service.messenger
    (said,) = await messenger.prepare(side.room, copy(text="look"))
    by_bot = msgspec.structs.replace(said, as_bot=True)
    (ref,) = await messenger.send(side.room, [by_bot], "k")
    data = makers.jpeg()
    made = copy(side.media.put(tmp_path / "a.jpg", data), text="look")
    (part,) = await messenger.prepare(side.room, made)
    await messenger.edit(ref, part, files=True)
    (shown,) = posts(standin, side)
    assert await files_of(shown) == [data]
