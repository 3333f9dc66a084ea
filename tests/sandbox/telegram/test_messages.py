"""Sending, editing and deleting, and every way in which it is refused."""

import pytest

from matebot.sandbox.telegram import TelegramStandIn
from tests.sandbox.telegram.api import TOKEN, Api

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are"
    " exactly the same as a current content and reply markup of the message"
)
BUTTON = {"inline_keyboard": [[{"text": "ok", "callback_data": "yes"}]]}


async def test_who_the_bot_is(api: Api) -> None:
    """GetMe tells the bot, and that privacy mode is off."""
    me = await api.call("getMe")
    assert (me["id"], me["is_bot"], me["username"]) == (7100000001, True, "matebot")
    assert me["can_read_all_group_messages"] is True


async def test_wrong_token_and_method(api: Api, standin: TelegramStandIn) -> None:
    """A wrong or revoked token is 401, an unknown method 404."""
    assert (await api.raw("getMe", token="1:x"))["description"] == "Unauthorized"
    assert await api.refused("getNothing") == "Not Found: method not found"
    standin.revoke_token()
    assert (await api.raw("getMe"))["error_code"] == 401


async def test_a_message_is_kept(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A sent message is answered and stands in the chat, its text trimmed."""
    sent = await api.call("sendMessage", chat_id=group, text="  hello\n ")
    assert sent["text"] == "hello"
    assert sent["from"]["id"] == 7100000001
    assert standin.message(group, sent["message_id"]) == sent
    assert standin.bot_messages(group) == [sent]


async def test_form_and_json_are_alike(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A form is read as JSON is, and the call keeps what came over the wire."""
    url = f"{standin.url}/bot{TOKEN}/sendMessage"
    form = {
        "chat_id": str(group),
        "text": "b",
        "entities": '[{"type":"bold","offset":0,"length":1}]',
    }
    async with api.session.post(url, data=form) as answer:
        sent = (await answer.json())["result"]
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert standin.calls[-1].params == form


@pytest.mark.parametrize(
    ("params", "why"),
    [
        pytest.param({"text": ""}, "message text is empty", id="empty"),
        pytest.param({"text": " \n\u200b"}, "text must be non-empty", id="blank"),
        pytest.param({"text": "x" * 4097}, "message is too long", id="long"),
        pytest.param({"text": "😀" * 2049}, "message is too long", id="long-in-utf16"),
        pytest.param(
            {"text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
            id="entity-beyond",
        ),
        pytest.param(
            {"text": "😀", "entities": [{"type": "bold", "offset": 1, "length": 1}]},
            "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1",
            id="entity-splits",
        ),
        pytest.param(
            {"text": "a", "entities": [{"type": "loud", "offset": 0, "length": 1}]},
            "can't parse MessageEntity: Unsupported type specified",
            id="entity-unknown",
        ),
        pytest.param(
            {
                "text": "a",
                "entities": [{"type": "text_link", "offset": 0, "length": 1, "url": "no"}],
            },
            "entity URL 'no' is invalid: Wrong HTTP URL",
            id="entity-url",
        ),
        pytest.param(
            {"text": "<b>a", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
            id="html",
        ),
        pytest.param(
            {"text": "a.b", "parse_mode": "MarkdownV2"},
            "can't parse entities: Character '.' is reserved and must be escaped with the preceding"
            " '\\'",
            id="markdown",
        ),
        pytest.param(
            {"text": "a", "reply_parameters": {"message_id": 99}},
            "message to be replied not found",
            id="reply",
        ),
        pytest.param(
            {"text": "a", "message_thread_id": 99}, "message thread not found", id="thread"
        ),
        pytest.param(
            {
                "text": "a",
                "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y" * 65}]]},
            },
            "BUTTON_DATA_INVALID",
            id="button",
        ),
        pytest.param({"chat_id": -1, "text": "a"}, "chat not found", id="chat"),
    ],
)
async def test_refused_messages(api: Api, group: int, params: dict[str, object], why: str) -> None:
    """What the real server refuses is refused in its words, and leaves nothing behind."""
    assert await api.refused("sendMessage", **{"chat_id": group, **params}) == f"Bad Request: {why}"
    assert api.standin.bot_messages(group) == []


async def test_replies(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """A reply carries its target without the target's own; a lost target may be allowed."""
    first = standin.say(ana, group, "one")
    second = standin.say(ana, group, "two", reply_to=first["message_id"])
    assert second["reply_to_message"]["text"] == "one"
    to = {"message_id": second["message_id"], "quote": "tw"}
    sent = await api.call("sendMessage", chat_id=group, text="three", reply_parameters=to)
    assert "reply_to_message" not in sent["reply_to_message"]
    assert sent["quote"] == {"text": "tw", "position": 0, "is_manual": True}
    assert sent["message_thread_id"] == first["message_id"]
    lost = {"message_id": 9999, "allow_sending_without_reply": True}
    free = await api.call("sendMessage", chat_id=group, text="four", reply_parameters=lost)
    assert "reply_to_message" not in free


async def test_edits(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """An edit replaces text and keyboard; the same again, another's or none is refused."""
    sent = await api.call("sendMessage", chat_id=group, text="a", reply_markup=BUTTON)
    at = {"chat_id": group, "message_id": sent["message_id"]}
    edited = await api.call("editMessageText", **at, text="b")
    assert (edited["text"], "reply_markup" in edited) == ("b", False)
    assert await api.refused("editMessageText", **at, text=" b ") == NOT_MODIFIED
    assert await api.refused("editMessageReplyMarkup", **at) == NOT_MODIFIED
    theirs = {"chat_id": group, "message_id": standin.say(ana, group, "mine")["message_id"]}
    for method in ("editMessageText", "editMessageReplyMarkup"):
        assert await api.refused(method, **theirs, text="x") == (
            "Bad Request: message can't be edited"
        )
        assert await api.refused(method, chat_id=group, message_id=999, text="x") == (
            "Bad Request: message to edit not found"
        )
    assert await api.refused("editMessageCaption", **at, caption="x") == (
        "Bad Request: there is no caption in the message to edit"
    )


async def test_deletes(api: Api, standin: TelegramStandIn, ana: int) -> None:
    """The bot deletes its own messages; others' only as an administrator; none twice."""
    group = int(standin.add_group("G", bot_admin=False)["id"])
    own = await api.call("sendMessage", chat_id=group, text="a")
    theirs = standin.say(ana, group, "b")["message_id"]
    assert await api.call("deleteMessage", chat_id=group, message_id=own["message_id"])
    assert await api.refused("deleteMessage", chat_id=group, message_id=own["message_id"]) == (
        "Bad Request: message to delete not found"
    )
    assert await api.refused("deleteMessage", chat_id=group, message_id=theirs) == (
        "Bad Request: message can't be deleted for everyone"
    )
    standin.promote(group, standin.bot["id"])
    assert await api.call("deleteMessages", chat_id=group, message_ids=[theirs, 4444])
    assert [one for one in standin.messages(group) if "text" in one] == []


async def test_old_messages_stay() -> None:
    """What is older than 48 hours cannot be deleted."""
    now = [1_900_000_000.0]
    async with (
        TelegramStandIn(token=TOKEN, limited=False, now=lambda: now[0]) as standin,
        Api(standin) as api,
    ):
        group = int(standin.add_group("G")["id"])
        sent = await api.call("sendMessage", chat_id=group, text="a")
        now[0] += 48 * 3600
        why = await api.refused("deleteMessage", chat_id=group, message_id=sent["message_id"])
        assert why == "Bad Request: message can't be deleted for everyone"


async def test_ways_to_lose_a_chat(api: Api, standin: TelegramStandIn, ana: int) -> None:
    """Kicked, blocked, never greeted, moved: each is refused in its own words."""
    group = int(standin.add_group("G")["id"])
    small = int(standin.add_group("S", kind="group")["id"])
    assert await api.refused("sendMessage", chat_id=ana, text="a") == (
        "Forbidden: bot can't initiate conversation with a user"
    )
    standin.start_private(ana)
    await api.call("sendMessage", chat_id=ana, text="a")
    standin.block(ana)
    assert await api.refused("sendMessage", chat_id=ana, text="a") == (
        "Forbidden: bot was blocked by the user"
    )
    standin.kick(group)
    assert await api.refused("sendMessage", chat_id=group, text="a") == (
        "Forbidden: bot was kicked from the supergroup chat"
    )
    moved = standin.migrate(small)
    answer = await api.raw("sendMessage", {"chat_id": small, "text": "a"})
    assert answer["error_code"] == 400
    assert answer["parameters"] == {"migrate_to_chat_id": moved}
    await api.call("sendMessage", chat_id=moved, text="a")


async def test_message_ids(standin: TelegramStandIn, ana: int) -> None:
    """Supergroups count by themselves, basic groups and private chats share one sequence."""
    big = [int(standin.add_group(name)["id"]) for name in "AB"]
    small = [int(standin.add_group(name, kind="group")["id"]) for name in "CD"]
    standin.start_private(ana)
    ids = [standin.say(ana, chat, "x")["message_id"] for chat in big]
    assert ids[0] == ids[1]
    shared = [standin.say(ana, chat, "x")["message_id"] for chat in (*small, ana)]
    assert shared == [shared[0], shared[0] + 1, shared[0] + 2]


async def test_topics(api: Api, standin: TelegramStandIn, ana: int) -> None:
    """In a forum the bot writes to topics that exist and are open."""
    forum = int(standin.add_group("F", forum=True)["id"])
    topic = standin.add_topic(forum, "News")
    sent = await api.call("sendMessage", chat_id=forum, text="a", message_thread_id=topic)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic, True)
    said = standin.say(ana, forum, "b", topic=topic)
    assert said["reply_to_message"]["forum_topic_created"]["name"] == "News"
    standin.close_topic(forum, topic)
    assert "TOPIC_CLOSED" in await api.refused(
        "sendMessage", chat_id=forum, text="a", message_thread_id=topic
    )
