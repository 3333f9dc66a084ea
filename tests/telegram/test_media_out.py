"""Files on their way into Telegram, over the wire: real files, real desk, real aiogram."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiogram.types import Update

from matebot.core.errors import OtherKind, TemporaryError, UnsureError
from matebot.core.events import Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import AttachmentKind, Author, Copy, Message
from matebot.core.richtext import RichText
from matebot.sandbox.faults import Fault
from matebot.telegram.parse import Me, parse_update
from matebot.telegram.render import TelegramPart
from tests.media import makers
from tests.telegram.standin import Scene, scene

K = AttachmentKind
PHOTO = (K.PHOTO, "cat.jpg", "image/jpeg", makers.jpeg(320, 240))
FILM = (K.VIDEO, "cat.mp4", "video/mp4", makers.mp4(320, 240, 1.0))
PAPER = (K.FILE, "cat.pdf", "application/pdf", makers.document())
SONG = (K.AUDIO, "Air.mp3", "audio/mpeg", makers.mp3(1.0))
VOICE = (K.VOICE, "voice-message.ogg", "audio/ogg", makers.ogg_opus(1.0))
STICKER = (K.STICKER, "cat.webp", "image/webp", makers.webp(512, 512))


@pytest.fixture
async def here() -> AsyncIterator[Scene]:
    async with scene() as running:
        yield running


def copy_of(message: Message, **how: Any) -> Copy:
    """A message as it goes into the group."""
    return Copy(message, None, "en", **how)


async def prepared(here: Scene, message: Message, **how: Any) -> Sequence[TelegramPart]:
    """Its parts."""
    return await here.messenger.prepare(here.room, copy_of(message, **how))


async def post(here: Scene, parts: Sequence[TelegramPart]) -> list[dict[str, Any]]:
    """What stands in the group once all parts are sent, group by group."""
    refs: list[MessageRef] = []
    left = list(parts)
    while left:
        group = [each for each in left if each.group and each.group == left[0].group] or left[:1]
        sent = await here.messenger.send(here.room, group, "k")
        assert len(sent) == len(group)
        refs += sent
        left = left[len(group) :]
    return [standing(here, ref) for ref in refs]


def standing(here: Scene, ref: MessageRef) -> dict[str, Any]:
    """A message as it stands."""
    message = here.service.message(ref.room.chat, ref.message_id)
    assert message is not None
    return message


def ref_of(here: Scene, message: dict[str, Any]) -> MessageRef:
    """Its place."""
    return MessageRef(here.room, message["message_id"])


async def crossed(here: Scene, text: str, *files: Any, **of: Any) -> list[dict[str, Any]]:
    """What stands in the group of Zoë's message."""
    return await post(here, await prepared(here, here.elsewhere.said(text, *files, **of)))


@pytest.mark.parametrize(
    ("file", "field", "told"),
    [
        (PHOTO, "photo", {"width": 320, "height": 240}),
        (FILM, "video", {"width": 320, "height": 240, "duration": 1, "file_name": "cat.mp4"}),
        (PAPER, "document", {"file_name": "cat.pdf"}),
        (SONG, "audio", {"title": "Air", "duration": 1}),
        (VOICE, "voice", {"duration": 1}),
        (
            (K.ANIMATION, "cat.gif", "image/gif", makers.gif()),
            "animation",
            {"width": 160, "height": 120},
        ),
        (
            (K.FILE, "film.mp4", "video/mp4", makers.mp4(320, 240, 1.0)),
            "document",
            {"file_name": "film.mp4"},
        ),
    ],
    ids=["photo", "video", "document", "audio", "voice", "animation", "film-as-document"],
)
async def test_each_kind_bears_name_and_text_as_its_caption(
    here: Scene, file: Any, field: str, told: dict[str, Any]
) -> None:
    """A file arrives as what it is, byte for byte, below the name of who sent it."""
    (message,) = await crossed(here, "look", file)
    shown = message[field][-1] if field == "photo" else message[field]
    assert {key: shown[key] for key in told} == told
    assert message["caption"] == "Zoë\nlook"
    assert message["caption_entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    if field not in ("photo", "animation"):
        assert here.service.file(shown["file_id"]) == file[3]


async def test_a_sticker_follows_the_name(here: Scene) -> None:
    """A kind without a caption comes below a message that says whose it is."""
    text, sticker = await crossed(here, "", STICKER, reply=None)
    assert text["text"] == "Zoë"
    assert (sticker["sticker"]["width"], "caption" in sticker) == (512, False)


async def test_several_files_are_as_few_albums_as_their_order_allows(here: Scene) -> None:
    """Photos and films share an album, the rest keeps to its kind; the text stands on the first."""
    messages = await crossed(here, "all", PHOTO, FILM, PAPER, PAPER, VOICE, SONG)
    calls = [call.method for call in here.service.calls if call.method.startswith("send")]
    assert calls == ["sendMediaGroup", "sendMediaGroup", "sendVoice", "sendAudio"]
    captions = [message.get("caption") for message in messages]
    assert captions == ["Zoë\nall", None, "Zoë", None, "Zoë", "Zoë"]
    albums = [message.get("media_group_id") for message in messages]
    assert albums[0] == albums[1] != albums[2] == albums[3]
    assert albums[4:] == [None, None]


async def test_a_long_text_goes_ahead_and_only_it_answers(here: Scene) -> None:
    """What is too long for a caption is a message of its own, and the file names its author."""
    said = here.service.say(here.bob["id"], here.room.chat, "question")
    message = here.elsewhere.said("x" * 1021, PHOTO, silent=True)
    copy = Copy(message, MessageRef(here.room, said["message_id"]), "en")
    text, photo = await post(here, await here.messenger.prepare(here.room, copy))
    assert text["text"] == "Zoë\n" + "x" * 1021
    assert text["reply_to_message"]["message_id"] == said["message_id"]
    assert photo["caption"] == "Zoë"
    assert "reply_to_message" not in photo
    params = here.service.calls_of("sendPhoto")[-1].params
    assert params["disable_notification"] == "true"


async def test_a_caption_of_the_greatest_length_fits(here: Scene) -> None:
    """1024 UTF-16 units are one message, each emoji two of them."""
    (message,) = await crossed(here, "😀" * 510, PHOTO)
    assert message["caption"] == "Zoë\n" + "😀" * 510


async def test_spoilers_and_captions_above(here: Scene) -> None:
    """What is covered there is covered here, and a text above stays above."""
    covered = (K.PHOTO, "SPOILER_cat.jpg", *PHOTO[2:])
    (message,) = await crossed(here, "look", covered, caption_above=True)
    assert message["has_media_spoiler"] is True
    assert message["show_caption_above_media"] is True


async def test_a_file_is_fetched_and_uploaded_once(here: Scene) -> None:
    """The second time the server is told the file's id, and nothing is read at all."""
    await crossed(here, "", PHOTO)
    await crossed(here, "again", PHOTO)
    first, second = here.service.calls_of("sendPhoto")
    assert len(first.files) == 1
    assert not second.files
    assert len(here.elsewhere.opened) == 1


async def test_an_id_that_is_no_more_is_forgotten(here: Scene) -> None:
    """Where the server has lost a file it is uploaded again, and known by its new id then."""
    (message,) = await crossed(here, "", PAPER)
    here.service.forget_file(message["document"]["file_id"])
    (again,) = await crossed(here, "again", PAPER)
    assert here.service.file(again["document"]["file_id"]) == PAPER[3]
    await crossed(here, "thrice", PAPER)
    assert [bool(call.files) for call in here.service.calls_of("sendDocument")] == [
        True,
        False,
        True,
        False,
    ]


async def test_a_refused_photo_goes_as_a_document(here: Scene) -> None:
    """What the server does not take as a photo arrives as a file, formatted as it was meant."""
    parts = await prepared(here, here.elsewhere.said("look", PHOTO))
    here.service.faults.add(Fault("status", "sendPhoto", status=413))
    (message,) = await post(here, parts)
    assert message["document"]["file_name"].startswith("cat")
    assert message["caption"] == "Zoë\nlook"
    assert message["caption_entities"] == [{"type": "bold", "offset": 0, "length": 3}]


async def test_a_file_refused_in_all_forms_is_a_note_and_its_text_crosses(here: Scene) -> None:
    """A chat that forbids files still reads what was said, and that there was one."""
    for method in ("sendPhoto", "sendDocument"):
        here.service.faults.add(Fault("status", method, times=None, status=413))
    parts = await prepared(here, here.elsewhere.said("look", PHOTO))
    (message,) = await post(here, parts)
    assert message["text"].startswith("Zoë\nlook\n")
    assert "cat.jpg" in message["text"]
    ref = ref_of(here, message)
    (edited,) = await prepared(here, here.elsewhere.said("see", PHOTO), stands=True)
    await here.messenger.edit(ref, edited)
    assert standing(here, ref)["text"].startswith("Zoë\nsee\n")


async def test_an_album_of_which_one_is_refused_is_posted_one_by_one(here: Scene) -> None:
    """Each finds its own form, in order, and each is known by its place."""
    here.service.faults.add(Fault("status", "sendMediaGroup", times=None, status=413))
    parts = await prepared(here, here.elsewhere.said("look", PHOTO, FILM))
    photo, film = await post(here, parts)
    assert "photo" in photo
    assert "video" in film
    assert photo["message_id"] < film["message_id"]


async def test_an_album_posted_in_part_is_looked_for(here: Scene) -> None:
    """Where the service wants a rest between two of them, the first is not posted again."""
    here.service.faults.add(Fault("status", "sendMediaGroup", times=None, status=413))
    here.service.faults.add(Fault("status", "sendVideo", status=429, retry_after_s=7))
    parts = await prepared(here, here.elsewhere.said("look", PHOTO, FILM))
    with pytest.raises(UnsureError):
        await here.messenger.send(here.room, parts, "k")
    (found,) = await here.messenger.find(here.room, 0, ())
    assert "photo" in standing(here, found)
    (film,) = await post(here, parts[1:])
    assert "video" in film


async def test_what_the_server_keeps_as_another_kind_is_sent_as_that(here: Scene) -> None:
    """A sound that it took for a voice message stands in no album, and is uploaded for an edit."""
    (voice,) = await crossed(here, "", VOICE)
    (photo,) = await crossed(here, "", PHOTO)
    for parts in (
        await prepared(here, here.elsewhere.said("", SONG, SONG)),
        await prepared(here, here.elsewhere.said("", SONG)),
    ):
        await here.book.note_remote(parts[0].media[0].key, f"voice:{voice['voice']['file_id']}")
        posted = await post(here, parts)
        assert ["voice" in each for each in posted] == [True] * len(parts)
    await here.messenger.edit(ref_of(here, photo), parts[0], files=True)
    assert "audio" in standing(here, ref_of(here, photo))


async def test_a_caption_edit_uploads_nothing(here: Scene) -> None:
    """A changed text changes the caption alone."""
    (message,) = await crossed(here, "old", PHOTO)
    (part,) = await prepared(here, here.elsewhere.said("new", PHOTO), stands=True)
    await here.messenger.edit(ref_of(here, message), part)
    await here.messenger.edit(ref_of(here, message), part)
    assert standing(here, ref_of(here, message))["caption"] == "Zoë\nnew"
    assert not here.service.calls_of("editMessageMedia")
    assert not any(call.files for call in here.service.calls_of("editMessageCaption"))


async def test_a_replaced_file_is_replaced(here: Scene) -> None:
    """Another picture takes the place of the first, by its id where it is known."""
    (message,) = await crossed(here, "old", PHOTO)
    ref = ref_of(here, message)
    other = (K.PHOTO, "dog.jpg", "image/jpeg", makers.jpeg(64, 48))
    (part,) = await prepared(here, here.elsewhere.said("new", other), stands=True)
    await here.messenger.edit(ref, part, files=True)
    now = standing(here, ref)
    assert (now["photo"][-1]["width"], now["caption"]) == (64, "Zoë\nnew")
    (back,) = await prepared(here, here.elsewhere.said("old", PHOTO), stands=True)
    await here.messenger.edit(ref, back, files=True)
    assert standing(here, ref)["photo"][-1]["width"] == 320
    assert [bool(call.files) for call in here.service.calls_of("editMessageMedia")] == [True, False]


async def test_a_text_may_become_a_file_but_no_file_a_text(here: Scene) -> None:
    """Telegram puts a picture in a text's place; what it cannot do is told as such."""
    (text,) = await crossed(here, "only words")
    (part,) = await prepared(here, here.elsewhere.said("words", PHOTO))
    await here.messenger.edit(ref_of(here, text), part, files=True)
    assert "photo" in standing(here, ref_of(here, text))
    with pytest.raises(OtherKind):
        await here.messenger.edit(ref_of(here, text), TelegramPart("words"), files=True)
    with pytest.raises(OtherKind):
        await here.messenger.edit(ref_of(here, text), TelegramPart("words"))
    _, sticker = await crossed(here, "", STICKER)
    with pytest.raises(OtherKind):
        await here.messenger.edit(ref_of(here, sticker), part, files=True)
    (voice,) = await prepared(here, here.elsewhere.said("", VOICE))
    with pytest.raises(OtherKind):
        await here.messenger.edit(ref_of(here, text), voice, files=True)


async def test_each_of_an_album_is_edited_by_itself(here: Scene) -> None:
    """One picture of an album is replaced, its neighbours stay."""
    first, second = await crossed(here, "two", PHOTO, FILM)
    other = (K.PHOTO, "dog.jpg", "image/jpeg", makers.jpeg(64, 48))
    parts = await prepared(here, here.elsewhere.said("two", PHOTO, other), stands=True)
    await here.messenger.edit(ref_of(here, second), parts[1], files=True)
    assert standing(here, ref_of(here, second))["photo"][-1]["width"] == 64
    assert standing(here, ref_of(here, first))["photo"] == first["photo"]


@pytest.mark.parametrize("file", [PHOTO, VOICE, STICKER], ids=["photo", "voice", "sticker"])
async def test_what_was_under_way_is_found_by_looking(here: Scene, file: Any) -> None:
    """A file that was posted before the process died is found as a text is."""
    await crossed(here, "before")
    last = here.service.messages(here.room.chat)[-1]["message_id"]
    refs = [ref_of(here, message) for message in await crossed(here, "", file)]
    here.service.say(here.bob["id"], here.room.chat, "between")
    assert list(await here.messenger.find(here.room, last, ())) == refs


async def test_a_video_that_is_processed_first_is_waited_for(here: Scene) -> None:
    """Without an id nothing is taken for arrived, and nothing is sent twice."""
    before = (await crossed(here, "before"))[0]["message_id"]
    here.service.slow_videos = True
    parts = await prepared(here, here.elsewhere.said("look", FILM))
    with pytest.raises(UnsureError):
        await here.messenger.send(here.room, parts, "k")
    with pytest.raises(TemporaryError) as caught:
        await here.messenger.find(here.room, before, ())
    assert caught.value.retry_after_s
    (finished,) = here.service.finish_videos()
    found = await here.messenger.find(here.room, before, ())
    assert [ref.message_id for ref in found] == [finished["message_id"]]
    assert await here.messenger.find(here.room, finished["message_id"], ()) == []


async def test_an_unanswered_upload_is_made_once(here: Scene) -> None:
    """Where the answer never comes nothing is tried in another form."""
    parts = await prepared(here, here.elsewhere.said("look", PHOTO))
    here.service.faults.add(Fault("drop_after", "sendPhoto"))
    with pytest.raises(UnsureError):
        await here.messenger.send(here.room, parts, "k")
    assert [call.method for call in here.service.calls] == ["sendPhoto"]


# From Telegram to Telegram


def told(message: dict[str, Any]) -> Message:
    """A message of a person's as the bridge reads it, from another group."""
    raw = {"update_id": 1, "message": message}
    (event,) = parse_update(Update.model_validate(raw), Me(777, "matebot")).events
    assert isinstance(event, Posted)
    return event.message


@pytest.mark.parametrize("kind", ["photo", "document", "sticker", "video_note"])
async def test_telegrams_own_files_are_sent_by_their_ids(here: Scene, kind: str) -> None:
    """Nothing is fetched and nothing uploaded between two rooms of Telegram."""
    data, name, mime = {
        "photo": (makers.jpeg(), "", "image/jpeg"),
        "document": (makers.document(), "a.pdf", "application/pdf"),
        "sticker": (makers.webp(), "", "image/webp"),
        "video_note": (makers.video_note(), "", "video/mp4"),
    }[kind]
    sent = here.service.send_file(
        here.bob["id"], here.room.chat, kind, data, name=name, mime=mime, spoiler=kind == "photo"
    )
    parts = await prepared(here, told(sent))
    *_, message = await post(here, parts)
    assert kind in message
    assert message.get("has_media_spoiler", False) is (kind == "photo")
    assert not here.service.calls_of("getFile")
    assert not any(call.files for call in here.service.calls)


async def test_a_live_photo_stays_one(here: Scene) -> None:
    """Still and film of a live photo are one message again."""
    sent = here.service.send_file(
        here.bob["id"], here.room.chat, "live_photo", makers.mp4(320, 240, 1.0),
        name="", mime="video/mp4", still=makers.jpeg(320, 240), caption="live",
    )  # fmt: skip
    (message,) = await post(here, await prepared(here, told(sent)))
    assert "live_photo" in message
    assert message["caption"] == "Bob\nlive"


async def test_nothing_that_is_paid_for_is_given_away(here: Scene) -> None:
    """Of paid media another room of Telegram reads a note alone, even where the bot sees them."""
    items = [("photo", makers.jpeg(), "", "image/jpeg")]
    sent = here.service.send_paid(here.bob["id"], here.room.chat, items, hidden=False)
    (message,) = await post(here, await prepared(here, told(sent)))
    assert message["text"].startswith("Bob\n")
    assert "photo" not in message


async def test_an_album_stays_one(here: Scene) -> None:
    """An album of Telegram's is one again elsewhere: the name once, each with its own words."""
    items = [("photo", makers.jpeg(), "", "image/jpeg"), ("video", FILM[3], "a.mp4", "video/mp4")]
    sent = here.service.send_album(here.bob["id"], here.room.chat, items, caption="two")
    copies = [copy_of(told(each)) for each in sent]
    assert await here.messenger.most_together(here.room, copies) == 2
    parts = await here.messenger.prepare_together(here.room, copies)
    messages = await post(here, parts)
    assert [call.method for call in here.service.calls] == ["sendMediaGroup"]
    assert [message.get("caption") for message in messages] == ["Bob\ntwo", None]
    assert not any(call.files for call in here.service.calls)


async def test_live_photos_stay_so_in_an_album(here: Scene) -> None:
    """Each of an album's live photos is one again, next to plain photos."""
    album = here.service.new_album_id()
    sent = [
        here.service.send_file(
            here.bob["id"], here.room.chat, "live_photo", makers.mp4(320, 240, 1.0),
            name="", mime="video/mp4", still=makers.jpeg(320, 240), media_group_id=album,
        ),
        here.service.send_file(
            here.bob["id"], here.room.chat, "photo", makers.jpeg(),
            name="", mime="image/jpeg", media_group_id=album,
        ),
    ]  # fmt: skip
    parts = await here.messenger.prepare_together(here.room, [copy_of(told(s)) for s in sent])
    live, plain = await post(here, parts)
    assert "live_photo" in live
    assert "live_photo" not in plain
    assert live["media_group_id"] == plain["media_group_id"]
    assert (live["caption"], "caption" in plain) == ("Bob", False)


async def test_files_and_texts_are_never_merged(here: Scene) -> None:
    """Under pressure a message with files goes out by itself."""
    text = copy_of(Message(MessageRef(Room.discord(1), 1), Author(3, "Zoë"), RichText("a")))
    photo = copy_of(here.elsewhere.said("b", PHOTO))
    assert await here.messenger.most_together(here.room, [text, text, photo, text]) == 2
    assert await here.messenger.most_together(here.room, [photo, text]) == 1


async def test_an_album_whose_words_fit_no_caption_falls_apart(here: Scene) -> None:
    """Nothing of what was said is cut, and no picture becomes a note."""
    items = [("photo", makers.jpeg(), "", "image/jpeg")] * 2
    sent = here.service.send_album(here.bob["id"], here.room.chat, items, caption="x" * 1023)
    copies = [copy_of(told(each)) for each in sent]
    parts = await here.messenger.prepare_together(here.room, copies)
    assert [bool(part.media) for part in parts] == [False, True, True]
    assert not any(part.group for part in parts)
    text, first, second = await post(here, parts)
    assert text["text"].endswith("x" * 1023)
    assert "photo" in first
    assert "photo" in second


async def test_files_are_fetched_ahead_of_their_turn(here: Scene) -> None:
    """A file is on its way before its message is prepared; Telegram's own needs none."""
    sent = here.service.send_file(
        here.bob["id"], here.room.chat, "photo", makers.jpeg(), name="", mime="image/jpeg"
    )
    here.messenger.foresee(here.room, told(sent))
    here.messenger.foresee(here.room, here.elsewhere.said("", PAPER))
    async with asyncio.TaskGroup() as group:
        working = group.create_task(here.desk.run())
        await here.elsewhere.asked.wait()
        working.cancel()
    assert not here.service.calls
