"""Telling the bot: in order, again until it listens, only what it asked for."""

import asyncio
import ssl
from pathlib import Path

import aiohttp
from aiohttp import web

from matebot.sandbox.telegram import TelegramStandIn
from tests.sandbox.telegram.api import Api, Hook, Json, self_signed


async def test_updates_arrive(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """What waited and what comes is posted with the secret, numbered without a gap."""
    standin.say(ana, group, "before")
    await api.call("setWebhook", url=hook.url, secret_token="s3cret_-")
    first = standin.say(ana, group, "now")
    standin.edit(group, first["message_id"], "now edited")
    await standin.wait_for(lambda: not standin.pending_updates)
    assert hook.texts() == ["before", "now", "now edited"]
    assert {head["X-Telegram-Bot-Api-Secret-Token"] for head in hook.headers} == {"s3cret_-"}
    assert {head["Content-Type"] for head in hook.headers} == {"application/json"}
    ids = sorted(update["update_id"] for update in hook.seen)
    assert ids == list(range(ids[0], ids[0] + len(ids)))


async def test_order_is_kept_over_failures(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """A chat waits for its refused update, another chat does not."""
    other = int(standin.add_group("Other")["id"])
    open_again = [False]

    def answer(update: Json) -> web.Response:
        blocked = update.get("message", {}).get("text") == "stuck" and not open_again[0]
        return web.Response(status=503 if blocked else 200)

    hook.answer = answer
    await api.call("setWebhook", url=hook.url)
    standin.say(ana, group, "stuck")
    standin.say(ana, group, "behind")
    standin.say(ana, other, "free")
    await standin.wait_for(lambda: "free" in hook.texts() and hook.texts().count("stuck") >= 2)
    assert "behind" not in hook.texts()
    info = await api.call("getWebhookInfo")
    assert info["pending_update_count"] == 2
    assert info["last_error_message"].startswith("Wrong response from the webhook: 503")
    open_again[0] = True
    await standin.wait_for(lambda: not standin.pending_updates)
    assert hook.texts()[-1] == "behind"


async def test_updates_outlive_the_webhook(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """Nobody there: updates wait over deleteWebhook and setWebhook, unless they are dropped."""
    await api.call("setWebhook", url="http://127.0.0.1:9/nobody")
    standin.say(ana, group, "kept")
    await standin.wait_for(lambda: standin.state.caller.last_error_message)
    await api.call("deleteWebhook")
    assert standin.webhook is None
    await api.call("setWebhook", url=hook.url)
    await standin.wait_for(lambda: not standin.pending_updates)
    assert hook.texts() == ["kept"]
    await api.call("deleteWebhook")
    standin.say(ana, group, "lost")
    await api.call("setWebhook", url=hook.url, drop_pending_updates=True)
    assert (await api.call("getWebhookInfo"))["pending_update_count"] == 0


async def test_only_what_was_asked_for(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """Reactions come only when named, and only where the bot is an administrator."""
    said = standin.say(ana, group, "a")["message_id"]
    standin.react(ana, group, said, ["👍"])
    assert all("message_reaction" not in update for update in standin.pending_updates)
    wanted = ["message", "message_reaction", "callback_query"]
    await api.call("setWebhook", url=hook.url, allowed_updates=wanted)
    standin.react(ana, group, said, ["🔥"])
    standin.demote(group, standin.bot["id"])
    standin.react(ana, group, said, ["🎉"])
    await standin.wait_for(lambda: not standin.pending_updates)
    reactions = [one["message_reaction"] for one in hook.seen if "message_reaction" in one]
    assert [one["new_reaction"][0]["emoji"] for one in reactions] == ["🔥"]
    assert reactions[0]["old_reaction"][0]["emoji"] == "👍"


async def test_repeats(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """Told to, the stand-in sends every update twice."""
    standin.repeat_updates = True
    await api.call("setWebhook", url=hook.url)
    standin.say(ana, group, "twice")
    await standin.wait_for(lambda: not standin.pending_updates)
    assert hook.texts() == ["twice", "twice"]


async def test_own_messages_are_not_told(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """The bot hears nothing of what it sends, but of its own pin, as in life."""
    await api.call("setWebhook", url=hook.url)
    sent = await api.call("sendMessage", chat_id=group, text="mine")
    await api.call("pinChatMessage", chat_id=group, message_id=sent["message_id"])
    standin.say(ana, group, "theirs")
    await standin.wait_for(lambda: not standin.pending_updates)
    assert hook.texts() == ["theirs"]
    pins = [one["message"] for one in hook.seen if "pinned_message" in one.get("message", {})]
    assert [pin["from"]["id"] for pin in pins] == [standin.bot["id"]]


async def test_methods_in_answers(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """A method in a webhook's answer is run."""
    hook.answer = lambda _update: web.json_response(
        {"method": "sendMessage", "chat_id": group, "text": "answer"}
    )
    standin.state.updates.clear()
    await api.call("setWebhook", url=hook.url)
    standin.say(ana, group, "question")
    await standin.wait_for(lambda: standin.bot_messages(group))


async def test_a_proxy_before_the_bot(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """Routed by plain http, a call has the public host and says whom it comes from."""
    standin.state.local = False
    standin.route_webhook(("127.0.0.1", hook.port), plain_http=True)
    await api.call("setWebhook", url="https://matebot.example/hook")
    standin.say(ana, group, "a")
    await standin.wait_for(lambda: "a" in hook.texts())
    assert hook.headers[0]["Host"] == "matebot.example"
    assert hook.headers[0]["X-Forwarded-For"] == "149.154.167.197"


async def test_webhook_settings_are_checked(api: Api, standin: TelegramStandIn) -> None:
    """What the real service does not take as a webhook is refused."""
    standin.state.local = False
    url = "https://matebot.example/hook"
    assert "An HTTPS URL" in await api.refused("setWebhook", url="http://matebot.example/")
    assert "only on ports" in await api.refused("setWebhook", url="https://matebot.example:444/")
    assert "unallowed" in await api.refused("setWebhook", url=url, secret_token="a b")
    assert "too long" in await api.refused("setWebhook", url=url, secret_token="a" * 257)
    assert await api.refused("setWebhook", url=url, max_connections=101)
    assert standin.webhook is None


async def test_polling(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """GetUpdates works without a webhook, confirms by its offset, and conflicts with one."""
    standin.say(ana, group, "a")
    first = await api.call("getUpdates")
    assert first[-1]["message"]["text"] == "a"
    assert await api.call("getUpdates", offset=first[-1]["update_id"] + 1) == []
    await api.call("setWebhook", url="http://127.0.0.1:9/")
    assert (await api.refused("getUpdates")).startswith("Conflict: can't use getUpdates")


async def test_uploaded_certificates(
    api: Api, standin: TelegramStandIn, group: int, ana: int, tmp_path: Path
) -> None:
    """A self-signed host is believed with its certificate uploaded, and not without."""
    seen: list[Json] = []

    async def take(request: web.Request) -> web.Response:
        seen.append(await request.json())
        return web.Response()

    certificate, key = self_signed()
    (tmp_path / "both.pem").write_bytes(certificate + key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "both.pem")
    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    standin.route_webhook(("127.0.0.1", runner.addresses[0][1]))
    standin.say(ana, group, "a")
    await api.call("setWebhook", url="https://matebot.example/hook")
    await standin.wait_for(lambda: "SSL" in (standin.state.caller.last_error_message or ""))
    assert seen == []
    form = aiohttp.FormData({"url": "https://matebot.example/hook"})
    form.add_field("certificate", certificate, filename="cert.pem")
    assert (await api.raw("setWebhook", form))["ok"]
    await standin.wait_for(lambda: not standin.pending_updates)
    assert standin.webhook is not None
    assert standin.webhook.certificate == certificate
    await runner.cleanup()


async def test_start_on_the_same_port(group: int, standin: TelegramStandIn) -> None:
    """Stopped and started again, the stand-in has its address and its world."""
    port = int(standin.url.rpartition(":")[2])
    await standin.stop_listening()
    await standin.start_on(port)
    async with Api(standin) as api:
        await api.call("sendMessage", chat_id=group, text="back")
    assert standin.calls[-1].method == "sendMessage"


async def test_broken_certificates(api: Api) -> None:
    """An upload that is no certificate is refused at once."""
    form = aiohttp.FormData({"url": "https://matebot.example/hook"})
    form.add_field("certificate", b"-----BEGIN CERTIFICATE-----", filename="cert.pem")
    answer = await api.raw("setWebhook", form)
    assert answer["description"] == "Bad Request: bad webhook: certificate is not a PEM file"


async def test_connections_are_bounded(api: Api, standin: TelegramStandIn, ana: int) -> None:
    """No more calls run at once than max_connections says, and as many as that do."""
    groups = [int(standin.add_group(name)["id"]) for name in "ABCD"]
    standin.state.updates.clear()
    running, most = [0], [0]
    gate = asyncio.Event()

    async def take(_request: web.Request) -> web.Response:
        running[0] += 1
        most[0] = max(most[0], running[0])
        standin.state.changes.wake()
        await gate.wait()
        running[0] -= 1
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await api.call("setWebhook", url=url, max_connections=2)
    for group in groups:
        standin.say(ana, group, "a")
    await standin.wait_for(lambda: running[0] == 2)
    gate.set()
    await standin.wait_for(lambda: not standin.pending_updates)
    assert most == [2]
    await runner.cleanup()


async def test_a_new_webhook_ends_the_wait(
    api: Api, standin: TelegramStandIn, hook: Hook, group: int, ana: int
) -> None:
    """Retry-After keeps an update back for long, but not over another setWebhook."""
    standin.state.updates.clear()
    hook.answer = lambda _update: web.Response(status=503, headers={"Retry-After": "3600"})
    await api.call("setWebhook", url=hook.url)
    standin.say(ana, group, "a")
    await standin.wait_for(lambda: standin.state.caller.last_error_message)
    hook.answer = lambda _update: web.Response()
    await api.call("setWebhook", url=hook.url)
    await standin.wait_for(lambda: not standin.pending_updates)
    assert hook.texts() == ["a", "a"]


async def test_any_update(api: Api, standin: TelegramStandIn, hook: Hook) -> None:
    """An update of any shape is delivered with the next number."""
    await api.call("setWebhook", url=hook.url, allowed_updates=["message"])
    number = standin.push_raw({"poll": {"id": "1"}})
    await standin.wait_for(lambda: not standin.pending_updates)
    assert hook.seen[-1] == {"update_id": number, "poll": {"id": "1"}}
