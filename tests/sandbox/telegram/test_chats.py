"""Members, pins, reactions, commands, buttons, ephemeral messages, privacy mode."""

import pytest

from matebot.sandbox.telegram import TelegramStandIn
from tests.sandbox.telegram.api import TOKEN, Api, Hook

BUTTON = {"inline_keyboard": [[{"text": "ok", "callback_data": "yes"}]]}


def _kinds(standin: TelegramStandIn) -> list[str]:
    return [key for update in standin.pending_updates for key in update if key != "update_id"]


async def test_members(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """Who is what in a chat, as the three methods tell it."""
    at = {"chat_id": group}
    assert (await api.call("getChatMember", **at, user_id=ana))["status"] == "left"
    standin.join(group, ana)
    assert (await api.call("getChatMember", **at, user_id=ana))["status"] == "member"
    standin.promote(group, ana)
    admins = await api.call("getChatAdministrators", **at)
    assert {one["status"] for one in admins} == {"creator", "administrator"}
    assert any(one["user"]["id"] == ana and one["can_pin_messages"] for one in admins)
    assert (await api.call("getChat", **at))["title"] == "Team"
    standin.leave(group, ana)
    services = [one for one in standin.messages(group) if "left_chat_member" in one]
    assert len(services) == 1


async def test_the_bot_joins_and_goes(standin: TelegramStandIn) -> None:
    """Being added, promoted and kicked is told as my_chat_member."""
    group = int(standin.add_group("G", bot_admin=False)["id"])
    standin.promote(group, standin.bot["id"])
    standin.kick(group)
    told = [u["my_chat_member"] for u in standin.pending_updates if "my_chat_member" in u]
    assert [one["new_chat_member"]["status"] for one in told] == [
        "member",
        "administrator",
        "kicked",
    ]


async def test_pins(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """Pinning takes the right, and leaves a service message."""
    said = standin.say(ana, group, "a")["message_id"]
    await api.call("pinChatMessage", chat_id=group, message_id=said)
    assert standin.pinned(group) == [said]
    assert standin.messages(group)[-1]["pinned_message"]["message_id"] == said
    await api.call("unpinChatMessage", chat_id=group, message_id=said)
    assert standin.pinned(group) == []
    standin.set_rights(group, can_pin_messages=False)
    assert await api.refused("pinChatMessage", chat_id=group, message_id=said) == (
        "Bad Request: not enough rights to manage pinned messages in the chat"
    )


async def test_reactions(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """The bot sets one reaction of the fixed list, and takes it back."""
    said = standin.say(ana, group, "a")["message_id"]
    at = {"chat_id": group, "message_id": said}
    one, other = ({"type": "emoji", "emoji": emoji} for emoji in "👍🔥")
    await api.call("setMessageReaction", **at, reaction=[one])
    assert standin.reactions(group, said) == {standin.bot["id"]: ["👍"]}
    bin_it = {"type": "emoji", "emoji": "🗑"}
    assert "REACTION_INVALID" in await api.refused("setMessageReaction", **at, reaction=[bin_it])
    assert "TOO_MANY" in await api.refused("setMessageReaction", **at, reaction=[one, other])
    await api.call("setMessageReaction", **at)
    assert standin.reactions(group, said) == {}
    assert await api.refused("setMessageReaction", chat_id=group, message_id=99) == (
        "Bad Request: message to react not found"
    )


async def test_buttons(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """A press is a callback query, which is answered once."""
    sent = await api.call("sendMessage", chat_id=group, text="a", reply_markup=BUTTON)
    query = standin.press(ana, group, sent["message_id"], "yes")
    assert standin.pending_updates[-1]["callback_query"] == query
    await api.call("answerCallbackQuery", callback_query_id=query["id"])
    assert "query is too old" in await api.refused(
        "answerCallbackQuery", callback_query_id=query["id"]
    )
    with pytest.raises(ValueError, match="no button"):
        standin.press(ana, group, sent["message_id"], "no")


async def test_commands(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """Commands are kept by scope; a person's command has its entity."""
    commands = [{"command": "help", "description": "Help"}]
    await api.call("setMyCommands", commands=commands)
    assert await api.call("getMyCommands") == commands
    assert await api.call("getMyCommands", scope={"type": "all_group_chats"}) == []
    wrong = [{"command": "Help", "description": "x"}]
    assert "BOT_COMMAND_INVALID" in await api.refused("setMyCommands", commands=wrong)
    await api.call("deleteMyCommands")
    assert await api.call("getMyCommands") == []
    said = standin.say(ana, group, "/help me")
    assert said["entities"] == [{"type": "bot_command", "offset": 0, "length": 5}]


async def test_ephemeral_answers_of_an_administrator(
    api: Api, standin: TelegramStandIn, group: int, ana: int
) -> None:
    """An administrator writes to one member at any time, edits it and deletes it."""
    standin.join(group, ana)
    to = {"receiver_user_id": ana}
    sent = await api.call(
        "sendMessage", chat_id=group, text="psst", ephemeral_message_parameters=to
    )
    assert (sent["message_id"], sent["receiver_user"]["id"]) == (0, ana)
    at = {"chat_id": group, **to, "ephemeral_message_id": sent["ephemeral_message_id"]}
    assert await api.call("editEphemeralMessageText", **at, text="new") is True
    assert [one["text"] for one in standin.ephemerals(group)] == ["new"]
    assert await api.call("deleteEphemeralMessage", **at) is True
    assert standin.ephemerals(group) == []
    assert "MESSAGE_ID_INVALID" in await api.refused("deleteEphemeralMessage", **at)


async def test_ephemeral_conditions() -> None:
    """Others need the person's press or ephemeral command, of the last 15 seconds."""
    now = [1_900_000_000.0]
    async with (
        TelegramStandIn(token=TOKEN, limited=False, now=lambda: now[0]) as standin,
        Api(standin) as api,
    ):
        group = int(standin.add_group("G", bot_admin=False)["id"])
        ana = int(standin.add_user("Ana")["id"])
        to = {"receiver_user_id": ana}
        base = {"chat_id": group, "text": "a", "ephemeral_message_parameters": to}
        assert "USER_NOT_PARTICIPANT" in await api.refused("sendMessage", **base)
        standin.join(group, ana)
        assert "CHAT_ADMIN_REQUIRED" in await api.refused("sendMessage", **base)
        command = {"command": "secret", "description": "x", "is_ephemeral": True}
        await api.call("setMyCommands", commands=[command])
        said = standin.say(ana, group, "/secret")
        assert (said["message_id"], said["receiver_user"]["id"]) == (0, standin.bot["id"])
        reply = {"reply_parameters": {"ephemeral_message_id": said["ephemeral_message_id"]}}
        assert (await api.call("sendMessage", **base, **reply))["ephemeral_message_id"] == 2
        now[0] += 16
        assert "CHAT_ADMIN_REQUIRED" in await api.refused("sendMessage", **base, **reply)
        shown = await api.call("sendMessage", chat_id=group, text="b", reply_markup=BUTTON)
        query = standin.press(ana, group, shown["message_id"], "yes")
        to_press = {**to, "callback_query_id": query["id"]}
        await api.call("sendMessage", **{**base, "ephemeral_message_parameters": to_press})
        standin.start_private(ana)
        assert "PEER_ID_INVALID" in await api.refused("sendMessage", **{**base, "chat_id": ana})


async def test_privacy_mode(api: Api, standin: TelegramStandIn, ana: int) -> None:
    """In privacy mode a bot that is no administrator sees commands, replies and mentions only."""
    standin.privacy_mode = True
    group = int(standin.add_group("G", bot_admin=False)["id"])
    sent = await api.call("sendMessage", chat_id=group, text="x")
    standin.say(ana, group, "hidden")
    standin.say(ana, group, "/help")
    standin.say(ana, group, "hi @matebot")
    standin.say(ana, group, "reply", reply_to=sent["message_id"])
    seen = [u["message"].get("text") for u in standin.pending_updates if "message" in u]
    assert seen[-3:] == ["/help", "hi @matebot", "reply"]
    assert "hidden" not in seen


async def test_other_senders(standin: TelegramStandIn, group: int, ana: int) -> None:
    """Anonymous administrators and channels have a fake sender and a sender_chat."""
    channel = int(standin.add_group("News", kind="channel")["id"])
    anonymous = standin.say(ana, group, "a", sender_chat_id=group)
    assert anonymous["from"]["username"] == "GroupAnonymousBot"
    assert anonymous["sender_chat"]["id"] == group
    as_channel = standin.say(ana, group, "b", sender_chat_id=channel)
    assert as_channel["from"]["username"] == "Channel_Bot"
    post = standin.say(ana, channel, "c")
    assert "from" not in post
    assert _kinds(standin)[-1] == "channel_post"


async def test_muted(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A muted bot is told that it has no right to send."""
    standin.mute_bot(group)
    assert await api.refused("sendMessage", chat_id=group, text="a") == (
        "Bad Request: not enough rights to send text messages to the chat"
    )


async def test_typing_and_watching(api: Api, standin: TelegramStandIn, group: int) -> None:
    """Watchers see what happens, typing included; an unknown action is refused."""
    watching = standin.watch()
    step = anext(watching)
    with pytest.raises(TimeoutError, match="last calls: none"):
        await standin.wait_for(lambda: None, timeout_s=0.01)
    async with Hook(standin):
        first = step.__await__()
        next(first)
        await api.call("sendChatAction", chat_id=group, action="typing")
        with pytest.raises(StopIteration) as done:
            first.send(None)
    assert done.value.value == {"kind": "call", "method": "sendChatAction"}
    assert (await anext(watching))["action"] == "typing"
    assert "wrong parameter action" in await api.refused(
        "sendChatAction", chat_id=group, action="dancing"
    )


async def test_other_bots_are_not_heard(standin: TelegramStandIn, group: int) -> None:
    """Another bot's message stands in the chat, and the bot is not told."""
    other = standin.add_user("Robo", is_bot=True)["id"]
    before = len(standin.pending_updates)
    standin.say(other, group, "beep")
    assert standin.messages(group)[-1]["text"] == "beep"
    assert len(standin.pending_updates) == before


async def test_automatic_forwards(standin: TelegramStandIn, group: int, ana: int) -> None:
    """A channel's post comes into its group from Telegram itself, in the channel's name."""
    channel = int(standin.add_group("News", kind="channel")["id"])
    post = standin.say(ana, channel, "news")
    copy = standin.forward_post(channel, post["message_id"], group)
    assert (copy["from"]["id"], copy["sender_chat"]["id"]) == (777000, channel)
    assert copy["is_automatic_forward"] is True
    assert standin.pending_updates[-1]["message"] == copy


async def test_leaving(api: Api, standin: TelegramStandIn, group: int) -> None:
    """The bot leaves, is told so, and may not write any more."""
    await api.call("leaveChat", chat_id=group)
    told = standin.pending_updates[-1]["my_chat_member"]
    assert told["new_chat_member"]["status"] == "left"
    assert await api.refused("sendMessage", chat_id=group, text="a") == (
        "Forbidden: bot is not a member of the supergroup chat"
    )
    standin.add_bot(group)
    await api.call("sendMessage", chat_id=group, text="a")


async def test_people_forward_and_unpin(standin: TelegramStandIn, group: int, ana: int) -> None:
    """A forward names where it comes from, the first origin stays, and the answer does not go."""
    said = standin.say(ana, group, "first")
    answer = standin.say(ana, group, "second", reply_to=said["message_id"])
    once = standin.forward(ana, group, (group, answer["message_id"]))
    twice = standin.forward(ana, group, (group, once["message_id"]))
    assert once["text"] == "second"
    assert once["forward_origin"]["sender_user"]["id"] == ana
    assert "reply_to_message" not in once
    assert twice["forward_origin"] == once["forward_origin"]
    standin.pin(ana, group, said["message_id"])
    standin.unpin(group, said["message_id"])
    assert standin.pinned(group) == []
