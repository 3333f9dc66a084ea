"""The library that the daemon uses, against the stand-in."""

import json
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot, exceptions, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from matebot.sandbox.telegram import TelegramStandIn
from tests.media.makers import jpeg, mp4
from tests.sandbox.telegram.api import TOKEN, png, self_signed


@pytest.fixture
async def bot(standin: TelegramStandIn) -> AsyncIterator[Bot]:
    """A real bot that talks to the stand-in."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(standin.url))
    async with Bot(TOKEN, session=session) as running:
        yield running


async def test_messages(bot: Bot, standin: TelegramStandIn, group: int, ana: int) -> None:
    """Send, reply with entities, edit, delete, and read what the library makes of it."""
    assert (await bot.get_me()).can_read_all_group_messages
    said = standin.say(ana, group, "one")
    sent = await bot.send_message(
        group,
        "bold link",
        entities=[
            types.MessageEntity(type="bold", offset=0, length=4),
            types.MessageEntity(type="text_link", offset=5, length=4, url="https://x.example"),
        ],
        reply_parameters=types.ReplyParameters(message_id=said["message_id"]),
    )
    assert sent.reply_to_message is not None
    assert sent.entities is not None
    assert sent.entities[1].url == "https://x.example/"
    edited = await bot.edit_message_text("new", chat_id=group, message_id=sent.message_id)
    assert isinstance(edited, types.Message)
    with pytest.raises(exceptions.TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(chat_id=group, message_id=sent.message_id)
    assert await bot.delete_message(group, sent.message_id)


async def test_files(bot: Bot, standin: TelegramStandIn, group: int) -> None:
    """An album is uploaded, and a part of it comes back byte for byte."""
    standin.state.local = False
    picture = jpeg(800, 600)
    media: list[types.MediaUnion] = [
        types.InputMediaPhoto(media=types.BufferedInputFile(picture, "a.jpg"), caption="c"),
        types.InputMediaPhoto(media=types.BufferedInputFile(picture, "b.jpg")),
    ]
    sent = await bot.send_media_group(group, media)
    photo = sent[0].photo
    assert photo is not None
    got = await bot.download(photo[-1])
    assert got is not None
    assert got.read() == picture
    sizes = [size for _name, size in standin.calls_of("sendMediaGroup")[0].files.values()]
    assert sizes == [len(picture)] * 2


async def test_errors(bot: Bot, standin: TelegramStandIn, group: int, ana: int) -> None:
    """Refusals become the library's own exceptions."""
    with pytest.raises(exceptions.TelegramForbiddenError):
        await bot.send_message(ana, "a")
    small = int(standin.add_group("S", kind="group")["id"])
    moved = standin.migrate(small)
    with pytest.raises(exceptions.TelegramMigrateToChat) as migrated:
        await bot.send_message(small, "a")
    assert migrated.value.migrate_to_chat_id == moved
    standin.state.rates.enabled = True
    while not standin.state.rates.take(group, group=True):
        pass
    with pytest.raises(exceptions.TelegramRetryAfter):
        await bot.send_message(group, "too soon")
    standin.revoke_token()
    with pytest.raises(exceptions.TelegramUnauthorizedError):
        await bot.get_me()


async def test_every_answer_fits_the_library(
    bot: Bot, standin: TelegramStandIn, group: int, ana: int
) -> None:
    """What the other methods answer is what the library's models expect."""
    standin.join(group, ana)
    said = standin.say(ana, group, "a")["message_id"]
    await bot.set_webhook(
        "https://matebot.example/hook",
        certificate=types.BufferedInputFile(self_signed()[0], "c.pem"),
        allowed_updates=["message", "message_reaction"],
        secret_token="abc",
    )
    info = await bot.get_webhook_info()
    assert info.has_custom_certificate
    assert info.allowed_updates == ["message", "message_reaction"]
    assert (await bot.get_chat(group)).title == "Team"
    assert (await bot.get_chat(ana)).first_name == "Ana"
    assert (await bot.get_chat_member(group, ana)).status == "member"
    assert len(await bot.get_chat_administrators(group)) == 2
    assert (await bot.get_user_profile_photos(ana)).total_count == 0
    assert await bot.set_my_commands([types.BotCommand(command="help", description="Help")])
    assert (await bot.get_my_commands())[0].command == "help"
    assert await bot.set_message_reaction(group, said, [types.ReactionTypeEmoji(emoji="👍")])
    assert await bot.pin_chat_message(group, said)
    assert await bot.send_chat_action(group, "typing")
    whisper = await bot.send_message(
        group,
        "psst",
        ephemeral_message_parameters=types.EphemeralMessageParameters(receiver_user_id=ana),
    )
    assert whisper.ephemeral_message_id == 1


async def test_every_update_fits_the_library(standin: TelegramStandIn, ana: int) -> None:
    """What the stand-in tells the bot is what the library's models expect."""
    standin.state.updates.allowed = [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "message_reaction",
        "message_reaction_count",
        "my_chat_member",
        "chat_member",
        "callback_query",
    ]
    forum = int(standin.add_group("F", forum=True)["id"])
    topic = standin.add_topic(forum, "T")
    channel = int(standin.add_group("C", kind="channel")["id"])
    small = int(standin.add_group("S", kind="group")["id"])
    standin.join(forum, ana)
    said = standin.say(ana, forum, "hi https://x.example", topic=topic)
    standin.edit(forum, said["message_id"], "hi again")
    kinds = {
        "photo": (png(900, 900), "image/png"),
        "document": (b"x", "text/plain"),
        "video": (b"x", "video/mp4"),
        "animation": (b"x", "video/mp4"),
        "audio": (b"x", "audio/mpeg"),
        "voice": (b"OggS", "audio/ogg"),
        "video_note": (b"x", "video/mp4"),
        "sticker": (b"RIFFxxxxWEBP", "image/webp"),
        "live_photo": (mp4(), "video/mp4"),
    }
    for kind, (data, mime) in kinds.items():
        standin.send_file(ana, forum, kind, data, name="x", mime=mime, topic=topic)
    standin.send_paid(ana, forum, [("photo", png(90, 90), "p.png", "image/png")])
    standin.react(ana, forum, said["message_id"], ["👍"])
    standin.pin(ana, forum, said["message_id"])
    post = standin.say(ana, channel, "post")
    standin.react(ana, channel, post["message_id"], ["🔥"])
    standin.say(ana, forum, "other", reply_to=(channel, post["message_id"]))
    standin.start_private(ana)
    standin.block(ana)
    standin.migrate(small)
    standin.leave(forum, ana)
    standin.promote(channel, ana)
    standin.kick(channel)
    updates = standin.pending_updates
    read = [types.Update.model_validate_json(json.dumps(update)) for update in updates]
    seen = {update.event_type for update in read}
    assert seen >= set(standin.state.updates.allowed) - {"edited_channel_post", "callback_query"}
    contents = {update.message.content_type for update in read if update.message}
    assert contents >= set(kinds) | {"paid_media", "text", "pinned_message", "migrate_to_chat_id"}
