"""`/poll`: MateBot's own poll in every room of a bridge, with one tally and one end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.harness import Json, Scene, scene
from tests.scenarios.linking_acts import discord_answers, invoke
from tests.scenarios.test_polls import asked_in_discord, asked_in_telegram

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """One daemon for all."""
    folder: Path = tmp_path_factory.mktemp("own-polls")
    async with scene(folder) as built:
        yield built


def own_texts(stage: Scene) -> tuple[list[str], list[str]]:
    """What MateBot itself says in both rooms."""
    bot = stage.discord.bot_user["id"]
    there = stage.discord.messages(stage.channel)
    return (
        [m.get("text", "") for m in stage.in_telegram()],
        [
            m["content"].replace("\\", "").replace("**", "")
            for m in there
            if m["author"]["id"] == bot
        ],
    )


async def both_say(stage: Scene, text: str, *, times: int = 1) -> None:
    """Wait until MateBot's messages in both rooms hold a text, each room so often and no more."""

    def said() -> bool:
        return all(sum(text in each for each in side) >= times for side in own_texts(stage))

    try:
        await stage.until(said)
    except TimeoutError:
        raise AssertionError(f"{text!r} is not in {own_texts(stage)}\n{stage.daemon.log}") from None
    assert [sum(text in each for each in side) for side in own_texts(stage)] == [times, times]


async def twins(stage: Scene, question: str) -> tuple[Json, Json]:
    """The poll in both rooms, once it stands there."""
    await stage.until(
        lambda: None not in (asked_in_telegram(stage, question), asked_in_discord(stage, question))
    )
    here, there = asked_in_telegram(stage, question), asked_in_discord(stage, question)
    assert here is not None
    assert there is not None
    return here, there


async def test_3_10_poll_asked_in_telegram(stage: Scene) -> None:
    """It stands in both rooms, votes of both are one tally, and it ends in both by one command."""
    stage.telegram.say(stage.rui["id"], stage.group, "/poll 2h Mate? | Yes | No *way*")
    here, there = await twins(stage, "Mate?")
    assert here["poll"]["description"] == "Rui"
    assert 7000 < here["poll"]["open_period"] <= 7200
    assert there["content"] == "**Rui**"
    answers = [each["poll_media"]["text"] for each in there["poll"]["answers"]]
    assert answers == [each["text"] for each in here["poll"]["options"]] == ["Yes", "No *way*"]
    await both_say(stage, "All rooms: Yes 0 · No *way* 0")
    for person, option in ((stage.rui, 0), (stage.ana, 1)):
        stage.telegram.vote(person["id"], stage.group, here["message_id"], [option])
    for person, answer in ((stage.leo, 1), (stage.bia, 1)):
        stage.discord.vote(person["id"], stage.channel, there["id"], [answer])
    await both_say(stage, "All rooms: Yes 3 · No *way* 1")
    stage.discord.vote(stage.leo["id"], stage.channel, there["id"], [2])
    stage.telegram.vote(stage.ana["id"], stage.group, here["message_id"], [])
    await both_say(stage, "All rooms: Yes 2 · No *way* 1")
    stage.telegram.say(stage.rui["id"], stage.group, "/poll end")
    await both_say(stage, "The poll has ended: Mate?\n• Yes: 2\n• No *way*: 1")
    await stage.settled()
    here, there = await twins(stage, "Mate?")
    assert here["poll"]["is_closed"]
    assert there["poll"]["results"]["is_finalized"]
    await both_say(stage, "Mate?", times=1)


async def test_3_10_poll_asked_in_discord(stage: Scene) -> None:
    """The same from there; somebody else's is not theirs to end, an administrator ends any."""
    call = invoke(stage, stage.leo, "poll", question="Where? | Here | There | Nowhere")
    answer = await discord_answers(stage, call)
    assert answer["content"] == "I am asking it in 2 rooms."
    here, there = await twins(stage, "Where?")
    assert here["poll"]["description"] == there["content"].strip("*") == "Leo"
    stage.discord.vote(stage.bia["id"], stage.channel, there["id"], [3])
    stage.telegram.vote(stage.rui["id"], stage.group, here["message_id"], [2])
    await both_say(stage, "All rooms: Here 0 · There 0 · Nowhere 2")
    stage.telegram.say(stage.rui["id"], stage.group, "/poll end")
    await stage.reaches_telegram("no open poll here that you could end")
    stage.telegram.say(stage.ana["id"], stage.group, "/poll end")
    await both_say(stage, "The poll has ended: Where?\n• Here: 0\n• There: 0\n• Nowhere: 2")


async def test_3_10_poll_that_cannot_be(stage: Scene) -> None:
    """What does not fit both services is refused with the limit; in private it makes no sense."""
    for asked, word in (
        ("", "/poll Question | answer"),
        ("One? | Yes", "from 2 to 10 answers, and yours has 1"),
        ("x" * 301 + " | a | b", "300 characters"),
        ("Long? | a | " + "y" * 56, "55 characters"),
        ("Same? | a | a", "are the same"),
        ("60d Later? | a | b", "30 days"),
    ):
        stage.telegram.say(stage.rui["id"], stage.group, f"/poll {asked}")
        await stage.reaches_telegram(word)
    assert asked_in_discord(stage, "One?") is None
    call = invoke(stage, stage.bia, "help")
    assert "/poll: Ask everybody" in (await discord_answers(stage, call))["content"]


async def test_3_10_poll_survives_a_kill(stage: Scene) -> None:
    """Killed in the middle and voted in meanwhile: asked once, counted once, ended in both."""
    stage.telegram.say(stage.rui["id"], stage.group, "/poll Again? | One | Two")
    await stage.until(lambda: asked_in_telegram(stage, "Again?") is not None, every_s=0.001)
    await stage.daemon.kill()
    await stage.daemon.start()
    await stage.daemon.ready()
    here, there = await twins(stage, "Again?")
    stage.discord.vote(stage.leo["id"], stage.channel, there["id"], [2])
    await both_say(stage, "All rooms: One 0 · Two 1")
    await stage.daemon.kill()
    stage.telegram.vote(stage.ana["id"], stage.group, here["message_id"], [1])
    await stage.daemon.start()
    await stage.daemon.ready()
    await both_say(stage, "All rooms: One 0 · Two 2")
    stage.telegram.say(stage.rui["id"], stage.group, "/poll end")
    await stage.until(lambda: not stage.telegram.pending_updates, every_s=0.005)
    await stage.daemon.kill()
    await stage.daemon.start()
    await stage.daemon.ready()
    await both_say(stage, "The poll has ended: Again?\n• One: 0\n• Two: 2")
    await stage.settled()
    polls = [m for m in stage.in_telegram() if m.get("poll", {}).get("question") == "Again?"]
    assert [each["poll"]["is_closed"] for each in polls] == [True]
    await both_say(stage, "Again?", times=1)
