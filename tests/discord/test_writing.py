"""What MateBot writes into Discord, and through whom."""

from typing import Any

import msgspec
import pytest

from matebot.core import errors
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Reply
from matebot.core.notice import Button, Notice
from matebot.core.richtext import plain
from matebot.discord.parts import DiscordPart
from matebot.sandbox.discord import DiscordStandIn, permissions
from matebot.sandbox.faults import Fault
from tests.discord.harness import Side, copy

Json = dict[str, Any]

WITHOUT_WEBHOOKS = permissions.ALL & ~permissions.MANAGE_WEBHOOKS & ~permissions.ADMINISTRATOR


async def post(side: Side, text: str = "hi", key: str = "k", **more: Any) -> MessageRef:
    """Prepare and send a copy that fits into one message."""
    (part,) = await side.service.messenger.prepare(side.room, copy(text, **more))
    return (await side.service.messenger.send(side.room, [part], key))[0]


async def test_a_copy_comes_by_webhook(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """A copy has the author's name and picture and pings nobody."""
    await side.start()
    ref = await post(side, "hi @everyone")
    shown = standin.message(channel["id"], ref.message_id)
    assert shown["author"]["username"] == "Zoe"
    assert shown["content"].startswith("hi")
    assert standin.pinged(ref.message_id) == []
    body = next(call.body for call in standin.calls if "/webhooks/" in call.path and call.body)
    assert body["avatar_url"] == "https://example.com/avatars/42.png"
    assert side.made == [(int(shown["webhook_id"]), int(channel["id"]))]


async def test_the_webhook_is_found_again(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """After a restart the same webhook posts; others' are left alone."""
    standin.add_webhook(channel["id"], "somebody's")
    await side.start()
    first = await post(side)
    await side.stop()
    side.make("bot.token.for-tests")
    await side.start()
    second = await post(side)
    webhooks = {standin.message(channel["id"], r.message_id)["webhook_id"] for r in (first, second)}
    assert len(webhooks) == 1
    assert len(standin.webhooks(channel["id"])) == 2


async def test_a_deleted_webhook_is_made_anew(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """A post through a webhook that somebody deleted arrives once, through another."""
    await side.start()
    await post(side, "one")
    standin.delete_webhook(standin.webhooks(channel["id"])[0]["id"])
    await post(side, "two")
    assert [m["content"] for m in standin.messages(channel["id"])] == ["one", "two"]
    assert len(side.made) == 2


async def test_without_the_permission_the_bot_posts(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """The bot posts with the name in bold, and it is told; once granted a webhook posts."""
    standin.set_bot_permissions(WITHOUT_WEBHOOKS)
    await side.start()
    ref = await post(side)
    shown = standin.message(channel["id"], ref.message_id)
    assert shown["content"] == "**Zoe**\nhi"
    assert "webhook_id" not in shown
    assert side.missing == [side.room]
    standin.set_bot_permissions(permissions.ALL)
    webhooks = side.service._webhooks
    await side.wait_for(lambda: not webhooks._refused)
    ref = await post(side)
    assert standin.message(channel["id"], ref.message_id)["content"] == "hi"


async def test_a_thread_uses_its_parents_webhook(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """A copy into a thread stands in the thread and can be edited and deleted there."""
    thread = standin.add_thread(channel["id"], "details")
    side.room = Room.discord(int(thread["id"]))
    await side.start()
    ref = await post(side)
    assert standin.messages(channel["id"]) == []
    (part,) = await side.service.messenger.prepare(side.room, copy("changed"))
    await side.service.messenger.edit(ref, part)
    assert standin.message(thread["id"], ref.message_id)["content"] == "changed"
    await side.service.messenger.delete(ref)
    assert standin.messages(thread["id"]) == []


async def test_edit_and_delete(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """A copy is edited and deleted; again is no error, editing what is gone is."""
    await side.start()
    ref = await post(side, "befor")
    (part,) = await side.service.messenger.prepare(side.room, copy("before"))
    await side.service.messenger.edit(ref, part)
    await side.service.messenger.edit(ref, part)
    assert standin.message(channel["id"], ref.message_id)["content"] == "before"
    await side.service.messenger.delete(ref)
    await side.service.messenger.delete(ref)
    assert standin.messages(channel["id"]) == []
    with pytest.raises(errors.MessageGone):
        await side.service.messenger.edit(ref, part)


async def test_edits_follow_whoever_posted(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """What the bot posted is edited by the bot, what the webhook posted by the webhook."""
    standin.set_bot_permissions(WITHOUT_WEBHOOKS)
    await side.start()
    by_bot = await post(side, "a")
    (bot_part,) = await side.service.messenger.prepare(side.room, copy("aa"))
    standin.set_bot_permissions(permissions.ALL)
    await side.wait_for(lambda: not side.service._webhooks._refused)
    by_hook = await post(side, "b")
    (hook_part,) = await side.service.messenger.prepare(side.room, copy("bb"))
    await side.service.messenger.edit(by_bot, hook_part)
    await side.service.messenger.edit(by_hook, bot_part)
    contents = [m["content"] for m in standin.messages(channel["id"])]
    assert contents == ["**Zoe**\nbb", "aa"]


async def test_a_lost_webhooks_copies_can_only_be_deleted(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """Editing what a deleted webhook posted is refused for good; deleting it works."""
    await side.start()
    ref = await post(side)
    standin.delete_webhook(standin.webhooks(channel["id"])[0]["id"])
    (part,) = await side.service.messenger.prepare(side.room, copy("new"))
    with pytest.raises(errors.PermanentError, match="is gone"):
        await side.service.messenger.edit(ref, part)
    await side.service.messenger.delete(ref)
    assert standin.messages(channel["id"]) == []


@pytest.mark.parametrize(
    ("fault", "kind", "arrives"),
    [
        (Fault("status", match="webhook.execute", status=500), errors.UnsureError, 0),
        (Fault("drop", match="webhook.execute"), errors.UnsureError, 0),
        (Fault("drop_after", match="webhook.execute"), errors.UnsureError, 1),
        (
            Fault("status", match="webhook.execute", status=429, retry_after_s=2.5),
            errors.TemporaryError,
            0,
        ),
    ],
)
async def test_one_attempt(
    standin: DiscordStandIn,
    side: Side,
    fault: Fault,
    kind: type[errors.DeliveryError],
    arrives: int,
) -> None:
    """A post is tried once; what failed is told, and what arrived is found."""
    await side.start()
    before = await post(side, "first")
    (part,) = await side.service.messenger.prepare(side.room, copy("second"))
    standin.faults.add(fault)
    with pytest.raises(errors.DeliveryError) as caught:
        await side.service.messenger.send(side.room, [part], "k")
    assert type(caught.value) is kind
    if isinstance(caught.value, errors.TemporaryError):
        assert caught.value.retry_after_s == pytest.approx(2.5, abs=0.5)
    found = await side.service.messenger.find(side.room, before.message_id, ())
    assert len(found) == arrives


async def test_find_tells_own_posts_alone(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """What others said is not found, what MateBot posted is, oldest first, over several pages."""
    await side.start()
    refs = []
    for number in range(3):
        refs.append(await post(side, f"{number}"))
        for _ in range(60):
            standin.say(ana["id"], channel["id"], "noise")
    notice = await side.service.messenger.notice(side.room, Notice(plain("I")), "n")
    found = await side.service.messenger.find(side.room, refs[0].message_id, ())
    assert list(found) == [*refs[1:], notice]


async def test_a_reply_names_what_it_answers(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """A copy opens with a line that leads to the message answered."""
    await side.start()
    said = standin.say(ana["id"], channel["id"], "question?")
    to = MessageRef(side.room, int(said["id"]))
    reply = Reply(MessageRef(Room.telegram(-100), 3), "Ana", 1, "question?")
    ref = await post(side, "answer", reply=reply, to=to)
    url = f"https://discord.com/channels/{standin.guild_id}/{channel['id']}/{said['id']}"
    lines = standin.message(channel["id"], ref.message_id)["content"].splitlines()
    assert lines[0].startswith("-# ↪ ")
    assert url in lines[0]
    assert lines[1] == "answer"


async def test_a_bot_post_with_the_same_key_is_one(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """A repeated post of the bot's own is the same message."""
    standin.set_bot_permissions(WITHOUT_WEBHOOKS)
    await side.start()
    assert await post(side, key="same") == await post(side, key="same")
    assert len(standin.messages(channel["id"])) == 1


async def test_notices(standin: DiscordStandIn, side: Side, channel: Json, ana: Json) -> None:
    """A notice stands in the room with its buttons; one for a person goes to them alone."""
    await side.start()
    messenger = side.service.messenger
    notice = Notice(plain("Join?"), buttons=(Button("Yes", "yes:1"),))
    ref = await messenger.notice(side.room, notice, "n1")
    assert ref is not None
    row = standin.message(channel["id"], ref.message_id)["components"][0]
    assert row["components"][0]["custom_id"] == "yes:1"
    whisper = Notice(plain("code 1234"), only_for=int(ana["id"]), or_else=plain("open a chat"))
    assert await messenger.notice(side.room, whisper, "n2") is None
    assert [m["content"] for m in standin.dms(ana["id"])] == ["code 1234"]
    standin.close_dms(ana["id"])
    ref = await messenger.notice(side.room, whisper, "n3")
    assert ref is not None
    assert standin.message(channel["id"], ref.message_id)["content"] == "open a chat"


async def test_rooms(standin: DiscordStandIn, side: Side, ana: Json) -> None:
    """Administrators are known by their roles; a room has a readable title."""
    boss = standin.add_user("boss")
    standin.add_member(boss["id"], permissions=permissions.MANAGE_GUILD)
    stranger = standin.add_user("stranger")
    await side.start()
    rooms = side.service.rooms
    assert await rooms.is_admin(side.room, int(boss["id"]))
    assert not await rooms.is_admin(side.room, int(ana["id"]))
    assert not await rooms.is_admin(side.room, int(stranger["id"]))
    assert (await rooms.title(side.room)).startswith("#general (")


async def test_a_gone_room(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """A deleted channel is told as such."""
    await side.start()
    await post(side)
    standin.delete_channel(channel["id"])
    await side.wait_for(lambda: side.service.client.get_channel(side.room.chat) is None)
    with pytest.raises(errors.RoomGone):
        await post(side)


async def test_before_the_log_in_nothing_is_sent(side: Side) -> None:
    """A post before the connection stands is told to wait."""
    part = DiscordPart("x", copy().message.author, "x")
    with pytest.raises(errors.NotConnected):
        await side.service.messenger.send(side.room, [part], "k")


async def test_a_refused_name_does_not_lose_the_text(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """Where Discord refuses a name for a reason of its own, the text says who it is by."""
    await side.start()
    (part,) = await side.service.messenger.prepare(side.room, copy("hi", name="Zoe"))
    odd = msgspec.structs.replace(part, username="discord")
    (ref,) = await side.service.messenger.send(side.room, [odd], "k")
    shown = standin.message(channel["id"], ref.message_id)
    assert shown["author"]["username"] == "Telegram"
    assert shown["content"] == "**Zoe**\nhi"


async def test_previews_and_pings(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """Who is answered is pinged by the post alone; an edit takes previews away and gives them."""
    bia = standin.add_user("bia")
    standin.add_member(bia["id"])
    await side.start()
    reply = Reply(MessageRef(Room.telegram(-100), 3), "Bia", 1, "what? @everyone")
    said = standin.say(bia["id"], channel["id"], "what? @everyone")
    answer = copy("this", reply=reply, to=MessageRef(side.room, int(said["id"])))
    answer = msgspec.structs.replace(answer, answered_author=int(bia["id"]))
    messenger = side.service.messenger
    (part,) = await messenger.prepare(side.room, answer)
    (ref,) = await messenger.send(side.room, [part], "k")
    assert standin.pinged(ref.message_id) == [bia["id"]]
    for preview, flags in ((False, 1 << 2), (True, 0)):
        changed = msgspec.structs.replace(part, text=f"preview {preview}", preview=preview)
        await messenger.edit(ref, changed)
        shown = standin.message(channel["id"], ref.message_id)
        assert (shown["flags"], shown["content"].splitlines()[1]) == (flags, changed.text)
