"""The bytes of what was sent in Discord, as they are handed out."""

from typing import Any

import pytest

from matebot.core.errors import MessageGone, TemporaryError
from matebot.core.events import Edited, Posted
from matebot.core.ids import MessageRef
from matebot.core.message import Attachment, AttachmentKind, Author, File, Message
from matebot.core.richtext import RichText
from matebot.discord.cdn import reachable
from matebot.sandbox.discord import DiscordStandIn, permissions
from matebot.sandbox.faults import Fault
from tests.discord.harness import Side
from tests.media import makers

Json = dict[str, Any]


async def said(side: Side, standin: DiscordStandIn, ana: Json, **more: Any) -> Posted:
    """What a person says, as it was read."""
    standin.say(ana["id"], side.room.chat, more.pop("content", ""), **more)
    await side.wait_for(lambda: side.intake.events)
    (event,) = side.intake.events
    assert isinstance(event, Posted)
    return event


async def read(side: Side, event: Posted, file: File | None = None) -> tuple[int | None, bytes]:
    """A file's told size and its bytes."""
    found: Attachment = event.message.attachments[0]
    assert found.file is not None
    async with side.service.files.open(file or found.file, event.message.ref) as opened:
        return opened.size_bytes, b"".join([chunk async for chunk in opened.chunks])


async def test_a_file_is_handed_out(standin: DiscordStandIn, side: Side, ana: Json) -> None:
    """What somebody sends can be read byte by byte, and its size is told before."""
    await side.start()
    data = makers.jpeg()
    event = await said(side, standin, ana, attachments=[("a.jpg", data, "image/jpeg")])
    assert await read(side, event) == (len(data), data)


@pytest.mark.parametrize("status", [403, 404])
async def test_an_expired_address_is_renewed(
    standin: DiscordStandIn, side: Side, ana: Json, status: int
) -> None:
    """Where the address has expired, the message tells a new one."""
    await side.start()
    data = makers.png()
    event = await said(side, standin, ana, attachments=[("a.png", data, "image/png")])
    standin.faults.add(Fault("status", match="cdn", status=status))
    assert (await read(side, event))[1] == data
    standin.expire_attachment_urls()
    assert (await read(side, event))[1] == data


async def test_without_the_history_the_address_is_signed_anew(
    standin: DiscordStandIn, side: Side, ana: Json
) -> None:
    """Where the message may not be read again, Discord signs its file's address anew."""
    await side.start()
    data = makers.png()
    event = await said(side, standin, ana, attachments=[("a.png", data, "image/png")])
    standin.set_bot_permissions(
        permissions.ALL & ~permissions.READ_MESSAGE_HISTORY & ~permissions.ADMINISTRATOR
    )
    standin.expire_attachment_urls()
    assert (await read(side, event))[1] == data
    assert any("refresh-urls" in call.path for call in standin.calls)


async def test_a_file_of_a_deleted_message_is_gone(
    standin: DiscordStandIn, side: Side, ana: Json
) -> None:
    """What nobody has any more is told as gone, at once."""
    await side.start()
    event = await said(side, standin, ana, attachments=[("a.png", makers.png(), "image/png")])
    standin.delete(side.room.chat, event.message.ref.message_id)
    standin.faults.add(Fault("status", match="cdn", status=404, times=None))
    with pytest.raises(MessageGone):
        await read(side, event)


async def test_a_file_that_was_taken_away_is_gone(
    standin: DiscordStandIn, side: Side, ana: Json
) -> None:
    """What its author has removed from the message is not brought back."""
    await side.start()
    event = await said(side, standin, ana, attachments=[("a.png", makers.png(), "image/png")])
    standin.edit_files(side.room.chat, event.message.ref.message_id, keep=())
    standin.expire_attachment_urls()
    with pytest.raises(MessageGone):
        await read(side, event)


async def test_a_forwards_file(standin: DiscordStandIn, side: Side, ana: Json) -> None:
    """The forward itself tells the new address of a file that it passes on."""
    await side.start()
    other = standin.add_channel("elsewhere")
    data = makers.png()
    first = standin.say(ana["id"], other["id"], "", attachments=[("a.png", data, "image/png")])
    event = await said(side, standin, ana, forward=(other["id"], first["id"]))
    assert (await read(side, event))[1] == data
    standin.faults.add(Fault("status", match="cdn", status=404))
    assert (await read(side, event))[1] == data


@pytest.mark.parametrize("kind", ["png", "apng", "lottie", "gif"])
async def test_stickers_are_handed_out(
    standin: DiscordStandIn, side: Side, ana: Json, kind: str
) -> None:
    """Each kind lies where the library says, or on the server that stands for that."""
    await side.start()
    made = {"png": makers.png, "apng": makers.apng, "lottie": makers.lottie, "gif": makers.gif}
    data = made[kind]()
    sticker = standin.add_sticker("wave", data, kind)
    event = await said(side, standin, ana, stickers=[sticker])
    assert (await read(side, event))[1] == data


async def test_an_address_that_is_a_picture(standin: DiscordStandIn, side: Side, ana: Json) -> None:
    """Nothing but the address of a picture is the picture, fetched from where Discord keeps it."""
    await side.start()
    data = makers.jpeg()
    standin.link_picture(ana["id"], side.room.chat, data, name="cat.jpg")
    await side.wait_for(lambda: side.intake.events)
    (event,) = side.intake.events
    assert isinstance(event, Posted)
    assert not event.message.text
    assert (await read(side, event))[1] == data


async def test_the_address_of_another_messages_file(
    standin: DiscordStandIn, side: Side, ana: Json
) -> None:
    """An address of a file of Discord's own is signed anew where it has expired."""
    await side.start()
    data, other = makers.png(), standin.add_channel("elsewhere")
    first = standin.say(ana["id"], other["id"], "", attachments=[("a.png", data, "image/png")])
    url = first["attachments"][0]["url"]
    standin.expire_attachment_urls()
    embed = {"type": "image", "url": url, "thumbnail": {"url": url}}
    event = await said(side, standin, ana, content=url, embeds=[embed])
    assert (await read(side, event))[1] == data


async def test_a_spoken_message(standin: DiscordStandIn, side: Side, ana: Json) -> None:
    """What a person speaks is read with its length and loudness."""
    await side.start()
    standin.say_voice(ana["id"], side.room.chat, makers.ogg_opus(2.0), waveform=b"\x01\x02")
    await side.wait_for(lambda: side.intake.events)
    (event,) = side.intake.events
    assert isinstance(event, Posted)
    (sound,) = event.message.attachments
    assert sound.kind is AttachmentKind.VOICE
    assert sound.file is not None
    assert (round(sound.file.duration_s), sound.file.waveform) == (2, b"\x01\x02")


async def test_a_server_in_trouble(standin: DiscordStandIn, side: Side, ana: Json) -> None:
    """A failing server, and one that breaks off, mean another attempt; none is made here."""
    await side.start()
    event = await said(side, standin, ana, attachments=[("a.png", makers.png(), "image/png")])
    for fault in (
        Fault("status", match="cdn", status=503),
        Fault("status", match="cdn", status=429),
        Fault("cut", match="cdn", times=None),
        Fault("drop", match="cdn", times=None),
    ):
        standin.faults.add(fault)
        with pytest.raises(TemporaryError):
            await read(side, event)
        standin.faults.clear()
    assert (await read(side, event))[0]


async def test_what_is_not_read_is_not_fetched(
    standin: DiscordStandIn, side: Side, ana: Json
) -> None:
    """Who stops at the first piece of a large file lets go of the rest."""
    await side.start()
    data = makers.blob(9_000_000)
    event = await said(side, standin, ana, attachments=[("a.bin", data, "application/zip")])
    found = event.message.attachments[0].file
    assert found is not None
    async with side.service.files.open(found, event.message.ref) as opened:
        async for chunk in opened.chunks:
            assert len(chunk) <= 1 << 16
            break
    with pytest.raises(TemporaryError):
        _ = [chunk async for chunk in opened.chunks]


@pytest.mark.parametrize(
    "source",
    [
        "https://evil.example/attachments/1/2/a.png",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
    ],
)
async def test_no_other_host_is_asked(
    standin: DiscordStandIn, side: Side, ana: Json, source: str
) -> None:
    """An address that leads elsewhere is never followed."""
    await side.start()
    event = await said(side, standin, ana, attachments=[("a.png", makers.png(), "image/png")])
    with pytest.raises(MessageGone):
        await read(side, event, File(source, "x"))


async def test_before_the_log_in(side: Side) -> None:
    """Files wait for the connection like everything else."""
    file = Attachment(AttachmentKind.FILE, file=File("x", "x"))
    ref = MessageRef(side.room, 1)
    event = Posted(Message(ref, Author(1, "Ana"), RichText(), (file,)))
    base = side.standin.cdn_url
    with pytest.raises(TemporaryError):
        await read(side, event, File(f"{base}/attachments/1/2/a.png", "2"))


async def test_one_server_stands_for_all_of_discords(side: Side) -> None:
    """With another server set, not even the library's fixed addresses lead to the real one."""
    base = side.standin.cdn_url
    assert reachable("https://media.discordapp.net/stickers/9.gif") == f"{base}/stickers/9.gif"
    assert reachable(f"{base}/stickers/9.png") == f"{base}/stickers/9.png"
    assert reachable("https://cdn.discordapp.com/a/b?ex=1") == f"{base}/a/b?ex=1"


async def test_a_picture_that_discord_shows_later(
    standin: DiscordStandIn, side: Side, ana: Json
) -> None:
    """An address whose picture comes after it becomes the picture; beside words it stays."""
    await side.start()
    url = "https://tenor.example/view/1"
    medium = {"url": f"{url}.mp4", "proxy_url": f"{standin.cdn_url}/external/1/a.mp4"}
    shown = {"type": "gifv", "url": url, "video": medium}
    alone = standin.say(ana["id"], side.room.chat, url)
    beside = standin.say(ana["id"], side.room.chat, f"look {url}")
    standin.preview(side.room.chat, beside["id"], {**shown})
    standin.preview(side.room.chat, alone["id"], {**shown})
    await side.wait_for(lambda: len(side.intake.events) == 3)
    edited = side.intake.events[-1]
    assert isinstance(edited, Edited)
    assert edited.message.ref.message_id == int(alone["id"])
    (found,) = edited.message.attachments
    assert (found.kind, found.link) == (AttachmentKind.ANIMATION, url)
    assert not edited.message.text
